import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextDigest } from '../../src/alerts/digestTimes.ts';
import type { DigestEvery } from '../../src/store/store.ts';

const at = (iso: string): number => Date.parse(iso);

/** The next digests after a moment, one after the other. */
function next(digest: DigestEvery, timeZone: string, time: string, now: string, count = 1): string[] {
  const digestMinute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const times: string[] = [];
  for (let nowMs = at(now); times.length < count; ) {
    nowMs = nextDigest({ digest, digestMinute, timeZone }, nowMs) ?? Number.NaN;
    times.push(new Date(nowMs).toISOString().slice(0, 16));
  }
  return times;
}

test('no digest, no time', () => {
  expect(nextDigest({ digest: 'off', digestMinute: 540, timeZone: 'UTC' }, 0)).toBeNull();
});

test('hourly at whole hours, daily at the minute, weekly on Mondays, always later than now', () => {
  expect(next('hourly', 'UTC', '09:00', '2026-11-21T12:00Z', 2)).toEqual(['2026-11-21T13:00', '2026-11-21T14:00']);
  expect(next('daily', 'UTC', '09:30', '2026-11-21T09:29Z', 2)).toEqual(['2026-11-21T09:30', '2026-11-22T09:30']);
  // 2026-11-23 is a Monday.
  expect(next('weekly', 'UTC', '09:00', '2026-11-21T12:00Z', 2)).toEqual(['2026-11-23T09:00', '2026-11-30T09:00']);
});

test('over the end of a month, of a year and over a leap day', () => {
  expect(next('daily', 'UTC', '09:00', '2026-11-30T09:00Z')).toEqual(['2026-12-01T09:00']);
  expect(next('daily', 'UTC', '00:00', '2026-12-31T23:59Z')).toEqual(['2027-01-01T00:00']);
  expect(next('daily', 'UTC', '09:00', '2028-02-28T10:00Z', 2)).toEqual(['2028-02-29T09:00', '2028-03-01T09:00']);
  expect(next('weekly', 'UTC', '09:00', '2026-11-30T09:00Z')).toEqual(['2026-12-07T09:00']);
});

test('nine in the morning stays nine in the morning when the clocks change', () => {
  expect(next('daily', 'Europe/Berlin', '09:00', '2026-03-28T07:00Z', 3)).toEqual([
    '2026-03-28T08:00',
    '2026-03-29T07:00',
    '2026-03-30T07:00',
  ]);
  expect(next('daily', 'America/New_York', '09:00', '2026-10-31T12:00Z', 2)).toEqual([
    '2026-10-31T13:00',
    '2026-11-01T14:00',
  ]);
  expect(next('daily', 'Australia/Lord_Howe', '09:00', '2026-04-03T20:00Z', 2)).toEqual([
    '2026-04-03T22:00',
    '2026-04-04T22:30',
  ]);
});

test('a time that the clock leaps over is told at the leap, one that comes twice once', () => {
  expect(next('daily', 'Europe/Berlin', '02:30', '2026-03-28T12:00Z', 2)).toEqual([
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ]);
  expect(next('daily', 'Europe/Berlin', '02:30', '2026-10-24T12:00Z', 2)).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
});

test('whatever zone, time and moment: the next digest is later than now, and not later than it can be', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
  const longest = { hourly: 2, daily: 25, weekly: 8 * 24 };
  fc.assert(
    fc.property(
      fc.constantFrom('hourly' as const, 'daily' as const, 'weekly' as const),
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: at('2020-01-01T00:00Z'), max: at('2031-01-01T00:00Z') }),
      (digest, timeZone, digestMinute, nowMs) => {
        const found = nextDigest({ digest, digestMinute, timeZone }, nowMs) ?? 0;
        expect(found).toBeGreaterThan(nowMs);
        expect(found - nowMs).toBeLessThanOrEqual(longest[digest] * 3_600_000);
      },
    ),
    { numRuns: 300 },
  );
});
