import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CastVote, decisive } from '../../src/insight/decisive.ts';
import type { JudgedProposal } from '../../src/insight/proposalStanding.ts';
import { leadingOf, outcomeOf } from '../../src/insight/proposalStanding.ts';
import type { ProposalTerms } from '../../src/lib/governanceFacts.ts';
import { cosmosTerms, freeTerms, governorTerms, judged } from './proposalInputs.ts';

const vote = (choice: number, power: number | null): CastVote => ({
  choices: [{ choice, weight: '1.000000000000000000' }],
  power: power === null ? null : BigInt(power),
});

const tallyOf = (votes: readonly CastVote[], choices: number): number[] =>
  Array.from({ length: choices }, (_, choice) =>
    Number(
      votes.reduce((sum, { choices: [first], power }) => sum + (first?.choice === choice ? (power ?? 0n) : 0n), 0n),
    ),
  );

const of = (votes: readonly CastVote[], terms: ProposalTerms = cosmosTerms, changes: Partial<JudgedProposal> = {}) => {
  const choices = terms === governorTerms ? 3 : 4;
  return decisive(votes, judged(tallyOf(votes, choices), { terms, ...changes }));
};

test('shares of what was cast, and who could have turned it', () => {
  const votes = [vote(0, 30), vote(0, 10), vote(0, 5), vote(2, 20), vote(1, 35)];
  expect(of(votes)).toEqual({ top1: 0.35, top5: 1, flip: 1 });
  const many = [...Array.from({ length: 9 }, () => vote(0, 5)), vote(2, 20)];
  // 45 for, 20 against: 13 have to leave for a tie (three of 5), or make up a veto of more than 21 (five).
  expect(of(many).flip).toBe(3);
});

test('nothing without known powers', () => {
  expect(of([])).toEqual({ top1: null, top5: null, flip: null });
  expect(of([vote(0, null), vote(2, null)])).toEqual({ top1: null, top5: null, flip: null });
});

test('votes that are not known: a figure only where none of them could be among its voters', () => {
  const votes = [vote(0, 30), vote(0, 9), vote(2, 5)];
  expect(decisive(votes, judged([49, 0, 5, 0]))).toEqual({ top1: expect.closeTo(30 / 54, 9), top5: null, flip: 1 });
  expect(decisive(votes, judged([79, 0, 5, 0]))).toEqual({ top1: null, top5: null, flip: null });
});

test('hidden tallies: who is large is known, what would turn it is not', () => {
  expect(decisive([vote(0, 3), vote(0, 1)], judged(null))).toEqual({ top1: 0.75, top5: 1, flip: null });
});

test('a split vote moves what it has on that side', () => {
  const split: CastVote = {
    choices: [
      { choice: 0, weight: '0.5' },
      { choice: 2, weight: '0.5' },
    ],
    power: 40n,
  };
  expect(decisive([split, vote(0, 4)], judged([24, 0, 20, 0])).flip).toBe(1);
  expect(decisive([split], judged([20, 0, 20, 0])).flip).toBe(1);
});

test('where the result is no sum of powers nothing is said of turning it', () => {
  const votes = [vote(0, 9), vote(1, 2)];
  expect(of(votes, freeTerms).flip).toBe(1);
  expect(of(votes, freeTerms, { kinds: ['ranked-choice'] }).flip).toBe(null);
});

/** Every set of voters of the side that prevails, smallest first, each moved to the other side: does the outcome change? */
function byTrying(votes: readonly CastVote[], terms: ProposalTerms, choices: number): number | null {
  const judge = (list: readonly CastVote[]) => {
    const proposal = judged(tallyOf(list, choices), { terms });
    return terms.yes === null ? leadingOf(proposal.tally ?? []) : outcomeOf(proposal);
  };
  const now = judge(votes);
  if (now === null || now === 'open' || now === 'no-quorum') return null;
  const tally = tallyOf(votes, choices);
  const side = (): { from: number[]; to: number[] } => {
    if (terms.yes === null) return { from: [now as number], to: tally.flatMap((_, at) => (at === now ? [] : [at])) };
    if (now === 'passes') return { from: [terms.yes], to: [terms.vetoChoice ?? (terms.against[0] as number)] };
    if (now === 'vetoed') return { from: [terms.vetoChoice as number], to: [terms.yes] };
    return { from: terms.against, to: [terms.yes] };
  };
  const { from, to } = side();
  const movers = votes.flatMap(({ choices: [first], power }, at) =>
    from.includes(first?.choice ?? -1) && power !== 0n ? [at] : [],
  );
  let fewest: number | null = null;
  for (let set = 1; set < 2 ** movers.length; set += 1) {
    const moving = new Set(movers.filter((_, bit) => (set >> bit) & 1));
    for (const target of to) {
      const after = judge(
        votes.map((one, at) => (moving.has(at) ? { ...one, choices: [{ choice: target, weight: '1' }] } : one)),
      );
      // A tie decides nothing: another choice has to lead.
      const hasChanged = terms.yes === null ? after !== null && after !== now : after !== now;
      if (hasChanged && (fewest === null || moving.size < fewest)) fewest = moving.size;
    }
  }
  return fewest;
}

test.each([
  ['Cosmos', cosmosTerms, 4],
  ['a governor', governorTerms, 3],
  ['free choices', freeTerms, 4],
] as const)('the fewest are the fewest that trying every set finds: %s', (_, terms, choices) => {
  const one = fc.tuple(fc.integer({ min: 0, max: choices - 1 }), fc.integer({ min: 0, max: 40 }));
  let found = 0;
  fc.assert(
    fc.property(fc.array(one, { maxLength: 7 }), (list) => {
      const votes = list.map(([choice, power]) => vote(choice, power));
      const expected = byTrying(votes, terms, choices);
      if (expected !== null) found += 1;
      expect(of(votes, terms).flip).toBe(expected);
    }),
    { numRuns: 1_500 },
  );
  expect(found).toBeGreaterThan(200);
});
