import type { ProposalTerms, Unit, VoteReading } from '../../lib/governanceFacts.ts';
import type { SetReading } from '../../lib/influence.ts';
import { some } from './count.ts';
import { type SetInput, setReading, Weights } from './weights.ts';

/** A proposal with its stored votes. */
export interface VotedProposal {
  terms: Pick<ProposalTerms, 'unit' | 'shielded'>;
  /** All of its votes were read then; null: never. */
  votesReadAtMs: number | null;
  votes: readonly Pick<VoteReading, 'voter' | 'power'>[];
}

/**
 * Voters by the power that they cast on these proposals (newest first), all together: who votes on two counts twice. Counted in the
 * unit of the newest one that has votes. null: votes are known, and the power of none is.
 */
export function voterSet(proposals: readonly VotedProposal[], input: SetInput): SetReading | null {
  const first = proposals.find(({ votes }) => votes.length > 0) ?? proposals[0];
  const count = new VoterCount(first?.terms.unit ?? null);
  for (const proposal of proposals) {
    count.add(proposal);
    count.addVotes(proposal, proposal.votes);
  }
  return count.set(input);
}

/** The same, for votes that are not all there at once. `unit`: of the newest proposal that has votes. */
export class VoterCount {
  readonly #unit: Unit;
  readonly #weights = new Weights();
  #unread = 0;
  #hidden = 0;
  #otherUnit = 0;
  #unknown = 0;
  #known = 0;

  constructor(unit: Unit | null) {
    this.#unit = unit ?? NO_UNIT;
  }

  add({ terms, votesReadAtMs }: Omit<VotedProposal, 'votes'>): void {
    if (!isSame(terms.unit, this.#unit)) this.#otherUnit += 1;
    else if (terms.shielded) this.#hidden += 1;
    else if (votesReadAtMs === null) this.#unread += 1;
  }

  /** Some votes of a proposal, each once. */
  addVotes({ terms }: Pick<VotedProposal, 'terms'>, votes: VotedProposal['votes']): void {
    if (!isSame(terms.unit, this.#unit)) return;
    for (const { voter, power } of votes) {
      if (power === null) this.#unknown += 1;
      else {
        this.#known += 1;
        this.#weights.add(voter, power);
      }
    }
  }

  set(input: SetInput): SetReading | null {
    if (this.#known === 0 && this.#unknown > 0) return null;
    return setReading('voters', input, this.#unit, this.#weights.members(), [
      some(this.#unknown, 'vote', 'of voters without known power'),
      some(this.#unread, 'proposal', 'whose votes were not read in full'),
      some(this.#hidden, 'proposal', 'with hidden votes'),
      some(this.#otherUnit, 'proposal', 'counted in another unit'),
    ]);
  }
}

const NO_UNIT: Unit = { symbol: 'power', decimals: 0 };

const isSame = (a: Unit, b: Unit): boolean => a.symbol === b.symbol && a.decimals === b.decimals;
