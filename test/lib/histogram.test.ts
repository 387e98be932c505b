import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addValue, MAX_RELATIVE_ERROR, mergeHistograms, quantile } from '../../src/lib/histogram.ts';

const of = (values: readonly number[]): Uint8Array =>
  values.reduce<Uint8Array>((histogram, value) => addValue(histogram, value), new Uint8Array());

/** Nearest rank, on the values themselves. */
const exact = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1] ?? Number.NaN;

const latency = fc.double({ min: 1, max: 60_000, noNaN: true });
const latencies = fc.array(latency, { minLength: 1, maxLength: 120 });

test('nothing has no quantile, and one value is every quantile', () => {
  expect(quantile(null, 0.5)).toBeNull();
  expect(quantile(new Uint8Array(), 0.95)).toBeNull();
  for (const q of [0, 0.5, 0.95, 1]) expect(Math.abs((quantile(of([250]), q) ?? 0) / 250 - 1)).toBeLessThan(0.02);
});

test('what is not a number is left out; what is out of range counts at the edge', () => {
  expect(quantile(of([Number.NaN, Number.POSITIVE_INFINITY]), 0.5)).toBeNull();
  expect(quantile(of([-5, 0, 0.2]), 0.5)).toBeLessThan(1.05);
  const edge = quantile(of([1e12]), 0.5) ?? 0;
  expect(edge / 60_000).toBeGreaterThan(0.98);
  expect(edge / 60_000).toBeLessThan(1.05);
});

describe('laws', () => {
  test('p50 and p95 are within 2 % of the exact ones between 1 ms and 60 s', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.95, 0, 1), (values, q) => {
        const error = (quantile(of(values), q) ?? Number.NaN) / exact(values, q) - 1;
        expect(Math.abs(error)).toBeLessThanOrEqual(MAX_RELATIVE_ERROR);
      }),
      { numRuns: 500 },
    );
  });

  test('histograms of hours put together are the histogram of the day', () => {
    fc.assert(
      fc.property(fc.array(fc.array(latency, { maxLength: 20 }), { maxLength: 6 }), (hours) => {
        expect(mergeHistograms([null, ...hours.map(of)])).toEqual(of(hours.flat()));
        expect(mergeHistograms(hours.map(of).reverse())).toEqual(of(hours.flat().reverse()));
      }),
    );
  });

  test('an hour of probes takes few bytes', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 60 }), (values) => {
        expect(of(values).length).toBeLessThanOrEqual(3 * Math.max(1, values.length));
      }),
    );
  });

  test('damaged bytes end in some answer, at once', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.nat(400).map((length) => new Uint8Array(length).fill(0xff)),
    );
    fc.assert(
      fc.property(bytes, latencies, (damaged, values) => {
        const after = quantile(addValue(mergeHistograms([damaged]), values[0] ?? 1), 0.5) ?? Number.NaN;
        expect(after).toBeGreaterThanOrEqual(1);
        expect(after).toBeLessThan(70_000);
        const cut = of(values);
        const half = quantile(cut.subarray(0, Math.floor(cut.length / 2)), 0.5);
        if (half !== null) expect(half).toBeLessThan(70_000);
      }),
      { numRuns: 500 },
    );
  });
});
