import { duration } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { IncidentRecord } from '../store/store.ts';

/** How long the steps of an incident took, in seconds; null where the step was not taken (yet). */
export interface IncidentTimes {
  /** From its beginning, by the clock of the facts, to the alert. */
  detect: number | null;
  /** From the alert to whoever took care of it in this chat. */
  acknowledge: number | null;
  /** From the alert to its end. */
  resolve: number | null;
}

export function timesOf({ sinceSeconds, firedAtMs, resolvedAtMs, notice, detail }: IncidentRecord): IncidentTimes {
  const noted = typeof detail.detectSeconds === 'number' ? detail.detectSeconds : null;
  const fromAlert = (atMs: number | null | undefined): number | null =>
    firedAtMs === null || atMs === null || atMs === undefined ? null : Math.max(0, (atMs - firedAtMs) / 1000);
  return {
    detect: firedAtMs === null ? null : (noted ?? Math.max(0, firedAtMs / 1000 - sinceSeconds)),
    acknowledge: fromAlert(notice?.acknowledgedAtMs),
    resolve: fromAlert(resolvedAtMs),
  };
}

/** The middle of the numbers, or the mean of the two in the middle; null of none. */
export function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

const STEPS = [
  ['detect', 'to detect'],
  ['acknowledge', 'to acknowledge'],
  ['resolve', 'to resolve'],
] as const;

/** `Median: 2 min to detect, …`, with how many were measured where not all were. */
export function medianLine(times: readonly IncidentTimes[]): Line {
  const said = STEPS.map(([step, words]) => {
    const known = times.map((one) => one[step]).filter((seconds) => seconds !== null);
    const middle = median(known);
    if (middle === null) return `${words}: none yet`;
    return `${duration(middle)} ${words}${known.length < times.length ? ` (${known.length} of ${times.length})` : ''}`;
  });
  return [{ strong: 'Median' }, `: ${said.join(', ')}.`];
}
