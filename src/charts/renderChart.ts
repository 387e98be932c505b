import { type ChildProcess, fork } from 'node:child_process';
import type { Chart, RenderChart } from '../lib/chart.ts';
import { AssayError } from '../lib/errors.ts';

interface Job {
  id: number;
  chart: Chart;
  resolve: (png: Uint8Array) => void;
  reject: (error: Error) => void;
}

/** A process that has drawn nothing for this long is let go: it holds more than a hundred megabytes. */
const IDLE_MS = 60_000;

/** Drawing takes a tenth of a second, the first time one; an answer does not wait for a process that hangs. */
const DEADLINE_MS = 15_000;

/** What waits besides: some seconds of drawing. Whoever asks for more is better told at once. */
const MAX_WAITING = 40;

/** Each drawing leaves native memory behind that only a garbage collection frees: a small heap has them often. */
const HEAP_LIMITS = ['--max-semi-space-size=1', '--max-old-space-size=64'];

/**
 * Draws charts in one process of their own, one after the other: answering goes on meanwhile, a crash in native code is
 * not the bot's, and the memory goes back to the system. It starts with the first chart, ends when idle, never keeps the
 * bot alive, and has no environment to leak. Rejects with AssayError when a chart cannot be drawn in the time that
 * begins with its turn, or when too many wait; neither concerns the others.
 */
export function createChartRenderer({ deadlineMs = DEADLINE_MS } = {}): RenderChart {
  let drawer: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let lastId = 0;
  /** The first one is being drawn. */
  const queue: Job[] = [];

  /** Ends the first one's turn. */
  function settle(id: number, how: (job: Job) => void): void {
    const [job] = queue;
    if (job?.id !== id) return;
    queue.shift();
    clearTimeout(deadline);
    how(job);
    if (queue.length > 0) draw();
    else if (drawer) keepsBotAlive(drawer, false);
  }

  /** The process is gone, or is no longer waited for. */
  function lose(lost: ChildProcess, why: string): void {
    if (drawer !== lost) return;
    drawer = null;
    const [job] = queue;
    if (job) settle(job.id, ({ reject }) => reject(failed({ retryable: true, cause: new Error(why) })));
  }

  function start(): ChildProcess {
    const created = fork(new URL('./drawProcess.ts', import.meta.url), {
      env: {},
      execArgv: HEAP_LIMITS,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    created.on('message', ({ id, png, error }: { id: number; png?: Uint8Array; error?: string }) => {
      settle(id, ({ resolve, reject }) => (png ? resolve(png) : reject(failed({ detail: error ?? 'no picture' }))));
    });
    created.on('error', (error) => lose(created, error.message));
    created.on('exit', (code, signal) => lose(created, `the drawing process ended with ${code ?? signal}`));
    return created;
  }

  /** The first one's turn. */
  function draw(): void {
    const [job] = queue;
    if (!job) return;
    try {
      drawer ??= start();
      const current = drawer;
      keepsBotAlive(current, true);
      endWhenIdle(current);
      deadline = setTimeout(() => {
        current.kill('SIGKILL');
        lose(current, `no picture within ${deadlineMs} ms`);
      }, deadlineMs).unref();
      current.send({ id: job.id, chart: job.chart });
    } catch (error) {
      settle(job.id, ({ reject }) => reject(failed({ cause: error })));
    }
  }

  function endWhenIdle(current: ChildProcess): void {
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (queue.length > 0 || drawer !== current) return;
      drawer = null;
      current.kill('SIGKILL');
    }, IDLE_MS).unref();
  }

  return (chart: Chart) => {
    if (queue.length > MAX_WAITING) {
      return Promise.reject(new AssayError('too many pictures at once', { retryable: true }));
    }
    return new Promise<Uint8Array>((resolve, reject) => {
      queue.push({ id: ++lastId, chart, resolve, reject });
      if (queue.length === 1) draw();
    });
  };
}

const failed = (options: { retryable?: boolean; detail?: string; cause?: unknown }): AssayError =>
  new AssayError('the picture could not be drawn', options);

/** Its channel counts as much as the process itself. */
function keepsBotAlive(child: ChildProcess, keeps: boolean): void {
  if (keeps) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}
