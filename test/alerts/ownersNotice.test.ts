import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellOwners } from '../../src/alerts/ownersNotice.ts';
import type { Address } from '../../src/lib/delivery.ts';
import type { StoredDestination } from '../../src/store/store.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';

let rig: TemporaryStore;
beforeEach(async () => {
  rig = await temporaryStore();
});
afterEach(() => rig.cleanup());

const GROUP: Address = { platform: 'telegram', chatId: '-100', threadId: null };

async function subscribe(address: Address, kind: 'group' | 'private', createdBy: string): Promise<void> {
  const about = { family: 'node', scope: 'all', subject: '', nowMs: 1 } as const;
  await rig.store.subscriptions.add({ address, title: 'Ops', kind, createdBy, ...about });
}
const privately = (userId: string) =>
  subscribe({ platform: 'telegram', chatId: userId, threadId: null }, 'private', `telegram:${userId}`);

async function lost(): Promise<StoredDestination> {
  const { destination } = await rig.store.subscriptions.list(GROUP);
  if (destination === null) throw new Error('the group is not stored');
  return destination;
}

test('whoever set up a chat’s alerts hears in private that it is lost, and why', async () => {
  await privately('7');
  await privately('8');
  await subscribe(GROUP, 'group', 'telegram:7');
  expect(await tellOwners(rig.store, await lost(), 'the bot was kicked', 2_000)).toBe(1);
  const [message, ...more] = await rig.store.deliveries.claim('telegram', 10, 2_000);
  expect(more).toEqual([]);
  expect(message?.destination.address.chatId).toBe('7');
  expect(message?.parts[0]?.view.title).toBe('Alerts no longer reach Ops');
  expect(JSON.stringify(message?.parts[0]?.view.lines)).toContain('the bot was kicked');
});

test('nobody is told who has no private chat, nor in the chat that is lost, nor in one that is lost as well', async () => {
  await subscribe(GROUP, 'group', 'telegram:7');
  expect(await tellOwners(rig.store, await lost(), 'blocked', 2_000)).toBe(0);
  await privately('7');
  const own = (await rig.store.subscriptions.list({ ...GROUP, chatId: '7' })).destination as StoredDestination;
  expect(await tellOwners(rig.store, own, 'blocked', 2_000)).toBe(0);
  await rig.store.subscriptions.markDead(own.id, 'blocked');
  expect(await tellOwners(rig.store, await lost(), 'blocked', 2_000)).toBe(0);
});
