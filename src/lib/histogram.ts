/**
 * A histogram small enough to keep one per node and hour: of latencies in ms, or of delays in seconds. Buckets grow by
 * 4 % from 1 unit, so a quantile is within 2 % of the exact one between 1 and 60,000; below and above it is clamped.
 * Stored as pairs of unsigned LEB128 numbers: distance to the previous bucket, count.
 */

const GROWTH = 1.04;
const LOG_GROWTH = Math.log(GROWTH);
const MAX_BUCKET = Math.ceil(Math.log(60_000) / LOG_GROWTH);

export const MAX_RELATIVE_ERROR = 0.02;

type Counts = Map<number, number>;

const bucketOf = (value: number): number =>
  Math.min(MAX_BUCKET, Math.max(0, Math.floor(Math.log(Math.max(1, value)) / LOG_GROWTH)));

/** Middle of a bucket on the logarithmic scale. */
const middleOf = (bucket: number): number => GROWTH ** (bucket + 0.5);

/** The histogram with one more value; null counts as empty. A value that is not a number is left out. */
export function addValue(histogram: Uint8Array | null, value: number): Uint8Array {
  return addValues(histogram, [value]);
}

/** The histogram with many more. */
export function addValues(histogram: Uint8Array | null, values: Iterable<number>): Uint8Array {
  const counts = decode(histogram);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bucket = bucketOf(value);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return encode(counts);
}

/** All values of all histograms together. */
export function mergeHistograms(histograms: Iterable<Uint8Array | null>): Uint8Array {
  const sum: Counts = new Map();
  for (const histogram of histograms) {
    for (const [bucket, count] of decode(histogram)) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  }
  return encode(sum);
}

/** How many values lie at or below each limit (ascending), and above the last: by the middle of their bucket. */
export function countsUpTo(histogram: Uint8Array | null, limits: readonly number[]): number[] {
  const found = Array.from({ length: limits.length + 1 }, () => 0);
  for (const [bucket, count] of decode(histogram)) {
    const at = limits.findIndex((limit) => middleOf(bucket) <= limit);
    found[at === -1 ? limits.length : at] = (found[at === -1 ? limits.length : at] ?? 0) + count;
  }
  return found;
}

/** The q-quantile (0..1), by nearest rank, in the unit of the values; null when there are none. */
export function quantile(histogram: Uint8Array | null, q: number): number | null {
  const counts = [...decode(histogram)].sort(([a], [b]) => a - b);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const [bucket, count] of counts) {
    seen += count;
    if (seen >= rank) return middleOf(bucket);
  }
  return null;
}

function encode(counts: Counts): Uint8Array {
  const bytes: number[] = [];
  let previous = 0;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    push(bytes, bucket - previous);
    push(bytes, count);
    previous = bucket;
  }
  return Uint8Array.from(bytes);
}

function push(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** Bytes that are cut short, or that no histogram has, end it there instead of failing. */
function decode(histogram: Uint8Array | null): Counts {
  const counts: Counts = new Map();
  const bytes = histogram ?? new Uint8Array();
  let at = 0;
  const next = (): number | null => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 0x80) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return null;
  };
  for (let bucket = 0; ; ) {
    const step = next();
    const count = next();
    if (step === null || count === null) return counts;
    bucket += step;
    if (bucket > MAX_BUCKET || !Number.isSafeInteger(count)) return counts;
    counts.set(bucket, count);
  }
}
