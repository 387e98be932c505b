// node test/bench/delayProcess.ts: stores answers and asks for their delays as its input says (a DelayJob); prints Delays.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { BotContext } from '../../src/bot/context.ts';
import { createDispatcher } from '../../src/bot/dispatch.ts';
import { commands } from '../../src/bot/registry.ts';
import { createChartRenderer } from '../../src/charts/renderChart.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { Hex } from '../../src/lib/facts.ts';
import type { CheckedLeaf, SettlementEvent } from '../../src/lib/proofFacts.ts';
import { openClient } from '../../src/store/client.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { callerOf, NOW, NOW_MS, placeOf, seedNetwork, teeIdOf } from '../bot/seed.ts';
import { contextDefaults } from '../support/context.ts';
import { answerApart } from './apart.ts';
import { type Strain, strained, threadMs } from './strain.ts';

export interface DelayJob {
  databaseUrl: string;
  leaves: number;
  individuals: number;
}

export interface Delays {
  /** Leaves, of individual settlements as well. */
  stored: number;
  batches: number;
  /** Of the file: of the batches and their leaves; of these the leaves; of the individual settlements. */
  bytes: number;
  leafBytes: number;
  individualBytes: number;
  storing: Strain;
  asking: Strain;
  askedMs: number[];
  /** CPU time of the thread, of the same questions. */
  askedCpuMs: number[];
  drawnMs: number[];
  fromLeavesMs: number;
}

const NODES = 100;
const BATCH = 20;
/** As the collector of proofs stores them. */
const TOGETHER = 50;
const SPAN = 30 * 86_400;
const QUESTIONS = 1_000;
const DRAWN = 60;

const hash = (text: string): Hex => `0x${createHash('sha256').update(text).digest('hex')}`;
const EMITTER: Hex = `0x${'e1'.repeat(20)}`;

/** Settled at even intervals up to now, in the order of the chain. */
const settledAt = (nth: number, of: number): number => NOW - SPAN + Math.floor(((nth + 1) * SPAN) / of);

const eventOf = (nth: number, of: number, kind: 'batch' | 'individual'): SettlementEvent => ({
  kind,
  blockNumber: BigInt(settledAt(nth, of)),
  // The two kinds share blocks.
  logIndex: nth * 2 + (kind === 'batch' ? 0 : 1),
  blockTimestampSeconds: settledAt(nth, of),
  txHash: hash(`tx ${kind} ${nth}`),
  emitter: EMITTER,
  root: kind === 'batch' ? hash(`root ${nth}`) : null,
  batchSize: kind === 'batch' ? BATCH : null,
  blobId: createHash('sha256').update(`blob ${kind} ${nth}`).digest('base64url'),
  answer: kind === 'batch' ? null : answerOf(nth, of),
});

const answerOf = (nth: number, of: number): SettlementEvent['answer'] => ({
  ...leafOf('individual', nth, settledAt(nth, of), 0),
  signature: createHash('sha256').update(String(nth)).digest().subarray(0, 32),
  payer: `0x${(0xfa + (nth % 500)).toString(16).padStart(40, '0')}`,
});

/** One in fifty is not valid. */
const leafOf = (kind: string, nth: number, settled: number, position: number): CheckedLeaf => ({
  position,
  teeId: teeIdOf((nth * 7 + position * 13) % NODES),
  requestHash: hash(`request ${kind} ${nth}/${position}`),
  outputHash: hash(`output ${kind} ${nth}/${position}`),
  signedAtSeconds: settled - (kind === 'batch' ? 20 + ((nth * 397 + position * 211) % 940) : 2 + (nth % 90)),
  verdict: (nth + position) % 50 === 0 ? 'unsigned' : 'valid',
  standing: 'fine',
});

async function storeAll(store: Store, kind: 'batch' | 'individual', count: number, nodeOf: Map<Hex, number>) {
  const size = kind === 'batch' ? BATCH : 1;
  // A thousand leaves at once either way.
  const together = (TOGETHER * BATCH) / size;
  for (let from = 0; from < count; from += together) {
    const events = Array.from({ length: Math.min(together, count - from) }, (_, at) => eventOf(from + at, count, kind));
    const last = events.at(-1) as SettlementEvent;
    const block = {
      number: last.blockNumber,
      hash: hash(`block ${from}`),
      timestampSeconds: last.blockTimestampSeconds,
    };
    await store.proofs.saveEvents(events, { name: `settlements:${kind}`, block }, { nowMs: NOW_MS, isFirstRead: true });
    const due = await store.proofs.due(together, NOW_MS);
    const verdicts = due.map(({ id, blockTimestampSeconds, logIndex }) => ({
      settlementId: id,
      verdict: {
        ...{ state: 'verified' as const, reason: '' },
        leaves: Array.from({ length: size }, (_, at) =>
          leafOf(kind, Math.floor(logIndex / 2), blockTimestampSeconds, at),
        ),
      },
    }));
    await store.proofs.saveVerdicts(verdicts, { nowMs: NOW_MS, nodeOf });
  }
}

async function sizesOf(databaseUrl: string): Promise<{ bytes: number; leafBytes: number; leaves: number }> {
  const { prisma } = openClient(databaseUrl);
  await prisma.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)');
  const [found] = await prisma.$queryRawUnsafe<{ bytes: bigint }[]>(
    `SELECT sum(pgsize) AS "bytes" FROM dbstat WHERE name LIKE '%Leaf%'`,
  );
  const leaves = await prisma.leaf.count();
  await prisma.$disconnect();
  return { bytes: statSync(databaseUrl.slice('file:'.length)).size, leafBytes: Number(found?.bytes ?? 0), leaves };
}

/** What it would cost without roll-ups. */
async function fromLeaves(databaseUrl: string): Promise<number> {
  const { prisma } = openClient(databaseUrl);
  const startedAt = performance.now();
  await prisma.$queryRawUnsafe(`SELECT "at", count(*) AS "count" FROM (
    SELECT s."blockTimestampSeconds" - l."signedAtSeconds" AS "at" FROM "Settlement" s JOIN "Leaf" l ON l."settlementId" = s."id"
    WHERE s."blockTimestampSeconds" > ${NOW - SPAN} AND l."verdict" = 0) GROUP BY "at"`);
  const took = performance.now() - startedAt;
  await prisma.$disconnect();
  return took;
}

const WINDOWS = ['24h', '7d', '30d'];

/** Half of the network, half of a node. */
const question = (nth: number): string =>
  `proof delay${nth % 2 === 0 ? '' : ` ${teeIdOf((nth * 31) % NODES)}`} ${WINDOWS[nth % 3]}`;

await answerApart<DelayJob>(async ({ databaseUrl, leaves, individuals }): Promise<Delays> => {
  const store = await openStore({ databaseUrl });
  await seedNetwork(store, NODES);
  const facts = await store.nodes.facts();
  const nodeOf = new Map((facts?.nodes ?? []).flatMap(({ id, records }) => records.map(({ teeId }) => [teeId, id])));
  const batches = leaves / BATCH;
  const storing = await strained(() => storeAll(store, 'batch', batches, nodeOf));
  const sizes = await sizesOf(databaseUrl);
  await storeAll(store, 'individual', individuals, nodeOf);
  const all = await sizesOf(databaseUrl);

  let nowMs = NOW_MS;
  const context: BotContext = {
    ...{ store, version: 'bench', ...contextDefaults, thresholds: defaultThresholds, rules: [], random: Math.random },
    clock: { now: () => nowMs, sleep: async () => undefined },
    sendNow: async () => ({ kind: 'sent', messageId: '1' }),
  };
  const failures: unknown[] = [];
  const dispatcher = createDispatcher(context, commands, { report: (error) => failures.push(error) });
  const ask = async (nth: number) => {
    // What is kept in memory grows old as it does in the bot.
    nowMs += 1_000;
    const view = await dispatcher.runText(question(nth), callerOf('telegram'), placeOf('telegram'));
    if (view.chart === undefined) throw new Error(`${question(nth)} has no picture: ${view.title}`);
    return view.chart;
  };
  const askedMs: number[] = [];
  const askedCpuMs: number[] = [];
  const asking = await strained(async () => {
    for (let nth = 0; nth < QUESTIONS; nth += 1) {
      // Questions come from outside: between two of them the process does something else.
      await turn();
      const cpuBefore = threadMs();
      const startedAt = performance.now();
      await ask(nth);
      askedMs.push(performance.now() - startedAt);
      askedCpuMs.push(threadMs() - cpuBefore);
    }
  });
  const draw = createChartRenderer();
  const drawnMs: number[] = [];
  for (let nth = 0; nth < DRAWN; nth += 1) {
    const startedAt = performance.now();
    await draw(await ask(nth));
    drawnMs.push(performance.now() - startedAt);
  }
  if (failures.length > 0) throw new Error(`${failures.length} questions failed: ${String(failures[0])}`);
  await store.close();
  return {
    ...{ stored: all.leaves, batches, storing, asking, askedMs, askedCpuMs, drawnMs },
    ...{ bytes: sizes.bytes, leafBytes: sizes.leafBytes, individualBytes: all.bytes - sizes.bytes },
    fromLeavesMs: await fromLeaves(databaseUrl),
  };
});
