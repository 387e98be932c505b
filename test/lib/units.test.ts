import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, duration, percent, plural, relativeTime, shortHex, tidy, utc } from '../../src/lib/units.ts';

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [59.9, '59 s'],
  [75, '1 min 15 s'],
  [3_600, '1 h'],
  [3_605, '1 h'],
  [90_061, '1 d 1 h'],
  [40 * 86_400, '40 d'],
])('%d seconds last %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test('law: the words of a duration are its largest two units, and never more than it', () => {
  const SIZE: Record<string, number> = { d: 86_400, h: 3_600, min: 60, s: 1 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seconds) => {
      const parts = [...duration(seconds).matchAll(/(\d+) (\w+)/g)].map(
        ([, count, unit]) => [Number(count), SIZE[unit ?? ''] ?? 0] as const,
      );
      const said = parts.reduce((sum, [count, size]) => sum + count * size, 0);
      expect(said).toBeLessThanOrEqual(seconds);
      // What is left out is less than a sixtieth of the unit that was said first (a 24th for days).
      expect(seconds - said).toBeLessThan((parts[0]?.[1] ?? 0) / 24 + 1);
      for (const [count] of parts) expect(count).toBeGreaterThan(0);
      expect(parts.length).toBeLessThanOrEqual(2);
    }),
  );
});

test.each([
  [100, 100.9, 'now'],
  [100, 280, '3 min ago'],
  [100, 99, 'in 1 s'],
  [7_600, 100, 'in 2 h 5 min'],
])('%d seen at %d is %s', (at, now, words) => {
  expect(relativeTime(at, now)).toBe(words);
});

test('moments are in UTC, and what is none is a question mark', () => {
  expect(utc(Date.UTC(2026, 10, 21, 4, 42, 9) / 1000)).toBe('2026-11-21 04:42:09 UTC');
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 1e15]) expect(utc(none)).toBe('?');
});

test('law: 100 % is only what is whole, and a share is never said to be more than it is', () => {
  expect([0, 0.0001, 0.998, 0.9999, 1].map(percent)).toEqual(['0 %', '< 0.1 %', '99.8 %', '99.9 %', '100 %']);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      const words = percent(share);
      if (share > 0 && share < 0.001) {
        expect(words).toBe('< 0.1 %');
        return;
      }
      const said = Number(words.replace(' %', ''));
      expect(said).toBeLessThanOrEqual(share * 100 + 1e-9);
      expect(said).toBeGreaterThan(share * 100 - 0.1 - 1e-9);
      if (share < 1) expect(said).toBeLessThan(100);
    }),
  );
});

test('hashes are shortened, short ones are not; one is one', () => {
  expect(shortHex(`0x12ab34${'0'.repeat(54)}ef90`)).toBe('0x12ab34…ef90');
  expect(shortHex('0x12ab34')).toBe('0x12ab34');
  expect([0, 1, 2].map((count) => plural(count, 'node'))).toEqual(['0 nodes', '1 node', '2 nodes']);
  expect(plural(2, 'box', 'boxes')).toBe('2 boxes');
});

describe('untrusted text', () => {
  test.each([
    ['a\u202eb', 'ab'],
    ['a\u200bb\u2060c', 'abc'],
    [' a \r\n\t b ', 'a b'],
    ['a \u200b b', 'a b'],
    ['a\u001b[31mb', 'a [31mb'],
    ['\ud800x\udc00', 'x'],
    ['\u0000\u0007', ''],
    ['\ufeffe\u0301', 'é'],
    ['💥👩‍🚀', '💥👩🚀'],
  ])('%j is %j', (text, clean) => {
    expect(cleanText(text, 100)).toBe(clean);
  });

  test('law: no control, bidirectional or zero-width character, at most so many, and well formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 120 }), (text, max) => {
        const clean = cleanText(text, max);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect([...clean].length).toBeLessThanOrEqual(max);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/^ | {2}/);
        expect(cleanText(clean, max)).toBe(clean);
      }),
      { numRuns: 1_000 },
    );
  });

  test('law: plain words stay as they are, and what is cut ends in an ellipsis', () => {
    const words = fc.stringMatching(/^[a-z0-9]{1,80}$/);
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 80 }), (text, max) => {
        expect(cleanText(text, max)).toBe(text.length <= max ? text : `${text.slice(0, max - 1)}…`);
      }),
    );
  });
});

describe('a piece of a line', () => {
  test.each([
    [' a ', ' a '],
    ['\u200b a\u200b ', ' a '],
    ['\n\n', ' '],
    ['a \u202e b', 'a b'],
    ['\u200b', ''],
  ])('%j keeps only the spaces that separate it from its neighbours', (text, piece) => {
    expect(tidy(text, 100)).toBe(piece);
  });

  test('is otherwise the same as clean text, and as short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        expect(tidy(text, 1_000).trim()).toBe(cleanText(text, 1_000));
        expect([...tidy(text, max)].length).toBeLessThanOrEqual(max);
        expect(tidy(tidy(text, max), max)).toBe(tidy(text, max));
      }),
    );
  });
});
