import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBlobStore } from '../devnet/blobStore.ts';
import { startChain } from '../devnet/chain.ts';
import { deploySettlements } from '../devnet/settlements.ts';
import { load, runApart } from './apart.ts';
import { type Figure, perSecond, thousands } from './figures.ts';
import type { Checking, Collecting, ProofsJob } from './proofsProcess.ts';
import { type SignedBatch, signedBatches, signers } from './signedBatches.ts';
import { strainFigures } from './strain.ts';

const BATCHES = 10_000;
const NODES = 10;
/** An hour each: a history of ten days. */
const PER_BLOCK = 40;
const HOUR = 3_600;
const TARGET = 10_000;

/** Batches of 20 answers, all really signed, none twice: checked alone, then as the bot does it, from the chain to the store. */
export async function benchProofs(): Promise<Figure[]> {
  const blocks = Math.ceil(BATCHES / PER_BLOCK);
  const chain = await startChain({ startSeconds: Math.floor(Date.now() / 1000) - (blocks + 2) * HOUR });
  const blobs = await startBlobStore();
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-proofs-'));
  try {
    const nodes = signers(NODES);
    await chain.registerTees(
      nodes.map(({ publicKeyDer }, at) => ({
        publicKeyDer,
        tlsCertificateDer: new Uint8Array(800),
        endpoint: `https://127.0.0.1:${1 + at}`,
      })),
    );
    const settlements = await deploySettlements(chain);
    const startSeconds = chain.nowSeconds();
    const settledAt = (batch: number): number => startSeconds + (Math.floor(batch / PER_BLOCK) + 1) * HOUR;
    const batches = await signedBatches(BATCHES, nodes, settledAt);
    for (const { blobId, bytes } of batches) blobs.serve(blobId, bytes);
    for (let at = 0; at < BATCHES; at += PER_BLOCK) {
      // A transaction each, as the facilitator sends them: who sent it is asked for each.
      const some = batches.slice(at, at + PER_BLOCK);
      await Promise.all(some.map(({ root, size, blobId }) => settlements.queueBatch(root, size, blobId)));
      await chain.mine(HOUR);
    }
    const job: Omit<ProofsJob, 'way'> = {
      ...{ rpcUrl: chain.rpcUrl, chainId: chain.chainId, registry: chain.registry },
      ...{ blobsUrl: blobs.url, databaseUrl: `file:${join(folder, 'proofs.db')}` },
      keys: nodes.map(({ teeId, publicKeyDer }) => ({ teeId, der: publicKeyDer.toString('base64') })),
      batches: batches.map(({ root, size, blobId }: SignedBatch) => ({ root, size, blobId })),
    };
    const run = <Result>(way: ProofsJob['way']) => runApart<Result>('proofsProcess.ts', { ...job, way });
    const checked = await run<Checking>('check');
    const whileChecked = load();
    const collected = await run<Collecting>('collect');
    const whileCollected = load();
    const leaves = batches.reduce((sum, { size }) => sum + size, 0);
    if (checked.valid !== leaves || collected.valid !== leaves) {
      throw new Error(`of ${leaves} leaves ${checked.valid} were checked and ${collected.valid} stored as valid`);
    }
    const rate = perSecond(leaves, checked.ms);
    const whole = perSecond(leaves, collected.ms);
    return [
      {
        what: `${thousands(leaves)} leaves in ${thousands(BATCHES)} batch blobs, root and every RSA-2048 PSS signature checked, 2 worker threads`,
        measured: `${thousands(rate)} leaves/s`,
        target: `>= ${thousands(TARGET)}/s`,
        met: rate >= TARGET,
        comparedTo: `\`node:crypto\` verifies ${thousands(checked.verifiesPerSecond)}/s on one core and does nothing else: ${(rate / checked.verifiesPerSecond).toFixed(2)} times that; ${perCpu(leaves, checked.cpuMs)}, fetching included; ${whileChecked}`,
      },
      ...strainFigures('checking', checked),
      {
        what: 'The same from the chain to the store (SQLite): senders asked, blobs fetched over loopback, checked, verdicts, delays and exposure stored',
        measured: `${thousands(whole)} leaves/s`,
        target: '',
        met: null,
        comparedTo: `${(whole / rate).toFixed(2)} of checking alone; ${perCpu(leaves, collected.cpuMs)}; chain and blobs are served by the same cores; ${whileCollected}`,
      },
      ...strainFigures('from the chain to the store', collected),
    ];
  } finally {
    await blobs.close();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const perCpu = (leaves: number, cpuMs: number): string =>
  `${thousands(perSecond(leaves, cpuMs))} for each second of CPU that the process used`;
