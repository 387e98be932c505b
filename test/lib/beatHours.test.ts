import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beatHours, MAX_GAP_HOURS } from '../../src/lib/beatHours.ts';

const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);

test('a gap within an hour', () => {
  expect(beatHours(7_300, 8_200, 1_800)).toEqual([{ hour: 2, coveredSeconds: 900, activeSeconds: 900 }]);
});

test('a gap over the hour, longer than the limit: active first, then not', () => {
  // 3000 to 8400, active until 4800: 600 s of hour 0, 1200 s of hour 1, none of hour 2.
  expect(beatHours(3_000, 8_400, 1_800)).toEqual([
    { hour: 0, coveredSeconds: 600, activeSeconds: 600 },
    { hour: 1, coveredSeconds: 3_600, activeSeconds: 1_200 },
    { hour: 2, coveredSeconds: 1_200, activeSeconds: 0 },
  ]);
});

test('a beat exactly on the hour belongs to the hour before', () => {
  expect(beatHours(0, 3_600, 1_800)).toEqual([{ hour: 0, coveredSeconds: 3_600, activeSeconds: 1_800 }]);
});

test('a beat that is not later adds nothing, and neither does one that is no moment', () => {
  for (const [from, to] of [
    [5, 5],
    [6, 5],
    [Number.NaN, 5],
    [5, Number.NaN],
    [5, Number.POSITIVE_INFINITY],
  ] as const) {
    expect(beatHours(from, to, 1_800)).toEqual([]);
  }
});

test('one absurd timestamp makes 400 days of hours, not a million', () => {
  const hours = beatHours(0, 4e12, 1_800);
  expect(hours).toHaveLength(MAX_GAP_HOURS + 1);
  expect(sum(hours.map(({ coveredSeconds }) => coveredSeconds))).toBe(MAX_GAP_HOURS * 3_600);
  expect(sum(hours.map(({ activeSeconds }) => activeSeconds))).toBe(0);
});

const moment = fc.integer({ min: 1_700_000_000, max: 1_710_000_000 });

test('law: all of the gap is shared out, once, and active is what the limit allows of it', () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 3_000_000 }), fc.nat(100_000), (from, gap, limit) => {
      const hours = beatHours(from, from + gap, limit);
      expect(sum(hours.map(({ coveredSeconds }) => coveredSeconds))).toBe(gap);
      expect(sum(hours.map(({ activeSeconds }) => activeSeconds))).toBe(Math.min(gap, limit));
      for (const [at, { hour, coveredSeconds, activeSeconds }] of hours.entries()) {
        expect(hour).toBe(Math.floor(from / 3_600) + at);
        expect(coveredSeconds).toBeGreaterThan(0);
        expect(coveredSeconds).toBeLessThanOrEqual(3_600);
        expect(activeSeconds).toBeLessThanOrEqual(coveredSeconds);
      }
    }),
  );
});

test('law: beats in between never make a node look worse', () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: 2, max: 100_000 }), fc.integer({ min: 1, max: 99_999 }), (from, gap, at) => {
      const active = (start: number, end: number) => sum(beatHours(start, end, 1_800).map((one) => one.activeSeconds));
      const middle = from + Math.min(at, gap - 1);
      expect(active(from, middle) + active(middle, from + gap)).toBeGreaterThanOrEqual(active(from, from + gap));
    }),
  );
});
