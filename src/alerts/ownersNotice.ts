import type { View } from '../lib/view.ts';
import type { Store, StoredDestination } from '../store/store.ts';

/**
 * A chat can no longer be written to: whoever set up its alerts hears so in their private chat with the bot, where they
 * have one. Returns how many messages were queued.
 */
export async function tellOwners(
  { subscriptions, accounts, deliveries }: Pick<Store, 'subscriptions' | 'accounts' | 'deliveries'>,
  lost: StoredDestination,
  reason: string,
  nowMs: number,
): Promise<number> {
  const heard = await subscriptions.list(lost.address);
  const told = new Set<number>();
  // Whoever asked to be forgotten is no account any more.
  const creators = new Set(heard.subscriptions.map(({ createdBy }) => createdBy).filter((id) => id.includes(':')));
  for (const creator of creators) {
    const chats = (await accounts.chats(creator)).filter(({ id, state }) => state === 'active' && id !== lost.id);
    const chat = chats.find(({ address }) => address.platform === lost.address.platform) ?? chats[0];
    if (chat === undefined || told.has(chat.id)) continue;
    told.add(chat.id);
    await deliveries.queue(chat.id, lostView(lost, reason, nowMs), nowMs);
  }
  return told.size;
}

const lostView = ({ title }: StoredDestination, reason: string, nowMs: number): View => ({
  title: `Alerts no longer reach ${title || 'a chat'}`,
  tone: 'degraded',
  lines: [
    `You set alerts up there, and I cannot write to it any more: ${reason}.`,
    'They rest until I can again; /alerts test in that chat tries it.',
  ],
  asOf: Math.floor(nowMs / 1000),
  sources: ['this bot'],
});
