import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, runApart } from './apart.ts';
import type { DelayJob, Delays } from './delayProcess.ts';
import { type Figure, ms, perSecond, quantileOf, thousands } from './figures.ts';
import { strainFigures } from './strain.ts';

const LEAVES = 1_000_000;
const INDIVIDUALS = 20_000;
const TARGET_MS = 50;

/** A million answers of thirty days in the store, and what people then wait for. */
export async function benchDelay(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-delay-'));
  try {
    const job: DelayJob = { databaseUrl: `file:${join(folder, 'delay.db')}`, leaves: LEAVES, individuals: INDIVIDUALS };
    const done = await runApart<Delays>('delayProcess.ts', job);
    const busy = load();
    if (done.stored !== LEAVES + INDIVIDUALS) throw new Error(`${done.stored} leaves are stored`);
    const p99 = quantileOf(done.askedMs, 0.99);
    const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
    return [
      {
        what: `\`/proof delay\` over ${thousands(LEAVES)} leaves of 30 days and 100 nodes, 24h, 7d and 30d, network and single nodes, ${thousands(done.askedMs.length)} questions, one a second by its clock, without drawing`,
        measured: `p50 ${ms(quantileOf(done.askedMs, 0.5))}, p99 ${ms(p99)}`,
        target: `p99 <= ${TARGET_MS} ms`,
        met: p99 <= TARGET_MS,
        comparedTo: `p99 ${ms(quantileOf(done.askedCpuMs, 0.99))} of CPU time; delays of 30 days from the leaves themselves, in one query: ${ms(done.fromLeavesMs)}; ${busy}`,
      },
      {
        what: `The same with its picture, ${done.drawnMs.length} questions, one after the other`,
        measured: `p50 ${ms(quantileOf(done.drawnMs, 0.5))}, p99 ${ms(quantileOf(done.drawnMs, 0.99))}`,
        ...{ target: '', met: null, comparedTo: '' },
      },
      {
        what: `Store of ${thousands(LEAVES)} leaves in ${thousands(done.batches)} settled batches (SQLite)`,
        measured: `${mb(done.bytes)}, ${Math.round(done.bytes / LEAVES)} bytes a leaf`,
        ...{ target: '', met: null },
        comparedTo: `${Math.round(done.leafBytes / LEAVES)} bytes are the leaf and its index, which hold 108 of hashes and times; an individual settlement takes ${thousands(Math.round(done.individualBytes / INDIVIDUALS))} with its leaf`,
      },
      {
        what: `Storing them, with repeats, delays and exposure, 50 batches in a transaction`,
        measured: `${thousands(perSecond(LEAVES, done.storing.ms))} leaves/s`,
        ...{ target: '', met: null },
        comparedTo: `${thousands(perSecond(LEAVES, done.storing.cpuMs))} for each second of CPU that the process used`,
      },
      ...strainFigures(`storing ${thousands(LEAVES)} leaves`, done.storing),
      ...strainFigures('asking for delays', done.asking),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
