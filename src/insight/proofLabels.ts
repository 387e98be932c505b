import type { ProofMode } from '../lib/proofFacts.ts';

/** Seconds from signed to settled; chain rules and reference: MAX_INFERENCE_AGE 3600 for individual proofs. */
export interface ProofThresholds {
  batchNormalSeconds: number;
  batchSlowSeconds: number;
  individualNormalSeconds: number;
  individualOverdueSeconds: number;
  individualWarnSeconds: number;
  individualExpirySeconds: number;
  /** No batch for this long while use goes on is told. */
  silenceSeconds: number;
  /** p90 of batches above this for half an hour is told. */
  delayP90Seconds: number;
  /** Share of unsigned leaves (0..1) above which it is told. */
  unsignedShare: number;
}

export const defaultProofThresholds: ProofThresholds = {
  batchNormalSeconds: 960,
  batchSlowSeconds: 1_800,
  individualNormalSeconds: 120,
  individualOverdueSeconds: 600,
  individualWarnSeconds: 2_700,
  individualExpirySeconds: 3_600,
  silenceSeconds: 1_800,
  delayP90Seconds: 1_800,
  unsignedShare: 0.1,
};

/** By how much the enclave's clock may differ: the verifier tolerates as much, and heartbeats are dated back by it. */
export const CLOCK_TOLERANCE_SECONDS = 300;

/** `expiring`: an unsettled individual proof shortly before it can never settle. `expired`: it never can. */
export type ProofLabel = 'normal' | 'slow' | 'overdue' | 'expiring' | 'expired';

/** The label of a delay (settled), or of an age (not settled yet). An unknown mode is judged as a batch, the more patient one. */
export function proofLabel(
  mode: ProofMode | null,
  seconds: number,
  isSettled: boolean,
  thresholds: ProofThresholds,
): ProofLabel {
  if (mode === 'individual') {
    if (!isSettled && seconds > thresholds.individualExpirySeconds) return 'expired';
    if (!isSettled && seconds >= thresholds.individualWarnSeconds) return 'expiring';
    if (seconds > thresholds.individualOverdueSeconds) return 'overdue';
    return seconds > thresholds.individualNormalSeconds ? 'slow' : 'normal';
  }
  if (seconds > thresholds.batchSlowSeconds) return 'overdue';
  return seconds > thresholds.batchNormalSeconds ? 'slow' : 'normal';
}
