import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, runApart } from './apart.ts';
import { type Figure, ms, quantileOf, thousands } from './figures.ts';
import { strainFigures } from './strain.ts';
import type { TrendJob, Trends } from './trendProcess.ts';

const DAYS = 400;
const QUESTIONS = 1_000;
const TARGET_MS = 50;

/** Six sets of 400 days in the store, and what people wait for who ask how they changed. */
export async function benchTrend(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-trend-'));
  try {
    const job: TrendJob = { databaseUrl: `file:${join(folder, 'trend.db')}`, days: DAYS, questions: QUESTIONS };
    const done = await runApart<Trends>('trendProcess.ts', job);
    const p99 = quantileOf(done.askedMs, 0.99);
    return [
      {
        what: `\`/influence trend\` over ${DAYS} days, six sets of 20 to 2,000 members, ${thousands(QUESTIONS)} questions, without drawing`,
        measured: `p50 ${ms(quantileOf(done.askedMs, 0.5))}, p99 ${ms(p99)}`,
        target: `p99 <= ${TARGET_MS} ms`,
        met: p99 <= TARGET_MS,
        comparedTo: `p99 ${ms(quantileOf(done.askedCpuMs, 0.99))} of CPU time; ${load()}`,
      },
      ...strainFigures('asking for trends', done.asking),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
