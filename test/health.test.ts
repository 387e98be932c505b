import { afterEach, beforeEach, expect, test } from 'vitest';
import { LazySender } from '../src/connect.ts';
import { healthOf, type Life } from '../src/health.ts';
import type { SourceStatus } from '../src/lib/facts.ts';
import { REGISTRY_SOURCE } from '../src/lib/facts.ts';
import { type TemporaryStore, temporaryStore } from './rigs/store.ts';
import { SteppingClock } from './support/steppingClock.ts';

let temporary: TemporaryStore;
let clock: SteppingClock;

beforeEach(async () => {
  temporary = await temporaryStore();
  clock = new SteppingClock();
});

afterEach(() => temporary.cleanup());

const read = (changes: Partial<SourceStatus> = {}): Promise<void> =>
  temporary.store.sources.put({
    source: REGISTRY_SOURCE,
    state: 'fresh',
    lastSuccessAtMs: clock.now(),
    lastAttemptAtMs: clock.now(),
    failingSinceMs: null,
    error: null,
    shortError: null,
    ...changes,
  });

function sender(connected: boolean): LazySender {
  const lazy = new LazySender('telegram');
  if (connected) lazy.attach({ platform: 'telegram', send: async () => ({ kind: 'sent', messageId: '1' }) });
  return lazy;
}

const health = (connected = true, life: Partial<Life> = {}) =>
  healthOf(temporary.store, clock, [sender(connected)], { startedAtMs: 0, starting: false, ...life });

test('alive and ready when the registry is readable and the chats are connected', async () => {
  await read();
  expect(await health()).toMatchObject({ live: true, ready: true });
});

test('a source that fails makes it not ready, but no reason to restart', async () => {
  await read({ state: 'failing', failingSinceMs: clock.now(), error: 'refused', shortError: 'no answer' });
  const { live, ready, detail } = await health();
  expect({ live, ready }).toEqual({ live: true, ready: false });
  expect(JSON.stringify(detail)).not.toContain('refused');
});

test('a chat that is not connected makes it not ready', async () => {
  await read();
  expect(await health(false)).toMatchObject({
    live: true,
    ready: false,
    detail: { platforms: [{ platform: 'telegram', connected: false }] },
  });
});

test('a collector that has not tried for 20 minutes is stuck: then a restart may help', async () => {
  await read();
  clock.advance(20 * 60_000);
  expect((await health()).live).toBe(true);
  clock.advance(1);
  expect(await health()).toMatchObject({ live: false, ready: false });
});

test('while it starts it is alive and not ready, however fresh an earlier process left things', async () => {
  await read();
  expect(await health(true, { starting: true })).toMatchObject({
    live: true,
    ready: false,
    detail: { starting: true },
  });
});

test('a process that has just started is not stuck because an earlier one tried long ago', async () => {
  await read();
  clock.advance(3_600_000);
  const life = { startedAtMs: clock.now(), starting: true };
  expect(await health(true, life)).toMatchObject({ live: true, ready: false });
  clock.advance(20 * 60_000 + 1);
  expect((await health(true, life)).live).toBe(false);
});

test('what waits for a quarter of an hour while nothing is sent is told to nobody outside; one stuck message is no such thing', async () => {
  await read();
  const address = { platform: 'telegram' as const, chatId: '7', threadId: null };
  const about = { family: 'node', scope: 'all', subject: '', createdBy: 'telegram:7' } as const;
  await temporary.store.subscriptions.add({ address, title: 'Ann', kind: 'private', ...about, nowMs: clock.now() });
  const chat = (await temporary.store.subscriptions.list(address)).destination?.id ?? 0;
  const view = { title: 'Digest', tone: 'info' as const, lines: [], asOf: null, sources: [] };
  await temporary.store.deliveries.queue(chat, view, clock.now());
  expect((await health()).working).toBe(true);
  clock.advance(15 * 60_000 + 1);
  await read();
  expect((await health()).working).toBe(false);
  const [stuck] = await temporary.store.deliveries.claim('telegram', 1, clock.now());
  await temporary.store.deliveries.markSent(stuck?.id ?? 0, '1', clock.now());
  await temporary.store.deliveries.queue(chat, view, clock.now() - 20 * 60_000);
  expect((await health()).working).toBe(true);
});
