import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import type { Figure } from './figures.ts';
import { ms } from './figures.ts';

/** What a job did to the process that it ran in. */
export interface Strain {
  ms: number;
  /** Resident memory at its highest, threads and native memory included. */
  peakMb: number;
  /** The event loop: the longest that a timer due every millisecond had to wait. */
  longestMs: number;
  p99Ms: number;
  /** The most CPU time that its thread used between two such timers: what of it is ours, whatever else runs here. */
  longestCpuMs: number;
  /** CPU time of the whole process. */
  cpuMs: number;
  /** The same of a process beside that has nothing to do: what the machine itself held up. */
  besideMs: number;
}

/** Runs a job while looking at this process. */
export async function strained(job: () => Promise<unknown>): Promise<Strain> {
  const beside = spawn(process.execPath, [resolve(import.meta.dirname, 'idleProcess.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = text(beside.stdout);
  await once(beside.stdout, 'readable');
  const loop = monitorEventLoopDelay({ resolution: 1 });
  // Linux begins to look for the highest anew at the 5.
  writeFileSync('/proc/self/clear_refs', '5');
  loop.enable();
  let longestCpuMs = 0;
  let lastMs = threadMs();
  const tick = (): void => {
    const now = threadMs();
    longestCpuMs = Math.max(longestCpuMs, now - lastMs);
    lastMs = now;
  };
  const ticks = setInterval(tick, 1);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await job();
  const took = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  clearInterval(ticks);
  tick();
  loop.disable();
  const peakMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024);
  beside.stdin.end();
  const besideMs = Number((await said).split('\n')[1]);
  return {
    ...{ ms: took, peakMb, longestMs: loop.max / 1e6, p99Ms: loop.percentile(99) / 1e6, besideMs },
    ...{ longestCpuMs, cpuMs: (cpu.user + cpu.system) / 1e3 },
  };
}

/** CPU time of this thread, in ms. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e3;
}

const MAX_MB = 300;
const MAX_BLOCKED_MS = 50;

export function strainFigures(what: string, strain: Strain): Figure[] {
  const { peakMb, longestMs, longestCpuMs, p99Ms, besideMs } = strain;
  return [
    {
      what: `Longest time the event loop was held, ${what}`,
      measured: ms(longestMs),
      target: `<= ${MAX_BLOCKED_MS} ms`,
      met: longestMs <= MAX_BLOCKED_MS,
      comparedTo: `p99 ${ms(p99Ms)}; the most CPU time of its thread at one go ${ms(longestCpuMs)}; an idle process beside, at the same time: ${ms(besideMs)}`,
    },
    {
      what: `RSS at its highest, ${what}`,
      measured: `${peakMb} MB`,
      target: `<= ${MAX_MB} MB`,
      met: peakMb <= MAX_MB,
      comparedTo: 'flags and allocator of `npm start` and the image; without chats and web',
    },
  ];
}
