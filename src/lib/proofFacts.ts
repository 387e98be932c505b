import type { Hex } from './facts.ts';

/** Facts about proofs: settlements on chain, the answers in them, and what checking them found. Plain data. */

export const SETTLEMENT_SOURCE = 'opengradient.settlements';
/** Fetching and checking of proofs. */
export const PROOF_SOURCE = 'opengradient.proofs';
export const FACILITATOR_SOURCE = 'opengradient.facilitator';
export const PAYMENT_SOURCE = 'base.payments';

/** The cursor that says up to which block settlements of a chain were read. */
export const settlementCursor = (chainId: number): string => `settlements:${chainId}`;

/** Where the store's meta says since when (unix seconds) the logs behind a cursor are known. */
export const knownFromKey = (cursorName: string): string => `known-from:${cursorName}`;

export type SettlementKind = 'batch' | 'individual' | 'old-batch' | 'old-settlement' | 'old-metadata';
export type ProofMode = 'batch' | 'individual';

/** One settlement log, decoded. Unique by (blockNumber, logIndex) within a chain. */
export interface SettlementEvent {
  kind: SettlementKind;
  blockNumber: bigint;
  logIndex: number;
  blockTimestampSeconds: number;
  txHash: Hex;
  /** Lower case. */
  emitter: Hex;
  /** Batches only. */
  root: Hex | null;
  /** A claim; null when the older form has none or the number is absurd. */
  batchSize: number | null;
  /** Text from the chain; null when it is no well-formed blob id. */
  blobId: string | null;
  /** Individual ones only. */
  answer: SettledAnswer | null;
}

/** One answer as its node signed it. */
export interface SettledAnswer {
  teeId: Hex;
  /** tee_request_hash. */
  requestHash: Hex;
  /** tee_output_hash. */
  outputHash: Hex;
  signedAtSeconds: number;
  signature: Uint8Array;
  /** Who paid, on individual ones, as the event says it; null in batches. */
  payer: Hex | null;
}

/** In the order of the numbers that are stored. */
export const LEAF_VERDICTS = ['valid', 'bad-signature', 'unsigned', 'unknown-node', 'no-key'] as const;
export type LeafVerdict = (typeof LEAF_VERDICTS)[number];

/** How the node stood when it signed. In the order of the numbers that are stored. */
export const STANDINGS = ['fine', 'not-registered', 'disabled', 'pcr-not-approved', 'not-known'] as const;
export type Standing = (typeof STANDINGS)[number];

export type SettlementState =
  | 'pending'
  | 'verified'
  | 'root-mismatch'
  | 'count-mismatch'
  /** The blob is readable and is no proof: not JSON, not a tree, too large. */
  | 'malformed'
  /** The blob could not be read yet, or not any more: unknown, not a failure of the proof. */
  | 'unreadable'
  /** Its sender or emitter is not on the operator's list. */
  | 'refused'
  /** An older form: counted, not checked. */
  | 'counted';

/** States that say that a proof is wrong. */
export const WRONG_STATES: readonly SettlementState[] = ['root-mismatch', 'count-mismatch', 'malformed'];

/** One leaf after it was checked. */
export interface CheckedLeaf {
  position: number;
  teeId: Hex;
  requestHash: Hex;
  outputHash: Hex;
  signedAtSeconds: number;
  verdict: LeafVerdict;
  standing: Standing;
}

/** What checking one settlement found. `leaves` is empty unless its root holds (or it is an individual one). */
export interface SettlementVerdict {
  state: Exclude<SettlementState, 'pending' | 'counted'>;
  reason: string;
  leaves: CheckedLeaf[];
}

export type StepOutcome = 'holds' | 'fails' | 'could not ask' | 'not needed';

/** One step of checking a proof on the spot. */
export interface ProofStep {
  name: string;
  outcome: StepOutcome;
  detail: string;
}

/** Checking a proof on the spot, as far as it has come. */
export interface ProofCheck {
  /** What was asked for, as it was understood: `transaction 0x…`, `blob …`. */
  subject: string;
  steps: ProofStep[];
  /** proven: every step that matters holds; wrong: one fails; open: something could not be asked, or nothing was found (yet). */
  verdict: 'checking' | 'proven' | 'wrong' | 'open' | 'not found';
  /** Leaves by verdict, once they were checked. */
  leaves: Partial<Record<LeafVerdict, number>> | null;
  settledAtSeconds: number | null;
  /** Of the answer that was asked for. */
  delaySeconds: number | null;
  mode: ProofMode | null;
  /** The settlement it is in, for buttons. */
  txHash: Hex | null;
  sources: string[];
}

/** What /proof check may be asked for. */
export type ProofSubject = { kind: 'hash'; hash: Hex } | { kind: 'blob'; blobId: string };

/**
 * Asks now: chain, storage, keys; tells every step as it is done. Never rejects: what could not be asked is a step. Bounded in
 * time by `signal`.
 */
export type CheckProof = (
  subject: ProofSubject,
  onStep: (check: ProofCheck) => void,
  signal: AbortSignal,
) => Promise<ProofCheck>;
