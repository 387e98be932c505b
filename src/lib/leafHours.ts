import type { LeafVerdict, ProofMode } from './proofFacts.ts';

/** A settled answer, as far as the hours of proofs are made of it. */
export interface HourLeaf {
  /** A Node id; -1 when its node is not known. */
  nodeId: number;
  mode: ProofMode;
  verdict: LeafVerdict;
  /** By the node's clock. */
  signedAtSeconds: number;
  /** Block time. */
  settledAtSeconds: number;
}

/** What answers add to one hour of one node (0: of all together). hour = unix time / 3600. */
export interface LeafHour {
  hour: number;
  nodeId: number;
  mode: ProofMode;
  /** Answers settled in this hour, by verdict as well. */
  settled: number;
  verdicts: Record<LeafVerdict, number>;
  /** Seconds from signed to settled of the valid ones settled in this hour; `clamped` of them were signed later than settled. */
  delays: number[];
  clamped: number;
  /** Of the same, unix seconds; 0 where there is none. */
  lastSignedAtSeconds: number;
  lastSettledAtSeconds: number;
  /** Valid ones signed in this hour. */
  signed: number;
  /** Seconds of this hour that valid answers were visible and unproven. */
  exposedSeconds: number;
}

const HOUR = 3600;

/** How far back from its settlement an answer counts; one signed before that counts as signed then. */
export const MAX_EXPOSED_HOURS = 168;

/**
 * Folds answers, each given once, into hours of their nodes and of all together (node 0). Pure; their order is irrelevant. A
 * signed time after the settlement counts as the settlement's, so that no hour lies after it and nothing is negative.
 */
export function leafHours(leaves: Iterable<HourLeaf>): LeafHour[] {
  const hours = new Map<string, LeafHour>();
  for (const leaf of leaves) {
    add(hours, leaf, leaf.nodeId);
    if (leaf.nodeId !== 0) add(hours, leaf, 0);
  }
  return [...hours.values()];
}

/** The first and the last hour that an answer counts in. */
export function hoursOfLeaf(
  leaf: Pick<HourLeaf, 'signedAtSeconds' | 'settledAtSeconds'>,
): [first: number, last: number] {
  return [Math.floor(exposedFrom(leaf) / HOUR), Math.floor(leaf.settledAtSeconds / HOUR)];
}

function add(hours: Map<string, LeafHour>, leaf: HourLeaf, nodeId: number): void {
  const { mode, verdict, signedAtSeconds, settledAtSeconds } = leaf;
  const settled = hourOf(hours, Math.floor(settledAtSeconds / HOUR), nodeId, mode);
  settled.settled += 1;
  settled.verdicts[verdict] += 1;
  if (verdict !== 'valid') return;
  settled.delays.push(Math.max(0, settledAtSeconds - signedAtSeconds));
  if (signedAtSeconds > settledAtSeconds) settled.clamped += 1;
  settled.lastSignedAtSeconds = Math.max(settled.lastSignedAtSeconds, Math.min(signedAtSeconds, settledAtSeconds));
  settled.lastSettledAtSeconds = Math.max(settled.lastSettledAtSeconds, settledAtSeconds);
  const from = exposedFrom(leaf);
  const first = Math.floor(from / HOUR);
  hourOf(hours, first, nodeId, mode).signed += 1;
  for (let hour = first; hour * HOUR < settledAtSeconds; hour += 1) {
    const seconds = Math.min(settledAtSeconds, (hour + 1) * HOUR) - Math.max(from, hour * HOUR);
    if (seconds > 0) hourOf(hours, hour, nodeId, mode).exposedSeconds += seconds;
  }
}

const exposedFrom = ({ signedAtSeconds, settledAtSeconds }: Pick<HourLeaf, 'signedAtSeconds' | 'settledAtSeconds'>) =>
  Math.min(settledAtSeconds, Math.max(0, signedAtSeconds, settledAtSeconds - MAX_EXPOSED_HOURS * HOUR));

function hourOf(hours: Map<string, LeafHour>, hour: number, nodeId: number, mode: ProofMode): LeafHour {
  const key = `${hour}/${nodeId}/${mode}`;
  let row = hours.get(key);
  if (row === undefined) {
    row = {
      ...{ hour, nodeId, mode, settled: 0, delays: [], clamped: 0, signed: 0, exposedSeconds: 0 },
      verdicts: { valid: 0, 'bad-signature': 0, unsigned: 0, 'unknown-node': 0, 'no-key': 0 },
      ...{ lastSignedAtSeconds: 0, lastSettledAtSeconds: 0 },
    };
    hours.set(key, row);
  }
  return row;
}
