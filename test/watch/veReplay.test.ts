import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GaugeReplay, type GaugeState } from '../../src/insight/gaugeReplay.ts';
import type { GaugeEvent } from '../../src/lib/gaugeFacts.ts';
import { type BedrockOptions, type DevBedrock, startBedrock } from '../devnet/bedrock.ts';
import type { BedrockView } from '../devnet/bedrockViews.ts';
import { randomRun } from '../devnet/randomRun.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { asView, startVeRig } from './veRig.ts';

/** A known moment, so that the same seed does the same. */
const START_SECONDS = 1_780_000_000;

let temporary: TemporaryStore;
let stops: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  stops = [];
  await temporary.cleanup();
});

/** What stands, without who votes for nothing. */
const standingOf = (state: GaugeState) =>
  new Map(
    [...state.standing].flatMap(([key, votes]): [string, Map<string, bigint>][] =>
      votes.size === 0 ? [] : [[key, new Map([...votes].map(([gauge, { powerWei }]) => [gauge, powerWei]))]],
    ),
  );

/** Everything that the replay says after a block, in the words of the contracts' views. */
function expectSame(state: GaugeState, view: BedrockView): void {
  const at = `block ${view.blockNumber}`;
  const totals = view.gauges.map(({ address, votesWei }) => [address, votesWei]);
  expect(
    view.gauges.map(({ address }) => [address, state.gaugeTotals.get(address) ?? 0n]),
    at,
  ).toEqual(totals);
  expect(state.totalWei, at).toBe(view.totalCastWei);
  expect(standingOf(state), at).toEqual(view.standing);
  const locks = view.locks.map(({ id, owner, holder }) => [String(id), owner, holder]);
  const replayed = [...state.owners].map(([id, owner]) => [id, owner, state.exiting.get(id)?.holder ?? null]);
  expect(replayed.sort(byId), at).toEqual(locks.sort(byId));
  const gauges = view.gauges.map(({ address, active, text }) => ({ address, active, text }));
  expect(
    gauges.map(({ address }) => ({
      address,
      active: state.gauges.get(address)?.active,
      text: state.gauges.get(address)?.text,
    })),
    at,
  ).toEqual(gauges);
}
const byId = (a: readonly unknown[], b: readonly unknown[]): number => Number(a[0]) - Number(b[0]);

/** The stored events, replayed for the voter of each block, against the views at the end of that block. */
async function expectReplayed(bedrock: DevBedrock, events: readonly GaugeEvent[], blocks: readonly bigint[]) {
  let next = 0;
  const replays = new Map(bedrock.voters.map(({ address }) => [address, new GaugeReplay(address)]));
  for (const number of blocks) {
    const from = next;
    while (next < events.length && (events[next] as GaugeEvent).blockNumber <= number) next += 1;
    const view = await bedrock.view(number);
    const { timestamp } = await bedrock.chain.client.getBlock({ blockNumber: number });
    const voter = bedrock.voters.findLast(({ fromBlock }) => fromBlock <= number)?.address;
    for (const [address, replay] of replays) {
      replay.apply(events.slice(from, next));
      if (address === voter) expectSame(replay.stateAt(Number(timestamp), view.epoch), view);
    }
  }
  expect(next).toBe(events.length);
}

async function runOf(
  options: BedrockOptions,
  seed: number,
  parts: readonly (readonly [number, 'token' | 'address' | null])[],
) {
  const bedrock = await startBedrock({ startSeconds: START_SECONDS, alwaysOpen: true, ...options });
  stops.push(() => bedrock.close());
  const rig = startVeRig(bedrock, temporary.store);
  stops.push(() => rig.stop());
  const blocks: bigint[] = [];
  const done: Record<string, number> = {};
  for (const [votes, form] of parts) {
    if (form !== null) await bedrock.switchVoter(form);
    const run = await randomRun(bedrock, seed + blocks.length, votes);
    blocks.push(...run.blocks);
    for (const [deed, count] of Object.entries(run.done)) done[deed] = (done[deed] ?? 0) + count;
    // What came since is followed, or caught up, in between.
    await rig.caughtUp();
  }
  return { bedrock, rig, blocks, done };
}

describe('law: the state that is rebuilt from stored logs is what the contracts answer, at every block', () => {
  test('of 5,000 votes of both forms, with re-votes, resets, operators, exits, seasons and another voter', async () => {
    const { bedrock, rig, blocks, done } = await runOf({}, 5, [
      [1_500, null],
      [1_500, null],
      [2_000, 'address'],
    ]);
    for (const [deed, count] of Object.entries(done)) expect(count, deed).toBeGreaterThan(3);
    expect((done.vote ?? 0) + (done.operatorVote ?? 0)).toBe(5_000);
    await expectReplayed(bedrock, await rig.events(), blocks);
    const reading = await rig.reading();
    const { standing: _, ...view } = await bedrock.view(reading.block.number);
    const read = asView(reading, bedrock.at.escrow);
    view.locks.sort((a, b) => Number(a.id - b.id));
    expect(read).toEqual(view);
  }, 400_000);

  test.each<[string, BedrockOptions]>([
    ['of a clock without seasons', { seasons: false }],
    ['of votes by address that end with the epoch', { form: 'address', hook: false }],
  ])(
    '%s',
    async (_name, options) => {
      const { bedrock, rig, blocks } = await runOf(options, 11, [[600, null]]);
      await expectReplayed(bedrock, await rig.events(), blocks);
    },
    120_000,
  );
});
