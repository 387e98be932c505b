import { Worker } from 'node:worker_threads';
import type { Chart, RenderChart } from '../lib/chart.ts';
import { AssayError } from '../lib/errors.ts';

interface Waiting {
  resolve: (png: Uint8Array) => void;
  reject: (error: Error) => void;
  deadline: NodeJS.Timeout;
}

/** A worker that has drawn nothing for this long is let go: it holds tens of megabytes. */
const IDLE_MS = 60_000;

/** Drawing takes a tenth of a second, the first time one; an answer does not wait for a thread that hangs. */
const DEADLINE_MS = 15_000;

/**
 * Draws charts in one worker thread, so that answering goes on meanwhile. The worker starts with the first chart,
 * ends when idle, and never keeps the process alive. Rejects with AssayError when a chart cannot be drawn in time.
 */
export function createChartRenderer({ deadlineMs = DEADLINE_MS } = {}): RenderChart {
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  function end(error: unknown): void {
    worker = null;
    for (const { reject, deadline } of waiting.values()) {
      clearTimeout(deadline);
      reject(new AssayError('the picture could not be drawn', { retryable: true, cause: error }));
    }
    waiting.clear();
  }

  function take(id: number): Waiting | undefined {
    const one = waiting.get(id);
    waiting.delete(id);
    clearTimeout(one?.deadline);
    return one;
  }

  function start(): Worker {
    const created = new Worker(new URL('./drawWorker.ts', import.meta.url));
    created.unref();
    created.on('message', ({ id, png, error }: { id: number; png?: Uint8Array; error?: string }) => {
      const one = take(id);
      if (png) one?.resolve(png);
      else one?.reject(new AssayError('the picture could not be drawn', { detail: error ?? 'no picture' }));
      if (waiting.size === 0) created.unref();
    });
    created.on('error', (error) => worker === created && end(error));
    created.on('exit', (code) => worker === created && end(new Error(`the drawing thread ended with ${code}`)));
    return created;
  }

  return (chart: Chart) => {
    worker ??= start();
    const current = worker;
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (waiting.size > 0 || worker !== current) return;
      worker = null;
      void current.terminate();
    }, IDLE_MS).unref();
    const id = ++lastId;
    return new Promise<Uint8Array>((resolve, reject) => {
      const deadline = setTimeout(() => {
        // Everything behind the hanging one is given up too; the next chart starts a new thread.
        void current.terminate();
        if (worker === current) end(new Error(`no picture within ${deadlineMs} ms`));
      }, deadlineMs).unref();
      waiting.set(id, { resolve, reject, deadline });
      current.ref();
      try {
        current.postMessage({ id, chart });
      } catch (error) {
        take(id)?.reject(new AssayError('the picture could not be drawn', { cause: error }));
        if (waiting.size === 0) current.unref();
      }
    });
  };
}
