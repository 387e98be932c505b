import type { Chart } from '../lib/chart.ts';
import { drawChart } from './draw.ts';

/** The other side of `renderChart`: draws what is asked for, one after the other, until its parent is gone. */
process.on('message', ({ id, chart }: { id: number; chart: Chart }) => {
  try {
    process.send?.({ id, png: drawChart(chart) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.once('disconnect', () => process.exit());
