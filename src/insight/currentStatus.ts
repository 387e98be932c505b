import { REGISTRY_SOURCE, type SourceStatus } from '../lib/facts.ts';
import { PART_OF } from '../lib/governanceFacts.ts';
import { HUB_SOURCE } from '../lib/modelFacts.ts';
import { SETTLEMENT_SOURCE } from '../lib/proofFacts.ts';

const MINUTE_MS = 60_000;

/**
 * How long each source may go without a word while this bot runs: the registry is asked every minute at the least, settlements every
 * second, and a status is written every 15 s. The whole list of the hub is read every 5 minutes, and that may take minutes.
 */
const UNATTENDED_MS: ReadonlyMap<string, number> = new Map([
  [REGISTRY_SOURCE, 2 * MINUTE_MS],
  [SETTLEMENT_SOURCE, 5 * MINUTE_MS],
  [HUB_SOURCE, 20 * MINUTE_MS],
  // Its interval may be a day; each probe has its own age.
  ['opengradient.gateways', Number.POSITIVE_INFINITY],
]);
/** Above the longest interval of the others, and what a failing one is put off by. */
const DEFAULT_UNATTENDED_MS = 30 * MINUTE_MS;
/** Explorers are asked for holders every hour, if the operator does not say otherwise. */
export const HOLDERS_UNATTENDED_MS = 180 * MINUTE_MS;

function unattendedMs(source: string): number {
  if (source.endsWith(`.${PART_OF.holders}`)) return HOLDERS_UNATTENDED_MS;
  return UNATTENDED_MS.get(source) ?? DEFAULT_UNATTENDED_MS;
}

/**
 * What a stored status is worth now: `fresh` that nobody has confirmed since is not. A bot that is not running, or
 * hangs, must not go on saying that all is well.
 */
export function currentStatus<Status extends SourceStatus | null>(status: Status, nowMs: number): Status {
  if (status === null || status.state !== 'fresh') return status;
  const { lastAttemptAtMs, source } = status;
  if (lastAttemptAtMs !== null && nowMs - lastAttemptAtMs <= unattendedMs(source)) return status;
  const shortError = 'this bot has not asked it since';
  return { ...status, state: 'stale', failingSinceMs: lastAttemptAtMs, error: shortError, shortError };
}

/** Of a source that is configured, and that nobody asked yet. */
export const notAsked = (source: string): SourceStatus => ({
  source,
  state: 'unknown',
  lastSuccessAtMs: null,
  lastAttemptAtMs: null,
  failingSinceMs: null,
  error: null,
  shortError: null,
});
