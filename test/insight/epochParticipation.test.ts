import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Eligible, epochParticipation } from '../../src/insight/epochParticipation.ts';
import type { EpochVotes } from '../../src/insight/epochVoters.ts';
import { medianDrop } from '../../src/insight/medianDrop.ts';
import type { EpochParticipation } from '../../src/insight/participation.ts';
import type { Hex } from '../../src/lib/facts.ts';
import type { EpochClock } from '../../src/lib/gaugeFacts.ts';

const WEEK = 604_800;

const votes = (epoch: number, powers: Record<string, number>, season: number | null = null): EpochVotes => ({
  epoch,
  season,
  voters: new Map(Object.entries(powers).map(([who, power]) => [who as Hex, BigInt(power)])),
  castWei: BigInt(Object.values(powers).reduce((sum, power) => sum + power, 0)),
  firstAtSeconds: epoch * 2 * WEEK + 10,
  lastAtSeconds: epoch * 2 * WEEK + 20,
});

const stateOf = (epochs: EpochVotes[], left: Record<string, number> = {}) => ({
  epochs: new Map(epochs.map((one) => [one.epoch, one])),
  leftAtSeconds: new Map(Object.entries(left) as [Hex, number][]),
});

const eligible = (epoch: number, powerWei: bigint, wallets: number): Eligible => ({
  epoch,
  voteEndSeconds: epoch * 2 * WEEK + WEEK,
  season: null,
  powerWei,
  wallets,
});

const clockAt = (epoch: number): EpochClock => ({
  epoch,
  startSeconds: epoch * 2 * WEEK,
  endSeconds: (epoch + 1) * 2 * WEEK,
  voteStartSeconds: epoch * 2 * WEEK + 3_600,
  voteEndSeconds: epoch * 2 * WEEK + WEEK - 3_600,
  votingActive: true,
});

const in3 = 3 * 2 * WEEK;

test('who came, stayed, came back and stayed away, from epoch to epoch', () => {
  const state = stateOf([votes(1, { a: 4, b: 2, c: 1 }), votes(2, { a: 5, d: 1 }), votes(3, { a: 1, b: 1, e: 1 })]);
  const found = epochParticipation(state, [eligible(2, 12n, 8)], in3 + WEEK, clockAt(3));
  expect(found).toMatchObject([
    { epoch: 1, voters: 3, retention: null, newcomers: 3, returned: 0, lapsed: 0, always: 3, turnoutByPower: null },
    {
      ...{ epoch: 2, voters: 2, castWei: 6n, eligibleWei: 12n, turnoutByPower: 0.5, turnoutByWallets: 0.25 },
      ...{ retention: { kept: 1, of: 3, share: 1 / 3 }, newcomers: 1, returned: 0, lapsed: 2, always: 1 },
    },
    { epoch: 3, retention: { kept: 1, of: 2, share: 0.5 }, newcomers: 1, returned: 1, lapsed: 1, always: 1 },
  ]);
});

test('who has no lock any more is not counted as one who stayed away', () => {
  const epochs = [votes(1, { a: 1, b: 1, c: 1 }), votes(2, { a: 1 })];
  const leftInTime = stateOf(epochs, { b: 2 * 2 * WEEK, c: 9e9 });
  const [, second] = epochParticipation(leftInTime, [eligible(2, 5n, 5)], in3, clockAt(3));
  expect(second).toMatchObject({ retention: { kept: 1, of: 2, exited: 1 }, lapsed: 2 });
  const [, nobody] = epochParticipation(stateOf([votes(1, { a: 1 }), votes(2, { b: 1 })], { a: 1 }), [], in3, null);
  expect(nobody?.retention).toBe(null);
});

test('an epoch without a vote is an epoch in which nobody voted', () => {
  const found = epochParticipation(stateOf([votes(1, { a: 1 }), votes(3, { a: 1 })]), [], in3 + 20, clockAt(3));
  expect(found.map(({ epoch, voters, isOver }) => [epoch, voters, isOver])).toEqual([
    [1, 1, true],
    [2, 0, true],
    [3, 1, false],
  ]);
  expect(found[1]).toMatchObject({ retention: { kept: 0, of: 1 }, lapsed: 1, always: 0, castWei: 0n });
  expect(found[2]).toMatchObject({ retention: null, newcomers: 0, returned: 1 });
});

test("the clock's epoch is there once its vote runs, and over with its vote", () => {
  const state = stateOf([votes(2, { a: 1 })]);
  const epochsAt = (seconds: number) =>
    epochParticipation(state, [], seconds, clockAt(3)).map(({ epoch, isOver }) => [epoch, isOver]);
  expect(epochsAt(in3)).toEqual([[2, true]]);
  expect(epochsAt(in3 + 3_600).at(-1)).toEqual([3, false]);
  expect(epochsAt(in3 + WEEK - 3_600).at(-1)).toEqual([3, true]);
  expect(epochParticipation(stateOf([]), [], in3 + 3_600, clockAt(3)), 'no vote is known at all').toEqual([]);
});

test('a season that is known of later epochs only is no reset', () => {
  const known = { epoch: 2, voteEndSeconds: in3, season: 0, powerWei: 9n, wallets: 3 };
  const found = epochParticipation(stateOf([votes(1, { a: 1 }), votes(2, { a: 1 })]), [known], in3, null);
  expect(found.map(({ season, acrossReset }) => [season, acrossReset])).toEqual([
    [null, false],
    [0, false],
  ]);
});

test('across a season reset wallets are compared, and it is said', () => {
  const found = epochParticipation(
    stateOf([votes(1, { a: 1 }, 0), votes(2, { a: 1 }, 1), votes(3, { a: 1 }, 1)]),
    [],
    in3,
    null,
  );
  expect(found.map(({ acrossReset }) => acrossReset)).toEqual([false, true, false]);
});

test('votes whose power is not in the logs have no turnout by power', () => {
  const [found] = epochParticipation(stateOf([votes(1, { a: 0, b: 0 })]), [eligible(1, 10n, 4)], in3, null);
  expect(found).toMatchObject({ voters: 2, turnoutByPower: null, turnoutByWallets: 0.5 });
});

test('epoch numbers far apart are not filled in', () => {
  expect(epochParticipation(stateOf([votes(1, { a: 1 }), votes(9_999_999, { a: 1 })]), [], 0, null)).toHaveLength(2);
});

test('voters are newcomers, returned, or kept; kept and lapsed are the voters before', () => {
  const who = fc.dictionary(fc.constantFrom(...'abcdef'), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(who, { minLength: 1, maxLength: 8 }), fc.boolean(), (list, hasClock) => {
      const state = stateOf(list.map((powers, epoch) => votes(epoch, powers)));
      const found = epochParticipation(state, [], 0, hasClock ? clockAt(list.length - 1) : null);
      expect(found.map(({ voters }) => voters)).toEqual(list.map((powers) => Object.keys(powers).length));
      for (const [index, now] of found.entries()) {
        const kept = now.retention?.kept ?? 0;
        expect(now.newcomers + now.returned + kept).toBe(now.voters);
        expect(kept + now.lapsed).toBe(found[index - 1]?.voters ?? 0);
        expect(now.always).toBeLessThanOrEqual(Math.min(...found.slice(0, index + 1).map(({ voters }) => voters)));
      }
    }),
  );
});

const over = (voters: number, eligibleWallets: number | null = null): EpochParticipation => ({
  ...(epochParticipation(stateOf([votes(1, { a: 1 })]), [], 0, null)[0] as EpochParticipation),
  voters,
  eligibleWallets,
  isOver: true,
});

test('below the median of the four epochs before, by voters or, where all are known, by turnout', () => {
  const four = [10, 30, 20, 20].map((voters) => over(voters));
  expect(medianDrop([...four, over(15)], 25)).toMatchObject({ measure: 'voters', now: 15, median: 20, isBelow: true });
  expect(medianDrop([...four, over(16)], 25)).toMatchObject({ isBelow: false, drop: expect.closeTo(0.2, 9) });
  expect(medianDrop([over(99), ...four, over(15)], 25)?.median, 'only four count').toBe(20);
  const shared = [10, 30, 20, 20].map((voters) => over(voters, 100));
  expect(medianDrop([...shared, over(15, 50)], 25)).toMatchObject({
    measure: 'turnout by wallets',
    now: 0.3,
    median: 0.2,
    isBelow: false,
  });
  expect(medianDrop([...shared, over(15)], 25)?.measure, 'not known of all five').toBe('voters');
});

test('no median of fewer than four, of nobody, or against an epoch that still runs', () => {
  const four = [10, 30, 20, 20].map((voters) => over(voters));
  expect(medianDrop(four, 25)).toBe(null);
  expect(medianDrop([...four, { ...over(1), isOver: false }], 25)).toBe(null);
  expect(medianDrop([over(0), over(0), over(0), over(0), over(1)], 25)).toBe(null);
});
