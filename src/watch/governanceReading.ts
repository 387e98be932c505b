import { isClosed, type ProposalReading, type VoteReading } from '../lib/governanceFacts.ts';
import { type ChainProposal, type GovParams, termsOf } from '../sources/opengradient/govProposal.ts';
import type { StakedValidator } from '../sources/opengradient/stakingPrecompile.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';

/** What was read of the votes of one proposal. */
export interface Votes {
  votes: readonly VoteReading[];
  isComplete: boolean;
}

/** Votes do not vanish while a proposal is open: an answer with fewer than were seen, or with none of those that are counted, is not all. */
export function credible(read: Votes, { tally }: ChainProposal, stored: StoredProposal | undefined): Votes {
  const isShort = read.votes.length < (stored?.storedVotes ?? 0);
  const isEmpty = read.votes.length === 0 && (tally ?? []).some((amount) => amount > 0n);
  return { ...read, isComplete: read.isComplete && !isShort && !isEmpty };
}

/** Only bonded power counts. */
export const powerOf = ({ status, tokensWei }: StakedValidator): bigint => (status === 'bonded' ? tokensWei : 0n);

/** An operator votes with the account of the same twenty bytes; whoever else votes has no power that is known. */
export const weighed =
  (power: ReadonlyMap<string, bigint>) =>
  (vote: VoteReading): VoteReading => ({ ...vote, power: power.get(vote.voter) ?? null });

/** What a closed proposal needed is what it needed when it was last seen open. */
export function readingOf(
  proposal: ChainProposal,
  params: GovParams | null,
  bonded: bigint | null,
  stored: StoredProposal | undefined,
): ProposalReading {
  const { id: _, ...reading } = proposal;
  if (!isClosed(proposal.status)) return { ...reading, terms: termsOf(proposal, params, bonded) };
  return { ...reading, terms: stored?.terms ?? termsOf(proposal, params, null) };
}
