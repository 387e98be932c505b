import { expect, test } from 'vitest';
import { findMembers } from '../../src/bot/setMembers.ts';
import type { SetMember } from '../../src/lib/influence.ts';

const holder = (nth: number): SetMember => {
  const id = `0x${nth.toString(16).padStart(40, '0')}`;
  return { id, label: id, weight: 1n };
};

test('names with commas are found among others, whatever else was typed', () => {
  const members = [
    { ...holder(1), label: 'Amber, Birch, and Cedar' },
    { ...holder(2), label: 'Birch' },
  ];
  expect(findMembers(members, 'birch, amber, birch, and cedar').members.map(({ label }) => label)).toEqual([
    'Birch',
    'Amber, Birch, and Cedar',
  ]);
});

test('a text of hundreds of names holds nobody up in a set of thousands', () => {
  const members = Array.from({ length: 10_000 }, (_, nth) => holder(nth));
  const before = performance.now();
  const { wrong, count } = findMembers(members, 'beef,'.repeat(240));
  // Before names were looked for piece by piece this took minutes.
  expect(performance.now() - before).toBeLessThan(4_000);
  expect([wrong.length, count]).toEqual([240, 240]);
});
