import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from './screen.ts';

/** Closing what was started takes a second or two; whatever hangs does not keep a demo that was told to stop. */
const CLOSE_MS = 5_000;

/** Ends all that the demo starts, whichever way it ends itself: done, failed, told to, or left alone. */
export function startLifecycle() {
  /** All that is put on disk meanwhile, by the rigs too: it goes with this process. */
  const folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const cleanups: (() => Promise<void>)[] = [];

  function stopEarly(exitCode: number): void {
    // Once more does not hurry it: a terminal and npm may each pass on the same Ctrl-C.
    if (stop.signal.aborted) return;
    process.exitCode = exitCode;
    say('\nstopping…');
    stop.abort();
    setTimeout(() => process.exit(), CLOSE_MS).unref();
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopEarly(128 + constants.signals[signal]));
  }
  // npm passes a signal on to its shell alone, which dies of it and says nothing to us: we are given another parent.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === 'demo') {
    setInterval(() => {
      if (process.ppid !== parent) stopEarly(128 + constants.signals.SIGTERM);
    }, 250).unref();
  }
  // Who read this has gone, a closed terminal for one: nothing more can be said.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => stopEarly(128 + constants.signals.SIGPIPE));
  }

  return {
    folder,
    signal: stop.signal,
    /** Resolves when it is told to stop. */
    stopped,
    /** Ended when the demo ends, also when that comes while it is still starting. */
    async opened<T>(starting: Promise<T>, end: (opened: T) => Promise<void>): Promise<T> {
      cleanups.unshift(async () => {
        const opened = await starting.catch(() => undefined);
        if (opened !== undefined) await end(opened);
      });
      return await starting;
    },
    /** Newest first. */
    async close(): Promise<void> {
      for (const cleanup of cleanups.splice(0)) await cleanup();
    },
  };
}
