import { NOT_SUMS } from '../insight/decisive.ts';
import { type JudgedProposal, leadingOf, outcomeOf } from '../insight/proposalStanding.ts';
import { parseDecimal } from '../lib/decimal.ts';
import type { StoredProposal, StoredVote } from '../store/governanceRepository.ts';

/** Weights of a split vote have at most so many places that count. */
const PLACES = 18;
const WHOLE = 10n ** BigInt(PLACES);

/** When a vote was seen as it is now. */
export const seenAtMs = ({ firstSeenAtMs, changedAtMs }: StoredVote): number => changedAtMs ?? firstSeenAtMs;

interface Flips {
  /** What they hold for besides the votes. */
  key: string;
  flips: ReadonlyMap<string, string>;
}

const held = new WeakMap<readonly StoredVote[], Flips>();

/** What `flipsOf` says, made anew only where the votes or what decides over the proposal are others. */
export function heldFlips(proposal: StoredProposal, votes: readonly StoredVote[]): ReadonlyMap<string, string> {
  const { status, tally, terms, kinds } = proposal;
  const key = JSON.stringify([status, tally, terms, kinds], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const known = held.get(votes);
  if (known?.key === key) return known.flips;
  const flips = flipsOf(proposal, votes);
  held.set(votes, { key, flips });
  return flips;
}

/**
 * Votes that turned what would have come of a proposal when they came in, by voter, with what it was turned into. Reckoned backwards
 * from the tally that stands: one that was changed counts from its last change on. Those that were seen at once have no
 * order, so all of them together turned it, and the heaviest is named. Empty where the tally, or the power of a
 * vote, is not known: then nobody can say. Pure.
 */
function flipsOf(proposal: StoredProposal, votes: readonly StoredVote[]): ReadonlyMap<string, string> {
  const flips = new Map<string, string>();
  const { status, terms, kinds, startAtSeconds, endAtSeconds } = proposal;
  const resultOf = (tally: bigint[]) => resultBy({ status, terms, kinds, startAtSeconds, endAtSeconds, tally });
  let { tally } = proposal;
  if (tally === null || kinds.some((kind) => NOT_SUMS.has(kind))) return flips;
  const counted = countedOf(tally, votes);
  // Of a tally that is older than the votes nobody can say.
  if (without(tally, counted) === null) return flips;
  const rounds = [...Map.groupBy(counted, seenAtMs)].sort(([a], [b]) => b - a);
  let after = resultOf(tally);
  for (const [, round] of rounds) {
    const before = without(tally, round);
    if (before === null) return flips;
    const was = resultOf(before);
    const heaviest = round.reduce((one, other) => ((other.power ?? 0n) > (one.power ?? 0n) ? other : one));
    if (was !== null && after !== null && was !== after) flips.set(heaviest.voter, after);
    tally = before;
    after = was;
  }
  return flips;
}

/** Where the votes with a known power make up the whole tally, the others have none: anyone may vote on a Cosmos chain. */
function countedOf(tally: readonly bigint[], votes: readonly StoredVote[]): readonly StoredVote[] {
  const known = votes.filter(({ power }) => power !== null);
  // Of each split vote a part of the smallest part may be rounded off.
  const isWhole = without(tally, known)?.every((rest) => rest <= BigInt(known.length)) === true;
  return isWhole ? known : votes;
}

/** The tally without these votes; null where a power is not known, or they are not in it. */
function without(tally: readonly bigint[], votes: readonly StoredVote[]): bigint[] | null {
  const rest = [...tally];
  for (const { power, choices } of votes) {
    if (power === null) return null;
    for (const { choice, weight } of choices) {
      const share = weight === '1' ? WHOLE : parseDecimal(weight, PLACES);
      const cast = rest[choice];
      if (share === null || cast === undefined) return null;
      rest[choice] = cast - (power * share) / WHOLE;
    }
  }
  return rest.some((cast) => cast < 0n) ? null : rest;
}

/** As it would end: of free choices which leads, by number; null before anything was cast, and where nobody can say. */
function resultBy(proposal: JudgedProposal): string | null {
  const { tally, terms } = proposal;
  if (tally === null || tally.every((cast) => cast === 0n)) return null;
  if (terms.yes === null) {
    const leading = leadingOf(tally);
    return leading === null ? null : `choice ${leading}`;
  }
  const outcome = outcomeOf(proposal);
  return outcome === 'open' ? null : outcome;
}
