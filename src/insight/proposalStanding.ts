import { shareOf } from '../lib/amount.ts';
import { isClosed, type ProposalReading } from '../lib/governanceFacts.ts';
import type { ProposalStanding } from './participation.ts';

/** What is looked at of a proposal; StoredProposal fits. */
export type JudgedProposal = Pick<
  ProposalReading,
  'status' | 'tally' | 'terms' | 'startAtSeconds' | 'endAtSeconds' | 'kinds'
>;

/** Where a proposal stands. `nowSeconds`: by the clock of its source. Pure. */
export function proposalStanding(proposal: JudgedProposal, nowSeconds: number): ProposalStanding {
  const { tally, terms, startAtSeconds: start, endAtSeconds: end } = proposal;
  const cast = tally === null ? null : sumOf(tally);
  const sums = sumsOf(proposal);
  const voted = cast ?? 0n;
  return {
    cast,
    turnout: cast === null || terms.eligible === null ? null : shareOf(cast, terms.eligible),
    quorum: sums === null ? null : quorumOf(sums.counted, terms.quorum),
    outcome: outcomeOf(proposal),
    yesShare: sums === null || terms.yes === null ? null : shareOf(sums.yes, sums.yes + sums.against),
    vetoShare: sums === null || terms.vetoChoice === null ? null : shareOf(sums.veto, voted),
    leading: tally === null || terms.yes !== null ? null : leadingOf(tally),
    secondsLeft: end === null ? null : Math.max(0, end - nowSeconds),
    elapsed:
      start === null || end === null || end <= start
        ? null
        : Math.min(1, Math.max(0, (nowSeconds - start) / (end - start))),
  };
}

/** Power by what it does; null without a tally. */
export function sumsOf({ tally, terms }: Pick<JudgedProposal, 'tally' | 'terms'>) {
  if (tally === null) return null;
  const of = (choice: number | null): bigint => (choice === null ? 0n : (tally[choice] ?? 0n));
  return {
    cast: sumOf(tally),
    counted: sumOf([...new Set(terms.quorumChoices)].map(of)),
    yes: of(terms.yes),
    against: sumOf([...new Set(terms.against)].map(of)),
    veto: of(terms.vetoChoice),
  };
}

/**
 * As it would end now, or as it did; null where the source has no rule, or where what the rule asks for is not known. In the order of
 * Cosmos's x/gov (keeper/tally.go): without quorum, all abstain, veto, then yes among all that do not abstain, strictly more than the
 * threshold. A quorum that is null while choices count towards it is not known: then a proposal may fail, but is not said to pass.
 */
export function outcomeOf(proposal: JudgedProposal): ProposalStanding['outcome'] {
  const byTally = outcomeByTally(proposal);
  switch (proposal.status) {
    case 'passed':
    case 'queued':
    case 'executed':
    // Accepted; its messages failed (Cosmos).
    case 'failed':
      return 'passes';
    case 'rejected':
      return byTally === 'passes' || byTally === null || byTally === 'open' ? 'fails' : byTally;
    case 'canceled':
      return null;
    default:
      return byTally;
  }
}

function outcomeByTally(proposal: JudgedProposal): ProposalStanding['outcome'] {
  const { status, terms } = proposal;
  const sums = sumsOf(proposal);
  if (sums === null) return null;
  const { cast, counted, yes, against, veto } = sums;
  if (cast === 0n && !isClosed(status)) return 'open';
  if (terms.quorum !== null && counted < terms.quorum) return 'no-quorum';
  if (terms.yes === null || terms.threshold === null) return null;
  if (yes + against === 0n) return 'fails';
  if (terms.vetoChoice !== null && terms.veto !== null && veto * terms.veto.den > terms.veto.num * cast)
    return 'vetoed';
  if (yes * terms.threshold.den <= terms.threshold.num * (yes + against)) return 'fails';
  return terms.quorum === null && terms.quorumChoices.length > 0 ? null : 'passes';
}

/** The choice with the most power; null when nothing was cast, or two are equal. */
export function leadingOf(tally: readonly bigint[]): number | null {
  const [most = 0n] = tally.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0));
  const [first, second] = tally.flatMap((power, choice) => (power === most ? [choice] : []));
  return most === 0n || first === undefined || second !== undefined ? null : first;
}

function quorumOf(counted: bigint, needed: bigint | null): ProposalStanding['quorum'] {
  if (needed === null) return null;
  const missing = counted < needed ? needed - counted : 0n;
  return { counted, needed, missing, share: shareOf(counted, needed) ?? 1 };
}

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
