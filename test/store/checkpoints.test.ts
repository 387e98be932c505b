import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thinned } from '../../src/store/checkpoints.ts';
import { block } from './sample.ts';

/** Steps from one checkpoint to the next. */
const steps = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 300 });

test('added one by one: the first and the newest stay, gaps grow no faster than age, their number hardly grows', () => {
  fc.assert(
    fc.property(steps, (gaps) => {
      let number = 1;
      let kept = [block(number)];
      for (const gap of gaps) {
        number += gap;
        kept = thinned([...kept, block(number)]);
      }
      const numbers = kept.map((one) => Number(one.number));
      expect(numbers[0]).toBe(1);
      expect(numbers.at(-1)).toBe(number);
      // Every other one is at least twice as far from the newest as the one two after it.
      expect(numbers.length).toBeLessThanOrEqual(2 * Math.log2(number) + 4);
      for (const [index, from] of numbers.entries()) {
        const to = numbers[index + 1];
        if (to !== undefined) expect(to - from).toBeLessThanOrEqual(Math.max(10_000, number - to));
      }
    }),
    { numRuns: 200 },
  );
});
