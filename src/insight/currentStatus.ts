import { REGISTRY_SOURCE, type SourceStatus } from '../lib/facts.ts';

/** The registry is asked every minute at the least, and its status written every 15 s: older words are no longer about now. */
const UNATTENDED_MS = 120_000;

/**
 * What a stored status is worth now: `fresh` that nobody has confirmed since is not. A bot that is not running, or
 * hangs, must not go on saying that all is well.
 */
export function currentStatus<Status extends SourceStatus | null>(status: Status, nowMs: number): Status {
  if (status === null || status.source !== REGISTRY_SOURCE || status.state !== 'fresh') return status;
  const { lastAttemptAtMs } = status;
  if (lastAttemptAtMs !== null && nowMs - lastAttemptAtMs <= UNATTENDED_MS) return status;
  const shortError = 'this bot has not asked it since';
  return { ...status, state: 'stale', failingSinceMs: lastAttemptAtMs, error: shortError, shortError };
}
