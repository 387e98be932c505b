import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metricsOf } from '../../src/insight/concentration.ts';
import { whoMoved, without } from '../../src/insight/setChange.ts';
import type { SetMember } from '../../src/lib/influence.ts';

const set = (weights: Record<string, bigint>): SetMember[] =>
  Object.entries(weights).map(([id, weight]) => ({ id, label: `name of ${id}`, weight }));

test('those first whose share moved most; who came and who left is there too', () => {
  const moved = whoMoved(set({ a: 60n, b: 30n, c: 10n }), set({ a: 60n, b: 10n, d: 30n }), 10);
  expect(moved).toEqual([
    { id: 'd', label: 'name of d', before: null, after: 30n, shareBefore: 0, shareAfter: 0.3 },
    { id: 'b', label: 'name of b', before: 30n, after: 10n, shareBefore: 0.3, shareAfter: 0.1 },
    { id: 'c', label: 'name of c', before: 10n, after: null, shareBefore: 0.1, shareAfter: 0 },
  ]);
  expect(whoMoved(set({ a: 60n, b: 30n }), set({ a: 60n, b: 10n, d: 30n }), 1).map(({ id }) => id)).toEqual(['d']);
});

test('a share moves when only the others change', () => {
  const moved = whoMoved(set({ a: 1n, b: 1n }), set({ a: 1n, b: 3n }), 10);
  expect(moved.map(({ id, shareBefore, shareAfter }) => [id, shareBefore, shareAfter])).toEqual([
    ['a', 0.5, 0.25],
    ['b', 0.5, 0.75],
  ]);
});

test('an empty set then or now', () => {
  expect(whoMoved([], [], 5)).toEqual([]);
  expect(whoMoved([], set({ a: 2n }), 5)).toMatchObject([{ before: null, after: 2n, shareBefore: 0, shareAfter: 1 }]);
  expect(whoMoved(set({ a: 2n }), [], 5)).toMatchObject([{ before: 2n, after: null, shareBefore: 1, shareAfter: 0 }]);
});

test('shares that are gained are shares that are lost', () => {
  const members = fc
    .dictionary(fc.constantFrom(...'abcdefgh'), fc.bigInt({ min: 1n, max: 10n ** 27n }), { minKeys: 1 })
    .map(set);
  fc.assert(
    fc.property(members, members, (before, after) => {
      const moved = whoMoved(before, after, 100);
      const sum = moved.reduce((all, { shareBefore, shareAfter }) => all + shareAfter - shareBefore, 0);
      expect(sum).toBeCloseTo(0, 6);
      const by = moved.map(({ shareBefore, shareAfter }) => Math.abs(shareAfter - shareBefore));
      for (let at = 1; at < by.length; at += 1) expect(by[at]).toBeLessThanOrEqual((by[at - 1] as number) + 2e-9);
    }),
  );
});

test('of light members of then only the sum is known: shares are of the whole, and only what surely rose is told of others', () => {
  const members = fc
    .dictionary(fc.constantFrom(...'abcdefgh'), fc.bigInt({ min: 1n, max: 1_000n }), { minKeys: 2 })
    .map((weights) => set(weights).sort((a, b) => (a.weight < b.weight ? 1 : -1)));
  fc.assert(
    fc.property(members, members, fc.nat(7), (before, after, nth) => {
      const kept = 1 + (nth % (before.length - 1));
      const gone = before.slice(kept);
      const others = { count: gone.length, weight: gone.reduce((sum, { weight }) => sum + weight, 0n) };
      const whole = new Map(whoMoved(before, after, 100).map((moved) => [moved.id, moved]));
      const known = new Set(before.slice(0, kept).map(({ id }) => id));
      const moved = whoMoved(before.slice(0, kept), after, 100, others);
      for (const one of moved) {
        if (known.has(one.id)) expect(one).toEqual(whole.get(one.id));
        else {
          const { shareBefore, shareAfter } = whole.get(one.id) ?? one;
          expect([one.before, shareAfter > shareBefore]).toEqual([null, true]);
        }
      }
      const ids = new Set(moved.map(({ id }) => id));
      for (const id of whole.keys()) if (known.has(id)) expect(ids).toContain(id);
    }),
  );
  // Somebody who has more now than the lightest of those that are known had then has risen, whoever that was.
  const risen = whoMoved(set({ a: 60n, b: 10n }), set({ a: 60n, b: 10n, c: 30n }), 5, { count: 5, weight: 30n });
  expect(risen.map(({ id }) => id)).toEqual(['c']);
});

test('without some, their weight is gone, and nobody gets it', () => {
  const { members, metrics } = without(set({ a: 6n, b: 3n, c: 1n }), new Set(['a', 'nobody']));
  expect(members.map(({ id }) => id)).toEqual(['b', 'c']);
  expect(metrics).toEqual(metricsOf([3n, 1n]));
  expect(metrics.total).toBe('4');
});
