import type { Address } from '../../src/lib/delivery.ts';
import type { ChatKind, Store } from '../../src/store/store.ts';
import { subscribeAndFire } from './subscribeAndFire.ts';

/** What there is to manage in a chat. */
export interface Seeded {
  /** Of its subscription. */
  number: number;
  /** Of the alert it was sent. */
  message: number;
}

/** What only those who manage a chat's alerts may do, and how it is asked. Each changes what `heardBy` tells. */
interface Verb {
  name: string;
  command: string;
  options(seeded: Seeded): Record<string, string | number>;
}

export const VERBS: readonly Verb[] = [
  { name: 'add', command: 'alerts add', options: () => ({ kind: 'node', target: 'all' }) },
  { name: 'edit', command: 'alerts edit', options: ({ number }) => ({ number: String(number), severity: 'critical' }) },
  { name: 'remove', command: 'alerts remove', options: ({ number }) => ({ number: String(number) }) },
  { name: 'mute', command: 'alerts mute', options: () => ({ for: '2h' }) },
  { name: 'acknowledge', command: 'alerts ack', options: ({ message }) => ({ message }) },
];

/** As one would type it. */
export const typed = ({ command, options }: Verb, seeded: Seeded): string =>
  [command, ...Object.entries(options(seeded)).map(([name, value]) => `${name}:${value}`)].join(' ');

/** Gives a chat one subscription, and one alert that it was sent. */
export async function seedAlert(store: Store, address: Address, kind: ChatKind, nowMs: number): Promise<Seeded> {
  const number = await subscribeAndFire(store, address, kind, nowMs);
  return { number, message: await sentTo(store, address, nowMs) };
}

/** Everything that waits counts as sent; the id of what that chat got. */
async function sentTo(store: Store, address: Address, nowMs: number): Promise<number> {
  let found: number | null = null;
  for (;;) {
    const claimed = await store.deliveries.claim(address.platform, 100, nowMs + 60_000);
    if (claimed.length === 0) break;
    for (const { id, destination } of claimed) {
      await store.deliveries.markSent(id, String(id), nowMs);
      const { chatId, threadId } = destination.address;
      if (chatId === address.chatId && threadId === address.threadId) found = id;
    }
  }
  if (found === null) throw new Error('the alert was not told');
  return found;
}

/** All that those verbs change of a chat, to be compared. */
export async function heardBy(store: Store, address: Address): Promise<unknown> {
  const { destination, subscriptions, mutes } = await store.subscriptions.list(address);
  const told = destination === null ? [] : await store.incidents.recent({ limit: 1, destinationId: destination.id });
  return [
    subscriptions.map(({ id, floor }) => [id, floor]),
    mutes.map(({ rule }) => rule),
    told.map(({ notice }) => notice?.acknowledgedBy),
  ];
}
