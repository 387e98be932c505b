import type { Api } from 'grammy';
import type { Clock } from '../../lib/clock.ts';

/**
 * grammY's own AbortSignal type, from the abort-controller package. At run time it takes the platform's signal: it
 * only reads `aborted` and listens for `abort`.
 */
export type CallSignal = NonNullable<Parameters<Api['getMe']>[0]>;

/** No single call may take longer, apart from the long poll. */
export const REQUEST_MS = 10_000;

/**
 * Runs a call with a signal that aborts after `ms` by `clock`, or when `outer` does. Rejects as the call itself does.
 */
export async function bounded<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | undefined,
  run: (signal: CallSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const done = new AbortController();
  const abort = (): void => limit.abort();
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort, { once: true });
  void clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) abort();
  });
  try {
    return await run(limit.signal as unknown as CallSignal);
  } finally {
    done.abort();
    outer?.removeEventListener('abort', abort);
  }
}
