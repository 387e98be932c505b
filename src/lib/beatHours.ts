/** What one gap between two heartbeats adds to one hour of a node. hour = unix time / 3600. */
export interface BeatHour {
  hour: number;
  /** Seconds of this hour that lie within the gap. */
  coveredSeconds: number;
  /** Of those, how many the registry counted the node as active: up to `maxAgeSeconds` after the earlier beat. */
  activeSeconds: number;
}

const HOUR = 3600;

/**
 * Splits the time between two heartbeats over the hours it falls in. Pure. A beat that is not later than the one
 * before it adds nothing. A gap longer than `MAX_GAP_HOURS` is counted from its end backwards up to that limit,
 * so that one absurd timestamp cannot make a million rows.
 */
export function beatHours(fromSeconds: number, toSeconds: number, maxAgeSeconds: number): BeatHour[] {
  if (!(toSeconds > fromSeconds)) return [];
  const activeUntil = Math.min(toSeconds, fromSeconds + maxAgeSeconds);
  const start = Math.max(fromSeconds, toSeconds - MAX_GAP_HOURS * HOUR);
  const hours: BeatHour[] = [];
  for (let hour = Math.floor(start / HOUR); hour * HOUR < toSeconds; hour += 1) {
    const left = Math.max(start, hour * HOUR);
    const right = Math.min(toSeconds, (hour + 1) * HOUR);
    const activeSeconds = Math.max(0, Math.min(right, activeUntil) - left);
    hours.push({ hour, coveredSeconds: right - left, activeSeconds });
  }
  return hours;
}

/** 400 days, as long as roll-ups are kept. */
export const MAX_GAP_HOURS = 400 * 24;
