import type { OpenClient } from './client.ts';
import type { StoredProposal, StoredVote } from './governanceRepository.ts';
import { join, sql } from './jsonRows.ts';
import { inPortions } from './portions.ts';
import { HEAVIEST_FIRST, heaviestFirst, readVotes } from './voteRows.ts';

/** Votes of one proposal that rules look at. */
const MAX_VOTES = 1_000;

/** Proposals a statement: each may bring as many votes, and their rows are made in one turn. */
const PORTION = 5;

/** The heaviest votes of the proposals that rules look at, in memory: of most, nothing changes from one reading to the next. */
export class HeldVotes {
  readonly #client: OpenClient;
  #held = new Map<number, StoredVote[]>();
  #writes = 0;

  constructor(client: OpenClient) {
    this.#client = client;
  }

  /**
   * Of each of these proposals, by id, the heaviest 1,000, heaviest first: the same list for as long as nothing changes. Of others nothing
   * is held any longer.
   */
  async of(proposals: readonly StoredProposal[]): Promise<ReadonlyMap<number, readonly StoredVote[]>> {
    const found = new Map<number, StoredVote[]>();
    const wanted: { id: number }[] = [];
    const writes = this.#writes;
    for (const { id, storedVotes } of proposals) {
      const held = storedVotes === 0 ? [] : this.#held.get(id);
      if (held === undefined) wanted.push({ id });
      else found.set(id, held);
    }
    await inPortions(wanted, async (portion) => this.#read(portion, found), PORTION);
    // What was written meanwhile is read the next time.
    if (writes === this.#writes) this.#held = found;
    // A list of its own: what is dropped from here stays with whoever looks at it.
    return new Map(found);
  }

  /** These have other votes now; null: nobody knows which. */
  drop(ids: ReadonlySet<number> | null): void {
    this.#writes += 1;
    if (ids === null) this.#held.clear();
    else for (const id of ids) this.#held.delete(id);
  }

  async #read(portion: readonly { id: number }[], found: Map<number, StoredVote[]>): Promise<void> {
    const { prisma, dialect } = this.#client;
    // One by one: to rank the votes of all of them at once takes twice as long.
    const each = portion.map(
      ({ id }) => sql`SELECT * FROM (SELECT v.* FROM "Vote" v WHERE v."proposalId" = ${id}
        ORDER BY ${HEAVIEST_FIRST} LIMIT ${MAX_VOTES}) AS t`,
    );
    for (const { id } of portion) found.set(id, []);
    for (const vote of await readVotes(prisma, dialect, join(each, ' UNION ALL ')))
      found.get(vote.proposalId)?.push(vote);
    for (const { id } of portion) found.get(id)?.sort(heaviestFirst);
  }
}
