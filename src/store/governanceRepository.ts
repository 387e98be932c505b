import type { ProposalReading, ProposalStatus, ValidatorReading, VoteReading } from '../lib/governanceFacts.ts';

export interface StoredProposal extends ProposalReading {
  id: number;
  source: string;
  /** It was there when the source was read for the first time. */
  atFirst: boolean;
  firstSeenAtMs: number;
  lastReadAtMs: number;
  statusAtMs: number;
  /** Its end before the last change of it; null: it never changed. */
  previousEndAtSeconds: number | null;
  endChangedAtMs: number | null;
  closedAtMs: number | null;
  closedAtSeconds: number | null;
  /** All its votes were read then; null: never. */
  votesReadAtMs: number | null;
  /** Votes that are stored. */
  storedVotes: number;
}

export interface StoredVote extends VoteReading {
  proposalId: number;
  firstSeenAtMs: number;
  changedAtMs: number | null;
  atFirst: boolean;
}

export interface StoredValidator extends ValidatorReading {
  source: string;
  atFirst: boolean;
  firstSeenAtMs: number;
  lastReadAtMs: number;
  /** First seen jailed, the last time; null: never, or it was so when the source was read for the first time. */
  jailedAtMs: number | null;
  unjailedAtMs: number | null;
  /** Missing since then; null: it is there. */
  goneAtMs: number | null;
  /** It is back since then; null: it never left. */
  returnedAtMs: number | null;
  previousTokensWei: bigint | null;
  powerChangedAtMs: number | null;
}

/** What rules look at of proposals and validators. */
export interface GovernanceFacts {
  /** Of each source when it was last read, by this bot's clock, and by its own (unix seconds). */
  sources: { source: string; readAtMs: number; clockSeconds: number }[];
  /**
   * Open ones, and those first seen or closed within the last two days, but for those that were closed when their source was read for
   * the first time; at most 1,000 (open ones before others), the newest first.
   */
  proposals: StoredProposal[];
  /**
   * By id, of open proposals and of those closed within two days: the heaviest 1,000 votes, heaviest first. A list is the same as before
   * for as long as none of its votes changes, so that what is made of it can be kept with it.
   */
  votes: ReadonlyMap<number, readonly StoredVote[]>;
  /**
   * Voters that some chat follows (scope `voter`), on every open proposal, and whether they have voted; null: it is not known,
   * because the votes were not read completely the last time that the source was read or within ten minutes before, or that is two
   * hours ago.
   */
  followed: { voter: string; proposalId: number; hasVoted: boolean | null }[];
  /** Present ones, and those that left within the last two days. */
  validators: StoredValidator[];
}

export interface GovernanceRepository {
  /** For rules; from memory while nothing was written, at most 10 s old. null before any source was read. */
  facts(nowMs: number): Promise<GovernanceFacts | null>;
  /**
   * What a source said: proposals by (source, ref). One that is not named stays as it was: an answer may be empty by mistake. `votes`
   * by ref: all that could be read of it; absent: not asked. Votes are added and changed, never removed: sources prune them. One that
   * was cast before the one that is known is not taken.
   * A changed end keeps the previous one. The very first reading of a source is `atFirst`, with what was opened before it and is named
   * later; and so are the votes of a proposal that was there at first until they were read completely once. What an answer does not
   * say (tally, end, status, what could vote) does not erase what was known, nor does a closed proposal's zero tally; what could vote
   * when it closed stays. A status from before the known one (open, after closed) is one stale answer, of which nothing counts, until
   * the second reading in a row says so. Votes are read completely when `isComplete` says so, except that no votes at all are not
   * believed where votes, a tally or a count of them is known.
   */
  saveProposals(input: {
    source: string;
    readings: readonly ProposalReading[];
    votes: ReadonlyMap<string, { votes: readonly VoteReading[]; isComplete: boolean }>;
    /** The source's own clock, unix seconds. */
    clockSeconds: number;
    nowMs: number;
  }): Promise<void>;
  /** All validators that there are, at one block. One that is missing from two readings in a row has left; an empty list says nothing. */
  saveValidators(input: {
    source: string;
    readings: readonly ValidatorReading[];
    clockSeconds: number;
    nowMs: number;
  }): Promise<void>;
  /** Newest first (by start, else submission, else first seen); `sources` empty: of every one, `statuses` empty: in every one. */
  proposals(query: {
    sources: readonly string[];
    statuses: readonly ProposalStatus[];
    limit: number;
    offset: number;
  }): Promise<{ rows: StoredProposal[]; total: number }>;
  /**
   * By source and ref; with several sources, the first that has it; null of none. Also by the beginning (8 characters or more) of a long
   * ref, in whatever case; null where two of one source begin so.
   */
  findProposal(sources: readonly string[], ref: string): Promise<StoredProposal | null>;
  /** Those with these ids. */
  byIds(ids: readonly number[]): Promise<StoredProposal[]>;
  /** Heaviest first, of equal ones the oldest; votes without a known power last, oldest first. */
  votes(proposalId: number, limit: number): Promise<StoredVote[]>;
  /**
   * By voter, those after that one (empty: from the beginning), at most `limit`: all votes of a proposal, without holding all of them or
   * anybody else up.
   */
  votePage(proposalId: number, afterVoter: string, limit: number): Promise<StoredVote[]>;
  /** Rises with every write of this process that may have changed a vote: what was made of votes may be old by then. */
  votesVersion(): number;
  /** Of one voter (in any case) in these sources, newest proposal first, at most `limit`. */
  votesOf(
    voter: string,
    sources: readonly string[],
    limit: number,
  ): Promise<{ vote: StoredVote; proposal: StoredProposal }[]>;
  /** Closed proposals with an end at or after, newest first. */
  endedSince(sources: readonly string[], fromSeconds: number, limit: number): Promise<StoredProposal[]>;
  /** The same with all their votes, heaviest first: for participation. */
  closedSince(
    sources: readonly string[],
    fromSeconds: number,
    limit: number,
  ): Promise<{ proposal: StoredProposal; votes: StoredVote[] }[]>;
  /** The mightiest first; those that left too. */
  validators(source: string): Promise<StoredValidator[]>;
  /** When each source was last read. */
  read(): Promise<GovernanceFacts['sources']>;
}
