import { toSeconds } from '../lib/clock.ts';
import type { Inline, Line } from '../lib/view.ts';
import { type DeliveryPart, FOREVER_MS } from '../store/store.ts';
import { isNews } from './news.ts';

/** Who takes care of an incident in one chat: nobody, somebody, or somebody who put it off until later. */
export type Attendance =
  | { state: 'none' }
  | { state: 'acknowledged'; by: string; atMs: number | null }
  /** null: until it is resolved. */
  | { state: 'snoozed'; by: string | null; untilMs: number | null };

/** A snooze that has passed leaves nobody in charge. */
export function attendanceOf(notice: DeliveryPart['notice'], nowMs: number): Attendance {
  if (notice === null) return { state: 'none' };
  const { acknowledgedBy, acknowledgedAtMs, snoozedUntilMs } = notice;
  if (snoozedUntilMs !== null) {
    if (snoozedUntilMs <= nowMs) return { state: 'none' };
    return {
      state: 'snoozed',
      by: acknowledgedBy,
      untilMs: snoozedUntilMs >= FOREVER_MS ? null : snoozedUntilMs,
    };
  }
  return acknowledgedBy === null
    ? { state: 'none' }
    : { state: 'acknowledged', by: acknowledgedBy, atMs: acknowledgedAtMs };
}

/** Is it still on, and was not told as over? Only then can somebody take care of it. News needs nobody. */
export const isOn = ({ incident, kind }: DeliveryPart): boolean =>
  incident?.state === 'firing' && kind !== 'resolved' && !isNews(incident);

/** What a message says of it: "Acknowledged by NAME at …". Nothing when nobody has taken charge. */
export function attendanceLine(attendance: Attendance): Line[] {
  if (attendance.state === 'none') return [];
  const [, ...rest] = attendanceWords(attendance);
  return [[{ strong: attendance.state === 'snoozed' ? 'Snoozed' : 'Acknowledged' }, ...rest, '.']];
}

/** The same within a sentence: "acknowledged by NAME at …". */
export function attendanceWords(attendance: Exclude<Attendance, { state: 'none' }>): Inline[] {
  if (attendance.state === 'acknowledged') {
    const at: Inline[] = attendance.atMs === null ? [] : [' at ', { time: toSeconds(attendance.atMs) }];
    return ['acknowledged', ` by ${attendance.by}`, ...at];
  }
  const by = attendance.by === null ? '' : ` by ${attendance.by}`;
  return [
    'snoozed',
    `${by} until `,
    attendance.untilMs === null ? 'it is resolved' : { time: toSeconds(attendance.untilMs) },
  ];
}
