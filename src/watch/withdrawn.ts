import type { Clock } from '../lib/clock.ts';
import type { ProposalReading } from '../lib/governanceFacts.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';

/** One answer may be a node's mistake: so many in a row over so long a time are not. */
const MIN_ANSWERS = 3;
const MIN_MS = 600_000;

/** Tells what is no longer there from what an answer left out by mistake. */
export class Withdrawn {
  readonly #clock: Clock;
  #refused = new Map<string, { answers: number; sinceMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes which were refused in this round; those are gone that were refused in every round for ten minutes, three at least. */
  note(refs: readonly string[]): Set<string> {
    const now = this.#clock.now();
    const refused = refs.map((ref): [string, { answers: number; sinceMs: number }] => {
      const before = this.#refused.get(ref);
      return [ref, { answers: (before?.answers ?? 0) + 1, sinceMs: before?.sinceMs ?? now }];
    });
    this.#refused = new Map(refused);
    return new Set(
      refused
        .filter(([, { answers, sinceMs }]) => answers >= MIN_ANSWERS && now - sinceMs >= MIN_MS)
        .map(([ref]) => ref),
    );
  }
}

/** A proposal that its source has deleted, as the last reading of it. */
export const canceled = (stored: StoredProposal): ProposalReading => ({
  ref: stored.ref,
  title: stored.title,
  summary: stored.summary,
  proposer: stored.proposer,
  status: 'canceled',
  kinds: stored.kinds,
  submittedAtSeconds: stored.submittedAtSeconds,
  startAtSeconds: stored.startAtSeconds,
  endAtSeconds: stored.endAtSeconds,
  choices: stored.choices,
  tally: stored.tally,
  terms: stored.terms,
  votesCount: stored.votesCount,
  link: stored.link,
});
