import type { ProposalReading, VoteReading } from '../lib/governanceFacts.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { Store } from '../store/store.ts';
import type { GovernorHistory } from './governorHistory.ts';

/** Of one proposal; more cannot be compared with its tally. */
const MAX_COMPARED = 200_000;

interface Read {
  votes: VoteReading[];
  isComplete: boolean;
}

/**
 * Tells whether every vote on a proposal is known: those that are stored and those of the new logs add up to the governor's own
 * tally. A node that lists too few logs is found out by that.
 */
export class GovernorVotes {
  readonly #store: Pick<Store, 'governance'>;
  /** The tally that the stored votes of a proposal added up to. */
  readonly #verified = new Map<string, string>();

  constructor(store: Pick<Store, 'governance'>) {
    this.#store = store;
  }

  /** `partly`: not every vote of it can be told. What was new before and is said again changes nothing. */
  async of(
    { ref, tally }: ProposalReading,
    history: GovernorHistory,
    stored: StoredProposal | undefined,
    partly: boolean,
  ): Promise<Read> {
    const votes = history.votesOf(ref);
    if (partly) return { votes, isComplete: false };
    // Without a tally to compare them with they are all when its first block was read.
    const isFollowed = history.created.has(ref) || stored?.votesReadAtMs != null;
    const before = stored === undefined || stored.storedVotes === 0 ? [] : await this.#before(stored, votes, tally);
    // An answer without any vote would say that nothing is known of them.
    const said = votes.length > 0 ? votes : before.slice(0, 1);
    if (tally === null) return { votes: said, isComplete: isFollowed };
    if (votes.length === 0 && this.#verified.get(ref) === String(tally)) return { votes: said, isComplete: true };
    const isComplete = addUp([...before, ...votes], tally);
    if (isComplete) this.#verified.set(ref, String(tally));
    else this.#verified.delete(ref);
    return { votes: said, isComplete };
  }

  async #before(
    { id, ref }: StoredProposal,
    votes: readonly VoteReading[],
    tally: readonly bigint[] | null,
  ): Promise<VoteReading[]> {
    const isVerified = votes.length === 0 && (tally === null || this.#verified.get(ref) === String(tally));
    return await this.#store.governance.votes(id, isVerified ? 1 : MAX_COMPARED);
  }
}

/** Later votes of a voter replace earlier ones. */
function addUp(votes: readonly VoteReading[], tally: readonly bigint[]): boolean {
  const sums = tally.map(() => 0n);
  for (const { choices, power } of new Map(votes.map((vote) => [vote.voter, vote])).values()) {
    const choice = choices[0]?.choice ?? -1;
    if (sums[choice] === undefined || power === null) return false;
    sums[choice] += power;
  }
  return sums.every((sum, choice) => sum === tally[choice]);
}
