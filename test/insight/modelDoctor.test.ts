import { describe, expect, test } from 'vitest';
import { checkModel } from '../../src/insight/modelDoctor.ts';
import { BLOB_ID, blob, model, NOW_MS, status } from './modelInputs.ts';

type Input = Parameters<typeof checkModel>[0];

const file = (name: string, blobId = BLOB_ID) => ({ name, blobId, goneAtMs: null });
const version = (number: string, position = 0, files = [file('fraud.onnx')]) => ({
  version: number,
  position,
  atFirst: true,
  firstSeenAtMs: NOW_MS,
  datedAtMs: null,
  goneAtMs: null as number | null,
  files,
});

const patient = (changes: Partial<Input> = {}): Input => ({
  model: model(),
  versions: [version('1.00')],
  blobs: new Map([[BLOB_ID, blob({ uses: 1 })]]),
  sameName: [],
  sources: { hub: status(), storage: status(), use: status() },
  nowMs: NOW_MS,
  ...changes,
});

const outcome = (changes: Partial<Input>, check: string) =>
  checkModel(patient(changes)).find((one) => one.check === check);

test('a healthy model holds in every check', () => {
  const checks = checkModel(patient());
  expect(checks.map(({ check, outcome }) => `${check}: ${outcome}`)).toEqual([
    'listed: holds',
    'author and name: holds',
    'task: holds',
    'description: holds',
    'version order: holds',
    'same name elsewhere: holds',
    'has files: holds',
    'file type: holds',
    'id well-formed: holds',
    'blob readable: holds',
    'runnable: holds',
    'used: holds',
    'used but unlisted: holds',
  ]);
  expect(checks.every(({ remedy }) => remedy === '')).toBe(true);
});

describe('each check fails by itself, with a remedy', () => {
  const gone = { ...version('1.01', 1), goneAtMs: 5, files: [file('old.onnx', 'Q')] };
  test.each<[string, Partial<Input>]>([
    ['listed', { model: model({ goneAtMs: 1 }) }],
    ['author and name', { model: model({ author: '' }) }],
    ['task', { model: model({ task: null }) }],
    ['description', { model: model({ description: '\u200b' }) }],
    ['version order', { versions: [version('1.00'), version('1.02', 1), version('1.01', 2)] }],
    ['version order', { versions: [version('newest')] }],
    ['version order', { versions: [] }],
    ['has files', { versions: [version('1.00', 0, [])] }],
    ['file type', { versions: [version('1.00', 0, [file('weights')])] }],
    ['id well-formed', { versions: [version('1.00', 0, [file('a.onnx', 'x')])] }],
    ['blob readable', { blobs: new Map([[BLOB_ID, blob({ storage: 'missing' })]]) }],
    ['runnable', { blobs: new Map([[BLOB_ID, blob({ storage: 'missing', uses: 1 })]]) }],
    ['runnable', { versions: [version('1.00', 0, [file('a.pt')])], blobs: new Map() }],
    ['used but unlisted', { versions: [version('1.00'), gone], blobs: new Map([['Q', blob({ uses: 3 })]]) }],
  ])('%s', (check, changes) => {
    const found = outcome(changes, check);
    expect(found?.outcome).toBe('fails');
    expect(found?.remedy).not.toBe('');
  });
});

describe('what could not be asked is unknown, never a failure', () => {
  test('nothing is known of the model, and the hub fails or answers', () => {
    const failing = { hub: status({ state: 'failing' }), storage: null, use: null };
    const nothing = { model: null, versions: [], blobs: new Map() };
    expect(checkModel(patient({ ...nothing, sources: failing })).some((one) => one.outcome === 'fails')).toBe(false);
    const answered = checkModel(patient(nothing)).filter((one) => one.outcome === 'fails');
    expect(answered.map(({ check }) => check)).toEqual(['listed']);
  });
  test('files that are hidden, or were not read yet', () => {
    for (const changes of [{ detailProblem: 'login' }, { detailAtMs: null }]) {
      const checks = checkModel(patient({ model: model(changes), versions: [], blobs: new Map() }));
      expect(checks.filter((one) => one.outcome === 'fails')).toEqual([]);
      expect(checks.find((one) => one.check === 'has files')?.outcome).toBe('unknown');
    }
  });
  test('storage that was not asked, and use that was not seen', () => {
    expect(outcome({ blobs: new Map() }, 'blob readable')?.outcome).toBe('unknown');
    expect(outcome({ blobs: new Map() }, 'used')).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringContaining('not broken'),
    });
    const none = { hub: status(), storage: status(), use: null };
    expect(outcome({ sources: none }, 'used but unlisted')).toMatchObject({
      outcome: 'unknown',
      detail: 'the chain is not configured',
    });
  });
});

test('use says how long ago, never in the future', () => {
  const used = (lastUsedAtSeconds: number) =>
    outcome({ blobs: new Map([[BLOB_ID, blob({ uses: 2, lastUsedAtSeconds })]]) }, 'used')?.detail;
  expect(used(NOW_MS / 1000 - 120)).toBe('2 uses seen on chain, the last 2 min ago');
  expect(used(NOW_MS / 1000 + 120)).toBe('2 uses seen on chain, the last 0 s ago');
});

test('the same name by another author is a note', () => {
  const found = outcome({ sameName: ['bob'] }, 'same name elsewhere');
  expect(found).toMatchObject({ outcome: 'holds', detail: 'also by bob' });
  expect(found?.remedy).toContain('author');
});

test('hostile names are bounded', () => {
  const names = Array.from({ length: 50 }, (_, at) => file(`\u202e@everyone${'x'.repeat(9_000)}${at}`, `bad${at}`));
  for (const { detail } of checkModel(
    patient({ versions: [version('1.00', 0, names)], sameName: names.map((one) => one.name) }),
  )) {
    expect(detail.length).toBeLessThan(400);
    expect(detail).not.toContain('\u202e');
  }
});
