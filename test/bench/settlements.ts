import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keccak256 } from 'viem';
import { startChain } from '../devnet/chain.ts';
import { deploySettlements } from '../devnet/settlements.ts';
import { load, runApart } from './apart.ts';
import { type Figure, perSecond, thousands } from './figures.ts';
import { startLimitedNode } from './limitedNode.ts';
import type { Reading, SettlementsJob, Storing } from './settlementsProcess.ts';
import { strainFigures } from './strain.ts';

const EVENTS = 200_000;
const TARGET = 15_000;

/** Half of them batches, half individual ones, 2,000 a block, back-filled by the reader of history as the bot does it. */
export async function benchSettlements(): Promise<Figure[]> {
  const chain = await startChain({ startSeconds: Math.floor(Date.now() / 1000) - 86_400 });
  const node = await startLimitedNode(chain.rpcUrl);
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-settlements-'));
  try {
    const settlements = await deploySettlements(chain);
    await settlements.inventIndividuals(keccak256('0x01'), 0, EVENTS / 2);
    await settlements.inventBatches(0, EVENTS / 2);
    const job = { rpcUrl: node.url, chainId: chain.chainId, databaseUrl: `file:${join(folder, 'settlements.db')}` };
    const run = <Result>(way: SettlementsJob['way']) =>
      runApart<Result>('settlementsProcess.ts', { ...job, way } satisfies SettlementsJob);
    const stored = await run<Storing>('store');
    const busy = load();
    const read = await run<Reading>('read');
    if (stored.count !== EVENTS || read.decoded !== EVENTS) {
      throw new Error(`${stored.count} of ${EVENTS} are stored, ${read.decoded} decoded`);
    }
    const rate = perSecond(EVENTS, stored.ms);
    return [
      {
        what: `${thousands(EVENTS)} settlement events, half batches and half individual, 2,000 a block: read, decoded and stored (SQLite)`,
        measured: `${thousands(rate)} events/s`,
        target: `>= ${thousands(TARGET)}/s`,
        met: rate >= TARGET,
        comparedTo: `raw reading ${thousands(perSecond(read.raw, read.rawMs))}/s, so ${(read.rawMs / stored.ms).toFixed(2)} of it; ${thousands(perSecond(EVENTS, stored.cpuMs))} for each second of CPU that the process used; ${busy}`,
      },
      {
        what: 'The same, read and decoded only',
        measured: `${thousands(perSecond(read.decoded, read.decodedMs))} events/s`,
        target: '',
        met: null,
        comparedTo: `${(read.rawMs / read.decodedMs).toFixed(2)} of raw reading`,
      },
      ...strainFigures('back-fill of settlement events', stored),
    ];
  } finally {
    node.close();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
