import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { createHub } from '../../src/sources/opengradient/hub.ts';
import { HubCollector } from '../../src/watch/hubCollector.ts';
import { type DevHub, startHub } from '../devnet/hub.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const INTERVAL_MS = 300_000;
const signal = new AbortController().signal;
const idOf = (letter: string): string => letter.repeat(43);

let hub: DevHub;
let rig: TemporaryStore;
let clock: SteppingClock;
let collector: HubCollector;

beforeEach(async () => {
  hub = await startHub();
  rig = await temporaryStore();
  clock = new SteppingClock();
  collector = new HubCollector({
    ...{ hub: createHub({ url: hub.url }), store: rig.store, clock, logger: createLogger('silent') },
    intervalMs: INTERVAL_MS,
  });
});
afterEach(() => Promise.all([hub.close(), rig.cleanup()]));

const publish = (name: string, letter: string) =>
  hub.publish('acme', name, {
    task: 'Regression',
    description: 'What it is for.',
    files: [{ name: 'model.onnx', blobId: idOf(letter), size: 64 }],
  });
const details = (): string[] =>
  hub.requests.filter((path) => /\/models\/[^/?]+\?/.test(path)).map((path) => path.split(/[/?]/).at(-2) as string);

test('reads list, versions and files; what was there at first is no news, what comes later is', async () => {
  publish('old', 'A');
  expect(await collector.collect(signal)).toEqual({ kind: 'fresh' });
  clock.advance(INTERVAL_MS);
  publish('new', 'B');
  await collector.collect(signal);
  const [old, fresh] = await Promise.all([rig.store.models.model('acme/old'), rig.store.models.model('acme/new')]);
  expect([old?.model.atFirst, fresh?.model.atFirst]).toEqual([true, false]);
  expect(fresh?.versions[0]?.files[0]).toMatchObject({ blobId: idOf('B'), name: 'model.onnx' });
  expect((await rig.store.models.blob(idOf('B')))?.blob).toMatchObject({ origin: 'hub', listedAtMs: clock.now() });
});

test('a model of which nothing can be shown is kept with the reason, and does not stand in the way of others', async () => {
  publish('seen', 'A');
  hub.publish('acme', 'x'.repeat(5_000), {});
  await collector.collect(signal);
  const { models } = await rig.store.models.search({ text: 'xxx', offset: 0, limit: 5 });
  expect(models.map(({ detailProblem }) => detailProblem)).toEqual([
    'the hub cannot be asked for a model of that name',
  ]);
  expect((await rig.store.models.model('acme/seen'))?.versions).toHaveLength(1);
});

test('what was never read is read at once; of the rest at most 40 in a round, and each has its turn', async () => {
  for (let n = 0; n < 100; n += 1) publish(`model-${n}`, 'C');
  await collector.collect(signal);
  expect(new Set(details()).size).toBe(100);
  const seen = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    clock.advance(INTERVAL_MS);
    hub.requests.length = 0;
    await collector.collect(signal);
    expect(details().length).toBeLessThanOrEqual(40);
    for (const name of details()) seen.add(name);
  }
  expect(seen.size).toBe(100);
});

test('reading what was never read ends with half the interval, and goes on in the next round', async () => {
  for (let n = 0; n < 100; n += 1) publish(`model-${n}`, 'C');
  const slow = new HubCollector({
    hub: createHub({ url: hub.url }),
    store: rig.store,
    clock: { now: () => clock.now() + hub.requests.length * 4_000, sleep: (ms) => clock.sleep(ms) },
    logger: createLogger('silent'),
    intervalMs: INTERVAL_MS,
  });
  await slow.collect(signal);
  expect(details()).toHaveLength(40);
  await slow.collect(signal);
  expect(new Set(details()).size).toBe(80);
});

test('what is found listed at one look was listed at one moment', async () => {
  await collector.collect(signal);
  for (const letter of 'ABC') publish(`model-${letter}`, letter);
  clock.advance(INTERVAL_MS);
  const ticking = new HubCollector({
    hub: createHub({ url: hub.url }),
    store: rig.store,
    clock: { now: () => clock.now() + hub.requests.length, sleep: (ms) => clock.sleep(ms) },
    logger: createLogger('silent'),
    intervalMs: INTERVAL_MS,
  });
  await ticking.collect(signal);
  const blobs = await Promise.all([...'ABC'].map((letter) => rig.store.models.blob(idOf(letter))));
  expect(new Set(blobs.map((found) => found?.blob.listedAtMs)).size).toBe(1);
});

test('a model that somebody follows is read in every round', async () => {
  for (let n = 0; n < 100; n += 1) publish(`model-${n}`, 'C');
  await rig.store.subscriptions.add({
    address: { platform: 'telegram', chatId: '1', threadId: null },
    title: 'Ann',
    kind: 'private',
    family: 'model',
    scope: 'model',
    subject: 'acme/model-99',
    createdBy: 'telegram:1',
    nowMs: clock.now(),
  });
  for (let round = 0; round < 3; round += 1) {
    hub.requests.length = 0;
    await collector.collect(signal);
    expect(details()).toContain('model-99');
    clock.advance(INTERVAL_MS);
  }
});

test('a hub that wants a pause gets it, and is asked again after that', async () => {
  publish('one', 'A');
  hub.state.fault = 'busy';
  hub.state.retryAfterSeconds = 900;
  await expect(collector.collect(signal)).rejects.toThrow('the hub asks for fewer questions');
  const asked = hub.requests.length;
  hub.state.fault = null;
  clock.advance(899_000);
  await expect(collector.collect(signal)).rejects.toThrow('the hub asks for fewer questions');
  expect(hub.requests).toHaveLength(asked);
  clock.advance(1_000);
  expect(await collector.collect(signal)).toEqual({ kind: 'fresh' });
});

test.each(['error', 'html', 'not-json', 'wrong-shape', 'nulls'] as const)(
  'a hub that answers with %s lists nothing less for that',
  async (fault) => {
    publish('one', 'A');
    await collector.collect(signal);
    hub.state.fault = fault;
    clock.advance(INTERVAL_MS);
    await expect(collector.collect(signal)).rejects.toThrow();
    expect((await rig.store.models.model('acme/one'))?.model.goneAtMs).toBeNull();
  },
);

test('files that need a login are a note of the source, and no file is taken for withdrawn', async () => {
  publish('one', 'A');
  await collector.collect(signal);
  hub.state.filesNeedLogin = true;
  clock.advance(INTERVAL_MS);
  expect(await collector.collect(signal)).toEqual({ kind: 'fresh', note: expect.stringContaining('login') });
  const model = await rig.store.models.model('acme/one');
  expect(model?.versions[0]?.files[0]?.goneAtMs).toBeNull();
});

test('a model that is no longer listed is gone', async () => {
  publish('one', 'A');
  publish('two', 'B');
  await collector.collect(signal);
  hub.remove('acme', 'one');
  clock.advance(INTERVAL_MS);
  await collector.collect(signal);
  expect((await rig.store.models.model('acme/one'))?.model.goneAtMs).toBe(clock.now());
});
