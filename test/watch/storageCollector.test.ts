import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import type { StorageState } from '../../src/lib/modelFacts.ts';
import { createHub } from '../../src/sources/opengradient/hub.ts';
import type { StoredBlob } from '../../src/store/modelRepository.ts';
import { HubCollector } from '../../src/watch/hubCollector.ts';
import { nextCheckAt, StorageCollector } from '../../src/watch/storageCollector.ts';
import { type BlobStore, startBlobStore } from '../devnet/blobStore.ts';
import { startHub } from '../devnet/hub.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const signal = new AbortController().signal;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

let blobs: BlobStore;
let rig: TemporaryStore;
let clock: SteppingClock;
let collector: StorageCollector;

beforeEach(async () => {
  blobs = await startBlobStore();
  rig = await temporaryStore();
  clock = new SteppingClock();
  collector = make([blobs.url]);
});
afterEach(() => Promise.all([blobs.close(), rig.cleanup()]));

const make = (aggregators: string[]): StorageCollector =>
  new StorageCollector({ store: rig.store, clock, aggregators, intervalMs: MINUTE_MS });
const track = (...ids: string[]) => rig.store.models.track(ids, 'watch', clock.now());
const blob = async (id: string): Promise<StoredBlob | undefined> => (await rig.store.models.blob(id))?.blob;

test('a blob that was handed over is asked for at once, and dated when it is first seen', async () => {
  const there = blobs.put('a model');
  const notThere = 'A'.repeat(43);
  await track(there, notThere);
  expect(await collector.collect(signal)).toEqual({ kind: 'fresh' });
  expect(await blob(there)).toMatchObject({ storage: 'readable', storedAtMs: clock.now(), sizeBytes: 7 });
  expect(await blob(notThere)).toMatchObject({ storage: 'missing', storedAtMs: null });
  const asked = blobs.count();
  clock.advance(59_000);
  await collector.collect(signal);
  expect(blobs.count()).toBe(asked);
  clock.advance(1_000);
  await collector.collect(signal);
  expect(blobs.count()).toBeGreaterThan(asked);
});

test('many are asked about, eight at a time', async () => {
  const ids = Array.from({ length: 100 }, (_, n) => blobs.put(`model ${n}`));
  await track(...ids);
  await collector.collect(signal);
  expect((await rig.store.models.counts()).waiting).toBe(100);
});

test('one that disappears is gone since then, and comes back', async () => {
  const id = blobs.put('a model');
  await track(id);
  await collector.collect(signal);
  blobs.setFault(id, 'missing');
  clock.advance(MINUTE_MS);
  await collector.collect(signal);
  expect(await blob(id)).toMatchObject({ storage: 'missing', goneAtMs: clock.now() });
  blobs.setFault(id, null);
  clock.advance(5 * MINUTE_MS);
  await collector.collect(signal);
  expect(await blob(id)).toMatchObject({ storage: 'readable', goneAtMs: null });
});

test.each(['error', 'html', 'redirect'] as const)(
  'aggregators that answer with %s say nothing of a blob',
  async (fault) => {
    const id = blobs.put('a model');
    await track(id);
    await collector.collect(signal);
    blobs.failAll(fault);
    clock.advance(MINUTE_MS);
    await expect(collector.collect(signal)).rejects.toThrow('no aggregator answers');
    expect(await blob(id)).toMatchObject({ storedAtMs: expect.any(Number), goneAtMs: null });
    // Until one answers again it stays so, although nothing is due.
    await expect(collector.collect(signal)).rejects.toThrow('no aggregator answers');
    blobs.failAll(null);
    clock.advance(2 * MINUTE_MS);
    expect(await collector.collect(signal)).toEqual({ kind: 'fresh' });
    expect(await blob(id)).toMatchObject({ storage: 'readable' });
  },
);

test('while this bot’s own network is down nothing is missing, and few questions are spent on it', async () => {
  const ids = Array.from({ length: 100 }, (_, n) => blobs.put(`model ${n}`));
  await track(...ids);
  await collector.collect(signal);
  await blobs.close();
  clock.advance(MINUTE_MS);
  await expect(collector.collect(signal)).rejects.toThrow('no aggregator answers');
  const states = await Promise.all(ids.map(async (id) => (await blob(id))?.storage));
  expect(states.filter((state) => state === 'missing')).toEqual([]);
  expect(await rig.store.models.dueBlobs(200, clock.now())).toHaveLength(68);
  blobs = await startBlobStore();
});

test('an IPFS id is not asked for, and says nothing about the source', async () => {
  await track(`Qm${'a'.repeat(44)}`);
  expect(await collector.collect(signal)).toEqual({ kind: 'fresh' });
  expect(blobs.count()).toBe(0);
});

test('a listed blob that is readable is complete from its first sight on, and stays so', async () => {
  const hub = await startHub();
  try {
    const hubs = new HubCollector({
      ...{ hub: createHub({ url: hub.url }), store: rig.store, clock, logger: createLogger('silent') },
      intervalMs: MINUTE_MS,
    });
    const id = blobs.put('a model');
    const bare = blobs.put('another one');
    hub.publish('acme', 'fraud', { task: 'T', description: 'D', files: [{ name: 'm.onnx', blobId: id }] });
    hub.publish('acme', 'bare', { files: [{ name: 'm.onnx', blobId: bare }] });
    await hubs.collect(signal);
    expect((await blob(id))?.completeAtMs).toBeNull();
    const atMs = clock.now();
    await collector.collect(signal);
    expect(await blob(id)).toMatchObject({ completeAtMs: atMs });
    expect(await blob(bare)).toMatchObject({ completeAtMs: null });
    clock.advance(2 * HOUR_MS);
    blobs.setFault(id, 'missing');
    await collector.collect(signal);
    expect(await blob(id)).toMatchObject({ completeAtMs: atMs, goneAtMs: clock.now() });
  } finally {
    await hub.close();
  }
});

describe('how soon a blob is asked for again', () => {
  const waitMs = (state: StorageState, ageMs: number, more: Partial<StoredBlob> = {}): number => {
    const nowMs = 10_000 * HOUR_MS;
    const known = { blobId: 'A'.repeat(43), listedAtMs: null, firstSeenAtMs: nowMs - ageMs, goneAtMs: null, ...more };
    return nextCheckAt(known, state, { nowMs, intervalMs: MINUTE_MS }) - nowMs;
  };

  test.each<[string, number, number]>([
    ['waiting: every minute', waitMs('readable', 0), MINUTE_MS],
    ['waiting for a day: every 10 minutes', waitMs('readable', 24 * HOUR_MS), 10 * MINUTE_MS],
    ['waiting for a week: not more seldom', waitMs('readable', 168 * HOUR_MS), 10 * MINUTE_MS],
    ['listed: every hour', waitMs('readable', 0, { listedAtMs: 1 }), HOUR_MS],
    ['on its way: every minute', waitMs('missing', 0), MINUTE_MS],
    ['listed and missing: every 5 minutes', waitMs('missing', 0, { listedAtMs: 1 }), 5 * MINUTE_MS],
    ['missing for 4 hours: every hour', waitMs('missing', 4 * HOUR_MS), HOUR_MS],
    ['missing for a week: every 6 hours', waitMs('missing', 168 * HOUR_MS), 6 * HOUR_MS],
    ['no Walrus id: once a day', waitMs('unknown', 0, { blobId: 'Qm' }), 24 * HOUR_MS],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
