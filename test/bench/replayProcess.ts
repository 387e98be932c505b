// node test/bench/replayProcess.ts: stores votes for gauges and replays them as its input says (a ReplayJob); prints Replayed.
import { setImmediate as turn } from 'node:timers/promises';
import { readGauges } from '../../src/alerts/gaugeBook.ts';
import { type GaugeEvent, gaugeCursor } from '../../src/lib/gaugeFacts.ts';
import { openStore } from '../../src/store/openStore.ts';
import { gaugeReading, log, minted, SOURCE, WEI } from '../store/gaugeSample.ts';
import { block, hex } from '../store/sample.ts';
import { answerApart } from './apart.ts';
import { type Strain, strained } from './strain.ts';

export interface ReplayJob {
  databaseUrl: string;
  votes: number;
}

export interface Replayed {
  events: number;
  storing: Strain;
  replaying: Strain;
  /** What the replay says stands, and what was cast and not taken back, in wei, as text. */
  standing: string;
  expected: string;
}

const LOCKS = 5_000;
const GAUGES = 20;
/** Votes a block; a range of logs that is stored at once. */
const A_BLOCK = 20;
const TOGETHER = 2_000;
const START = 1_760_000_000;

const powerOf = (lock: number, round: number): bigint => BigInt(1 + ((lock * 31 + round * 7) % 1_000)) * WEI;

/** Every lock votes for two gauges, again and again; each vote takes the last ones back first, as the contract does. */
function* voting(votes: number): Generator<GaugeEvent> {
  for (let lock = 1; lock <= LOCKS; lock += 1)
    yield minted(START + lock, BigInt(lock), hex(0xa00 + Math.floor(lock / 2), 20));
  let nth = 0;
  const emit = (kind: 'voted' | 'reset', lock: number, round: number, place: number): GaugeEvent => {
    const at = START + LOCKS + 1 + Math.floor(nth / A_BLOCK);
    nth += 1;
    return log(kind, at, {
      ...{ logIndex: nth % A_BLOCK, from: hex(0xa00 + Math.floor(lock / 2), 20), tokenId: BigInt(lock), epoch: round },
      ...{ gauge: hex(0x6a0 + ((lock + round + place * 3) % GAUGES), 20), valueWei: powerOf(lock, round) },
    });
  };
  for (let round = 1; ; round += 1) {
    for (let lock = 1; lock <= LOCKS; lock += 1) {
      if (nth + 4 > votes) return;
      if (round > 1) for (const place of [0, 1]) yield emit('reset', lock, round - 1, place);
      for (const place of [0, 1]) yield emit('voted', lock, round, place);
    }
  }
}

await answerApart<ReplayJob>(async ({ databaseUrl, votes }): Promise<Replayed> => {
  const store = await openStore({ databaseUrl });
  const name = gaugeCursor(SOURCE, 56);
  let [count, expected, endSeconds] = [0, 0n, 0];
  const save = async (events: readonly GaugeEvent[]): Promise<void> => {
    const last = events.at(-1);
    if (last === undefined) return;
    for (const { kind, valueWei } of events) {
      if (kind === 'voted') expected += valueWei ?? 0n;
      if (kind === 'reset') expected -= valueWei ?? 0n;
    }
    count += events.length;
    endSeconds = last.blockTimestampSeconds;
    await store.gauges.saveEvents(SOURCE, events, { name, block: block(endSeconds) });
  };
  const storing = await strained(async () => {
    // As they come from a chain: never all of them in memory.
    let waiting: GaugeEvent[] = [];
    for (const event of voting(votes)) {
      waiting.push(event);
      if (waiting.length < TOGETHER) continue;
      await save(waiting);
      waiting = [];
      await turn();
    }
    await save(waiting);
  });
  await store.gauges.saveReading(gaugeReading({ block: block(endSeconds), season: null }), endSeconds * 1000);
  let standing = 0n;
  const replaying = await strained(async () => {
    standing = (await readGauges(store, SOURCE))?.state.totalWei ?? 0n;
  });
  await store.close();
  return { events: count, storing, replaying, standing: String(standing), expected: String(expected) };
});
