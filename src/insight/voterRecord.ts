import { shareOf } from '../lib/amount.ts';
import type { VoteReading } from '../lib/governanceFacts.ts';

/** A closed proposal and the votes that are known of it. What the store answers fits. */
export interface VotedOn {
  proposal: { votesReadAtMs: number | null };
  votes: readonly Pick<VoteReading, 'voter' | 'power'>[];
}

/** How one voter took part in closed proposals. */
export interface VoterRecord {
  voted: number;
  /** Proposals whose votes were read: of others it is not known who voted. */
  of: number;
  /** How many of the newest, without a gap, they voted on. */
  streak: number;
  /** Their power as a share of what was cast, averaged over the proposals on which they voted with a known power. */
  averageShare: number | null;
}

/** `closed`: newest first. `voter`: lower case. */
export function voterRecord(voter: string, closed: readonly VotedOn[]): VoterRecord {
  const known = closed.filter(({ proposal, votes }) => proposal.votesReadAtMs !== null || votes.length > 0);
  const own = known.map(({ votes }) => votes.find((vote) => vote.voter === voter) ?? null);
  const missed = own.indexOf(null);
  const shares = own.flatMap((vote, index) => {
    if (vote === null || vote.power === null) return [];
    const cast = known[index]?.votes.reduce((sum, { power }) => sum + (power ?? 0n), 0n) ?? 0n;
    return shareOf(vote.power, cast) ?? [];
  });
  return {
    voted: own.filter((vote) => vote !== null).length,
    of: known.length,
    streak: missed === -1 ? own.length : missed,
    averageShare: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
  };
}
