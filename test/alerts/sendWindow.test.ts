import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SendWindow } from '../../src/alerts/sendWindow.ts';

test('no window holds more than its count, however late each begins, and none waits longer than it must', () => {
  const late = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1_000 }), late, (count, windowMs, delays) => {
      const window = new SendWindow(count, windowMs);
      const taken: number[] = [];
      let now = 0;
      for (const delayMs of delays) {
        now += delayMs;
        const waitMs = window.waitMs(now);
        const within = (at: number): number => taken.filter((one) => one > at - windowMs).length;
        // One moment earlier it would have been one too many.
        if (waitMs > 0) expect(within(now + waitMs - 1)).toBe(count);
        now += waitMs;
        expect(within(now)).toBeLessThan(count);
        window.take({ atMs: now });
        taken.push(now);
      }
    }),
  );
});

test('one that is under way holds its place until it is known when it counts', () => {
  const window = new SendWindow(1, 1_000);
  const place = { atMs: Number.POSITIVE_INFINITY };
  window.take(place);
  expect(window.waitMs(60_000)).toBe(Number.POSITIVE_INFINITY);
  place.atMs = 59_500;
  expect(window.waitMs(60_000)).toBe(500);
});
