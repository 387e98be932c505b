import type { Clock } from '../lib/clock.ts';
import { GOVERNANCE_SOURCE, isClosed, PROPOSAL_STATUSES, type ProposalReading } from '../lib/governanceFacts.ts';
import { readProposals, readProposalsById } from '../sources/opengradient/govPrecompile.ts';
import type { ChainProposal } from '../sources/opengradient/govProposal.ts';
import type { Precompile } from '../sources/opengradient/precompile.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { Store } from '../store/store.ts';
import { canceled, Withdrawn } from './withdrawn.ts';

const MAX_PROPOSALS = 5_000;
const STORED_A_PAGE = 1_000;

const OPEN = PROPOSAL_STATUSES.filter((status) => !isClosed(status));

/** Which proposals the chain has: the whole list from time to time, and in between the newest page and what is open. */
export class GovernanceList {
  /** What is not read of it, for readers. */
  note: string | null = null;
  readonly #store: Pick<Store, 'governance'>;
  readonly #withdrawn: Withdrawn;
  /** Highest number that was seen. */
  #newestId = 0n;

  constructor(store: Pick<Store, 'governance'>, clock: Clock) {
    this.#store = store;
    this.#withdrawn = new Withdrawn(clock);
  }

  /** All of them, or the newest page where that goes on from what was seen. */
  async read(at: Precompile, isDue: boolean): Promise<{ proposals: ChainProposal[]; isWhole: boolean }> {
    if (!isDue) {
      const newest = await readProposals(at);
      const oldest = newest.proposals.at(-1);
      // A page that does not reach back to what is known, be it that many are new or that the chain begins with the oldest.
      const hasGap = oldest !== undefined && oldest.id > this.#newestId + 1n;
      const isOther = newest.proposals[0] !== undefined && newest.proposals[0].id < this.#newestId;
      if (newest.isComplete || (!hasGap && !isOther)) return { proposals: newest.proposals, isWhole: false };
    }
    const { proposals, isComplete } = await readProposals(at, MAX_PROPOSALS);
    this.note = isComplete ? null : `only the newest ${MAX_PROPOSALS} proposals are read`;
    return { proposals, isWhole: true };
  }

  /** By their number: open ones, or every one that is stored. */
  async stored(isWhole: boolean): Promise<Map<string, StoredProposal>> {
    const found = new Map<string, StoredProposal>();
    const statuses = isWhole ? PROPOSAL_STATUSES : OPEN;
    for (let offset = 0; offset < MAX_PROPOSALS; offset += STORED_A_PAGE) {
      const query = { sources: [GOVERNANCE_SOURCE], statuses, limit: STORED_A_PAGE, offset };
      const { rows, total } = await this.#store.governance.proposals(query);
      for (const row of rows) found.set(row.ref, row);
      if (rows.length === 0 || found.size >= total) break;
    }
    return found;
  }

  /**
   * Open ones that the list did not name, by their number. `refused`: the chain has had none of that number for a while; it deletes
   * what was canceled, or had too little deposit.
   */
  async missing(
    at: Precompile,
    proposals: readonly ChainProposal[],
    stored: ReadonlyMap<string, StoredProposal>,
  ): Promise<{ named: ChainProposal[]; refused: ProposalReading[] }> {
    const listed = new Set(proposals.map(({ ref }) => ref));
    const missing = [...stored.values()].filter(({ ref, status }) => !isClosed(status) && !listed.has(ref));
    const ids = missing.filter(({ ref }) => /^\d{1,20}$/.test(ref));
    const answers = await readProposalsById(
      at,
      ids.map(({ ref }) => BigInt(ref)),
    );
    const named = answers.filter((answer) => answer !== null);
    const gone = this.#withdrawn.note(ids.filter((_, index) => answers[index] === null).map(({ ref }) => ref));
    return {
      named,
      refused: ids.filter(({ ref }) => gone.has(ref)).map(canceled),
    };
  }

  /** These are stored. */
  wasRead(proposals: readonly ChainProposal[], isWhole: boolean): void {
    // Numbers of proposals that were deleted are not waited for.
    if (isWhole) this.#newestId = 0n;
    for (const { id } of proposals) if (id > this.#newestId) this.#newestId = id;
  }
}
