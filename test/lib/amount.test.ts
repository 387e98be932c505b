import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amount, shareOf } from '../../src/lib/amount.ts';

const BR = { symbol: 'BR', decimals: 18 };
const ONE = 10n ** 18n;

test.each([
  [0n, '0 BR'],
  [1n, '< 0.001 BR'],
  [ONE / 1000n, '0.001 BR'],
  [ONE / 2n, '0.5 BR'],
  [ONE, '1 BR'],
  [(ONE * 3n) / 2n, '1.5 BR'],
  [12n * ONE + ONE / 4n, '12.2 BR'],
  [9_999n * ONE, '9999 BR'],
  [12_345n * ONE, '12.3k BR'],
  [1_000_000n * ONE, '1M BR'],
  [1_234_567_890n * ONE, '1.23G BR'],
  [-5n * ONE, '-5 BR'],
])('%s wei reads %s', (wei, words) => {
  expect(amount(wei, BR)).toBe(words);
});

test('a unit without decimals or symbol', () => {
  expect(amount(7n, { symbol: 'nodes', decimals: 0 })).toBe('7 nodes');
  expect(amount(7n, { symbol: '', decimals: 0 })).toBe('7');
});

test('law: what is shown is never more than there is, and not zero where there is something', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), (wei) => {
      const [, number = '', letter = ''] = /^([\d.]+)([kMG]?) BR$/.exec(amount(wei, BR)) ?? [];
      if (number === '') {
        expect(amount(wei, BR)).toBe('< 0.001 BR');
        return;
      }
      const scale = { '': 1, k: 1e3, M: 1e6, G: 1e9 }[letter] ?? Number.NaN;
      expect(Number(number) * scale).toBeLessThanOrEqual((Number(wei) / 1e18) * (1 + 1e-12));
      expect(Number(number)).toBeGreaterThan(0);
    }),
  );
});

test('a share of nothing has no value', () => {
  expect(shareOf(1n, 0n)).toBeNull();
  expect(shareOf(1n, 3n)).toBeCloseTo(1 / 3, 12);
  expect(shareOf(10n ** 40n, 10n ** 40n)).toBe(1);
});
