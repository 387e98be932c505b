import fc from 'fast-check';
import { expect, test } from 'vitest';
import { missedAllowed } from '../../src/insight/missedAllowed.ts';

test.each([
  { windowBlocks: 100, minSignedPpm: 500_000, allowed: 50 },
  { windowBlocks: 10_000, minSignedPpm: 50_000, allowed: 9_500 },
  // 166.5 and 167.5 must be signed: 166 and 168.
  { windowBlocks: 333, minSignedPpm: 500_000, allowed: 167 },
  { windowBlocks: 335, minSignedPpm: 500_000, allowed: 167 },
  { windowBlocks: 3, minSignedPpm: 334_000, allowed: 2 },
  { windowBlocks: 100, minSignedPpm: 0, allowed: 100 },
])('of $windowBlocks blocks with $minSignedPpm ppm signed $allowed may be missed', ({ allowed, ...of }) => {
  expect(missedAllowed(of)).toBe(allowed);
});

test('without a window or a share it is not known', () => {
  expect(missedAllowed({ windowBlocks: null, minSignedPpm: 500_000 })).toBeNull();
  expect(missedAllowed({ windowBlocks: 100, minSignedPpm: null })).toBeNull();
});

test('it is the whole number nearest to the exact one, also of the largest window', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 1_000_000 }), (blocks, ppm) => {
      const allowed = BigInt(missedAllowed({ windowBlocks: blocks, minSignedPpm: ppm }) as number);
      const off = allowed * 1_000_000n - BigInt(blocks) * BigInt(1_000_000 - ppm);
      expect(off <= 500_000n && off >= -500_000n).toBe(true);
    }),
  );
});
