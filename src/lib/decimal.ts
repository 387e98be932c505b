/** Decimal text as whole numbers of a smallest part: exact, where a float is not. */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Longer text is no amount of anything. */
const MAX_LENGTH = 400;
/** Neither is a number with more digits before its point, or one that begins so far behind it. */
const MAX_EXPONENT = 400;

/** A number as written: `digits` times ten to the power of `-scale`. */
export interface Decimal {
  digits: bigint;
  /** 0 or more: digits after the point, without zeros at the end. */
  scale: number;
}

/** `12.50` -> 125 and 1, `1.5e-7` -> 15 and 8, `1e3` -> 1000 and 0. null when it is no decimal number, or absurdly long. */
export function readDecimal(text: string): Decimal | null {
  if (text.length > MAX_LENGTH) return null;
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) return null;
  const kept = (whole + fraction).replace(/0+$/, '');
  if (kept === '') return { digits: 0n, scale: 0 };
  const dropped = whole.length + fraction.length - kept.length;
  const scale = fraction.length - dropped - exponent;
  const digits = BigInt(scale < 0 ? kept + '0'.repeat(-scale) : kept);
  return { digits: sign === '-' ? -digits : digits, scale: Math.max(0, scale) };
}

/** In whole numbers of 10^-decimals; what is smaller is cut off (towards zero). null as `readDecimal`. */
export function parseDecimal(text: string, decimals: number): bigint | null {
  const read = readDecimal(text);
  if (read === null) return null;
  const { digits, scale } = read;
  return scale <= decimals ? digits * 10n ** BigInt(decimals - scale) : digits / 10n ** BigInt(scale - decimals);
}
