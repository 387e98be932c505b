// node test/bench/settlementsProcess.ts: one back-fill as its input says (a SettlementsJob); prints a Storing or a Reading.
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { EvmClient } from '../../src/sources/evm/client.ts';
import { logPages } from '../../src/sources/evm/logPages.ts';
import { SETTLEMENT_TOPICS, settlementLogs } from '../../src/sources/opengradient/settlementLogs.ts';
import { openClient } from '../../src/store/client.ts';
import { openStore } from '../../src/store/openStore.ts';
import { LogHistory } from '../../src/watch/logHistory.ts';
import { settlementKind } from '../../src/watch/settlementKind.ts';
import { answerApart } from './apart.ts';
import { type Strain, strained } from './strain.ts';

export interface SettlementsJob {
  /** `store`: as the bot does it; `read`: the ways to read them, without a store. */
  way: 'store' | 'read';
  rpcUrl: string;
  chainId: number;
  databaseUrl: string;
}

export interface Storing extends Strain {
  count: number;
}

export interface Reading {
  raw: number;
  rawMs: number;
  decoded: number;
  decodedMs: number;
}

const clock = systemClock;
const logger = createLogger('warn', [], (line) => void process.stderr.write(line));

async function store(client: EvmClient, { chainId, databaseUrl }: SettlementsJob): Promise<Storing> {
  const opened = await openStore({ databaseUrl });
  const kind = settlementKind(client, opened, { chainId, clock });
  const history = new LogHistory({
    ...{ client, store: opened, kind, chainId, backfillDays: 30, confirmations: 1, logger },
  });
  const head = await client.head();
  const strain = await strained(async () => {
    await history.follow(head, new AbortController().signal);
    await history.settled();
  });
  await opened.close();
  const { prisma } = openClient(databaseUrl);
  const count = await prisma.settlement.count();
  await prisma.$disconnect();
  return { ...strain, count };
}

async function read(client: EvmClient): Promise<Reading> {
  const { number } = await client.head();
  const startedAt = performance.now();
  let raw = 0;
  for await (const { logs } of logPages(client, { topics: [Object.values(SETTLEMENT_TOPICS)] }, 0n, number)) {
    raw += logs.length;
  }
  const between = performance.now();
  let decoded = 0;
  for await (const { events } of settlementLogs(client, 0n, number)) decoded += events.length;
  return { raw, rawMs: between - startedAt, decoded, decodedMs: performance.now() - between };
}

await answerApart<SettlementsJob>(async (job) => {
  const client = new EvmClient({ urls: [job.rpcUrl], chainId: job.chainId, clock, random: Math.random });
  return job.way === 'store' ? await store(client, job) : await read(client);
});
