import { expect, test } from 'vitest';
import { type VotedProposal, voterSet } from '../../../src/insight/sets/voters.ts';

const INPUT = { network: 'lido', atSeconds: 1_000, words: 'lido.snapshot' };
const LDO = { symbol: 'LDO', decimals: 18 };

const proposal = (votes: [string, bigint | null][], more: Partial<VotedProposal> = {}): VotedProposal => ({
  terms: { unit: LDO, shielded: false },
  votesReadAtMs: 5,
  votes: votes.map(([voter, power]) => ({ voter, power })),
  ...more,
});

test('power that one voter cast on several proposals adds up', () => {
  const set = voterSet(
    [
      proposal([
        ['a', 5n],
        ['b', 2n],
      ]),
      proposal([
        ['b', 9n],
        ['c', 0n],
      ]),
    ],
    INPUT,
  );
  expect(set?.members).toEqual([
    { id: 'b', label: 'b', weight: 11n },
    { id: 'a', label: 'a', weight: 5n },
  ]);
  expect(set).toMatchObject({ set: 'lido.voters', unit: LDO, left: [] });
});

test('what is not counted is said', () => {
  const set = voterSet(
    [
      proposal([], { terms: { unit: { symbol: 'X', decimals: 0 }, shielded: false } }),
      proposal([
        ['a', 5n],
        ['b', null],
      ]),
      proposal([['a', 1n]], { votesReadAtMs: null }),
      proposal([], { terms: { unit: LDO, shielded: true }, votesReadAtMs: null }),
      proposal([['z', 100n]], { terms: { unit: { symbol: 'LDO', decimals: 6 }, shielded: false } }),
    ],
    INPUT,
  );
  expect(set?.members).toEqual([{ id: 'a', label: 'a', weight: 6n }]);
  expect(set?.left).toEqual([
    '1 vote of voters without known power',
    '1 proposal whose votes were not read in full',
    '1 proposal with hidden votes',
    '2 proposals counted in another unit',
  ]);
});

test('votes without any known power are no empty set; no vote at all is one', () => {
  expect(voterSet([proposal([['a', null]])], INPUT)).toBeNull();
  expect(voterSet([proposal([])], INPUT)).toMatchObject({ unit: LDO, members: [] });
  expect(voterSet([], INPUT)?.members).toEqual([]);
});
