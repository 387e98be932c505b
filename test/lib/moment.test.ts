import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datesIn, moment } from '../../src/lib/moment.ts';
import { relativeTime, utc } from '../../src/lib/units.ts';

const AT = Date.UTC(2026, 10, 21, 4, 42, 9) / 1000;
const at = (locale: string, timeZone: string, seconds = AT): string =>
  moment(seconds, { nowSeconds: seconds + 180, dates: { locale, timeZone } });

test.each([
  ['de', 'Europe/Berlin', '21. Nov. 2026, 05:42:09 MEZ (3 min ago)'],
  ['en-GB', 'Asia/Kolkata', '21 Nov 2026, 10:12:09 GMT+5:30 (3 min ago)'],
  ['en-US', 'America/New_York', 'Nov 20, 2026, 11:42:09 PM EST (3 min ago)'],
  ['ja', 'Asia/Tokyo', '2026年11月21日 13:42:09 JST (3 min ago)'],
  ['', 'Europe/Berlin', '2026-11-21 05:42:09 CET (3 min ago)'],
])('in %s and %s: the date as it is written there, the zone’s short name, and how long ago', (locale, zone, shown) => {
  expect(at(locale, zone)).toBe(shown);
});

test('the zone’s name follows its summer time, over the hour that comes twice', () => {
  const turn = Date.UTC(2026, 9, 25, 1) / 1000;
  expect(at('de', 'Europe/Berlin', turn - 1)).toContain('02:59:59 MESZ');
  expect(at('de', 'Europe/Berlin', turn)).toContain('02:00:00 MEZ');
});

test.each([
  ['!!', 'UTC'],
  ['de', 'Mars/Olympus'],
  ['', ''],
])('locale %j with zone %j is not one: UTC as numbers', (locale, zone) => {
  expect(at(locale, zone)).toBe('2026-11-21 04:42:09 UTC (3 min ago)');
});

test('a zone is a wish of its own, whatever the language; UTC as numbers is none', () => {
  expect(datesIn({ locale: '', timeZone: 'UTC' })).toBeUndefined();
  expect(datesIn({ locale: '', timeZone: 'Asia/Tokyo' })).toEqual({ locale: '', timeZone: 'Asia/Tokyo' });
  expect(datesIn({ locale: 'de', timeZone: 'UTC' })).toEqual({ locale: 'de', timeZone: 'UTC' });
});

test('without a wish it is UTC as numbers', () => {
  expect(moment(AT, { nowSeconds: AT })).toBe('2026-11-21 04:42:09 UTC (now)');
});

test('law: whatever the moment, the locale and the zone, nothing throws, and nothing invisible stands in it', () => {
  const locales = fc.oneof(fc.constantFrom('de', 'ar-EG', 'he', 'fa', 'th', 'zh-TW', 'en-u-ca-hebrew'), fc.string());
  const zones = fc.oneof(fc.constantFrom('Africa/Cairo', 'Asia/Kathmandu', 'UTC', '+05:30'), fc.string());
  const moments = fc.oneof(fc.integer(), fc.double(), fc.constant(8_640_000_000_000));
  fc.assert(
    fc.property(locales, zones, moments, (locale, timeZone, seconds) => {
      const shown = moment(seconds, { nowSeconds: AT, dates: { locale, timeZone } });
      if (utc(seconds) === '?') expect(shown).toBe('?');
      else expect(shown).toContain(relativeTime(seconds, AT));
      expect(shown).not.toMatch(/[\p{Cf}\p{Cc}]/u);
    }),
  );
});
