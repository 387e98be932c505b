import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DelayRow, delayBuckets, delayOf, delayTrend } from '../../src/insight/proofDelay.ts';
import { defaultProofThresholds, proofLabel } from '../../src/insight/proofLabels.ts';
import { addValues, MAX_RELATIVE_ERROR } from '../../src/lib/histogram.ts';
import type { ProofMode } from '../../src/lib/proofFacts.ts';

const row = (mode: ProofMode, hour: number, delays: number[]): DelayRow => ({
  hour,
  mode,
  delays: delays.length === 0 ? null : addValues(null, delays),
  maxDelaySeconds: Math.max(0, ...delays),
  clamped: delays.filter((delay) => delay === 0).length,
});

const EMPTY = { count: 0, p50Seconds: null, p90Seconds: null, p99Seconds: null, maxSeconds: null };

const anyRows = fc.array(
  fc.record({
    mode: fc.constantFrom<ProofMode>('batch', 'individual'),
    hour: fc.integer({ min: 0, max: 30 }),
    delays: fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 30 }),
  }),
  { maxLength: 20 },
);

test('nothing known is null, never zero', () => {
  expect(delayOf([], defaultProofThresholds)).toEqual({
    batch: { ...EMPTY, clamped: 0, labels: null },
    individual: { ...EMPTY, clamped: 0, labels: null },
  });
  expect(delayTrend([], 5, 6, 1)).toEqual([
    { fromSeconds: 18_000, batch: EMPTY, individual: EMPTY },
    { fromSeconds: 21_600, batch: EMPTY, individual: EMPTY },
  ]);
  expect(delayOf([row('batch', 1, [])], defaultProofThresholds).batch.p50Seconds).toBe(null);
});

test('modes are kept apart, and a delay of nothing is 0 s', () => {
  const found = delayOf([row('batch', 1, [0, 0]), row('individual', 1, [100_000])], defaultProofThresholds);
  expect(found.batch).toMatchObject({ count: 2, p50Seconds: 0, maxSeconds: 0, clamped: 2 });
  // The histogram ends at 60,000 s; the longest does not.
  expect(found.individual).toMatchObject({ count: 1, maxSeconds: 100_000, labels: { normal: 0, slow: 0, overdue: 1 } });
});

test('quantiles are within the error of the histogram, labels add up to 1, and the order of rows is irrelevant', () => {
  fc.assert(
    fc.property(anyRows, (inputs) => {
      const rows = inputs.map(({ mode, hour, delays }) => row(mode, hour, delays));
      const found = delayOf(rows, defaultProofThresholds);
      for (const mode of ['batch', 'individual'] as const) {
        const all = inputs.flatMap((input) => (input.mode === mode ? input.delays : [])).sort((a, b) => a - b);
        expect(found[mode].count).toBe(all.length);
        if (all.length === 0) continue;
        for (const [q, value] of [
          [0.5, found[mode].p50Seconds],
          [0.9, found[mode].p90Seconds],
          [0.99, found[mode].p99Seconds],
        ] as const) {
          const exact = all[Math.max(1, Math.ceil(q * all.length)) - 1] as number;
          expect(Math.abs((value as number) - exact)).toBeLessThanOrEqual(
            Math.max(1.03, exact * MAX_RELATIVE_ERROR * 1.01),
          );
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(found[mode].maxSeconds).toBe(all.at(-1));
        const labels = found[mode].labels as NonNullable<(typeof found)['batch']['labels']>;
        expect(labels.normal + labels.slow + labels.overdue).toBeCloseTo(1);
        const overdue = all.filter((delay) => proofLabel(mode, delay, true, defaultProofThresholds) === 'overdue');
        const edge = mode === 'batch' ? 1_800 : 600;
        const near = all.filter((delay) => Math.abs(delay - edge) <= edge * 0.04).length;
        expect(Math.abs(labels.overdue * all.length - overdue.length)).toBeLessThanOrEqual(near + 1e-6);
      }
      expect(delayOf(rows.toReversed(), defaultProofThresholds)).toEqual(found);
    }),
  );
});

test('the trend has every step of the window once, and every case within it', () => {
  fc.assert(
    fc.property(anyRows, fc.integer({ min: 1, max: 7 }), (inputs, stepHours) => {
      const rows = inputs.map(({ mode, hour, delays }) => row(mode, hour, delays));
      const steps = delayTrend(rows, 3, 20, stepHours);
      expect(steps.map(({ fromSeconds }) => fromSeconds)).toEqual(
        Array.from({ length: Math.ceil(18 / stepHours) }, (_, at) => (3 + at * stepHours) * 3_600),
      );
      const cases = inputs
        .filter(({ hour, mode }) => mode === 'batch' && hour >= 3 && hour <= 20)
        .reduce((sum, { delays }) => sum + delays.length, 0);
      expect(steps.reduce((sum, { batch }) => sum + batch.count, 0)).toBe(cases);
    }),
  );
});

test('the distribution: eight buckets, each case in one', () => {
  const buckets = delayBuckets([
    row('batch', 1, [10, 100, 200, 500, 900, 1_500, 3_000, 9_000]),
    row('individual', 1, [20]),
  ]);
  expect(buckets.map(({ label }) => label)).toEqual([
    '≤ 1 min',
    '≤ 2 min',
    '≤ 5 min',
    '≤ 10 min',
    '≤ 16 min',
    '≤ 30 min',
    '≤ 60 min',
    '> 60 min',
  ]);
  expect(buckets.map(({ batch }) => batch)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  expect(buckets.map(({ individual }) => individual)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  expect(buckets.at(-1)?.upToSeconds).toBe(null);
});
