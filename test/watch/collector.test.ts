import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../src/lib/errors.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { type CollectOutcome, runCollector } from '../../src/watch/collector.ts';
import { SourceTracker } from '../../src/watch/sourceStatus.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const SOURCE = 'test.source';
const FRESH: CollectOutcome = { kind: 'fresh' };
let rig: TemporaryStore;
let clock: SteppingClock;
let log: string[];

beforeEach(async () => {
  rig = await temporaryStore();
  clock = new SteppingClock();
  log = [];
});
afterEach(() => rig.cleanup());

const trackerOf = (): SourceTracker => new SourceTracker(SOURCE, rig.store, clock);
const stored = () => rig.store.sources.get(SOURCE);

/** Runs these rounds one after the other; an Error is thrown. */
async function run(
  rounds: (CollectOutcome | Error)[],
  more: { tracker?: SourceTracker; afterRound?: () => Promise<void>; everyMs?: number } = {},
): Promise<void> {
  const controller = new AbortController();
  let round = 0;
  await runCollector(
    {
      source: SOURCE,
      everyMs: more.everyMs ?? 1_000,
      async collect() {
        // Under a clock that never waits a loop that fails at once would never let go of the thread.
        await new Promise((resolve) => setImmediate(resolve));
        const outcome = rounds[round];
        round += 1;
        if (outcome === undefined) controller.abort();
        if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('the test is over');
        return outcome;
      },
    },
    more.tracker ?? trackerOf(),
    {
      clock,
      logger: createLogger('debug', [], (line) => log.push(line)),
      afterRound: more.afterRound ?? (async () => {}),
    },
    controller.signal,
  );
}
const down = new AssayError('no RPC of the network answered', { retryable: true, detail: 'rpc.example.com: HTTP 500' });

describe('status', () => {
  test('a source that fails says since when and why, and keeps its last success', async () => {
    const startMs = clock.now();
    await run([FRESH, down, down]);
    expect(await stored()).toMatchObject({
      state: 'failing',
      lastSuccessAtMs: startMs,
      failingSinceMs: startMs + 1_000,
      shortError: 'no RPC of the network answered',
      error: 'rpc.example.com: HTTP 500',
    });
  });

  test('a source that answers again is fresh, with no trace of the failure', async () => {
    await run([down, FRESH]);
    expect(await stored()).toMatchObject({ state: 'fresh', failingSinceMs: null, shortError: null, error: null });
  });

  test('since when it fails survives a restart', async () => {
    const startMs = clock.now();
    await run([down]);
    clock.advance(600_000);
    const tracker = trackerOf();
    await tracker.load();
    await run([down], { tracker });
    expect((await stored())?.failingSinceMs).toBe(startMs);
  });

  test('a source that stands still is stale since then, and is not counted as failing', async () => {
    await run([FRESH, { kind: 'stale', shortError: 'no block for over 2 minutes', sinceMs: 5 }]);
    expect(await stored()).toMatchObject({
      state: 'stale',
      failingSinceMs: 5,
      shortError: 'no block for over 2 minutes',
    });
  });

  test('a note stands in the status of a fresh source', async () => {
    await run([{ kind: 'fresh', note: 'the chain was reset: head went from 9 to 2' }]);
    expect(await stored()).toMatchObject({
      state: 'fresh',
      failingSinceMs: null,
      shortError: 'the chain was reset: head went from 9 to 2',
    });
    await run([FRESH]);
    expect((await stored())?.shortError).toBeNull();
  });

  test('an error that is none of ours shows nothing of its inside to readers', async () => {
    await run([new TypeError('Cannot read properties of undefined')]);
    expect(await stored()).toMatchObject({
      shortError: 'it could not be asked',
      error: 'Cannot read properties of undefined',
    });
  });

  test('an unchanged outcome is written at most every 15 s', async () => {
    let writes = 0;
    const store = {
      sources: {
        ...rig.store.sources,
        put: async (status: Parameters<typeof rig.store.sources.put>[0]) => {
          writes += 1;
          await rig.store.sources.put(status);
        },
      },
    };
    const tracker = new SourceTracker(SOURCE, store, clock);
    await run(
      Array.from({ length: 31 }, () => FRESH),
      { tracker },
    );
    // At 0 s, 15 s and 30 s.
    expect(writes).toBe(3);
  });
});

test('how long ago a source was read is known at once, although it is stored every 15 s', async () => {
  const tracker = trackerOf();
  await tracker.succeeded();
  clock.advance(3_000);
  await tracker.succeeded();
  expect((await stored())?.lastSuccessAtMs).toBe(clock.now());
});

test('a change that could not be stored is stored with the next outcome, not 15 s later', async () => {
  let broken = false;
  const put: typeof rig.store.sources.put = (status) =>
    broken ? Promise.reject(new Error('disk full')) : rig.store.sources.put(status);
  const tracker = new SourceTracker(SOURCE, { sources: { ...rig.store.sources, put } }, clock);
  await tracker.succeeded();
  broken = true;
  await expect(tracker.failed(down)).rejects.toThrow('disk full');
  broken = false;
  clock.advance(1_000);
  await tracker.failed(down);
  expect((await stored())?.state).toBe('failing');
});

describe('the loop', () => {
  test('asks a failing source less and less often, up to 15 s, and at once as before when it answers', async () => {
    await run([down, down, down, down, down, down, down, FRESH, FRESH]);
    expect(clock.slept.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 1_000]);
  });

  test('never asks a failing source more often than a healthy one', async () => {
    await run([down, down, down], { everyMs: 60_000 });
    expect(clock.slept.slice(0, 2)).toEqual([60_000, 60_000]);
  });

  test('says once that a source fails, and once that it answers again', async () => {
    await run([FRESH, down, down, down, FRESH, FRESH]);
    const messages = log.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(messages.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual(['source is failing']);
    expect(messages.filter(({ level }) => level === 30).map(({ msg }) => msg)).toEqual(['source answers again']);
  });

  test('a judgement that throws is said as such, and the source is asked as often as before', async () => {
    await run([FRESH, FRESH, FRESH, FRESH], {
      async afterRound() {
        throw new Error('the store is locked');
      },
    });
    expect(clock.slept.slice(0, 3)).toEqual([1_000, 1_000, 1_000]);
    const messages = log.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(new Set(messages.map(({ msg }) => msg))).toEqual(new Set(['what a round found could not be judged']));
    expect((await stored())?.state).toBe('fresh');
  });

  test('survives a judgement that throws and a store that does not take the status', async () => {
    let failures = 3;
    const rounds: string[] = [];
    await run([FRESH, FRESH, FRESH, FRESH, FRESH], {
      async afterRound() {
        rounds.push('judged');
        failures -= 1;
        if (failures >= 0) throw new Error('the store is locked');
      },
    });
    expect(rounds.length).toBe(5);
    expect(log.join('')).toContain('the store is locked');
    const broken = new SourceTracker(
      SOURCE,
      { sources: { ...rig.store.sources, put: () => Promise.reject(new Error('disk full')) } },
      clock,
    );
    await run([FRESH, FRESH], { tracker: broken });
    expect(log.join('')).toContain('disk full');
  });
});
