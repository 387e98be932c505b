import { duration } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { ChatSettings } from '../store/store.ts';
import { mentionWords } from './mentions.ts';

/** How a chat hears its alerts until somebody says otherwise. */
export const DEFAULT_SETTINGS: ChatSettings = {
  timeZone: 'UTC',
  locale: '',
  quiet: null,
  resolveStyle: 'reply',
  digest: 'off',
  digestMinute: 9 * 60,
  escalation: null,
};

/** Intl also takes offsets like `+02:00`, which know no summer time. */
const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;

/** A zone as IANA writes it, or null when there is none of that name. */
export function readZone(typed: string): string | null {
  const text = typed.trim();
  if (!ZONE.test(text)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** Zones whose name contains what is typed, at most 25; those that begin with it first. */
export function suggestZones(typed: string): string[] {
  const text = typed.trim().toLowerCase().replaceAll(' ', '_');
  const begins = (zone: string): boolean => zone.split('/').some((part) => part.toLowerCase().startsWith(text));
  const found = ['UTC', ...Intl.supportedValuesOf('timeZone')].filter((zone) => zone.toLowerCase().includes(text));
  return found.sort((a, b) => Number(begins(b)) - Number(begins(a))).slice(0, 25);
}

/** A language for dates as BCP 47 writes it (`de-DE`), or null when this bot has no dates in it. */
export function readLocale(typed: string): string | null {
  const text = typed.trim();
  if (text.length > 35) return null;
  try {
    const [tag] = Intl.DateTimeFormat.supportedLocalesOf(text);
    return tag ?? null;
  } catch {
    return null;
  }
}

/** `9:05` or `21:30` as minutes after midnight; null when it is no time of day. */
export function readMinute(typed: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(typed.trim()) ?? [];
  if (hours === undefined || minutes === undefined || Number(hours) > 23 || Number(minutes) > 59) return null;
  return Number(hours) * 60 + Number(minutes);
}

/** `22:00-07:00`; null when it is no stretch of a day. The two may not be the same. */
export function readStretch(typed: string): { fromMinute: number; toMinute: number } | null {
  const [from, to, ...more] = typed.split(/\s*(?:-|–|to)\s*/);
  if (from === undefined || to === undefined || more.length > 0) return null;
  const [fromMinute, toMinute] = [readMinute(from), readMinute(to)];
  return fromMinute === null || toMinute === null || fromMinute === toMinute ? null : { fromMinute, toMinute };
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const ENDS: Record<ChatSettings['resolveStyle'], string> = {
  reply: 'The end of an alert is told as a reply',
  edit: 'The end of an alert is told by changing its message',
  both: 'The end of an alert is told as a reply and in its message',
  none: 'The end of an alert is not told',
};

/** The settings in words, two lines. */
export function settingsLines(settings: ChatSettings): Line[] {
  const { timeZone, locale, quiet, resolveStyle, digest, digestMinute, escalation } = settings;
  const night =
    quiet === null
      ? 'No quiet hours'
      : `Quiet from ${clock(quiet.fromMinute)} to ${clock(quiet.toMinute)}, ${quiet.criticalPasses ? 'critical alerts pass' : 'critical alerts wait too'}`;
  const digests =
    digest === 'off' ? 'no digest' : `${digest} digest${digest === 'hourly' ? '' : ` at ${clock(digestMinute)}`}`;
  const again =
    escalation === null
      ? 'no escalation'
      : `an unacknowledged critical alert is told again after ${duration(escalation.afterSeconds)}${escalation.mention === '' ? '' : ` and ${mentionWords(escalation.mention)}`}${escalation.toId === null ? '' : ', in a private chat as well'}`;
  return [
    `${night}. Time zone ${timeZone}, dates ${locale === '' ? 'as numbers' : `as in ${locale}`}.`,
    `${ENDS[resolveStyle]}; ${digests}; ${again}.`,
  ];
}
