/** Clocks on walls, by IANA zone. All pure; the rules of zones come with ICU. */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes long, and a zone is asked for again and again. Throws RangeError for what is no zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(timeZone, format);
  return format;
}

/**
 * What a wall clock there shows, as if it were UTC: a number to count local days and minutes with. Rounded down to
 * the second.
 */
function wallClock(atMs: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** The local day at a moment: its midnight, as if it were UTC. */
export const localDay = (atMs: number, timeZone: string): number =>
  Math.floor(wallClock(atMs, timeZone) / DAY_MS) * DAY_MS;

/**
 * The first moment at which a wall clock there shows `minute` of a local day, or has gone past it: a time that the
 * clock leaps over is the moment of the leap, one that it shows twice counts the first time. So later local times are
 * never earlier moments.
 */
export function momentOf(day: number, minute: number, timeZone: string): number {
  const wall = day + minute * MINUTE_MS;
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((atMs) => wallClock(atMs, timeZone) - atMs);
  const guesses = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  const exact = guesses.find((atMs) => wallClock(atMs, timeZone) === wall);
  return exact ?? leapBetween(guesses[0] as number, guesses[1] as number, wall, timeZone);
}

/** The first moment after `beforeMs`, at most `afterMs`, at which the wall clock is past `wall`. To the second. */
function leapBetween(beforeMs: number, afterMs: number, wall: number, timeZone: string): number {
  let [low, high] = [beforeMs / 1000, afterMs / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallClock(middle * 1000, timeZone) >= wall) high = middle;
    else low = middle;
  }
  return high * 1000;
}
