import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lorenzOf, metricsOf, nakamotoOf, shannonBitsOf } from '../../src/insight/concentration.ts';
import { METRIC_DEFINITIONS } from '../../src/insight/metricDefinitions.ts';
import { lightestFirst } from '../../src/insight/sortWeights.ts';

const big = (...weights: number[]): bigint[] => weights.map(BigInt);
const heaviestFirst = (weights: readonly bigint[]): bigint[] => lightestFirst(weights).reverse();

const HALF = { num: 1, den: 2 };
const strictly = { ...HALF, strict: true };
const atLeast = { ...HALF, strict: false };

/** Zeros, small ones, ones that share a float, and ones above 64 bits. */
const weight = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 1n, max: 20n }),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 60n + 300n }),
  fc.bigInt({ min: 0n, max: 10n ** 30n }),
);
const weights = fc.array(weight, { maxLength: 40 });
const someWeights = weights.filter((list) => list.some((one) => one > 0n));

test('published vectors (bedrock.md section 6)', () => {
  const first = metricsOf(big(3, 2, 1));
  expect(first.gini).toBeCloseTo(0.22222, 5);
  expect(nakamotoOf(big(3, 2, 1), atLeast)).toBe(1);
  expect(nakamotoOf(big(3, 2, 1), strictly)).toBe(2);
  expect(first.nakamotoHalf).toBe(2);
  expect(Math.round(first.hhi as number)).toBe(3889);
  expect(shannonBitsOf(first)).toBeCloseTo(1.459, 3);
  expect(first.theil).toBeCloseTo(0.087, 3);

  expect(metricsOf(big(4, 2, 2, 1)).gini).toBe(0.25);
  expect(nakamotoOf(big(4, 2, 2, 1), atLeast)).toBe(2);

  const equal = metricsOf(big(1, 1, 1));
  expect(equal).toMatchObject({ gini: 0, nakamotoHalf: 2 });
  expect(Math.round(equal.hhi as number)).toBe(3333);
  expect(shannonBitsOf(equal)).toBeCloseTo(1.585, 3);
  expect(equal.entropy).toBeCloseTo(1, 12);

  expect(metricsOf(big(30, 30, 20, 20)).hhi).toBe(2600);
});

test('nothing, or only zeros, has no value: never 0 and never NaN', () => {
  for (const list of [[], [0n, 0n]]) {
    const { count, total, ...values } = metricsOf(list);
    expect([count, total]).toEqual([0, '0']);
    expect(new Set(Object.values(values))).toEqual(new Set([null]));
    expect(shannonBitsOf({ count, entropy: null })).toBe(null);
    expect(nakamotoOf(list, strictly)).toBe(null);
    expect(lorenzOf(list, 10)).toEqual([]);
  }
});

test('one entity decides everything', () => {
  expect(metricsOf([7n, 0n])).toEqual({
    count: 1,
    total: '7',
    nakamotoThird: 1,
    nakamotoHalf: 1,
    nakamotoTwoThirds: 1,
    gini: 0,
    hhi: 10_000,
    effective: 1,
    theil: 0,
    entropy: null,
    top1: 1,
    top5: 1,
    top10: 1,
  });
  expect(shannonBitsOf({ count: 1, entropy: null })).toBe(0);
});

test('exactly one third is not more than one third', () => {
  expect(metricsOf(big(1, 1, 1))).toMatchObject({ nakamotoThird: 2, nakamotoTwoThirds: 3 });
  expect(nakamotoOf(big(1, 1, 1), { num: 1, den: 3, strict: false })).toBe(1);
  const wei = 10n ** 27n;
  expect(metricsOf([wei + 1n, wei, wei]).nakamotoThird, 'a single wei decides').toBe(1);
});

test('all of them together are not more than the whole; what is no share is refused', () => {
  expect(nakamotoOf(big(2, 1), { num: 1, den: 1, strict: true })).toBe(null);
  expect(nakamotoOf(big(2, 1), { num: 1, den: 1, strict: false })).toBe(2);
  for (const [num, den] of [
    [0, 2],
    [3, 2],
    [-1, 2],
    [0.5, 1],
    [1, 0],
  ] as const)
    expect(() => nakamotoOf(big(2, 1), { num, den, strict: true })).toThrow(RangeError);
  expect(() => metricsOf([1n, -1n])).toThrow(RangeError);
});

/** Straight from the definitions, in whole numbers until the last division; slow, and plain. */
function slowly(list: readonly bigint[]) {
  const sorted = list.filter((one) => one > 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const total = sorted.reduce((sum, one) => sum + one, 0n);
  const ratio = (part: bigint, whole: bigint) => Number((part * 10n ** 15n) / whole) / 1e15;
  const n = BigInt(sorted.length);
  const signed = sorted.reduce((sum, one, index) => sum + (2n * BigInt(index + 1) - n - 1n) * one, 0n);
  const pairs = sorted.flatMap((a) => sorted.map((b) => (a > b ? a - b : b - a))).reduce((sum, gap) => sum + gap, 0n);
  const fewest = (num: bigint, den: bigint, strict: boolean) => {
    for (let size = 1; size <= sorted.length; size += 1) {
      const sum = sorted.slice(-size).reduce((all, one) => all + one, 0n);
      if (strict ? sum * den > num * total : sum * den >= num * total) return size;
    }
    return null;
  };
  const shares = sorted.map((one) => Number(one) / Number(total));
  const bits = -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
  return {
    total,
    fewest,
    gini: ratio(signed, n * total),
    giniOfPairs: ratio(pairs, 2n * n * total),
    hhi: sorted.reduce((sum, one) => sum + ratio(one * one * 10_000n, total * total), 0),
    bits,
    theil: Math.log(sorted.length) - bits * Math.LN2,
    top: (count: number) =>
      ratio(
        sorted.slice(-count).reduce((all, one) => all + one, 0n),
        total,
      ),
  };
}

test('the same as the definitions, counted slowly', () => {
  fc.assert(
    fc.property(someWeights, (list) => {
      const fast = metricsOf(list);
      const slow = slowly(list);
      expect(fast.total).toBe(slow.total.toString());
      expect(fast.nakamotoThird).toBe(slow.fewest(1n, 3n, true));
      expect(fast.nakamotoHalf).toBe(slow.fewest(1n, 2n, true));
      expect(fast.nakamotoTwoThirds).toBe(slow.fewest(2n, 3n, true));
      expect(fast.gini).toBeCloseTo(slow.gini, 12);
      expect(fast.gini).toBeCloseTo(slow.giniOfPairs, 12);
      expect(fast.hhi).toBeCloseTo(slow.hhi, 8);
      expect((fast.effective as number) * (fast.hhi as number)).toBeCloseTo(10_000, 6);
      expect(fast.theil).toBeCloseTo(slow.theil, 9);
      expect(shannonBitsOf(fast)).toBeCloseTo(slow.bits, 9);
      expect([fast.top1, fast.top5, fast.top10]).toEqual(
        [1, 5, 10].map((count) => expect.closeTo(slow.top(count), 12)),
      );
    }),
  );
});

test.each([false, true])('Nakamoto for any threshold is what slow counting finds (strict: %s)', (strict) => {
  fc.assert(
    fc.property(someWeights, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 100 }), (list, num, more) => {
      const threshold = { num, den: num + more, strict };
      const found = nakamotoOf(heaviestFirst(list), threshold);
      expect(found).toBe(slowly(list).fewest(BigInt(num), BigInt(num + more), strict));
    }),
  );
});

test('a million weights are sorted as comparing would sort them', () => {
  fc.assert(
    fc.property(fc.array(weight, { minLength: 2_000, maxLength: 2_500 }), (list) => {
      expect(lightestFirst(list)).toEqual([...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }),
    { numRuns: 20 },
  );
});

test('the order does not matter, and neither do zeros', () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 5 }), (list, zeros) => {
      const other = [...list].reverse().concat(new Array<bigint>(zeros).fill(0n));
      expect(metricsOf(other)).toEqual(metricsOf(list));
    }),
  );
});

test('the unit does not matter', () => {
  fc.assert(
    fc.property(someWeights, fc.bigInt({ min: 2n, max: 10n ** 18n }), (list, times) => {
      const { total: _, theil, entropy, ...exact } = metricsOf(list);
      const scaled = metricsOf(list.map((one) => one * times));
      expect(scaled).toMatchObject(exact);
      expect(scaled.theil).toBeCloseTo(theil as number, 9);
      if (entropy !== null) expect(scaled.entropy).toBeCloseTo(entropy, 9);
    }),
  );
});

test('bounds: Gini in [0, (n-1)/n], HHI in [10,000/n, 10,000], Theil in [0, ln n], entropy in [0, 1]', () => {
  fc.assert(
    fc.property(someWeights, (list) => {
      const { count: n, gini, hhi, theil, entropy, effective } = metricsOf(list);
      const within = (value: number | null, low: number, high: number) => {
        expect(value).toBeGreaterThanOrEqual(low - 1e-9);
        expect(value).toBeLessThanOrEqual(high + 1e-9);
      };
      within(gini, 0, (n - 1) / n);
      within(hhi, 10_000 / n, 10_000);
      within(effective, 1, n);
      within(theil, 0, Math.log(n));
      if (n > 1) within(entropy, 0, 1);
    }),
  );
});

test('two that become one never lower HHI, nor raise Nakamoto', () => {
  fc.assert(
    fc.property(
      fc.array(
        weight.filter((one) => one > 0n),
        { minLength: 2, maxLength: 30 },
      ),
      (list) => {
        const [a, b, ...rest] = list as [bigint, bigint, ...bigint[]];
        const [apart, merged] = [metricsOf(list), metricsOf([a + b, ...rest])];
        expect(merged.hhi).toBeGreaterThanOrEqual(apart.hhi as number);
        for (const key of ['nakamotoThird', 'nakamotoHalf', 'nakamotoTwoThirds'] as const)
          expect(merged[key]).toBeLessThanOrEqual(apart[key] as number);
      },
    ),
  );
});

test('Nakamoto rises with the threshold, and strict is never below at-least', () => {
  fc.assert(
    fc.property(someWeights, fc.integer({ min: 1, max: 99 }), (list, num) => {
      const sorted = heaviestFirst(list);
      const at = (part: number, strict: boolean) => nakamotoOf(sorted, { num: part, den: 100, strict }) as number;
      expect(at(num, false)).toBeLessThanOrEqual(at(num, true));
      if (num < 99) expect(at(num, true)).toBeLessThanOrEqual(at(num + 1, true));
    }),
  );
});

test('weights too large for a float still have all metrics', () => {
  const huge = 10n ** 400n;
  expect(metricsOf([3n * huge, 2n * huge, huge])).toMatchObject({
    nakamotoHalf: 2,
    theil: expect.closeTo(0.087, 3),
    hhi: expect.closeTo(3888.889, 3),
    top1: 0.5,
  });
});

test('the Lorenz curve is of the poorest first, from nothing to all', () => {
  expect(lorenzOf(big(3, 0, 1), 100)).toEqual([
    [0, 0],
    [0.5, 0.25],
    [1, 1],
  ]);
  fc.assert(
    fc.property(someWeights, fc.integer({ min: 1, max: 20 }), (list, points) => {
      const curve = lorenzOf(list, points);
      expect(curve.length).toBeLessThanOrEqual(points + 1);
      expect([curve[0], curve.at(-1)]).toEqual([
        [0, 0],
        [1, 1],
      ]);
      for (const [index, [x, y]] of curve.entries()) {
        expect(y).toBeLessThanOrEqual(x + 1e-12);
        if (index > 0) expect(x).toBeGreaterThan(curve[index - 1]?.[0] as number);
      }
    }),
  );
});

test('every metric has its definition, told once', () => {
  const keys = METRIC_DEFINITIONS.map(({ key }) => key).filter((key) => key !== 'shannon');
  expect([...keys].sort()).toEqual(Object.keys(metricsOf([])).sort());
});
