import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListedModel, ListedVersion } from '../../../src/lib/modelFacts.ts';
import {
  readFiles,
  readModel,
  readPage,
  readVersions,
  unwrapModel,
} from '../../../src/sources/opengradient/hubShapes.ts';

const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const HOSTILE = '\u0000\u001b[31m<b>@everyone</b>\u202E\u200B\uD800 ';
/** Control, bidirectional and zero-width characters, halves of surrogate pairs, line breaks. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 1, max: 1_000 }).map((times) => HOSTILE.repeat(times)),
  fc.constantFrom('', BLOB, '2026-11-21T12:00:00Z', '1e999', '__proto__', '..', 'a/b', '9'.repeat(400)),
);
const NAMES = [
  ...['name', 'authorUsername', 'author', 'owner', 'username', 'taskName', 'task', 'description', 'createdAt'],
  ...['versions', 'releases', 'latestVersion', 'version', 'versionString', 'notes', 'files', 'ipfsCid', 'blobId', 'id'],
  ...['size', 'fileSize', 'path', 'models', 'data', '__proto__', 'constructor', 'toString', '_seconds', 'seconds'],
];
/** Any JSON, and much that looks like a hub's. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    anyText,
    fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 8 }),
    fc.dictionary(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, anyText), tie('tree'), {
      maxKeys: 12,
      noNullPrototype: true,
    }),
  ),
}));
// Through JSON, as it comes: `__proto__` is a field like any other then.
const anyJson = fc
  .oneof(tree, fc.jsonValue({ maxDepth: 6 }))
  .map((value) => JSON.parse(JSON.stringify(value) ?? 'null'));

function expectSafe(value: unknown): void {
  if (typeof value === 'string') {
    expect(value).not.toMatch(UNSAFE);
    expect([...value].length).toBeLessThanOrEqual(2_000);
  } else if (Array.isArray(value)) for (const each of value) expectSafe(each);
  else if (typeof value === 'object' && value !== null) {
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    for (const [key, inner] of Object.entries(value)) {
      expectSafe(key);
      expectSafe(inner);
    }
  }
}
const isMoment = (ms: number | null): boolean => ms === null || (Number.isSafeInteger(ms) && ms > 0);

function expectModel(model: ListedModel): void {
  expectSafe(model);
  expect(model.name).not.toBe('');
  expect(model.author).toMatch(/^[^/]+$/u);
  expect(Buffer.byteLength(JSON.stringify(model.extra))).toBeLessThanOrEqual(8_000);
  expect(isMoment(model.datedAtMs)).toBe(true);
}
function expectVersion({ files, ...version }: ListedVersion): void {
  expectSafe(version);
  expect(isMoment(version.datedAtMs)).toBe(true);
  for (const file of files) {
    expectSafe(file);
    expect(file.blobId).not.toBe('');
    expect(file.sizeBytes === null || (Number.isSafeInteger(file.sizeBytes) && file.sizeBytes >= 0)).toBe(true);
  }
}

test('law: whatever JSON a hub sends, what is read of it is bounded, clean and never an error', () => {
  fc.assert(
    fc.property(anyJson, fc.option(fc.constant('acme'), { nil: undefined }), (value, author) => {
      for (const entry of [value, unwrapModel(value), ...(readPage(value) ?? [])]) {
        const read = readModel(entry, author);
        if (read !== null) expectModel(read.model);
        for (const { version } of readVersions(entry)?.versions ?? []) expectVersion(version);
        if (Array.isArray(entry)) {
          const { files, dropped } = readFiles(entry);
          expectVersion({ version: '1', notes: null, datedAtMs: null, files });
          expect(files.length + dropped).toBeLessThanOrEqual(entry.length);
        }
      }
    }),
    { numRuns: 2_000 },
  );
}, 60_000);

describe('a model', () => {
  test.each(['authorUsername', 'author', 'owner', 'username'])('has its author in %s', (field) => {
    expect(readModel({ name: 'x', [field]: 'acme' })?.model.author).toBe('acme');
    expect(readModel({ name: 'x', [field]: { username: 'acme' } })?.model.author).toBe('acme');
  });

  test('keeps fields that are not known, cleaned', () => {
    const { extra } = (readModel({ name: 'x', author: 'a', tags: [`t${HOSTILE}`], llmPath: null, stars: 3 }) ?? never())
      .model;
    expect(extra).toEqual({ tags: ['t [31m<b>@everyone</b>'], llmPath: null, stars: 3 });
  });

  test('keeps as many of them as fit into 8 kB', () => {
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}`, 'x'.repeat(400)]));
    const { extra } = (readModel({ name: 'x', author: 'a', ...fields, last: 1 }) ?? never()).model;
    expect(Buffer.byteLength(JSON.stringify(extra))).toBeGreaterThan(7_000);
    expect(Buffer.byteLength(JSON.stringify(extra))).toBeLessThanOrEqual(8_000);
    expect(extra.last).toBe(1);
  });

  test('cannot change what objects are', () => {
    const value = JSON.parse(
      '{"name":"x","author":"a","__proto__":{"polluted":1},"in":{"__proto__":{"polluted":1},"ok":2}}',
    );
    const { extra } = (readModel(value) ?? never()).model;
    expect(Object.keys(extra)).toEqual(['in']);
    expect(JSON.stringify(extra)).toBe('{"in":{"ok":2}}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((extra.in as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('may be nested as deep as it likes', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    const { extra } = (readModel({ name: 'x', author: 'a', deep }) ?? never()).model;
    expect(JSON.stringify(extra).length).toBeLessThan(100);
  });

  test.each([
    ['2026-11-21T12:00:00Z', Date.UTC(2026, 10, 21, 12)],
    ['2026-11-21', Date.UTC(2026, 10, 21)],
    [1_795_262_400, 1_795_262_400_000],
    [1_795_262_400_123, 1_795_262_400_123],
    [{ _seconds: 1_795_262_400, _nanoseconds: 5 }, 1_795_262_400_000],
    ['1', null],
    ['yesterday', null],
    ['9999-12-31', null],
    [-5, null],
    [1e300, null],
    [null, null],
  ])('is dated %j', (createdAt, expected) => {
    expect(readModel({ name: 'x', author: 'a', createdAt })?.model.datedAtMs).toBe(expected);
  });

  test('is not dated by its last change', () => {
    expect(readModel({ name: 'x', author: 'a', updatedAt: '2026-11-21' })?.model.datedAtMs).toBeNull();
  });
});

describe('a file', () => {
  test.each(['ipfsCid', 'blobId', 'walrusBlobId', 'cid', 'id'])('has its content id in %s', (field) => {
    expect(readFiles([{ [field]: BLOB, filename: 'm.onnx', fileSize: '12' }]).files).toEqual([
      { blobId: BLOB, name: 'm.onnx', sizeBytes: 12, datedAtMs: null },
    ]);
  });

  test('keeps a content id that is malformed, for that is what is wrong with it; a number of the hub’s own is none', () => {
    expect(readFiles([{ ipfsCid: 'bafy<b>', id: 7 }]).files[0]?.blobId).toBe('bafy<b>');
    expect(readFiles([{ id: 7, name: 'x' }, 'text'])).toEqual({ files: [], dropped: 2 });
    expect(readFiles([{ ipfsCid: '', id: BLOB }]).files[0]?.blobId).toBe(BLOB);
  });

  test.each([-1, 1.5, 1e300, 'many', null, true, '9'.repeat(30)])('of size %j has no known size', (size) => {
    expect(readFiles([{ cid: BLOB, size }]).files[0]?.sizeBytes).toBeNull();
  });
});

function never(): never {
  throw new Error('it was not read');
}
