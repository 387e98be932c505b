import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegistryEvent } from '../../src/lib/facts.ts';
import type { HourRollup, Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { CURSOR, cursor, event, REGISTRY, record, snapshot } from './sample.ts';

const MAX_AGE = 1_800;
/** On an hour, so that hours are easy to name. */
const START = 3_600 * 100;

type Sums = Pick<HourRollup, 'hour' | 'beats' | 'coveredSeconds' | 'activeSeconds'>[];

/** What the roll-ups should be, counted second by second. `seen` are all events that count, ascending by time. */
function counted(seen: readonly RegistryEvent[]): Sums {
  const hours = new Map<number, Sums[number]>();
  const at = (seconds: number) => {
    const hour = Math.floor(seconds / 3_600);
    const sum = hours.get(hour) ?? { hour, beats: 0, coveredSeconds: 0, activeSeconds: 0 };
    hours.set(hour, sum);
    return sum;
  };
  for (const { kind, blockTimestampSeconds } of seen) if (kind === 'heartbeat') at(blockTimestampSeconds).beats += 1;
  const times = seen.map(({ blockTimestampSeconds }) => blockTimestampSeconds);
  let newest = times[0] ?? 0;
  for (let second = newest; second < (times.at(-1) ?? 0); second += 1) {
    while (times.length > 0 && (times[0] as number) <= second) newest = times.shift() as number;
    const sum = at(second);
    sum.coveredSeconds += 1;
    if (second < newest + MAX_AGE) sum.activeSeconds += 1;
  }
  return [...hours.values()].sort((a, b) => a.hour - b.hour);
}

/** Heartbeats and a registration of two enclaves of one node, in the order of the chain: one log a block. */
const history = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 4_000 }), id: fc.constantFrom(1, 2), beat: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => {
    let at = START;
    return steps.map(({ gap, id, beat }) => {
      at += gap;
      return event(beat || id === 1 ? 'heartbeat' : 'registered', id, at);
    });
  });

describe.each(DIALECTS)('heartbeats on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let nodeId: number;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
    store = await rig.open();
  });
  afterAll(() => rig.close());

  /** A chain anew, with one node that has two enclaves. */
  async function reset(): Promise<void> {
    await store.nodes.forgetChain(REGISTRY, CURSOR, 0);
    const shared = { endpoint: 'https://shared.example' };
    await store.nodes.saveSnapshot(snapshot([record(1, shared), record(2, shared)]), 1);
    nodeId = (await store.nodes.facts())?.nodes[0]?.id ?? 0;
  }

  async function rollUps(): Promise<Sums> {
    const rows = await store.history.hours({ nodeIds: [nodeId], fromHour: 0, toHour: 1e6 });
    return rows
      .map(({ hour, beats, coveredSeconds, activeSeconds }) => ({ hour, beats, coveredSeconds, activeSeconds }))
      .filter((row) => row.beats + row.coveredSeconds > 0);
  }

  const save = async (events: RegistryEvent[]) =>
    await store.nodes.saveEvents(REGISTRY, events, cursor(Number(events.at(-1)?.blockNumber ?? 0n)), MAX_AGE);

  test('a gap counts as active up to the registry’s limit, in the hours it falls in', async () => {
    await reset();
    // 50 minutes apart and across an hour: 30 of them active, of which 10 before the hour is over.
    await save([event('heartbeat', 1, START + 3_000), event('heartbeat', 1, START + 6_000)]);
    expect(await rollUps()).toEqual([
      { hour: 100, beats: 1, coveredSeconds: 600, activeSeconds: 600 },
      { hour: 101, beats: 1, coveredSeconds: 2_400, activeSeconds: 1_200 },
    ]);
    expect((await store.nodes.facts())?.nodes[0]?.lastBeatAtSeconds).toBe(START + 6_000);
  });

  test('a registration starts the count and is no heartbeat', async () => {
    await reset();
    await save([event('registered', 1, START), event('heartbeat', 1, START + 60)]);
    expect(await rollUps()).toEqual([{ hour: 100, beats: 1, coveredSeconds: 60, activeSeconds: 60 }]);
  });

  test('other events, and heartbeats of records nobody has read, add nothing', async () => {
    await reset();
    await save([event('disabled', 1, START), event('enabled', 1, START + 9), event('heartbeat', 77, START + 10)]);
    expect(await rollUps()).toEqual([]);
    expect((await store.nodes.facts())?.nodes[0]?.lastBeatAtSeconds).toBe(null);
  });

  test('the roll-ups are what counting second by second gives, however the logs were cut into portions', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat({ max: 12 }), { maxLength: 4 }), async (events, cuts) => {
        await reset();
        const borders = [0, ...cuts.map((cut) => Math.min(cut, events.length)), events.length].sort((a, b) => a - b);
        for (let at = 1; at < borders.length; at += 1) {
          const portion = events.slice(borders[at - 1], borders[at]);
          if (portion.length > 0) await save(portion);
        }
        expect(await rollUps()).toEqual(counted(events));
        expect((await store.nodes.facts())?.nodes[0]?.lastBeatAtSeconds).toBe(events.at(-1)?.blockTimestampSeconds);
      }),
      { numRuns: 40 },
    );
  });

  test('logs that are delivered again change no roll-up, in part, in whole or with new ones behind them', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })), { maxLength: 4 }),
        async (events, repeats) => {
          await reset();
          let seen = 0;
          // Each reading goes on from somewhere at or before what is stored, as after a kill.
          for (const [back, length] of repeats) {
            const from = Math.max(0, seen - back);
            const portion = events.slice(from, from + length + 1);
            if (portion.length > 0) await save(portion);
            seen = Math.max(seen, from + portion.length);
          }
          await save(events);
          await save(events);
          expect(await rollUps()).toEqual(counted(events));
          expect(await store.nodes.events({ limit: 100 })).toHaveLength(events.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('what is taken back leaves no trace, and what is read instead counts as if it had always been there', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat({ max: 12 }), fc.integer({ min: 0, max: 4_000 }), async (events, cut, later) => {
        await reset();
        await save(events);
        const kept = events.slice(0, cut);
        const back = Number(kept.at(-1)?.blockNumber ?? BigInt(START));
        await store.nodes.rewind(REGISTRY, cursor(back), MAX_AGE);
        expect(await rollUps()).toEqual(counted(kept));
        expect((await store.nodes.facts())?.nodes[0]?.lastBeatAtSeconds).toBe(
          kept.at(-1)?.blockTimestampSeconds ?? null,
        );
        expect(await store.nodes.events({ limit: 100 })).toHaveLength(kept.length);
        expect((await store.nodes.cursor(CURSOR))?.block.number).toBe(BigInt(back));
        expect((await store.nodes.checkpoints(CURSOR)).filter(({ number }) => number > back)).toEqual([]);
        // The branch that took its place has the same heartbeats, each a little later.
        const branch = events.slice(cut).map((one) => {
          const blockTimestampSeconds = one.blockTimestampSeconds + later;
          return { ...one, blockTimestampSeconds, blockNumber: BigInt(blockTimestampSeconds) };
        });
        if (branch.length > 0) await save(branch);
        expect(await rollUps()).toEqual(counted([...kept, ...branch]));
      }),
      { numRuns: 40 },
    );
  });

  test('a killed process that starts again counts no beat twice', async () => {
    const url = await rig.emptyDatabase();
    const first = await rig.open(url);
    await first.nodes.saveSnapshot(snapshot([record(1)]), 1);
    const beats = [event('heartbeat', 1, START + 100), event('heartbeat', 1, START + 200)];
    await first.nodes.saveEvents(REGISTRY, beats, cursor(START + 200), MAX_AGE);
    await first.close();
    const second = await rig.open(url);
    const more = [...beats, event('heartbeat', 1, START + 300)];
    await second.nodes.saveEvents(REGISTRY, more, cursor(START + 300), MAX_AGE);
    const id = (await second.nodes.facts())?.nodes[0]?.id ?? 0;
    expect(await second.history.hours({ nodeIds: [id], fromHour: 100, toHour: 100 })).toMatchObject([
      { beats: 3, coveredSeconds: 200, activeSeconds: 200 },
    ]);
  });
});
