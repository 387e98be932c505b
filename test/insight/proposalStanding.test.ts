import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proposalStanding } from '../../src/insight/proposalStanding.ts';
import { cosmosTerms, freeTerms, governorTerms, judged } from './proposalInputs.ts';

const outcome = (tally: number[] | null, changes: Parameters<typeof judged>[1] = {}) =>
  proposalStanding(judged(tally, changes), 1_500).outcome;

test("Cosmos's order: quorum, all abstain, veto, threshold", () => {
  expect(outcome([30, 0, 9, 0])).toBe('no-quorum');
  expect(outcome([31, 0, 9, 0])).toBe('passes');
  expect(outcome([0, 40, 0, 0])).toBe('fails');
  expect(outcome([30, 0, 0, 15]), 'exactly a third is no veto').toBe('passes');
  expect(outcome([29, 0, 0, 15])).toBe('vetoed');
  expect(outcome([20, 40, 10, 30]), 'of all that voted, those who abstain too').toBe('fails');
  expect(outcome([20, 0, 20, 0]), 'exactly half does not pass').toBe('fails');
  expect(outcome([21, 10, 20, 0])).toBe('passes');
  expect(outcome([0, 0, 0, 39]), 'too few for a veto').toBe('no-quorum');
});

test('against does not count towards the quorum of a governor', () => {
  expect(outcome([60, 39, 0], { terms: governorTerms })).toBe('no-quorum');
  expect(outcome([38, 39, 1], { terms: governorTerms })).toBe('passes');
  expect(outcome([39, 39, 1], { terms: governorTerms })).toBe('fails');
});

test('nothing is said that is not known', () => {
  const hidden = proposalStanding(judged(null, { startAtSeconds: null, endAtSeconds: null }), 1_500);
  expect(new Set(Object.values(hidden))).toEqual(new Set([null]));
  expect(outcome([31, 0, 9, 0], { terms: { ...cosmosTerms, quorum: null } }), 'the quorum is not known').toBe(null);
  expect(outcome([9, 0, 31, 0], { terms: { ...cosmosTerms, quorum: null } }), 'rejected either way').toBe('fails');
  expect(outcome([31, 0, 9, 0], { terms: { ...cosmosTerms, quorum: null, quorumChoices: [] } })).toBe('passes');
  expect(outcome([31, 0, 9, 0], { terms: { ...cosmosTerms, threshold: null } })).toBe(null);
  expect(outcome([31, 9], { terms: freeTerms })).toBe(null);
  expect(outcome([31, 9], { terms: { ...freeTerms, quorum: 50n, quorumChoices: [0, 1] } })).toBe('no-quorum');
  expect(proposalStanding(judged([1, 0, 0, 0], { terms: { ...cosmosTerms, eligible: null } }), 1).turnout).toBe(null);
});

test('open while nothing was cast; over, it is what it is', () => {
  expect(outcome([0, 0, 0, 0])).toBe('open');
  expect(outcome([0, 0, 0, 0], { status: 'closed' })).toBe('no-quorum');
});

test('what the source says of a closed one stands, whatever today’s rules would make of it', () => {
  expect(outcome([1, 0, 0, 0], { status: 'passed' })).toBe('passes');
  expect(outcome(null, { status: 'executed' })).toBe('passes');
  expect(outcome([90, 0, 0, 0], { status: 'rejected' })).toBe('fails');
  expect(outcome([50, 0, 0, 40], { status: 'rejected' })).toBe('vetoed');
  expect(outcome([90, 0, 0, 0], { status: 'canceled' })).toBe(null);
});

test('figures: turnout, quorum distance, shares, time', () => {
  expect(proposalStanding(judged([15, 5, 3, 2]), 1_250)).toEqual({
    cast: 25n,
    turnout: 0.25,
    quorum: { counted: 25n, needed: 40n, missing: 15n, share: 0.625 },
    outcome: 'no-quorum',
    yesShare: 0.75,
    vetoShare: 0.08,
    leading: null,
    secondsLeft: 750,
    elapsed: 0.25,
  });
  expect(proposalStanding(judged([50, 0, 0, 0]), 9_999)).toMatchObject({
    quorum: { missing: 0n, share: 1.25 },
    secondsLeft: 0,
    elapsed: 1,
  });
  expect(proposalStanding(judged([0, 9, 0, 0]), 1).yesShare, 'nobody for or against').toBe(null);
});

test('of free choices, which leads; of two that are equal, none', () => {
  const leading = (tally: number[]) => proposalStanding(judged(tally, { terms: freeTerms }), 1).leading;
  expect(leading([1, 5, 3])).toBe(1);
  expect(leading([5, 5, 3])).toBe(null);
  expect(leading([0, 0])).toBe(null);
});

test('more yes never turns a pass into anything else, and the unit does not matter', () => {
  const power = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(fc.tuple(power, power, power, power), fc.integer({ min: 1, max: 50 }), (tally, more) => {
      const [yes, ...rest] = tally;
      if (outcome(tally) === 'passes') expect(outcome([yes + more, ...rest])).toBe('passes');
      const scaled = judged(
        tally.map((one) => one * more),
        { terms: { ...cosmosTerms, quorum: 40n * BigInt(more), eligible: 100n * BigInt(more) } },
      );
      const { cast: _, quorum: __, ...shares } = proposalStanding(judged(tally), 1_500);
      expect(proposalStanding(scaled, 1_500)).toMatchObject(shares);
    }),
  );
});
