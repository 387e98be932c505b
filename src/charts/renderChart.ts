import { type ChildProcess, fork } from 'node:child_process';
import type { Chart, RenderChart } from '../lib/chart.ts';
import { AssayError } from '../lib/errors.ts';

interface Waiting {
  resolve: (png: Uint8Array) => void;
  reject: (error: Error) => void;
  deadline: NodeJS.Timeout;
}

/** A process that has drawn nothing for this long is let go: it holds more than a hundred megabytes. */
const IDLE_MS = 60_000;

/** Drawing takes a tenth of a second, the first time one; an answer does not wait for a process that hangs. */
const DEADLINE_MS = 15_000;

/** Each drawing leaves native memory behind that only a garbage collection frees: a small heap has them often. */
const HEAP_LIMITS = ['--max-semi-space-size=1', '--max-old-space-size=64'];

/**
 * Draws charts in one process of their own: answering goes on meanwhile, a crash in native code is not the bot's, and
 * the memory goes back to the system. It starts with the first chart, ends when idle, never keeps the bot alive, and has
 * no environment to leak. Rejects with AssayError when a chart cannot be drawn in time.
 */
export function createChartRenderer({ deadlineMs = DEADLINE_MS } = {}): RenderChart {
  let drawer: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  function end(error: unknown): void {
    drawer = null;
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

  function start(): ChildProcess {
    const created = fork(new URL('./drawProcess.ts', import.meta.url), {
      env: {},
      execArgv: HEAP_LIMITS,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    keepsBotAlive(created, false);
    created.on('message', ({ id, png, error }: { id: number; png?: Uint8Array; error?: string }) => {
      const one = take(id);
      if (png) one?.resolve(png);
      else one?.reject(new AssayError('the picture could not be drawn', { detail: error ?? 'no picture' }));
      if (waiting.size === 0) keepsBotAlive(created, false);
    });
    created.on('error', (error) => drawer === created && end(error));
    created.on('exit', (code, signal) => {
      if (drawer === created) end(new Error(`the drawing process ended with ${code ?? signal}`));
    });
    return created;
  }

  return (chart: Chart) => {
    drawer ??= start();
    const current = drawer;
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (waiting.size > 0 || drawer !== current) return;
      drawer = null;
      current.kill('SIGKILL');
    }, IDLE_MS).unref();
    const id = ++lastId;
    return new Promise<Uint8Array>((resolve, reject) => {
      const deadline = setTimeout(() => {
        // Everything behind the hanging one is given up too; the next chart starts a new process.
        current.kill('SIGKILL');
        if (drawer === current) end(new Error(`no picture within ${deadlineMs} ms`));
      }, deadlineMs).unref();
      waiting.set(id, { resolve, reject, deadline });
      keepsBotAlive(current, true);
      try {
        current.send({ id, chart });
      } catch (error) {
        take(id)?.reject(new AssayError('the picture could not be drawn', { cause: error }));
        if (waiting.size === 0) keepsBotAlive(current, false);
      }
    });
  };
}

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
