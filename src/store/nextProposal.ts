import { isClosed, type ProposalReading, type ProposalStatus, type ProposalTerms } from '../lib/governanceFacts.ts';
import type { ProposalState } from './proposalRows.ts';

/** By which one is told of a reading. */
interface At {
  source: string;
  /** The source's own clock. */
  clockSeconds: number;
  nowMs: number;
}

/** A proposal that was not known, as its first reading says it. */
export function newProposal(
  reading: ProposalReading,
  { source, clockSeconds, nowMs, atFirst }: At & { atFirst: boolean },
): ProposalState {
  const closed = isClosed(reading.status);
  return {
    ...reading,
    ...{ source, atFirst, firstSeenAtMs: nowMs, lastReadAtMs: nowMs, statusAtMs: nowMs },
    ...{ previousEndAtSeconds: null, endChangedAtMs: null, votesReadAtMs: null, storedVotes: 0, backAtMs: null },
    closedAtMs: closed ? nowMs : null,
    closedAtSeconds: closed ? endedBy(reading.endAtSeconds, clockSeconds) : null,
  };
}

/**
 * A known proposal after another reading of it. What the reading does not say stays as it was. One that says a status from before the
 * stored one (open, after it was closed) is stale, and is believed when the next one says so too. Pure.
 * @returns isStale: nothing of the reading counts.
 */
export function nextProposal(
  before: ProposalState,
  reading: ProposalReading,
  { clockSeconds, nowMs }: At,
): { state: ProposalState; isStale: boolean } {
  // Not to be able to say it is no status.
  const status = reading.status === 'unknown' ? before.status : reading.status;
  const isBack = stageOf(status) < stageOf(before.status);
  if (isBack && (before.backAtMs === null || before.backAtMs >= nowMs))
    return { state: { ...before, lastReadAtMs: nowMs, backAtMs: nowMs }, isStale: true };
  const endAtSeconds = reading.endAtSeconds ?? before.endAtSeconds;
  const isMoved = before.endAtSeconds !== null && endAtSeconds !== before.endAtSeconds;
  const state: ProposalState = {
    ...before,
    ...{ title: reading.title, summary: reading.summary, kinds: reading.kinds, choices: reading.choices },
    proposer: reading.proposer ?? before.proposer,
    link: reading.link ?? before.link,
    submittedAtSeconds: reading.submittedAtSeconds ?? before.submittedAtSeconds,
    startAtSeconds: reading.startAtSeconds ?? before.startAtSeconds,
    votesCount: reading.votesCount ?? before.votesCount,
    tally: nextTally(before.tally, reading.tally, status),
    terms: nextTerms(before.terms, reading.terms, status),
    ...{ status, endAtSeconds, lastReadAtMs: nowMs, backAtMs: null },
    statusAtMs: status === before.status ? before.statusAtMs : nowMs,
    previousEndAtSeconds: isMoved ? before.endAtSeconds : before.previousEndAtSeconds,
    endChangedAtMs: isMoved ? nowMs : before.endChangedAtMs,
    ...nextClose(before, { status, endAtSeconds }, { clockSeconds, nowMs }),
  };
  return { state, isStale: false };
}

/** Statuses go one way: before the vote, in it, after it. */
function stageOf(status: ProposalStatus): number {
  if (isClosed(status)) return 2;
  return status === 'voting' ? 1 : 0;
}

/** Its end, where that has come by the source's clock. */
const endedBy = (endAtSeconds: number | null, clockSeconds: number): number | null =>
  endAtSeconds !== null && endAtSeconds <= clockSeconds ? endAtSeconds : null;

function nextClose(
  before: ProposalState,
  { status, endAtSeconds }: Pick<ProposalState, 'status' | 'endAtSeconds'>,
  { clockSeconds, nowMs }: Omit<At, 'source'>,
): Pick<ProposalState, 'closedAtMs' | 'closedAtSeconds'> {
  if (!isClosed(status)) return { closedAtMs: null, closedAtSeconds: null };
  if (before.closedAtMs !== null) return { closedAtMs: before.closedAtMs, closedAtSeconds: before.closedAtSeconds };
  // Closed before its end: canceled since the last reading.
  return { closedAtMs: nowMs, closedAtSeconds: endedBy(endAtSeconds, clockSeconds) ?? clockSeconds };
}

/** Sources forget the votes of what is closed, and then count none. */
function nextTally(before: bigint[] | null, said: bigint[] | null, status: ProposalStatus): bigint[] | null {
  if (said === null) return before;
  return before !== null && isClosed(status) && said.every((amount) => amount === 0n) ? before : said;
}

/** What could vote when it closed is what is known last from before: sources go on saying what could vote now. */
function nextTerms(before: ProposalTerms, said: ProposalTerms, status: ProposalStatus): ProposalTerms {
  const { eligible, eligibleWords, otherEligible, quorum, quorumChoices } = before;
  const isOver = isClosed(status);
  return {
    ...said,
    ...(eligible !== null && (isOver || said.eligible === null) ? { eligible, eligibleWords, otherEligible } : {}),
    ...(quorum !== null && (isOver || said.quorum === null) ? { quorum, quorumChoices } : {}),
  };
}
