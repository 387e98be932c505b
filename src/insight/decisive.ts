import { shareOf } from '../lib/amount.ts';
import { parseDecimal } from '../lib/decimal.ts';
import type { VoteReading } from '../lib/governanceFacts.ts';
import type { Decisive } from './participation.ts';
import { type JudgedProposal, leadingOf, outcomeOf, sumsOf } from './proposalStanding.ts';

/** StoredVote fits. */
export type CastVote = Pick<VoteReading, 'choices' | 'power'>;

/** Weights of a split vote are read to so many places. */
const PLACES = 18;
/** Voting systems in which the result is not the sum of the power for each choice (Snapshot). */
export const NOT_SUMS: ReadonlySet<string> = new Set(['ranked-choice', 'quadratic', 'copeland']);

const UNKNOWN: Decisive = { top1: null, top5: null, flip: null };

/**
 * How much of the outcome the largest voters made, and the fewest voters of the side that prevails who would change the outcome by
 * changing to the other one: yes to against (veto where there is one), against to yes, out of the veto, or from the leading to the
 * second of free choices. What each moves adds up, so the heaviest movers are the fewest. Votes without a known power are left out;
 * while the tally has more power than they do, a figure is given only if no vote that is not known could be among its voters.
 */
export function decisive(votes: readonly CastVote[], proposal: JudgedProposal): Decisive {
  const known = votes.flatMap(({ choices, power }) => (power === null || power <= 0n ? [] : [{ choices, power }]));
  if (known.length === 0) return UNKNOWN;
  const powers = heaviestFirst(known.map(({ power }) => power));
  const sum = sumOf(powers);
  const cast = proposal.tally === null ? sum : max(sum, sumOf(proposal.tally));
  const unknown = cast - sum;
  const top = (count: number): number | null => {
    const largest = powers.slice(0, count);
    const isSure = unknown === 0n || (largest.length === count && (largest.at(-1) as bigint) >= unknown);
    return isSure ? shareOf(sumOf(largest), cast) : null;
  };
  return { top1: top(1), top5: top(5), flip: fewestMovers(known, proposal, unknown) };
}

function fewestMovers(
  votes: readonly { choices: VoteReading['choices']; power: bigint }[],
  proposal: JudgedProposal,
  unknown: bigint,
): number | null {
  const move = moveOf(proposal);
  if (move === null || move.needed <= 0n) return null;
  const from = new Set(move.from);
  let moved = 0n;
  const parts = heaviestFirst(votes.map((vote) => partOn(vote, from)).filter((part) => part > 0n));
  for (const [index, part] of parts.entries()) {
    moved += part;
    if (moved >= move.needed) return part >= unknown ? index + 1 : null;
  }
  return null;
}

/** How much has to leave which choices for the outcome to change; null: no rule says so. */
function moveOf(proposal: JudgedProposal): { from: number[]; needed: bigint } | null {
  const { terms, tally, kinds } = proposal;
  const sums = sumsOf(proposal);
  if (sums === null || tally === null) return null;
  if (terms.yes === null) return kinds.some((kind) => NOT_SUMS.has(kind)) ? null : leadMove(tally);
  if (terms.threshold === null) return null;
  const { num, den } = terms.threshold;
  const { yes, against, veto, cast, counted } = sums;
  const sides = yes + against;
  switch (outcomeOf(proposal)) {
    case 'passes': {
      const target = terms.vetoChoice ?? terms.against[0] ?? -1;
      const ways = [ceil(yes * den - num * sides, den)];
      if (terms.vetoChoice !== null && terms.veto !== null)
        ways.push((terms.veto.num * cast) / terms.veto.den - veto + 1n);
      const { quorum, quorumChoices } = terms;
      if (quorum !== null && quorumChoices.includes(terms.yes) && !quorumChoices.includes(target))
        ways.push(counted - quorum + 1n);
      return { from: [terms.yes], needed: ways.reduce(min) };
    }
    case 'fails':
      return sides === 0n ? null : { from: terms.against, needed: (num * sides - yes * den) / den + 1n };
    case 'vetoed':
      if (terms.vetoChoice === null || terms.veto === null) return null;
      return { from: [terms.vetoChoice], needed: ceil(veto * terms.veto.den - terms.veto.num * cast, terms.veto.den) };
    default:
      return null;
  }
}

/** The second has to pass the leading one. */
function leadMove(tally: readonly bigint[]): { from: number[]; needed: bigint } | null {
  const leading = leadingOf(tally);
  if (leading === null || tally.length < 2) return null;
  const [first, second] = heaviestFirst(tally) as [bigint, bigint];
  return { from: [leading], needed: (first - second) / 2n + 1n };
}

/** What of a vote's power is on those choices. */
function partOn(
  { choices, power }: { choices: VoteReading['choices']; power: bigint },
  on: ReadonlySet<number>,
): bigint {
  return choices.reduce((sum, { choice, weight }) => {
    const share = on.has(choice) ? (parseDecimal(weight, PLACES) ?? 0n) : 0n;
    return sum + (power * share) / 10n ** BigInt(PLACES);
  }, 0n);
}

const heaviestFirst = (amounts: readonly bigint[]): bigint[] =>
  amounts.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0));
const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
/** Of what is not negative. */
const ceil = (amount: bigint, by: bigint): bigint => (amount + by - 1n) / by;
