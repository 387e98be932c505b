import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  paramsOf,
  proposalOf,
  ratioOf,
  tallyOf,
  termsOf,
  voteOf,
} from '../../../src/sources/opengradient/govProposal.ts';

const NANOSECONDS = 1_000_000_000n;
const PARAMS = {
  votingPeriod: 172_800n * NANOSECONDS,
  expeditedVotingPeriod: 86_400n * NANOSECONDS,
  quorum: '0.334000000000000000',
  threshold: '0.500000000000000000',
  vetoThreshold: '0.333333333333333333',
  expeditedThreshold: '0.667000000000000000',
};
const raw = (more: Partial<Parameters<typeof proposalOf>[0]> = {}): Parameters<typeof proposalOf>[0] => ({
  id: 7n,
  messages: ['/poa.MsgAddValidator'],
  status: 2,
  finalTallyResult: { yes: '0', abstain: '0', no: '0', noWithVeto: '0' },
  submitTime: 1_700_000_000n,
  votingStartTime: 1_700_000_100n,
  votingEndTime: 1_700_000_100n + 172_800n,
  title: 'Add a validator',
  summary: '',
  proposer: '0x00000000000000000000000000000000000A11CE',
  ...more,
});

describe('shares', () => {
  test('are exact, whatever the decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (parts) => {
        const text = parts.toString().padStart(19, '0');
        const ratio = ratioOf(`${text.slice(0, -18)}.${text.slice(-18)}`);
        expect(ratio).not.toBeNull();
        expect((ratio?.num ?? 0n) * 10n ** 18n).toBe(parts * (ratio?.den ?? 0n));
      }),
    );
  });

  test.each(['', '1.5', '-0.1', '0,5', '1e-3', 'NaN', '334000000000000000', `0.${'1'.repeat(99)}`])(
    'are none in %j',
    (text) => {
      expect(ratioOf(text)).toBeNull();
    },
  );
});

describe('what a proposal needs', () => {
  const params = paramsOf(PARAMS);

  test('is reached with the quorum and not with one part less', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), (bonded) => {
        const { quorum } = termsOf(proposalOf(raw()), params, bonded);
        const reached = (power: bigint): boolean => power * 1_000n >= bonded * 334n;
        expect(reached(quorum as bigint)).toBe(true);
        expect(reached((quorum as bigint) - 1n)).toBe(false);
      }),
    );
  });

  test('is the higher threshold where the period is the expedited one, given in nanoseconds', () => {
    const expedited = proposalOf(raw({ votingEndTime: 1_700_000_100n + 86_400n }));
    expect(termsOf(expedited, params, 1n).threshold).toEqual(ratioOf(PARAMS.expeditedThreshold));
    expect(termsOf(proposalOf(raw()), params, 1n).threshold).toEqual(ratioOf(PARAMS.threshold));
  });

  test('is not known without parameters or bonded power', () => {
    expect(termsOf(proposalOf(raw()), null, 5n)).toMatchObject({ quorum: null, threshold: null, eligible: 5n });
    expect(termsOf(proposalOf(raw()), params, null)).toMatchObject({ quorum: null, eligible: null });
  });
});

describe('a proposal', () => {
  test('has a final tally only when it is closed, and no time before voting began', () => {
    const finalTallyResult = { yes: '3', abstain: '2', no: '1', noWithVeto: '0' };
    expect(proposalOf(raw({ finalTallyResult })).tally).toBeNull();
    expect(proposalOf(raw({ finalTallyResult, status: 4 }))).toMatchObject({
      status: 'rejected',
      tally: [3n, 2n, 1n, 0n],
    });
    expect(proposalOf(raw({ status: 1, votingStartTime: 0n, votingEndTime: 0n }))).toMatchObject({
      status: 'deposit',
      startAtSeconds: null,
      endAtSeconds: null,
    });
    expect(proposalOf(raw({ status: 9 })).status).toBe('unknown');
    expect(proposalOf(raw({ votingEndTime: 2n ** 64n - 1n })).endAtSeconds).toBeNull();
  });

  test('keeps hostile text short and harmless', () => {
    const { title, summary, kinds } = proposalOf(
      raw({
        title: `\u202eevil\u0000\n@everyone ${'x'.repeat(100_000)}`,
        summary: 'y'.repeat(1_000_000),
        messages: Array.from({ length: 500 }, () => `/type\u200b${'z'.repeat(5_000)}`),
      }),
    );
    expect(title).toMatch(/^evil @everyone x+…$/);
    expect(title.length).toBeLessThanOrEqual(200);
    expect(summary.length).toBeLessThanOrEqual(2_000);
    expect(kinds).toHaveLength(20);
    expect(Math.max(...kinds.map((kind) => kind.length))).toBeLessThanOrEqual(120);
  });

  test('with a tally that is no number is an error, not a zero', () => {
    expect(() => tallyOf({ yes: '1', abstain: '', no: '0', noWithVeto: '0' })).toThrow('tally of');
    expect(() => tallyOf({ yes: '-1', abstain: '0', no: '0', noWithVeto: '0' })).toThrow('tally of');
  });
});

describe('a vote', () => {
  const VOTER = '0x00000000000000000000000000000000000A11CE';

  test('is read by option number, whole or split', () => {
    expect(voteOf({ voter: VOTER, options: [{ option: 1, weight: '1.000000000000000000' }] })).toMatchObject({
      voter: VOTER.toLowerCase(),
      choices: [{ choice: 0, weight: '1' }],
    });
    const split = [
      { option: 3, weight: '0.250000000000000000' },
      { option: 4, weight: '0.750000000000000000' },
    ];
    expect(voteOf({ voter: VOTER, options: split })?.choices).toEqual([
      { choice: 2, weight: '0.25' },
      { choice: 3, weight: '0.75' },
    ]);
  });

  test.each([[[]], [[{ option: 0, weight: '1' }]], [[{ option: 5, weight: '1' }]], [[{ option: 1, weight: 'all' }]]])(
    'for %j is not guessed',
    (options) => {
      expect(voteOf({ voter: VOTER, options })).toBeNull();
    },
  );
});
