import { Cron } from 'croner';
import type { ChatSettings, DigestEvery } from '../store/store.ts';

type Told = Exclude<DigestEvery, 'off'>;

/** What a digest looks back on. */
export const DIGEST_HOURS: Record<Told, number> = { hourly: 1, daily: 24, weekly: 168 };

/**
 * When a chat's next digest is due: later than now, at a whole hour, every day, or on Mondays, by its own clock. A time
 * that the clock leaps over is told at the leap, one that it shows twice only once. null: it wants none.
 */
export function nextDigest(
  { digest, digestMinute, timeZone }: Pick<ChatSettings, 'digest' | 'digestMinute' | 'timeZone'>,
  nowMs: number,
): number | null {
  if (digest === 'off') return null;
  const cron = new Cron(patternOf(digest, digestMinute), { timezone: timeZone, paused: true });
  return cron.nextRun(new Date(nowMs))?.getTime() ?? null;
}

function patternOf(every: Told, minuteOfDay: number): string {
  const time = `${minuteOfDay % 60} ${Math.floor(minuteOfDay / 60)}`;
  switch (every) {
    case 'hourly':
      return '0 * * * *';
    case 'daily':
      return `${time} * * *`;
    case 'weekly':
      return `${time} * * 1`;
  }
}
