/** A time that is looked at, by chain time, unix seconds. */
export interface Window {
  fromSeconds: number;
  /** Up to where settlements are known: the newest chain time. */
  toSeconds: number;
  /** Since when settlements are known; null: since the first of them in the rows. */
  knownFromSeconds: number | null;
}

/** One UTC day as the facilitator counts it. */
export interface DayRequests {
  /** YYYY-MM-DD. */
  day: string;
  requests: number;
  readAtMs: number;
}

/** What the facilitator counted against what was settled, on whole UTC days that both cover. */
export interface UnsettledShare {
  /** (requests - settled) / requests, 0..1; null where it cannot be known. */
  share: number | null;
  /** Why it is null, one clause; empty otherwise. */
  reason: string;
  days: number;
  requests: number;
  settled: number;
}

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** The facilitator and the chain draw the line between two days differently: by so much more settled than counted is no contradiction. */
const DAY_EDGE = 0.05;

/**
 * Of what the facilitator counted, how much nobody settled: over whole UTC days that are within the window, were read after they
 * ended, and lie after settlements began to be known. `rows`: hours of the network.
 */
export function unsettledShare(
  rows: readonly { hour: number; settled: number }[],
  usageDays: readonly DayRequests[],
  window: Window,
): UnsettledShare {
  const known = knownTime(rows, window);
  const counted = new Map(
    usageDays
      .filter(({ day, readAtMs }) => {
        const from = Date.parse(`${day}T00:00:00Z`) / 1000;
        const to = from + DAY_SECONDS;
        return known !== null && from >= known.fromSeconds && to <= known.toSeconds && readAtMs >= to * 1000;
      })
      .map(({ day, requests }) => [Math.floor(Date.parse(`${day}T00:00:00Z`) / 1000 / DAY_SECONDS), requests]),
  );
  let settled = 0;
  for (const row of rows) if (counted.has(Math.floor(row.hour / 24))) settled += row.settled;
  const requests = [...counted.values()].reduce((sum, value) => sum + value, 0);
  const sums = { days: counted.size, requests, settled };
  const unknown = (reason: string): UnsettledShare => ({ share: null, reason, ...sums });
  if (usageDays.length === 0) return unknown('the facilitator’s count of requests is not known');
  if (counted.size === 0) return unknown('no whole UTC day of this time is known from both sides');
  if (requests === 0) return unknown('the facilitator counted no request');
  if (settled > requests * (1 + DAY_EDGE)) {
    return unknown('more was settled than the facilitator counted: it does not see all of it');
  }
  return { share: Math.max(0, (requests - settled) / requests), reason: '', ...sums };
}

/**
 * The part of a window of which settlements are known, from the start of its first hour; null when none is. Where nobody says since
 * when they are known, it is since the first hour of the rows.
 */
export function knownTime(
  rows: readonly { hour: number }[],
  { fromSeconds, toSeconds, knownFromSeconds }: Window,
): { fromSeconds: number; toSeconds: number } | null {
  const firstHour = rows.reduce((least, { hour }) => Math.min(least, hour), Number.POSITIVE_INFINITY);
  const since = knownFromSeconds ?? firstHour * HOUR_SECONDS;
  const from = Math.max(Math.floor(fromSeconds / HOUR_SECONDS) * HOUR_SECONDS, since);
  return from < toSeconds ? { fromSeconds: from, toSeconds } : null;
}
