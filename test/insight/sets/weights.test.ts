import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Weights } from '../../../src/insight/sets/weights.ts';

const weight = fc.oneof(
  fc.bigInt({ min: 0n, max: 3n }),
  fc.bigInt({ min: 0n, max: 2n ** 200n }),
  fc.constant(2n ** 100n + 1n),
);
const entry = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight);

test('weights of one entity add up, in any order, exactly; none is lost but those of nothing', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (entries, keys) => {
      const make = (of: typeof entries) => {
        const weights = new Weights();
        for (const [id, value] of of) weights.add(id, value);
        return weights.members();
      };
      const members = make(entries);
      const sums = Object.groupBy(entries, ([id]) => id);
      const slow = Object.entries(sums)
        .map(([id, some]) => ({ id, label: id, weight: (some ?? []).reduce((sum, [, value]) => sum + value, 0n) }))
        .filter((member) => member.weight > 0n)
        .sort((a, b) => (a.weight === b.weight ? a.id.localeCompare(b.id) : a.weight > b.weight ? -1 : 1));
      expect(members).toEqual(slow);
      const shuffled = entries
        .map((each) => [keys.next().value, each] as const)
        .sort((a, b) => a[0] - b[0])
        .map(([, each]) => each);
      expect(make(shuffled)).toEqual(members);
    }),
  );
});
