import { mergeHistograms } from '../lib/histogram.ts';
import type { ProofMode } from '../lib/proofFacts.ts';
import { quantilesOf } from './proofDelay.ts';

/** Below this many valid proofs delays are not compared. */
const MIN_PROOFS = 5;

/** Sums of a window by node and mode. */
export interface NodeProofRow {
  /** -1: of no known node; 0 (the network) is passed over. */
  nodeId: number;
  mode: ProofMode;
  settled: number;
  valid: number;
  delays: Uint8Array | null;
  maxDelaySeconds: number;
}

export interface ModeProofs {
  settled: number;
  valid: number;
  /** valid / settled, 0..1; null when nothing was settled. */
  validShare: number | null;
  /** null below 5 valid ones. */
  p50Seconds: number | null;
  p90Seconds: number | null;
  /** The other known nodes together; null below 5 valid ones of theirs. */
  others: { nodes: number; validShare: number | null; p50Seconds: number; p90Seconds: number } | null;
  /** Its place by p90 among the nodes with 5 valid ones or more, 1 the fastest; null when it is not among them. */
  rank: { place: number; of: number } | null;
}

export interface NodeProofs extends Record<ProofMode, ModeProofs> {
  settled: number;
  valid: number;
  validShare: number | null;
}

/** One node's proofs against those of the other known nodes, itself left out. Pure; the order of rows does not matter. */
export function nodeProofs(nodeId: number, rows: readonly NodeProofRow[]): NodeProofs {
  const known = rows.filter((row) => row.nodeId > 0);
  const own = known.filter((row) => row.nodeId === nodeId);
  const { settled, valid, validShare } = counts(own);
  return {
    settled,
    valid,
    validShare,
    batch: ofMode(
      nodeId,
      known.filter(({ mode }) => mode === 'batch'),
    ),
    individual: ofMode(
      nodeId,
      known.filter(({ mode }) => mode === 'individual'),
    ),
  };
}

function ofMode(nodeId: number, rows: readonly NodeProofRow[]): ModeProofs {
  const own = rows.filter((row) => row.nodeId === nodeId);
  const rest = rows.filter((row) => row.nodeId !== nodeId);
  const delays = compared(own);
  const others = compared(rest);
  return {
    ...counts(own),
    p50Seconds: delays?.p50Seconds ?? null,
    p90Seconds: delays?.p90Seconds ?? null,
    others: others && {
      nodes: new Set(rest.filter((row) => row.settled > 0).map((row) => row.nodeId)).size,
      validShare: counts(rest).validShare,
      ...others,
    },
    rank: delays && rankOf(delays.p90Seconds, rest),
  };
}

function counts(rows: readonly NodeProofRow[]): Pick<ModeProofs, 'settled' | 'valid' | 'validShare'> {
  const settled = rows.reduce((sum, row) => sum + row.settled, 0);
  const valid = rows.reduce((sum, row) => sum + row.valid, 0);
  return { settled, valid, validShare: settled === 0 ? null : Math.min(1, valid / settled) };
}

/** null below 5 cases. */
function compared(rows: readonly NodeProofRow[]): { p50Seconds: number; p90Seconds: number } | null {
  const found = quantilesOf(mergeHistograms(rows.map((row) => row.delays)), rows);
  if (found.count < MIN_PROOFS || found.p50Seconds === null || found.p90Seconds === null) return null;
  return { p50Seconds: found.p50Seconds, p90Seconds: found.p90Seconds };
}

function rankOf(p90Seconds: number, rest: readonly NodeProofRow[]): { place: number; of: number } {
  const theirs = [...Map.groupBy(rest, (row) => row.nodeId).values()].flatMap((rows) => compared(rows) ?? []);
  return { place: 1 + theirs.filter((other) => other.p90Seconds < p90Seconds).length, of: theirs.length + 1 };
}
