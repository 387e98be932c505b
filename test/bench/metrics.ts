import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { load, runApart } from './apart.ts';
import { type Figure, ms, thousands } from './figures.ts';
import { balances, type Measured, type MetricsJob } from './metricsProcess.ts';

const HOLDERS = 1_000_000;
const TARGET_MS = 1_000;
const TARGET_MB = 300;
const MAIN = resolve(import.meta.dirname, '../../src/main.ts');

/** A million holders: their metrics in memory, and `assay metrics` on their list as a file. */
export async function benchMetrics(): Promise<Figure[]> {
  const measured = await runApart<Measured>('metricsProcess.ts', { holders: HOLDERS } satisfies MetricsJob);
  const busy = load();
  if (measured.metrics.count !== HOLDERS) throw new Error(`${measured.metrics.count} holders were counted`);
  const command = await runCommand();
  const { values } = JSON.parse(command.said) as { values: Record<string, unknown> };
  for (const name of ['count', 'nakamotoHalf', 'gini', 'hhi', 'entropy'] as const) {
    if (values[name] !== measured.metrics[name]) throw new Error(`${name} of the command is ${values[name]}`);
  }
  return [
    {
      what: `All metrics of ${thousands(HOLDERS)} holders, from unsorted whole numbers of 27 digits`,
      measured: ms(measured.ms),
      target: `<= ${thousands(TARGET_MS)} ms`,
      met: measured.ms <= TARGET_MS,
      comparedTo: `${ms(measured.threadMs)} of CPU time; ${busy}`,
    },
    {
      what: 'RSS at its highest meanwhile, the holders included',
      measured: `${measured.peakMb} MB`,
      target: `<= ${TARGET_MB} MB`,
      met: measured.peakMb <= TARGET_MB,
      comparedTo: 'flags and allocator of `npm start` and the image',
    },
    {
      what: `\`assay metrics\` on a file of ${thousands(HOLDERS)} lines, from its start to its end`,
      measured: ms(command.ms),
      ...{ target: '', met: null },
      comparedTo: `the file has ${Math.round(command.bytes / 1e6)} MB; ${load()}`,
    },
    {
      what: 'RSS at its highest of that command',
      measured: `${command.peakMb} MB`,
      target: `<= ${TARGET_MB} MB`,
      met: command.peakMb <= TARGET_MB,
      comparedTo: 'without any flags, as a shell starts it',
    },
  ];
}

async function runCommand(): Promise<{ ms: number; peakMb: number; said: string; bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-metrics-'));
  const file = join(folder, 'holders.csv');
  try {
    await pipeline(Readable.from(linesOf(balances(HOLDERS))), createWriteStream(file));
    const startedAt = performance.now();
    const child = spawn(process.execPath, [MAIN, 'metrics', '--json'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let peakMb = 0;
    const look = setInterval(() => {
      peakMb = Math.max(peakMb, highestMb(child.pid));
    }, 10);
    const ended = once(child, 'close');
    const [said] = await Promise.all([text(child.stdout), pipeline(createReadStream(file), child.stdin)]);
    const [code] = await ended;
    clearInterval(look);
    if (code !== 0) throw new Error(`assay metrics ended with ${code}`);
    return { ms: performance.now() - startedAt, peakMb, said, bytes: statSync(file).size };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a process that runs, as Linux counts it; 0 once it is gone. */
function highestMb(pid: number | undefined): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function* linesOf(weights: readonly bigint[]): Generator<string> {
  for (let from = 0; from < weights.length; from += 10_000) {
    const lines = weights
      .slice(from, from + 10_000)
      .map(
        (weight, at) =>
          `0x${(from + at).toString(16).padStart(40, '0')},${weight / 10n ** 18n}.${String(weight % 10n ** 18n).padStart(18, '0')}\n`,
      );
    yield lines.join('');
  }
}
