import { localDay, momentOf } from '../lib/zonedTime.ts';
import type { ChatSettings } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** Where the clock leaps, a day may have none; two such days in a row are not known. */
const DAYS_AHEAD = 4;

/**
 * The present or the next stretch of a chat's quiet hours; null without any. They begin every local day at the same wall
 * time and may end on the next; equal minutes are the whole day. What a leap of the clock swallows is left out.
 */
export function quietStretch(
  { quiet, timeZone }: Pick<ChatSettings, 'quiet' | 'timeZone'>,
  nowMs: number,
): { fromMs: number; toMs: number } | null {
  if (quiet === null) return null;
  const today = localDay(nowMs, timeZone);
  const pastMidnight = quiet.toMinute <= quiet.fromMinute ? DAY_MS : 0;
  for (let ahead = -1; ahead <= DAYS_AHEAD; ahead += 1) {
    const day = today + ahead * DAY_MS;
    const fromMs = momentOf(day, quiet.fromMinute, timeZone);
    const toMs = momentOf(day + pastMidnight, quiet.toMinute, timeZone);
    if (fromMs < toMs && toMs > nowMs) return { fromMs, toMs };
  }
  return null;
}
