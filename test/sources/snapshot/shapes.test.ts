import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../src/lib/decimal.ts';
import { readChoices } from '../../../src/sources/snapshot/choices.ts';
import { readProposal, readVote } from '../../../src/sources/snapshot/shapes.ts';

const row = {
  ...{ id: `0x${'ab'.repeat(32)}`, created: 1_700_000_000, title: 'Raise it', body: 'Why not', author: '0xABCDEF' },
  ...{ type: 'basic', choices: ['For', 'Against', 'Abstain'], start: 1_700_000_100, end: 1_700_300_000 },
  ...{
    state: 'active',
    quorum: 400,
    scores: ['1.5e+3', 7, '0.25'],
    votes: 3,
    privacy: '',
    link: 'https://snapshot.box/x',
  },
};

describe('a proposal', () => {
  test('is read with its sums in whole numbers of 10^-18', () => {
    expect(readProposal(row, 'CRV')?.reading).toEqual({
      ...{
        ref: row.id,
        title: 'Raise it',
        summary: 'Why not',
        proposer: '0xabcdef',
        status: 'voting',
        kinds: ['basic'],
      },
      ...{ submittedAtSeconds: row.created, startAtSeconds: row.start, endAtSeconds: row.end, choices: row.choices },
      tally: [1_500n * 10n ** 18n, 7n * 10n ** 18n, 25n * 10n ** 16n],
      terms: {
        unit: { symbol: 'CRV', decimals: 18 },
        eligible: null,
        eligibleWords: expect.any(String),
        otherEligible: null,
        quorum: 400n * 10n ** 18n,
        quorumChoices: [0, 1, 2],
        threshold: null,
        veto: null,
        yes: 0,
        against: [1],
        vetoChoice: null,
        shielded: false,
      },
      votesCount: 3,
      link: 'https://snapshot.box/x',
    });
  });

  test.each([
    ['pending', 'pending'],
    ['active', 'voting'],
    ['closed', 'closed'],
    ['surprising', 'unknown'],
  ])('that is %s is %s', (state, status) => {
    expect(readProposal({ ...row, state }, 'V')?.reading.status).toBe(status);
  });

  test('has no tally before it began, while it is hidden, or where it was not counted yet', () => {
    const tally = (more: object) => readProposal({ ...row, ...more }, 'V')?.reading.tally;
    expect(tally({ state: 'pending' })).toBeNull();
    expect(tally({ privacy: 'shutter' })).toBeNull();
    expect(tally({ privacy: 'shutter', state: 'closed' })).toHaveLength(3);
    expect(tally({ scores: [0, 0, 0] })).toBeNull();
    expect(tally({ scores: [0, 0, 0], votes: 0 })).toEqual([0n, 0n, 0n]);
    expect(tally({ scores: [1, 2] })).toBeNull();
    expect(tally({ scores: ['a lot', 1, 2] })).toBeNull();
  });

  test('with hostile texts is bounded, and without what names it is none', () => {
    const hostile = readProposal({ ...row, title: `\u202e${'x'.repeat(5_000)}`, link: 'javascript:alert(1)' }, 'V');
    expect(hostile?.reading.title).toHaveLength(200);
    expect(hostile?.reading.title).not.toContain('\u202e');
    expect(hostile?.reading.link).toBeNull();
    for (const more of [{ id: 'a b' }, { id: 7 }, { end: 'soon' }, { choices: 'For' }, { title: null }]) {
      expect(readProposal({ ...row, ...more }, 'V')).toBeNull();
    }
    expect(readProposal(null, 'V')).toBeNull();
  });
});

describe('a vote', () => {
  const proposal = readProposal(row, 'V');
  if (proposal === null) throw new Error('it is one');

  test('is read with its power exactly, in whatever form it is written', () => {
    const vote = { id: '0x01', voter: `0x${'AB'.repeat(20)}`, created: 1_700_000_500, choice: 2, vp: '1.2345e-7' };
    expect(readVote(vote, proposal)?.reading).toEqual({
      voter: `0x${'ab'.repeat(20)}`,
      choices: [{ choice: 1, weight: '1' }],
      power: 123_450_000_000n,
      castAtSeconds: 1_700_000_500,
    });
    expect(readVote({ ...vote, vp: null }, proposal)?.reading.power).toBeNull();
    expect(readVote({ ...vote, voter: 'somebody' }, proposal)).toBeNull();
  });

  test.each<[unknown, string, [number, string][]]>([
    [1, 'basic', [[0, '1']]],
    [4, 'basic', []],
    ['0xencrypted', 'basic', []],
    [
      [1, 3],
      'approval',
      [
        [0, '0.5'],
        [2, '0.5'],
      ],
    ],
    [[1, 1], 'approval', [[0, '1']]],
    [[3, 1, 2], 'ranked-choice', [[2, '1']]],
    [[], 'approval', []],
    [
      { 1: 3, 2: 1 },
      'weighted',
      [
        [0, '0.75'],
        [1, '0.25'],
      ],
    ],
    [{ 2: '0.5' }, 'quadratic', [[1, '1']]],
    [{ 9: 1, 1: 0 }, 'weighted', []],
    [null, 'basic', []],
  ])('for %j (%s)', (choice, type, wanted) => {
    expect(readChoices(choice, type, 3)).toEqual(wanted.map(([number, weight]) => ({ choice: number, weight })));
  });

  test('law: shares add up to exactly 1', () => {
    const weights = fc.dictionary(
      fc.integer({ min: 1, max: 9 }).map(String),
      fc.double({ min: 1e-12, max: 1e9, noNaN: true }),
    );
    fc.assert(
      fc.property(weights, (choice) => {
        const shares = readChoices(choice, 'weighted', 9).map(({ weight }) => parseDecimal(weight, 18) ?? 0n);
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(shares.length === 0 ? 0n : 10n ** 18n);
      }),
    );
  });
});
