import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quietStretch } from '../../src/alerts/quietHours.ts';

const at = (iso: string): number => Date.parse(iso);
const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The stretch as two moments in UTC. */
function stretch(timeZone: string, from: string, to: string, now: string): [string, string] {
  const quiet = { fromMinute: minutes(from), toMinute: minutes(to), criticalPasses: true };
  const found = quietStretch({ quiet, timeZone }, at(now));
  if (found === null) throw new Error('no quiet hours');
  const utc = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return [utc(found.fromMs), utc(found.toMs)];
}

test('a chat without quiet hours has none', () => {
  expect(quietStretch({ quiet: null, timeZone: 'UTC' }, at('2026-11-21T12:00Z'))).toBeNull();
});

describe('hours that pass midnight', () => {
  const night = (now: string) => stretch('UTC', '22:00', '07:00', now);

  test('before them the next night, in them the present one whichever side of midnight', () => {
    const expected = ['2026-11-21T22:00', '2026-11-22T07:00'];
    for (const now of ['2026-11-21T12:00Z', '2026-11-21T22:00Z', '2026-11-22T00:00Z', '2026-11-22T06:59Z']) {
      expect(night(now)).toEqual(expected);
    }
  });

  test('at their end the next night already', () => {
    expect(night('2026-11-22T07:00Z')).toEqual(['2026-11-22T22:00', '2026-11-23T07:00']);
  });

  test('over the end of a month, of a year and over a leap day', () => {
    expect(night('2026-11-30T23:00Z')).toEqual(['2026-11-30T22:00', '2026-12-01T07:00']);
    expect(night('2026-12-31T20:00Z')).toEqual(['2026-12-31T22:00', '2027-01-01T07:00']);
    expect(night('2028-02-28T23:00Z')).toEqual(['2028-02-28T22:00', '2028-02-29T07:00']);
    expect(night('2028-03-01T01:00Z')).toEqual(['2028-02-29T22:00', '2028-03-01T07:00']);
  });
});

test('hours within a day', () => {
  expect(stretch('UTC', '12:00', '13:30', '2026-11-21T12:10Z')).toEqual(['2026-11-21T12:00', '2026-11-21T13:30']);
  expect(stretch('UTC', '12:00', '13:30', '2026-11-21T13:30Z')).toEqual(['2026-11-22T12:00', '2026-11-22T13:30']);
});

test('the same minute twice is the whole day', () => {
  expect(stretch('UTC', '06:00', '06:00', '2026-11-21T05:00Z')).toEqual(['2026-11-20T06:00', '2026-11-21T06:00']);
});

describe('the night the clocks change', () => {
  test('Berlin in spring is an hour shorter, in autumn an hour longer', () => {
    expect(stretch('Europe/Berlin', '22:00', '07:00', '2026-03-28T21:30Z')).toEqual([
      '2026-03-28T21:00',
      '2026-03-29T05:00',
    ]);
    expect(stretch('Europe/Berlin', '22:00', '07:00', '2026-10-24T21:30Z')).toEqual([
      '2026-10-24T20:00',
      '2026-10-25T06:00',
    ]);
  });

  test('New York', () => {
    expect(stretch('America/New_York', '23:00', '06:00', '2026-03-08T05:00Z')).toEqual([
      '2026-03-08T04:00',
      '2026-03-08T10:00',
    ]);
    expect(stretch('America/New_York', '23:00', '06:00', '2026-11-01T05:00Z')).toEqual([
      '2026-11-01T03:00',
      '2026-11-01T11:00',
    ]);
  });

  test('Lord Howe, by half an hour', () => {
    // +11:00 until 2026-04-05 02:00, then +10:30; back on 2026-10-04.
    expect(stretch('Australia/Lord_Howe', '22:00', '07:00', '2026-04-04T12:00Z')).toEqual([
      '2026-04-04T11:00',
      '2026-04-04T20:30',
    ]);
    expect(stretch('Australia/Lord_Howe', '22:00', '07:00', '2026-10-03T12:00Z')).toEqual([
      '2026-10-03T11:30',
      '2026-10-03T20:00',
    ]);
  });

  test('an end that the clock leaps over is the moment of the leap', () => {
    expect(stretch('Europe/Berlin', '22:00', '02:30', '2026-03-29T00:30Z')).toEqual([
      '2026-03-28T21:00',
      '2026-03-29T01:00',
    ]);
  });

  test('hours that the clock leaps over as a whole are left out that day', () => {
    expect(stretch('Europe/Berlin', '02:10', '02:50', '2026-03-29T00:30Z')).toEqual([
      '2026-03-30T00:10',
      '2026-03-30T00:50',
    ]);
  });

  test('a time that comes twice counts once, the first time', () => {
    expect(stretch('Europe/Berlin', '02:15', '02:45', '2026-10-25T00:20Z')).toEqual([
      '2026-10-25T00:15',
      '2026-10-25T00:45',
    ]);
    // The second 02:30 of that night is not quiet any more.
    expect(stretch('Europe/Berlin', '02:15', '02:45', '2026-10-25T01:30Z')).toEqual([
      '2026-10-26T01:15',
      '2026-10-26T01:45',
    ]);
  });
});

test('whatever zone, hours and moment: it begins before it ends, ends after now, and now is in it or before it', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'];
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      minute,
      minute,
      // Apia left out a whole day at the end of 2011.
      fc.integer({ min: at('2011-01-01T00:00Z'), max: at('2031-01-01T00:00Z') }),
      (timeZone, fromMinute, toMinute, nowMs) => {
        const settings = { timeZone, quiet: { fromMinute, toMinute, criticalPasses: true } };
        const found = quietStretch(settings, nowMs);
        if (found === null) throw new Error('none found');
        expect(found.fromMs).toBeLessThan(found.toMs);
        expect(found.toMs).toBeGreaterThan(nowMs);
        // Asked again at its end, it is the next one, which does not begin earlier.
        const next = quietStretch(settings, found.toMs);
        expect(next?.fromMs).toBeGreaterThanOrEqual(found.toMs);
        // Nothing is quiet between now and its beginning.
        if (found.fromMs > nowMs) expect(quietStretch(settings, found.fromMs - 1_000)).toEqual(found);
      },
    ),
    { numRuns: 400 },
  );
});
