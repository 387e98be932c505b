import type { Hex } from '../../lib/facts.ts';

/**
 * Reading single values out of ABI-encoded data of strangers. viem's decoder reads everything, and throws; here what is
 * malformed is null, and only what is asked for is read.
 */

/** The 32-byte word at that byte as a number; null beyond the end, or when it is no small number. */
export function wordAt(data: Hex, byte: number): number | null {
  const word = data.slice(2 + byte * 2, 2 + byte * 2 + 64);
  return /^0{52}[0-9a-f]{12}$/i.test(word) ? Number.parseInt(word.slice(52), 16) : null;
}

/** The ASCII text whose length stands at that byte; null when it is longer than `maxBytes`, cut short or no ASCII. */
export function asciiAt(data: Hex, byte: number, maxBytes: number): string | null {
  const length = wordAt(data, byte);
  if (length === null || length > maxBytes) return null;
  const start = 2 + (byte + 32) * 2;
  const hex = data.slice(start, start + length * 2);
  if (hex.length !== length * 2) return null;
  const text = Buffer.from(hex, 'hex').toString('latin1');
  return text.length === length && /^[\x20-\x7e]*$/.test(text) ? text : null;
}
