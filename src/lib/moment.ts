import type { Dates } from './delivery.ts';
import { cleanText, relativeTime, utc } from './units.ts';
import type { UnixSeconds } from './view.ts';

/** Who reads a moment: when, and with which habits (none: UTC as numbers). */
export interface Reading {
  nowSeconds: number;
  dates?: Dates | undefined;
}

/** A chat's habits; undefined where they are those of everybody, UTC as numbers. */
export const datesIn = ({ locale, timeZone }: Dates): Dates | undefined =>
  locale === '' && timeZone === 'UTC' ? undefined : { locale, timeZone };

/** Where dates are written as numbers, year first. */
const AS_NUMBERS = 'sv-SE';
const MAX_TEXT = 80;
/** Making a formatter takes longer than using it a thousand times. */
const MAX_FORMATTERS = 200;
const formatters = new Map<string, Intl.DateTimeFormat | null>();

/** `2026-11-21 04:42:09 UTC (3 min ago)`, `2026-11-21 05:42:09 CET (3 min ago)`, or `21. Nov. 2026, 05:42:09 MEZ (3 min ago)`; `?` when it is not a moment. */
export function moment(at: UnixSeconds, { nowSeconds, dates }: Reading): string {
  const absolute = dateAndTime(at, dates);
  return absolute === '?' ? '?' : `${absolute} (${relativeTime(at, nowSeconds)})`;
}

/** Date, time to the second and the zone's short name; UTC where the locale or the zone is not one. Never throws. */
function dateAndTime(at: UnixSeconds, dates: Dates | undefined): string {
  const plain = utc(at);
  const formatter = dates === undefined || plain === '?' ? null : formatterOf(dates);
  // Some locales put invisible direction marks and unusual spaces between the parts.
  return formatter === null ? plain : cleanText(formatter.format(at * 1000), MAX_TEXT);
}

/** null: no such locale or zone. */
function formatterOf({ locale, timeZone }: Dates): Intl.DateTimeFormat | null {
  const key = `${locale} ${timeZone}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  const made = makeFormatter(locale, timeZone);
  formatters.set(key, made);
  return made;
}

function makeFormatter(locale: string, timeZone: string): Intl.DateTimeFormat | null {
  const digits = '2-digit' as const;
  const isPlain = locale === '';
  try {
    return new Intl.DateTimeFormat(isPlain ? AS_NUMBERS : locale, {
      timeZone,
      year: 'numeric',
      month: isPlain ? digits : 'short',
      day: isPlain ? digits : 'numeric',
      hour: digits,
      minute: digits,
      second: digits,
      timeZoneName: 'short',
    });
  } catch {
    return null;
  }
}
