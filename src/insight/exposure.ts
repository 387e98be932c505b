import type { ProofMode } from '../lib/proofFacts.ts';
import { type DayRequests, knownTime, type UnsettledShare, unsettledShare, type Window } from './sharedDays.ts';

export const EXPOSURE_DEFINITION =
  'exposure: the time between an answer’s signature and its settlement, in which whoever acts on it acts on trust. Valid answers, each once, counted when they are settled: those still open are not in it yet. Private ones are never settled.';

/** One hour of proofs of the network, as the store keeps it. */
export interface ExposureRow {
  hour: number;
  mode: ProofMode;
  valid: number;
  signed: number;
  exposedSeconds: number;
}

export interface Exposure {
  /** Valid answers signed within the window and settled by now; null when nothing of the window is known. */
  signed: number | null;
  /** Seconds that answers were visible and unproven, within the window, summed over answers. */
  exposedSeconds: number | null;
  /** How many were so at a time, on average. */
  meanUnproven: number | null;
  /** How much of the window is known, seconds. */
  knownSeconds: number;
  byMode: Record<ProofMode, { signed: number; exposedSeconds: number }>;
  neverProven: UnsettledShare;
}

/** `rows`: hours of the network (nodeId 0) within the window, in any order. Pure. */
export function exposureOf(rows: readonly ExposureRow[], usageDays: readonly DayRequests[], window: Window): Exposure {
  const known = knownTime(rows, window);
  const within = rows.filter(({ hour }) => known !== null && (hour + 1) * 3_600 > known.fromSeconds);
  const of = (mode: ProofMode): { signed: number; exposedSeconds: number } => {
    const own = within.filter((row) => row.mode === mode);
    return { signed: sum(own, 'signed'), exposedSeconds: sum(own, 'exposedSeconds') };
  };
  const knownSeconds = known === null ? 0 : known.toSeconds - known.fromSeconds;
  const exposedSeconds = sum(within, 'exposedSeconds');
  return {
    signed: known === null ? null : sum(within, 'signed'),
    exposedSeconds: known === null ? null : exposedSeconds,
    meanUnproven: known === null ? null : exposedSeconds / knownSeconds,
    knownSeconds,
    byMode: { batch: of('batch'), individual: of('individual') },
    // What is settled and not valid proves nothing.
    neverProven: unsettledShare(
      rows.map(({ hour, valid }) => ({ hour, settled: valid })),
      usageDays,
      window,
    ),
  };
}

const sum = (rows: readonly ExposureRow[], field: 'signed' | 'exposedSeconds'): number =>
  rows.reduce((total, row) => total + Math.max(0, row[field]), 0);
