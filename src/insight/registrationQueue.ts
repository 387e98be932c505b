/** When a registration counts as late. */
export interface ModelThresholds {
  lateSeconds: number;
  lateCriticalSeconds: number;
}

export const defaultModelThresholds: ModelThresholds = { lateSeconds: 1_800, lateCriticalSeconds: 7_200 };

/** Below this many cases a wait is not projected. */
export const MIN_CASES = 5;
/** From this many cases of the last week on, their p95 is when a registration is late. */
const P95_CASES = 20;

export interface QueueInput {
  nowMs: number;
  waiting: readonly { storedAtMs: number }[];
  waitingCount: number;
  /** Of the last 7 days: both ends seen by Assay. */
  waits: readonly { seconds: number; storedAtMs: number; listedAtMs: number }[];
  /** Index 0: the last hour. */
  arrivalsPerHour: readonly number[];
  listingsPerHour: readonly number[];
}

export interface QueueFindings {
  count: number;
  oldestSeconds: number | null;
  /** Of the waits that ended within 7 days, and how many those are. */
  cases: number;
  medianSeconds: number | null;
  p90Seconds: number | null;
  p95Seconds: number | null;
  /** An hour, over the hours given (24), and in the last of them; null without any. */
  arrivalsPerHour: number | null;
  listingsPerHour: number | null;
  arrivalsLastHour: number | null;
  listingsLastHour: number | null;
  /** How many were listed at the same look of Assay: median and largest; null below 5 cases. */
  batch: { median: number; largest: number } | null;
  /** Share (0..1) of neighbouring pairs, ordered by stored time, that were listed in that order; null below 5 cases, or where all were stored at once. */
  orderKept: number | null;
  /** What the data says: null where it says nothing (below 5 cases; those that wait count as cases of `stuck`). */
  pattern: 'one by one' | 'in batches' | 'stuck' | null;
  /** Little's law: waiting / listings per second; null below 5 cases or without listings. */
  projectedWaitSeconds: number | null;
  /** Arrivals above listings in the last hour, with something waiting. */
  growing: boolean;
}

/** After how many seconds a registration is late: p95 of the past week where there are enough cases, else as configured. */
export interface Lateness {
  warnSeconds: number;
  criticalSeconds: number;
  /** 20 or more cases: their p95 counts. */
  from: 'past week' | 'default';
  cases: number;
}

const MIN_LATE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/**
 * How the queue of uploads that are not listed yet moves, from what Assay saw. Pure; the order of waits does not matter. A clock that
 * was set back counts as no time at all, never as a negative one.
 */
export function judgeQueue(input: QueueInput): QueueFindings {
  const { nowMs, waiting, waits } = input;
  const seconds = waits.map((wait) => Math.max(0, wait.seconds)).sort((a, b) => a - b);
  const count = Math.max(input.waitingCount, waiting.length);
  const oldest = waiting.reduce((least, { storedAtMs }) => Math.min(least, storedAtMs), Number.POSITIVE_INFINITY);
  const oldestSeconds = waiting.length === 0 ? null : Math.max(0, (nowMs - oldest) / 1000);
  const listingsPerHour = mean(input.listingsPerHour);
  const arrivalsLastHour = input.arrivalsPerHour[0] ?? null;
  const listingsLastHour = input.listingsPerHour[0] ?? null;
  const looks = waits.length < MIN_CASES ? null : lookSizes(waits);
  const p95Seconds = nearestRank(seconds, 0.95);
  return {
    count,
    oldestSeconds,
    cases: waits.length,
    medianSeconds: nearestRank(seconds, 0.5),
    p90Seconds: nearestRank(seconds, 0.9),
    p95Seconds,
    arrivalsPerHour: mean(input.arrivalsPerHour),
    listingsPerHour,
    arrivalsLastHour,
    listingsLastHour,
    batch: looks && { median: nearestRank(looks, 0.5) as number, largest: looks.at(-1) as number },
    orderKept: waits.length < MIN_CASES ? null : shareInOrder(waits),
    pattern: isStuck(count, oldestSeconds, p95Seconds, input) ? 'stuck' : looks && listedAs(looks),
    projectedWaitSeconds:
      waits.length < MIN_CASES || listingsPerHour === null || listingsPerHour === 0
        ? null
        : (count / listingsPerHour) * HOUR_SECONDS,
    growing: count > 0 && arrivalsLastHour !== null && listingsLastHour !== null && arrivalsLastHour > listingsLastHour,
  };
}

/** When a registration is late. `waits`: of the past week. The past week's p95 counts as a minute at least; critical is at least twice as late. */
export function latenessOf(waits: readonly { seconds: number }[], thresholds: ModelThresholds): Lateness {
  const seconds = waits.map((wait) => Math.max(0, wait.seconds)).sort((a, b) => a - b);
  const enough = seconds.length >= P95_CASES;
  const usual = enough ? (nearestRank(seconds, 0.95) as number) : thresholds.lateSeconds;
  const warnSeconds = enough ? Math.max(MIN_LATE_SECONDS, Math.ceil(usual)) : thresholds.lateSeconds;
  return {
    warnSeconds,
    criticalSeconds: Math.max(2 * warnSeconds, thresholds.lateCriticalSeconds),
    from: enough ? 'past week' : 'default',
    cases: seconds.length,
  };
}

/** The q-quantile of ascending values, by nearest rank; null when there are none. */
function nearestRank(ascending: readonly number[], q: number): number | null {
  return ascending[Math.max(1, Math.ceil(q * ascending.length)) - 1] ?? null;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** How many were listed at each look, ascending. */
const lookSizes = (waits: QueueInput['waits']): number[] =>
  [...Map.groupBy(waits, ({ listedAtMs }) => listedAtMs).values()].map((group) => group.length).sort((a, b) => a - b);

/** By what happened to most of them: listed alone, or with others. */
function listedAs(looks: readonly number[]): 'one by one' | 'in batches' {
  const cases = looks.reduce((sum, size) => sum + size, 0);
  const together = looks.reduce((sum, size) => sum + (size > 1 ? size : 0), 0);
  return together * 2 > cases ? 'in batches' : 'one by one';
}

/** Those stored at the same moment have no order to keep. */
function shareInOrder(waits: QueueInput['waits']): number | null {
  const ordered = waits.toSorted((a, b) => a.storedAtMs - b.storedAtMs || a.listedAtMs - b.listedAtMs);
  let pairs = 0;
  let kept = 0;
  for (const [at, later] of ordered.entries()) {
    const earlier = ordered[at - 1];
    if (earlier === undefined || earlier.storedAtMs === later.storedAtMs) continue;
    pairs += 1;
    if (earlier.listedAtMs <= later.listedAtMs) kept += 1;
  }
  return pairs === 0 ? null : kept / pairs;
}

/** Nothing was listed for two hours, and the oldest waits longer than 95 % did, two hours at the least. */
function isStuck(
  count: number,
  oldestSeconds: number | null,
  p95Seconds: number | null,
  { waits, listingsPerHour }: QueueInput,
): boolean {
  if (oldestSeconds === null || count + waits.length < MIN_CASES || listingsPerHour.length === 0) return false;
  const recent = (listingsPerHour[0] as number) + (listingsPerHour[1] ?? 0);
  return recent === 0 && oldestSeconds > Math.max(2 * HOUR_SECONDS, p95Seconds ?? 0);
}
