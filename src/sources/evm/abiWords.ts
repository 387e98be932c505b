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

/** The 32-byte word at that byte as an unsigned number of any size; null beyond the end. */
export function uintAt(data: Hex, byte: number): bigint | null {
  const word = data.slice(2 + byte * 2, 2 + byte * 2 + 64);
  return WORD.test(word) ? BigInt(`0x${word}`) : null;
}

/** The address in the word at that byte, in lower case; null beyond the end, or when it is more than an address. */
export function addressAt(data: Hex, byte: number): Hex | null {
  const word = data.slice(2 + byte * 2, 2 + byte * 2 + 64).toLowerCase();
  return /^0{24}[0-9a-f]{40}$/.test(word) ? `0x${word.slice(24)}` : null;
}

/** Text whose length stands at that byte: its first `maxBytes`; null when it is cut short. What is no UTF-8 is replaced. */
export function textAt(data: Hex, byte: number, maxBytes: number): string | null {
  const length = wordAt(data, byte);
  if (length === null) return null;
  const start = 2 + (byte + 32) * 2;
  if (data.length < start + length * 2) return null;
  return Buffer.from(data.slice(start, start + Math.min(length, maxBytes) * 2), 'hex').toString('utf8');
}

const WORD = /^[0-9a-f]{64}$/i;
