// node test/bench/chartsProcess.ts: draws the charts of governance as its input says (a ChartsJob); prints Drawn.
import { readdirSync, readFileSync } from 'node:fs';
import { createChartRenderer } from '../../src/charts/renderChart.ts';
import { openStore } from '../../src/store/openStore.ts';
import { governanceCharts } from '../support/governanceCharts.ts';
import { answerApart } from './apart.ts';
import { type Strain, strained } from './strain.ts';

export interface ChartsJob {
  databaseUrl: string;
  /** Of each chart. */
  times: number;
}

export interface Drawn {
  drawing: Strain;
  /** The very first one: a process is started for it. */
  firstMs: number;
  /** By chart. */
  tookMs: Record<string, number[]>;
  /** CPU time of the drawing process, of all but the first. */
  cpuMs: number[];
}

/** CPU time of the thread that draws, in ms: of the one child whose command line says so. */
function drawingMs(): number {
  const own = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isDrawer(name));
  const [pid] = own;
  if (pid === undefined || own.length > 1) throw new Error(`${own.length} processes draw`);
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function isDrawer(pid: string): boolean {
  try {
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('drawProcess');
  } catch {
    // It ended meanwhile.
    return false;
  }
}

await answerApart<ChartsJob>(async ({ databaseUrl, times }): Promise<Drawn> => {
  const store = await openStore({ databaseUrl });
  const charts = [...(await governanceCharts(store))];
  await store.close();
  const draw = createChartRenderer();
  let firstMs = 0;
  const tookMs: Drawn['tookMs'] = {};
  const cpuMs: number[] = [];
  const startedAt = performance.now();
  const drawing = await strained(async () => {
    for (const [, chart] of charts) {
      await draw(chart);
      firstMs ||= performance.now() - startedAt;
    }
    let used = drawingMs();
    for (let nth = 0; nth < times; nth += 1) {
      for (const [name, chart] of charts) {
        const before = performance.now();
        await draw(chart);
        tookMs[name] = [...(tookMs[name] ?? []), performance.now() - before];
        const now = drawingMs();
        cpuMs.push(now - used);
        used = now;
      }
    }
  });
  return { drawing, firstMs, tookMs, cpuMs };
});
