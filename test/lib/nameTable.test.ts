import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameTable } from '../../src/lib/nameTable.ts';

test('numbers names as a map of strings would, wherever in the bytes they are', () => {
  const name = fc.oneof(fc.string({ maxLength: 6, unit: 'binary' }), fc.constantFrom('a', 'b', ''));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 60 }), fc.nat({ max: 5 }), (names, before) => {
      const table = new NameTable();
      const known = new Map<string, number>();
      for (const one of names) {
        const bytes = Buffer.from(`${'x'.repeat(before)}${one},1`);
        // Halves of surrogate pairs are written as one and the same character.
        const key = Buffer.from(one).toString('hex');
        if (!known.has(key)) known.set(key, known.size);
        expect(table.add(bytes, before, bytes.length - 2)).toBe(known.get(key));
        expect(table.size).toBe(known.size);
      }
    }),
  );
});

test('a hundred thousand names keep their numbers, until they are forgotten', () => {
  const table = new NameTable();
  const add = (index: number): number => {
    const bytes = Buffer.from(`0x${index.toString(16)}`);
    return table.add(bytes, 0, bytes.length);
  };
  for (let index = 0; index < 100_000; index += 1) if (add(index) !== index) expect.fail(`name ${index}`);
  for (let index = 0; index < 100_000; index += 997) expect(add(index)).toBe(index);
  expect(table.size).toBe(100_000);
  table.clear();
  expect([table.size, add(7), add(8), add(7)]).toEqual([0, 0, 1, 0]);
});

test('names with the same hash are told apart', () => {
  const table = new NameTable();
  // Known to collide in FNV-1a of 32 bits.
  const names = ['costarring', 'liquid', 'declinate', 'macallums', 'altarage', 'zinke'].map((name) =>
    Buffer.from(name),
  );
  const numbers = () => names.map((name) => table.add(name, 0, name.length));
  expect(numbers()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(numbers()).toEqual([0, 1, 2, 3, 4, 5]);
});
