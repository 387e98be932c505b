import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LineageVersion, lineageOf } from '../../src/insight/lineage.ts';

const version = (number: string, position: number, changes: Partial<LineageVersion> = {}): LineageVersion => ({
  version: number,
  position,
  atFirst: false,
  firstSeenAtMs: 1_000 + position,
  datedAtMs: null,
  goneAtMs: null,
  files: [],
  ...changes,
});

const file = (name: string, blobId: string, goneAtMs: number | null = null) => ({ name, blobId, goneAtMs });

test('no version at all', () => {
  expect(lineageOf([])).toEqual({
    versions: [],
    newestFirst: false,
    gaps: [],
    reordered: [],
    gone: [],
    summary: 'no versions are known',
  });
});

test('what changed against the version before: by name and by content', () => {
  const { versions } = lineageOf([
    version('1.00', 0, { files: [file('a.onnx', 'A'), file('b.txt', 'B'), file('c.csv', 'C'), file('d.md', 'D')] }),
    version('1.01', 1, {
      files: [
        file('a.onnx', 'A2'),
        file('b.txt', 'B'),
        file('new.csv', 'C'),
        file('e.md', 'E'),
        file('old.md', 'X', 5),
      ],
    }),
  ]);
  expect(versions[0]?.changes).toBe(null);
  expect(versions[1]).toMatchObject({ files: 4 });
  expect(versions[1]?.changes).toEqual({
    added: [{ name: 'e.md', blobId: 'E' }],
    removed: [{ name: 'd.md', blobId: 'D' }],
    changed: [{ name: 'a.onnx', from: 'A', to: 'A2' }],
    renamed: [{ blobId: 'C', from: 'c.csv', to: 'new.csv' }],
  });
});

describe('numbering', () => {
  const gaps = (...numbers: string[]) => lineageOf(numbers.map((number, at) => version(number, at))).gaps;
  test('gaps within a major number and between them', () => {
    expect(gaps('1.00', '1.02')).toEqual(['nothing between 1.00 and 1.02']);
    expect(gaps('1.00', '1.01', '3.00')).toEqual(['nothing between 1.01 and 3.00']);
    expect(gaps('1.00', '2.03')).toEqual(['nothing between 1.00 and 2.03']);
    expect(gaps('0.01', '0.02', '1.00', '2.00', '2.01', 'v2.02')).toEqual([]);
    expect(gaps('1.9', '1.10')).toEqual([]);
    expect(gaps('latest', '1.00')).toEqual([]);
  });
  test('a version that is gone is said to be gone, and leaves no gap', () => {
    const found = lineageOf([version('1.00', 0), version('1.01', 1, { goneAtMs: 9 }), version('1.02', 2)]);
    expect(found).toMatchObject({ gaps: [], gone: ['1.01'] });
    expect(found.versions.map((step) => step.version)).toEqual(['1.00', '1.02', '1.01']);
    expect(found.summary).toBe('2 versions (1.00 to 1.02), no gaps, in order, 1 gone');
  });
});

describe('order', () => {
  test('the hub shows a later version before an earlier one', () => {
    const found = lineageOf([version('1.00', 0), version('1.02', 1), version('1.01', 2)]);
    expect(found.reordered).toContain('the hub shows 1.02 before 1.01');
    expect(found.summary).toBe('3 versions (1.00 to 1.01), no gaps, out of order');
  });
  test('newest first is an order too: compared with the one after it', () => {
    const found = lineageOf([
      version('1.01', 0, { firstSeenAtMs: 9, files: [file('a', 'A'), file('b', 'B')] }),
      version('1.00', 1, { firstSeenAtMs: 5, files: [file('a', 'A')] }),
    ]);
    expect(found).toMatchObject({ newestFirst: true, reordered: [] });
    expect(found.versions[0]?.changes?.added).toEqual([{ name: 'b', blobId: 'B' }]);
    expect(found.versions[1]?.changes).toBe(null);
  });
  test('first seen in another order than numbered; what was there at first says nothing of it', () => {
    const late = version('1.00', 0, { firstSeenAtMs: 9_000 });
    expect(lineageOf([late, version('1.01', 1)]).reordered).toEqual(['1.01 was first seen before 1.00']);
    expect(lineageOf([late, version('1.01', 1, { atFirst: true })]).reordered).toEqual([]);
  });
});

test('times are the hub’s where it dates, else first seen by Assay, else not known', () => {
  const steps = lineageOf([
    version('1.00', 0, { atFirst: true }),
    version('1.01', 1, { datedAtMs: 77 }),
    version('1.02', 2, { firstSeenAtMs: 99 }),
  ]).versions;
  expect(steps.map(({ atMs, dating }) => [atMs, dating])).toEqual([
    [null, 'at-first'],
    [77, 'source'],
    [99, 'assay'],
  ]);
});

test('the order of arrival is irrelevant, and every version is in it once', () => {
  const some = fc.uniqueArray(fc.record({ major: fc.nat(3), minor: fc.nat(12), gone: fc.boolean() }), {
    selector: ({ major, minor }) => `${major}.${minor}`,
  });
  fc.assert(
    fc.property(some, (numbers) => {
      const versions = numbers.map(({ major, minor, gone }, at) =>
        version(`${major}.${String(minor).padStart(2, '0')}`, at, { goneAtMs: gone ? 5 : null }),
      );
      const found = lineageOf(versions);
      expect(lineageOf(versions.toReversed())).toEqual(found);
      expect(found.versions.map((step) => step.version).sort()).toEqual(versions.map((one) => one.version).sort());
    }),
  );
});
