import { countsUpTo, mergeHistograms, quantile } from '../lib/histogram.ts';
import type { ProofMode } from '../lib/proofFacts.ts';
import type { ProofThresholds } from './proofLabels.ts';

export const DELAY_DEFINITION =
  'delay: block time of the settlement minus the time the node signed, of valid answers, each once; the node’s clock may be off by ± 5 min, and what was signed after it was settled counts as 0 s';

/** One hour of proofs (or more: a sum), as the store keeps it. */
export interface DelayRow {
  hour: number;
  mode: ProofMode;
  delays: Uint8Array | null;
  maxDelaySeconds: number;
  clamped: number;
}

/** Seconds; null where there is no case. */
export interface DelayQuantiles {
  count: number;
  p50Seconds: number | null;
  p90Seconds: number | null;
  p99Seconds: number | null;
  maxSeconds: number | null;
}

export interface Delay extends DelayQuantiles {
  /** Answers that were signed after they were settled, by their clocks: counted as 0 s. */
  clamped: number;
  /** Shares (0..1) by label; null without a case. */
  labels: { normal: number; slow: number; overdue: number } | null;
}

/**
 * All rows in one, by mode. Quantiles are within 2 % of the exact ones, and so is where labels begin; the longest is exact. A row
 * whose histogram cannot be read counts as none. Pure; the order of rows does not matter.
 */
export function delayOf(rows: readonly DelayRow[], thresholds: ProofThresholds): Record<ProofMode, Delay> {
  const one = (mode: ProofMode, limits: readonly [number, number]): Delay => {
    const own = rows.filter((row) => row.mode === mode);
    const merged = mergeHistograms(own.map(({ delays }) => delays));
    const quantiles = quantilesOf(merged, own);
    const [normal, slow, overdue] = countsUpTo(merged, limits) as [number, number, number];
    const share = (count: number): number => count / quantiles.count;
    return {
      ...quantiles,
      clamped: own.reduce((sum, { clamped }) => sum + clamped, 0),
      labels: quantiles.count === 0 ? null : { normal: share(normal), slow: share(slow), overdue: share(overdue) },
    };
  };
  return {
    batch: one('batch', [thresholds.batchNormalSeconds, thresholds.batchSlowSeconds]),
    individual: one('individual', [thresholds.individualNormalSeconds, thresholds.individualOverdueSeconds]),
  };
}

export interface DelayStep extends Record<ProofMode, DelayQuantiles> {
  fromSeconds: number;
}

/** The hours from `fromHour` to `toHour` in steps, oldest first; a step without a case has nulls, never zeros. */
export function delayTrend(
  rows: readonly DelayRow[],
  fromHour: number,
  toHour: number,
  stepHours: number,
): DelayStep[] {
  const within = rows.filter(({ hour }) => hour >= fromHour && hour <= toHour);
  const byStep = Map.groupBy(within, ({ hour }) => Math.floor((hour - fromHour) / stepHours));
  const steps: DelayStep[] = [];
  for (let step = 0; fromHour + step * stepHours <= toHour; step += 1) {
    const own = byStep.get(step) ?? [];
    const one = (mode: ProofMode): DelayQuantiles => {
      const ofMode = own.filter((row) => row.mode === mode);
      return quantilesOf(mergeHistograms(ofMode.map(({ delays }) => delays)), ofMode);
    };
    steps.push({
      fromSeconds: (fromHour + step * stepHours) * 3_600,
      batch: one('batch'),
      individual: one('individual'),
    });
  }
  return steps;
}

export interface DelayBucket extends Record<ProofMode, number> {
  /** `≤ 1 min`, `> 60 min`. */
  label: string;
  /** null: above the last limit. */
  upToSeconds: number | null;
}

const BUCKET_MINUTES = [1, 2, 5, 10, 16, 30, 60];

/** How many answers had which delay, for a picture: counts between one limit and the next. */
export function delayBuckets(rows: readonly DelayRow[]): DelayBucket[] {
  const counts = (mode: ProofMode): number[] => {
    const own = rows.filter((row) => row.mode === mode);
    const limits = BUCKET_MINUTES.map((minutes) => minutes * 60);
    return countsUpTo(mergeHistograms(own.map(({ delays }) => delays)), limits);
  };
  const batch = counts('batch');
  const individual = counts('individual');
  return [...BUCKET_MINUTES, null].map((minutes, at) => ({
    label: minutes === null ? `> ${BUCKET_MINUTES.at(-1)} min` : `≤ ${minutes} min`,
    upToSeconds: minutes === null ? null : minutes * 60,
    batch: batch[at] as number,
    individual: individual[at] as number,
  }));
}

/** `rows`: those that were merged, for the longest delay, which no quantile may pass. */
export function quantilesOf(merged: Uint8Array, rows: readonly Pick<DelayRow, 'maxDelaySeconds'>[]): DelayQuantiles {
  const [count = 0] = countsUpTo(merged, []);
  const longest = rows.reduce((most, { maxDelaySeconds }) => Math.max(most, maxDelaySeconds), 0);
  const at = (q: number): number | null => {
    const value = quantile(merged, q);
    return value === null ? null : Math.min(value, longest);
  };
  return {
    count,
    p50Seconds: at(0.5),
    p90Seconds: at(0.9),
    p99Seconds: at(0.99),
    maxSeconds: count === 0 ? null : longest,
  };
}
