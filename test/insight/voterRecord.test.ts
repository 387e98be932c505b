import { expect, test } from 'vitest';
import { type VotedOn, voterRecord } from '../../src/insight/voterRecord.ts';

const closed = (powers: Record<string, bigint | null>, votesReadAtMs: number | null = 1): VotedOn => ({
  proposal: { votesReadAtMs },
  votes: Object.entries(powers).map(([voter, power]) => ({ voter, power })),
});

test('voted, of those whose votes are known; the streak is of the newest; weight as a share of what was cast', () => {
  const record = voterRecord('a', [
    closed({ a: 1n, b: 3n }),
    closed({}, null),
    closed({ a: 3n, b: 1n }),
    closed({ b: 1n }),
    closed({ a: null, b: 1n }),
  ]);
  expect(record).toEqual({ voted: 3, of: 4, streak: 2, averageShare: 0.5 });
});

test('votes that were never read say nothing about who did not vote', () => {
  expect(voterRecord('a', [closed({}, null)])).toEqual({ voted: 0, of: 0, streak: 0, averageShare: null });
  expect(voterRecord('a', [closed({}, 1)])).toEqual({ voted: 0, of: 1, streak: 0, averageShare: null });
  expect(voterRecord('a', [closed({ a: 2n }, null)])).toMatchObject({ voted: 1, of: 1, streak: 1, averageShare: 1 });
});
