import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { SourceTracker } from './sourceStatus.ts';

/** What a round found: `stale` when the source answers but stands still. A `note` is something its readers should know. */
export type CollectOutcome = { kind: 'fresh'; note?: string } | { kind: 'stale'; shortError: string; sinceMs: number };

/** Keeps the facts of one source current. */
export interface Collector {
  source: string;
  everyMs: number;
  collect(signal: AbortSignal): Promise<CollectOutcome>;
}

/** A failing source is asked less and less often, up to this. */
const MAX_BACKOFF_MS = 15_000;

/**
 * Runs one collector until the signal aborts: collect, note the outcome, tell `afterRound` (with the error, or null), wait. The loop
 * survives every error, the store's included; resolves once the last round is over.
 */
export async function runCollector(
  collector: Collector,
  tracker: SourceTracker,
  tools: { clock: Clock; logger: Logger; afterRound: (error: unknown) => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger } = tools;
  // A judgement that fails is no fault of the source, which is asked as often as before.
  const afterRound = (error: unknown): Promise<void> =>
    tools.afterRound(error).catch((cause: unknown) => {
      logger.error({ source: collector.source, cause: explain(cause) }, 'what a round found could not be judged');
    });
  let failures = 0;
  while (!signal.aborted) {
    const startedAtMs = clock.now();
    try {
      const error = await round(collector, tracker, logger, signal);
      failures = error === null ? 0 : failures + 1;
      if (!signal.aborted) await afterRound(error);
    } catch (error) {
      failures += 1;
      logger.error({ source: collector.source, cause: explain(error) }, 'the outcome of a round could not be recorded');
    }
    const pause = failures === 0 ? collector.everyMs : backoff(collector.everyMs, failures);
    await clock.sleep(Math.max(10, pause - (clock.now() - startedAtMs)), signal);
  }
}

async function round(
  collector: Collector,
  tracker: SourceTracker,
  logger: Logger,
  signal: AbortSignal,
): Promise<unknown> {
  const before = tracker.status?.state;
  try {
    const outcome = await collector.collect(signal);
    if (outcome.kind === 'fresh') await tracker.succeeded(outcome.note);
    else await tracker.stale(outcome.shortError, outcome.sinceMs);
    if (before === 'failing') logger.info({ source: collector.source }, 'source answers again');
    return null;
  } catch (error) {
    if (signal.aborted) return null;
    await tracker.failed(error);
    if (before !== 'failing') logger.warn({ source: collector.source, cause: explain(error) }, 'source is failing');
    else logger.debug({ source: collector.source, cause: explain(error) }, 'source is still failing');
    return error;
  }
}

function backoff(everyMs: number, failures: number): number {
  return Math.max(everyMs, Math.min(MAX_BACKOFF_MS, everyMs * 2 ** Math.min(failures - 1, 6)));
}
