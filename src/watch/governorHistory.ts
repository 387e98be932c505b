import type { VoteReading } from '../lib/governanceFacts.ts';
import type { CastVote, CreatedProposal, GovernorEvent } from '../sources/governor/governorLogs.ts';
import { CHOICES } from '../sources/governor/governorLogs.ts';

/** What is held at once while a long history is read; beyond it the oldest proposals are dropped, and votes on the oldest. */
const MAX_PROPOSALS = 5_000;
const MAX_VOTES = 200_000;

/** What a governor logged since the last round, by proposal. */
export class GovernorHistory {
  readonly created = new Map<string, CreatedProposal>();
  /** By proposal and voter: whoever votes again has voted otherwise. */
  readonly votes = new Map<string, Map<string, CastVote>>();
  /** Proposals of which not every vote can be told: too many, or of a counting that is not read. */
  readonly partly = new Set<string>();
  /** Proposals whose state was changed by a transaction. */
  readonly changed = new Set<string>();
  #count = 0;
  readonly #maxVotes: number;

  constructor(maxVotes = MAX_VOTES) {
    this.#maxVotes = maxVotes;
  }

  add(events: readonly GovernorEvent[]): void {
    for (const event of events) {
      if (event.kind === 'created') {
        this.created.set(event.ref, event);
        for (const oldest of this.created.keys()) {
          if (this.created.size <= MAX_PROPOSALS) break;
          this.created.delete(oldest);
        }
      } else if (event.kind === 'changed') this.changed.add(event.ref);
      else if (CHOICES[event.support] === undefined) this.partly.add(event.ref);
      else this.#addVote(event);
    }
  }

  /** Oldest first. */
  votesOf(ref: string): VoteReading[] {
    return [...(this.votes.get(ref)?.values() ?? [])].map(({ voter, support, weight, atSeconds }) => ({
      voter,
      choices: [{ choice: support, weight: '1' }],
      power: weight,
      castAtSeconds: atSeconds,
    }));
  }

  #addVote(vote: CastVote): void {
    const votes = this.votes.get(vote.ref) ?? new Map<string, CastVote>();
    this.votes.set(vote.ref, votes);
    if (!votes.has(vote.voter)) this.#count += 1;
    votes.set(vote.voter, vote);
    for (const [ref, oldest] of this.votes) {
      if (this.#count <= this.#maxVotes) break;
      this.#count -= oldest.size;
      this.votes.delete(ref);
      this.partly.add(ref);
    }
  }
}
