// node test/bench/proofsProcess.ts: checks batches as its input says (a ProofsJob); prints a Checking or a Collecting.
import { constants, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Hex } from '../../src/lib/facts.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createProofChecker } from '../../src/sources/opengradient/proofs/checker.ts';
import { readBlob } from '../../src/sources/walrus/readBlob.ts';
import { openClient } from '../../src/store/client.ts';
import { openStore } from '../../src/store/openStore.ts';
import { watchChain } from '../../src/watch/chainCollectors.ts';
import { inParallel } from '../../src/watch/inParallel.ts';
import { NOTHING_BESIDES } from '../watch/options.ts';
import { answerApart } from './apart.ts';
import { perSecond } from './figures.ts';
import { type Strain, strained } from './strain.ts';

export interface ProofsJob {
  /** `check`: the checker alone; `collect`: the collectors of the bot, from the chain to the store. */
  way: 'check' | 'collect';
  rpcUrl: string;
  chainId: number;
  registry: Hex;
  blobsUrl: string;
  databaseUrl: string;
  keys: { teeId: Hex; der: string }[];
  batches: { root: Hex; size: number; blobId: string }[];
}

export interface Checking extends Strain {
  valid: number;
  /** Signatures alone, one after the other, on one thread. */
  verifiesPerSecond: number;
}

export interface Collecting extends Strain {
  valid: number;
}

const clock = systemClock;
const logger = createLogger('warn', [], (line) => void process.stderr.write(line));
const never = new AbortController().signal;

/** Blobs that are fetched, before the watch goes on, and then checked. */
const FETCHED = 200;

async function check({ blobsUrl, batches, keys }: ProofsJob): Promise<Checking> {
  const checker = createProofChecker({ threads: 2, logger });
  checker.setKeys(new Map(keys.map(({ teeId, der }) => [teeId, Buffer.from(der, 'base64')])));
  let valid = 0;
  let checkingMs = 0;
  const strain = await strained(async () => {
    for (let at = 0; at < batches.length; at += FETCHED) {
      const some = batches.slice(at, at + FETCHED);
      const blobs = new Map<string, Uint8Array>();
      await inParallel(some, 8, async ({ blobId }) => void blobs.set(blobId, await fetched(blobsUrl, blobId)), never);
      const startedAt = performance.now();
      const checks = await Promise.all(
        some.map(({ root, size, blobId }) => checker.batch(blobs.get(blobId) as Uint8Array, { root, batchSize: size })),
      );
      checkingMs += performance.now() - startedAt;
      for (const { state, leaves } of checks) {
        if (state === 'verified') valid += leaves.filter(({ verdict }) => verdict === 'valid').length;
      }
    }
  });
  await checker.close();
  return { ...strain, ms: checkingMs, valid, verifiesPerSecond: verifying() };
}

async function fetched(blobsUrl: string, blobId: string): Promise<Uint8Array> {
  const read = await readBlob([blobsUrl], blobId);
  if (read.kind !== 'read') throw new Error(read.reason);
  return read.bytes;
}

function verifying(): number {
  const COUNT = 20_000;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const message = Buffer.alloc(32, 7);
  const signature = sign('sha256', message, { key: privateKey, ...pss });
  const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
  const startedAt = performance.now();
  for (let nth = 0; nth < COUNT; nth += 1) verify('sha256', message, { key, ...pss }, signature);
  return perSecond(COUNT, performance.now() - startedAt);
}

async function collect({ rpcUrl, chainId, registry, blobsUrl, databaseUrl, batches }: ProofsJob): Promise<Collecting> {
  const store = await openStore({ databaseUrl });
  const stop = new AbortController();
  const chain = watchChain(
    {
      ...{ store, clock, logger, random: Math.random, allowPrivateEndpoints: true, notice: () => undefined },
      proofThresholds: defaultProofThresholds,
      governance: [],
      opengradient: {
        ...NOTHING_BESIDES,
        ...{ rpcUrls: [rpcUrl], chainId, teeRegistry: registry, aggregatorUrls: [blobsUrl], backfillDays: 30 },
        ...{ pollIntervalMs: 1_000, fullReadIntervalMs: 300_000, probeIntervalMs: 60_000, probeConcurrency: 4 },
        confirmations: 1,
      },
    },
    stop.signal,
  );
  const strain = await strained(async () => {
    await chain.registry.collect(stop.signal);
    await chain.settled();
    for (const collector of chain.others.slice(0, 1)) await collector.collect(stop.signal);
    await chain.settled();
    const started = performance.now();
    const proofs = chain.others[1];
    for (;;) {
      const outcome = await proofs?.collect(stop.signal);
      if (outcome?.kind !== 'fresh') throw new Error(`the collector of proofs is ${JSON.stringify(outcome)}`);
      const due = await store.proofs.due(1, clock.now());
      if (due.length === 0) break;
      if (performance.now() - started > 600_000) throw new Error('checking takes more than ten minutes');
    }
  });
  stop.abort();
  await chain.checker.close();
  await store.close();
  const { prisma } = openClient(databaseUrl);
  const valid = await prisma.leaf.count({ where: { verdict: 0, repeat: false } });
  await prisma.$disconnect();
  if (valid === 0) throw new Error(`none of ${batches.length} batches is stored`);
  return { ...strain, valid };
}

await answerApart<ProofsJob>((job) => (job.way === 'check' ? check(job) : collect(job)));
