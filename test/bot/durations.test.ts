import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration, untilMs, untilWords } from '../../src/bot/durations.ts';
import { FOREVER_MS } from '../../src/store/store.ts';
import { hostile } from './hostile.ts';

test.each<[string, number | null]>([
  ['10m', 600],
  ['10 min', 600],
  [' 2H ', 7_200],
  ['1d 12h', 129_600],
  ['1h30m', 5_400],
  ['90s', 90],
  ['1w', 604_800],
  ['10', null],
  ['m', null],
  ['1.5h', null],
  ['-1h', null],
  ['1 month', null],
  ['forever', null],
  ['', null],
])('%j is %j seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test('law: anything typed is whole seconds or no duration', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const seconds = parseDuration(text);
      expect(seconds === null || (Number.isSafeInteger(seconds) && seconds >= 0)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('a word is forever, and forever is said in words', () => {
  expect(untilMs('2h', 1_000)).toBe(7_201_000);
  expect(untilMs('forever', 1_000)).toBe(FOREVER_MS);
  expect(untilWords(FOREVER_MS)).toEqual(['until somebody ends it']);
  expect(untilWords(7_201_000)).toEqual(['until ', { time: 7_201 }]);
});
