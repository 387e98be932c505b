import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createChartRenderer } from '../../src/charts/renderChart.ts';
import type { Chart } from '../../src/lib/chart.ts';
import { AssayError } from '../../src/lib/errors.ts';
import { readPng } from './png.ts';

const CHART: Chart = {
  title: 'gw1.example',
  subtitle: 'last 24h',
  fromSeconds: 0,
  toSeconds: 86_400,
  panels: [
    {
      title: 'Latency',
      kind: 'line',
      unit: 'ms',
      series: [
        {
          name: 'p50',
          points: [
            [0, 1],
            [3_600, 2],
          ],
        },
      ],
    },
  ],
  alt: '',
};

/** A chart that no drawing code survives. */
const BROKEN = { ...CHART, panels: null } as unknown as Chart;

test('charts asked for at once each get a picture of their own', { timeout: 30_000 }, async () => {
  const render = createChartRenderer();
  const pictures = await Promise.all(['a', 'bb', 'ccc'].map((title) => render({ ...CHART, title })));
  for (const picture of pictures) expect(readPng(picture).width).toBe(1_200);
  expect(new Set(pictures.map((picture) => Buffer.from(picture).toString('base64'))).size).toBe(3);
});

test('a chart that cannot be drawn fails alone, with an error that users may see', { timeout: 30_000 }, async () => {
  const render = createChartRenderer();
  const [good, bad, after] = await Promise.allSettled([render(CHART), render(BROKEN), render(CHART)]);
  expect([good.status, bad.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const reason = bad.status === 'rejected' ? (bad.reason as unknown) : undefined;
  expect(reason).toBeInstanceOf(AssayError);
  expect(reason).toMatchObject({ message: 'the picture could not be drawn' });
});

test('a chart that cannot even be handed over is an error like any other', async () => {
  const title = (() => 'no data') as unknown as string;
  const asked = createChartRenderer()({ ...CHART, title });
  await expect(asked).rejects.toMatchObject({ name: 'AssayError', message: 'the picture could not be drawn' });
});

test('a chart whose time is up is given up', async () => {
  // Nothing is drawn within a millisecond: the process has not even started.
  const hasty = createChartRenderer({ deadlineMs: 1 });
  const outcomes = await Promise.allSettled([hasty(CHART), hasty(CHART)]);
  expect(outcomes.map((one) => one.status === 'rejected' && (one.reason as AssayError).retryable)).toEqual([
    true,
    true,
  ]);
});

test('a process that hangs takes the one chart it draws; what waited meanwhile has all of its own time', {
  timeout: 60_000,
}, async ({ onTestFinished }) => {
  const render = createChartRenderer({ deadlineMs: 6_000 });
  await render(CHART);
  const stopped = drawingProcesses();
  // Those of earlier tests too: a stopped process would not notice that its parent is gone.
  onTestFinished(() => {
    for (const pid of drawingProcesses()) if (stopped.includes(pid)) process.kill(pid, 'SIGKILL');
  });
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  const startedAt = performance.now();
  const [hung, ...waited] = await Promise.allSettled([1, 2, 3].map(() => render(CHART)));
  expect(hung).toMatchObject({ status: 'rejected', reason: { name: 'AssayError', retryable: true } });
  // Their pictures came when more time had passed since they were asked for than one chart may take.
  expect(performance.now() - startedAt).toBeGreaterThan(6_000);
  expect(waited.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
});

test('no more than forty wait: the next is refused at once, the others are drawn, and then there is room again', {
  timeout: 60_000,
}, async () => {
  const render = createChartRenderer();
  const taken = Array.from({ length: 41 }, () => render(CHART));
  await expect(render(CHART)).rejects.toMatchObject({ message: 'too many pictures at once', retryable: true });
  expect((await Promise.allSettled(taken)).filter(({ status }) => status === 'fulfilled')).toHaveLength(41);
  expect(readPng(await render(CHART)).height).toBe(720);
});

test('neither the drawing process nor its timers keep the bot alive', { timeout: 30_000 }, async () => {
  const source = resolve(import.meta.dirname, '../../src/charts/renderChart.ts');
  const script = `(async () => {
    const { createChartRenderer } = await import(${JSON.stringify(source)});
    const render = createChartRenderer();
    const chart = ${JSON.stringify(CHART)};
    const png = await render(chart);
    await render({ ...chart, panels: null }).catch(() => undefined);
    await render({ ...chart, title: () => 1 }).catch(() => undefined);
    process.stdout.write(String(png.length > 1000));
  })()`;
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  expect(stdout).toBe('true');
  // The idle process is let go after 60 s, the deadline is 15 s: it waited for neither.
  expect(performance.now() - startedAt).toBeLessThan(12_000);
});

test('a drawing process that dies takes only what it was drawing, and the next chart gets a new one', {
  timeout: 30_000,
}, async () => {
  const render = createChartRenderer();
  await render(CHART);
  const cut = render(CHART).catch((error: unknown) => error);
  for (const pid of drawingProcesses()) process.kill(pid, 'SIGKILL');
  expect(await cut).toMatchObject({ retryable: true });
  expect(readPng(await render(CHART)).width).toBe(1_200);
});

/** Of this process's children, those that draw. */
function drawingProcesses(): number[] {
  const isOurs = (pid: string): boolean => {
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('drawProcess');
    } catch {
      // It ended meanwhile.
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOurs(name))
    .map(Number);
}
