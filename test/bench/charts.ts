import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, runApart } from './apart.ts';
import type { ChartsJob, Drawn } from './chartsProcess.ts';
import { type Figure, ms, quantileOf } from './figures.ts';
import { strainFigures } from './strain.ts';

const TIMES = 60;
const TARGET_MS = 150;

/** The charts of governance, drawn as the bot does it, one after the other. */
export async function benchCharts(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-charts-'));
  try {
    const job: ChartsJob = { databaseUrl: `file:${join(folder, 'charts.db')}`, times: TIMES };
    const { drawing, firstMs, tookMs, cpuMs } = await runApart<Drawn>('chartsProcess.ts', job);
    const busy = load();
    const all = Object.values(tookMs).flat();
    const p95 = quantileOf(all, 0.95);
    const each = Object.entries(tookMs).map(([name, list]) => `${name} ${ms(quantileOf(list, 0.5))}`);
    return [
      {
        what: `PNGs of the five charts of governance, ${all.length} of them, one after the other, in the drawing process`,
        measured: `p50 ${ms(quantileOf(all, 0.5))}, p95 ${ms(p95)}`,
        target: `p95 <= ${TARGET_MS} ms`,
        met: p95 <= TARGET_MS,
        comparedTo: `p95 ${ms(quantileOf(cpuMs, 0.95))} of CPU time of that process; the first one, with its start: ${ms(firstMs)}; p50 by chart: ${each.join(', ')}; ${busy}`,
      },
      ...strainFigures('drawing', drawing).slice(0, 1),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
