import type { Hex } from '../lib/facts.ts';
import type { CheckedLeaf, LeafVerdict, SettlementVerdict } from '../lib/proofFacts.ts';
import type { ProofChecker } from '../sources/opengradient/proofs/checker.ts';
import { readBlob } from '../sources/walrus/readBlob.ts';
import type { StoredSettlement } from '../store/proofRepository.ts';
import type { NodesThen } from './nodesThen.ts';

/** A verdict, or why there is none yet. */
export type Checked = { kind: 'decided'; verdict: SettlementVerdict } | { kind: 'unknown'; reason: string };

/** What is absurd, or does not decode, is not stored as a number. */
export const NO_COUNT = 'the settlement claims no number of answers that could be true';

/** Who may settle; empty lists name nobody. */
export interface AllowList {
  senders: readonly Hex[];
  relays: readonly Hex[];
}

/** Why a settlement is refused; null when it is not. `sender` null: it is not known. */
export function refusedBecause(emitter: Hex, sender: Hex | null, { senders, relays }: AllowList): string | null {
  if (senders.length === 0) return null;
  if (relays.length > 0 && !has(relays, emitter)) return 'its contract is none of OG_SETTLEMENT_RELAYS';
  return sender === null || has(senders, sender) ? null : 'its sender is none of OG_SETTLEMENT_SENDERS';
}

/** What an individual settlement proves, given what the signature says: everything that was signed is in the event. */
export function judgeIndividual(
  { answer }: StoredSettlement,
  verdict: LeafVerdict | undefined,
  nodes: NodesThen,
): SettlementVerdict {
  if (answer === null || verdict === undefined) {
    return { state: 'malformed', reason: 'the settlement holds no readable answer', leaves: [] };
  }
  const { teeId, requestHash, outputHash, signedAtSeconds } = answer;
  const leaf = { position: 0, teeId, requestHash, outputHash, signedAtSeconds, verdict };
  return { state: 'verified', reason: '', leaves: [withStanding(leaf, nodes)] };
}

/** Fetches the blob of a batch and checks it. A blob that cannot be read says nothing about the proof. */
export async function checkBatchSettlement(
  { root, batchSize, blobId }: StoredSettlement,
  parts: { aggregators: readonly string[]; checker: ProofChecker; nodes: NodesThen; signal: AbortSignal },
): Promise<Checked> {
  if (root === null) return wrong('malformed', 'the settlement holds no Merkle root');
  if (blobId === null) return wrong('malformed', 'the settlement names no readable blob id');
  if (batchSize === null) return wrong('count-mismatch', NO_COUNT);
  const read = await readBlob(parts.aggregators, blobId, { signal: parts.signal });
  if (read.kind === 'too-large') return wrong('malformed', read.reason);
  if (read.kind !== 'read') return { kind: 'unknown', reason: read.reason };
  const { state, reason, leaves } = await parts.checker.batch(read.bytes, { root, batchSize });
  return {
    kind: 'decided',
    verdict: { state, reason, leaves: leaves.map((leaf) => withStanding(leaf, parts.nodes)) },
  };
}

const wrong = (state: 'malformed' | 'count-mismatch', reason: string): Checked => ({
  kind: 'decided',
  verdict: { state, reason, leaves: [] },
});

export const withStanding = (leaf: Omit<CheckedLeaf, 'standing'>, nodes: NodesThen): CheckedLeaf => ({
  ...leaf,
  standing: nodes.standingOf(leaf.teeId, leaf.signedAtSeconds),
});

const has = (list: readonly Hex[], address: Hex): boolean =>
  list.some((one) => one.toLowerCase() === address.toLowerCase());
