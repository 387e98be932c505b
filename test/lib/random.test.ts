import { expect, test } from 'vitest';
import { secureRandom } from '../../src/lib/random.ts';

test('numbers are from 0 to below 1, spread evenly, and do not repeat', () => {
  const numbers = Array.from({ length: 20_000 }, secureRandom);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
    // Ten standard deviations.
    expect(Math.abs(share - 0.1)).toBeLessThan(0.022);
  }
});
