import fc from 'fast-check';
import { parseUnits } from 'viem';
import { expect, test } from 'vitest';
import { parseDecimal, readDecimal } from '../../src/lib/decimal.ts';

test('decimal text becomes whole numbers of the smallest part', () => {
  const found = (['1', '0.5', '.5', '5.', '-2.25', '+3', '007', '0', '0.000', '12.50'] as const).map((text) =>
    parseDecimal(text, 2),
  );
  expect(found).toEqual([100n, 50n, 50n, 500n, -225n, 300n, 700n, 0n, 0n, 1250n]);
});

test('exponents count, in both directions', () => {
  expect(parseDecimal('1.5e-7', 18)).toBe(150_000_000_000n);
  expect(parseDecimal('1e21', 18)).toBe(10n ** 39n);
  expect(parseDecimal('1.2345E+2', 18)).toBe(123_450_000_000_000_000_000n);
  expect(readDecimal('1e3')).toEqual({ digits: 1000n, scale: 0 });
  expect(readDecimal('1200e-1')).toEqual({ digits: 120n, scale: 0 });
});

test('what is smaller than the smallest part is cut off, towards zero', () => {
  expect(parseDecimal('1.999', 2)).toBe(199n);
  expect(parseDecimal('-1.999', 2)).toBe(-199n);
  expect(parseDecimal('9e-19', 18)).toBe(0n);
});

test.each([
  '',
  '.',
  'e5',
  '1,5',
  '1 000',
  ' 1',
  '0x10',
  'NaN',
  'Infinity',
  '1e',
  '--1',
  '1e99999',
  '1e401',
  '9'.repeat(401),
])('no decimal number: %j', (text) => {
  expect(parseDecimal(text, 18)).toBeNull();
});

test('law: whatever a program writes of a float is read as exactly that text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const read = readDecimal(String(value));
      expect(read).not.toBeNull();
      // The text is the shortest that leads back to the float, so the digits do too.
      if (read !== null) expect(Number(`${read.digits}e-${read.scale}`)).toBe(value === 0 ? 0 : value);
    }),
  );
});

test('law: plain decimals are read as viem reads them', () => {
  const digits = fc.stringMatching(/^\d{1,30}$/);
  fc.assert(
    fc.property(digits, fc.stringMatching(/^\d{1,18}$/), fc.boolean(), (whole, fraction, isNegative) => {
      const text = `${isNegative ? '-' : ''}${whole}.${fraction}`;
      expect(parseDecimal(text, 18)).toBe(parseUnits(text, 18));
    }),
  );
});
