import type { Hex } from '../lib/facts.ts';
import { WALRUS_ID } from '../lib/modelFacts.ts';
import type { ProofSubject } from '../lib/proofFacts.ts';
import { echo } from './answers.ts';

const HASH = /^(?:0x)?([0-9a-f]{64})$/i;

/** What was pasted, without white space and without the address of a page that shows it. */
const bare = (typed: string): string => typed.replace(/\s+/g, '').replace(/^https?:\/\/[^?#]*\//i, '');

/** 32 bytes as typed: in lower case with 0x; null when it is something else. */
export function readHash(typed: string): Hex | null {
  const digits = HASH.exec(bare(typed))?.[1];
  return digits === undefined ? null : `0x${digits.toLowerCase()}`;
}

/** What a proof is looked up by; null when it is neither hash nor blob id. */
export function readSubject(typed: string): ProofSubject | null {
  const hash = readHash(typed);
  if (hash !== null) return { kind: 'hash', hash };
  const blobId = bare(typed);
  return WALRUS_ID.test(blobId) ? { kind: 'blob', blobId } : null;
}

export const subjectProblem = (typed: string): string | null =>
  readSubject(typed) === null
    ? `That takes a transaction hash, Merkle root or request hash (64 hex digits, with or without 0x), or a blob id (43 characters), not ${echo(typed)}.`
    : null;

export const hashProblem = (typed: string): string | null =>
  readHash(typed) === null
    ? `That takes a transaction hash or request hash: 64 hex digits, with or without 0x, not ${echo(typed)}.`
    : null;
