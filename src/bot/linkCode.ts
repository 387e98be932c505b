import { createHash } from 'node:crypto';

/** No letter or digit that could be taken for another: neither I, O, 0 nor 1. 32 of them. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 10;

/** How long a code can be used. */
export const CODE_MS = 10 * 60_000;

/** A new code of 50 bits. */
export const makeCode = (random: () => number): string =>
  Array.from({ length: LENGTH }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join('');

/** A code however it was typed (small letters, gaps, dashes); null when it is none. */
export function readCode(typed: string): string | null {
  const text = typed.toUpperCase().replace(/[\s-]/g, '');
  return text.length === LENGTH && [...text].every((letter) => ALPHABET.includes(letter)) ? text : null;
}

/** What is kept of a code. */
export const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex');
