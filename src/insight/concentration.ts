import type { NakamotoThreshold, SetMetrics } from '../lib/influence.ts';
import { lightestFirst } from './sortWeights.ts';

/** Bits behind the point of a share that is made a float, once, at the end. */
const SHARE_BITS = 64n;
/** Above so many bits a whole number is no float any more; both sides of a share lose the same bits then. */
const FLOAT_BITS = 1_000;

const THIRD = { num: 1, den: 3, strict: true };
const HALF = { num: 1, den: 2, strict: true };
const TWO_THIRDS = { num: 2, den: 3, strict: true };

/**
 * All metrics of a set of weights, in any order; zero weights are left out, negative ones throw RangeError. Without any: count 0, no
 * values. Sums and comparisons are of whole numbers; a float is made of each result at the end (of Theil and entropy, of each share:
 * there are logarithms in them). Nakamoto's are strict: the share of the fewest is more than the threshold. Definitions:
 * metricDefinitions.ts.
 */
export function metricsOf(weights: readonly bigint[]): SetMetrics {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('a weight is below zero');
  const sorted = lightestFirst(weights.filter((weight) => weight > 0n));
  const count = sorted.length;
  if (count === 0) return NOTHING;
  let total = 0n;
  let sumOfSums = 0n;
  let squares = 0n;
  for (const weight of sorted) {
    total += weight;
    sumOfSums += total;
    squares += weight * weight;
  }
  const heaviest = sorted.reverse();
  const theil = theilOf(heaviest, total);
  const top = (entities: number) => shareOf(sumOf(heaviest.slice(0, entities)), total);
  return {
    count,
    total: total.toString(),
    nakamotoThird: fewestPassing(heaviest, total, THIRD),
    nakamotoHalf: fewestPassing(heaviest, total, HALF),
    nakamotoTwoThirds: fewestPassing(heaviest, total, TWO_THIRDS),
    // The same as sum((2i - n - 1) x_i) / (n sum x), lightest first, with sums of sums for the products.
    gini: shareOf(BigInt(count + 1) * total - 2n * sumOfSums, BigInt(count) * total),
    hhi: shareOf(10_000n * squares, total * total),
    effective: shareOf(total * total, squares),
    theil,
    entropy: count === 1 ? null : 1 - theil / Math.log(count),
    top1: top(1),
    top5: top(5),
    top10: top(10),
  };
}

/** Shannon's entropy of the shares, in bits; null for an empty set. Of one entity it is 0. */
export function shannonBitsOf({ count, entropy }: Pick<SetMetrics, 'count' | 'entropy'>): number | null {
  if (count === 0) return null;
  return (entropy ?? 0) * Math.log2(count);
}

/**
 * Fewest entities whose share passes the threshold; null for an empty set, and when all of them together do not pass it (more than
 * the whole). `weights`: heaviest first. A threshold that is not above 0 and at most 1 throws RangeError.
 */
export function nakamotoOf(weights: readonly bigint[], threshold: NakamotoThreshold): number | null {
  const { num, den } = threshold;
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den) || num <= 0 || den < num)
    throw new RangeError(`no share: ${num}/${den}`);
  return fewestPassing(weights, sumOf(weights), threshold);
}

/** Points of the Lorenz curve, poorest first, from [0, 0] to [1, 1]: share of entities, share of weight; at most `points` + 1. */
export function lorenzOf(weights: readonly bigint[], points: number): [number, number][] {
  const sorted = lightestFirst(weights.filter((weight) => weight > 0n));
  const total = sumOf(sorted);
  if (total === 0n) return [];
  const steps = Math.max(1, Math.min(points, sorted.length));
  const curve: [number, number][] = [[0, 0]];
  let counted = 0;
  let sum = 0n;
  for (let step = 1; step <= steps; step += 1) {
    const until = Math.round((step * sorted.length) / steps);
    for (; counted < until; counted += 1) sum += sorted[counted] as bigint;
    curve.push([counted / sorted.length, shareOf(sum, total)]);
  }
  return curve;
}

const NOTHING: SetMetrics = {
  count: 0,
  total: '0',
  nakamotoThird: null,
  nakamotoHalf: null,
  nakamotoTwoThirds: null,
  gini: null,
  hhi: null,
  effective: null,
  theil: null,
  entropy: null,
  top1: null,
  top5: null,
  top10: null,
};

/** sum * den > num * total, told as sum > floor(num * total / den): whole numbers on both sides. At least: not below its ceiling. */
function fewestPassing(heaviest: readonly bigint[], total: bigint, { num, den, strict }: NakamotoThreshold) {
  const product = BigInt(num) * total;
  const needed = strict ? product / BigInt(den) + 1n : (product + BigInt(den) - 1n) / BigInt(den);
  let sum = 0n;
  for (let index = 0; index < heaviest.length; index += 1) {
    sum += heaviest[index] as bigint;
    if (sum >= needed && sum > 0n) return index + 1;
  }
  return null;
}

/** T = sum(p ln(n p)), natural logarithm: ln n without the entropy in nats. 0 to ln n. */
function theilOf(heaviest: readonly bigint[], total: bigint): number {
  const count = heaviest.length;
  const excess = BigInt(Math.max(0, bitsOf(total) - FLOAT_BITS));
  const whole = Number(total >> excess);
  let sum = 0;
  for (const weight of heaviest) {
    const share = Number(excess === 0n ? weight : weight >> excess) / whole;
    if (share > 0) sum += share * Math.log(share * count);
  }
  return Math.min(Math.log(count), Math.max(0, sum));
}

const bitsOf = (value: bigint): number => value.toString(16).length * 4;

const sumOf = (weights: readonly bigint[]): bigint => {
  let sum = 0n;
  for (const weight of weights) sum += weight;
  return sum;
};

/** One division, rounded down at 64 bits behind the point. */
const shareOf = (part: bigint, whole: bigint): number =>
  Number((part << SHARE_BITS) / whole) / Number(1n << SHARE_BITS);
