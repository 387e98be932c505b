import { parentPort } from 'node:worker_threads';
import type { Chart } from '../lib/chart.ts';
import { drawChart } from './draw.ts';

parentPort?.on('message', ({ id, chart }: { id: number; chart: Chart }) => {
  try {
    parentPort?.postMessage({ id, png: drawChart(chart) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
