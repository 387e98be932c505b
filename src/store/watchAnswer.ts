import { type ProofMode, WRONG_STATES } from '../lib/proofFacts.ts';
import type { StoredLeaf, StoredProofWatch, StoredSettlement } from './proofRepository.ts';
import { modeOf } from './settlementRows.ts';

/** What is stored of what a watch waits for. */
export interface WatchAnswer {
  state: 'settled' | 'invalid';
  reason: string;
  settlementId: number;
  mode: ProofMode | null;
  delaySeconds: number | null;
}

/** How far a node's clock and the moment that somebody names may lie apart. */
const CLOCK_TOLERANCE_SECONDS = 300;

/**
 * What a transaction's settlements, in block order, say of it; null while one of them waits for its check, or where there is none
 * that counts. Pure.
 */
export function answerOfTransaction(settlements: readonly StoredSettlement[]): WatchAnswer | null {
  const current = settlements.filter(({ kind, state }) => modeOf(kind) !== null && state !== 'refused');
  const wrong = current.find(({ state }) => WRONG_STATES.includes(state));
  if (wrong !== undefined) return answer(wrong, 'invalid', wrong.reason);
  const verified = current.filter(({ state }) => state === 'verified');
  const first = verified.find(isBad) ?? verified[0];
  if (first === undefined || (current.some(({ state }) => state === 'pending') && !isBad(first))) return null;
  const { counts, kind } = first;
  if (counts['bad-signature'] > 0) return answer(first, 'invalid', badWords(first));
  if (kind === 'individual' && counts.unsigned > 0) return answer(first, 'invalid', 'settled without a signature');
  if (kind === 'individual' && counts['unknown-node'] > 0) return answer(first, 'invalid', UNKNOWN_NODE);
  return answer(first, 'settled', kind === 'individual' && counts['no-key'] > 0 ? NO_KEY : first.reason);
}

/**
 * What the leaves of a request, first settled first, say of it: one that is valid outweighs copies that are not. Where it is known
 * when the answer was signed, those signed before are of another answer to the same request. Pure.
 */
export function answerOfRequest(
  leaves: readonly StoredLeaf[],
  signedAtSeconds: StoredProofWatch['signedAtSeconds'],
): WatchAnswer | null {
  const own = leaves.filter(
    (leaf) => signedAtSeconds === null || leaf.signedAtSeconds >= signedAtSeconds - CLOCK_TOLERANCE_SECONDS,
  );
  const leaf =
    own.find(({ verdict }) => verdict === 'valid') ?? own.find(({ verdict }) => verdict === 'no-key') ?? own[0];
  if (leaf === undefined) return null;
  const { settlement, verdict } = leaf;
  const delaySeconds = Math.max(0, settlement.blockTimestampSeconds - leaf.signedAtSeconds);
  const found = { settlementId: settlement.id, mode: modeOf(settlement.kind), delaySeconds };
  switch (verdict) {
    case 'valid':
      return { ...found, state: 'settled', reason: '' };
    case 'no-key':
      return { ...found, state: 'settled', reason: NO_KEY };
    case 'bad-signature':
      return { ...found, state: 'invalid', reason: 'its signature does not hold' };
    case 'unsigned':
      return { ...found, state: 'invalid', reason: 'settled without a signature' };
    case 'unknown-node':
      return { ...found, state: 'invalid', reason: UNKNOWN_NODE };
  }
}

const UNKNOWN_NODE = 'the node that signed it is not in the registry';
const NO_KEY = 'Its signature could not be checked, for its node’s key is not known';

const isBad = ({ counts }: StoredSettlement): boolean => counts['bad-signature'] > 0;

function badWords({ kind, counts }: StoredSettlement): string {
  const { 'bad-signature': bad, valid } = counts;
  return kind === 'individual'
    ? 'its signature does not hold'
    : `${bad} of ${bad + valid} signatures in it do not hold`;
}

function answer(settlement: StoredSettlement, state: WatchAnswer['state'], reason: string): WatchAnswer {
  const { kind, answer: answered, blockTimestampSeconds, id: settlementId } = settlement;
  const delaySeconds = answered === null ? null : Math.max(0, blockTimestampSeconds - answered.signedAtSeconds);
  return { state, reason, settlementId, mode: modeOf(kind), delaySeconds };
}
