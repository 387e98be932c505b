import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRegistration, type RegistrationInput, STAGES, type StageName } from '../../src/insight/registration.ts';
import { type Blob, blob, input, listing, model, NOW_MS, status, unlisted } from './modelInputs.ts';

const states = (one: RegistrationInput) => judgeRegistration(one).stages.map(({ state }) => state);
const stage = (one: RegistrationInput, name: StageName) =>
  judgeRegistration(one).stages[STAGES.indexOf(name)] as ReturnType<typeof judgeRegistration>['stages'][number];

const failing = status({ state: 'failing', shortError: 'no answer' });

test('a file at which nothing is wrong has every stage but use, of which nothing is known', () => {
  const found = judgeRegistration(input());
  expect(found.stages.map(({ name }) => name)).toEqual(STAGES);
  expect(found.stages.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'unknown']);
  expect(found).toMatchObject({ reached: 'runnable', stuckAt: null, missing: [], waitingSeconds: null });
  expect(found.stages[4]?.evidence).toBe('no use seen: not known, not broken');
  expect(found.stages.slice(0, 3).map(({ dating }) => dating)).toEqual(['assay', 'assay', 'assay']);
});

describe('stuck at each stage', () => {
  test('stored: no aggregator has it', () => {
    const found = judgeRegistration(
      input({ blob: unlisted({ storage: 'missing', storedAtMs: null, storageReason: '404' }), listing: null }),
    );
    expect(found).toMatchObject({ reached: null, stuckAt: 'stored', waitingSeconds: null });
    expect(found.stages[0]).toMatchObject({ state: 'missing', evidence: 'its blob is not readable: 404' });
  });
  test('listed: it waits since it was stored', () => {
    const found = judgeRegistration(input({ blob: unlisted(), listing: null }));
    expect(found).toMatchObject({ reached: 'stored', stuckAt: 'listed', waitingSeconds: 4_000 });
    expect(found.missing).toEqual(['the hub does not list it']);
    expect(found.next).toContain('listing');
  });
  test.each([
    ['task', listing({ model: model({ task: ' ' }) }), 'no task is named'],
    ['description', listing({ model: model({ description: null }) }), 'no description'],
    [
      'version',
      listing({ version: { version: 'latest', position: 0, datedAtMs: null, goneAtMs: null } }),
      'its version is not {major}.{minor}: latest',
    ],
    ['order', listing({ versions: ['1.00', '1.02', '1.01'] }), 'its versions are out of order: 1.02 before 1.01'],
    [
      'file type',
      listing({ file: { name: 'model', sizeBytes: 1, datedAtMs: null, goneAtMs: null } }),
      'its file name does not say what it is',
    ],
  ])('complete: without %s', (_, spoiled, words) => {
    const one = input({ blob: blob({ completeAtMs: null }), listing: spoiled });
    expect(stage(one, 'complete')).toMatchObject({ state: 'missing', evidence: words });
    expect(judgeRegistration(one)).toMatchObject({ stuckAt: 'complete', missing: [words] });
    // It was complete once: then what was there has been withdrawn.
    expect(stage({ ...one, blob: blob() }, 'complete').state).toBe('withdrawn');
  });
  test('complete: an id that is none', () => {
    const one = input({ blob: blob({ blobId: '../../etc', completeAtMs: null }) });
    expect(judgeRegistration(one).missing).toEqual(['its id is no blob id or CID']);
  });
  test('runnable: storage only', () => {
    const one = input({ listing: listing({ file: { name: 'a.PT', sizeBytes: 1, datedAtMs: null, goneAtMs: null } }) });
    expect(stage(one, 'runnable')).toMatchObject({
      state: 'missing',
      evidence: expect.stringContaining('storage only: .pt'),
    });
    expect(judgeRegistration(one)).toMatchObject({ reached: 'complete', stuckAt: 'runnable' });
  });
});

describe('unknown is an answer', () => {
  const unasked = unlisted({ storage: 'unknown', storedAtMs: null });
  test.each([
    ['storage', 'stored'],
    ['hub', 'listed'],
    ['use', 'used'],
  ] as const)('%s that is not configured, or fails, leaves its stage unknown with the reason', (source, name) => {
    const base = input({ blob: unasked, listing: null });
    for (const [value, words] of [
      [null, 'is not configured'],
      [failing, 'could not be asked: no answer'],
      [status({ state: 'unknown' }), 'has not been asked yet'],
      [status({ state: 'stale', shortError: 'old' }), 'says nothing new: old'],
    ] as const) {
      const one = { ...base, sources: { ...base.sources, [source]: value } };
      expect(stage(one, name)).toMatchObject({ state: 'unknown', evidence: expect.stringContaining(words) });
      expect(judgeRegistration(one).waitingSeconds).toBe(null);
    }
  });
  test('a hub that shows files only after a login', () => {
    const one = input({
      blob: null,
      listing: listing({ model: model({ detailProblem: 'it asks for a login' }), version: null, file: null }),
    });
    expect(states(one)).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'unknown']);
    expect(stage(one, 'listed').evidence).toBe('acme/fraud is listed; its files cannot be seen: it asks for a login');
    const noted = input({ blob: unlisted(), listing: null });
    noted.sources.hub = status({ shortError: 'files need a login' });
    expect(stage(noted, 'listed')).toMatchObject({ state: 'unknown', evidence: 'files need a login' });
  });
  test('a model whose files were not read yet, and one that has none', () => {
    const empty = { version: null, file: null };
    const unread = input({ blob: null, listing: listing({ model: model({ detailAtMs: null }), ...empty }) });
    expect(states(unread)).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'unknown']);
    for (const [versions, evidence] of [
      [[], 'acme/fraud is listed without a version'],
      [['1.00'], 'acme/fraud is listed without a file'],
    ] as const) {
      const none = input({ blob: null, listing: listing({ ...empty, versions: [...versions] }) });
      expect(judgeRegistration(none)).toMatchObject({ stuckAt: 'stored' });
      expect(stage(none, 'listed')).toMatchObject({ state: 'missing', evidence });
    }
  });
  test('a listed file whose storage is unknown is listed, and neither stored nor complete as far as known', () => {
    const one = input({ blob: blob({ storage: 'unknown', storedAtMs: null, completeAtMs: null }) });
    expect(states(one)).toEqual(['unknown', 'done', 'unknown', 'done', 'unknown']);
  });
  test('used on chain says that it was stored then, and that it runs', () => {
    const one = input({
      blob: unlisted({ storage: 'unknown', storedAtMs: null, uses: 2, firstUsedAtSeconds: 1_700_000_000 }),
      listing: null,
    });
    expect(states(one)).toEqual(['done', 'missing', 'missing', 'done', 'done']);
    expect(stage(one, 'stored')).toMatchObject({ atMs: 1_700_000_000_000, dating: 'chain' });
    expect(stage(one, 'used').evidence).toBe('2 uses seen on chain');
  });
});

describe('withdrawn evidence', () => {
  test('a blob that is no longer readable', () => {
    const one = input({ blob: blob({ storage: 'missing', goneAtMs: NOW_MS - 1_000, storageReason: '404' }) });
    expect(states(one)).toEqual(['withdrawn', 'done', 'withdrawn', 'withdrawn', 'unknown']);
    expect(judgeRegistration(one).stuckAt).toBe('stored');
  });
  test.each([
    ['model', listing({ model: model({ goneAtMs: 1 }) })],
    ['version', listing({ version: { version: '1.00', position: 0, datedAtMs: null, goneAtMs: 1 } })],
    ['file', listing({ file: { name: 'a.onnx', sizeBytes: 1, datedAtMs: null, goneAtMs: 1 } })],
    ['whole listing', null],
  ])('a %s that is gone from the hub', (_, gone) => {
    expect(states(input({ listing: gone })).slice(0, 3)).toEqual(['done', 'withdrawn', 'withdrawn']);
  });
});

test('dates are the source’s where it gives them, and not known for what was there at first', () => {
  const dated = listing({ file: { name: 'a.onnx', sizeBytes: 1, datedAtMs: 1_700_000_000_000, goneAtMs: null } });
  expect(stage(input({ listing: dated }), 'listed')).toMatchObject({ atMs: 1_700_000_000_000, dating: 'source' });
  const first = input({ blob: blob({ listedAtFirst: true, storedAtMs: null }) });
  expect(stage(first, 'listed')).toMatchObject({ atMs: null, dating: 'at-first' });
  expect(stage(first, 'stored')).toMatchObject({ atMs: null, dating: 'at-first' });
});

test('hostile text is bounded and without tricks', () => {
  const long = `\u202e<b>@everyone</b>\n${'x'.repeat(10_000)}`;
  const one = input({
    listing: listing({
      model: model({ author: long, name: long }),
      version: { version: long, position: 0, datedAtMs: null, goneAtMs: null },
      file: { name: long, sizeBytes: 1, datedAtMs: null, goneAtMs: null },
      versions: [long, '1.00'],
    }),
    blob: blob({ blobId: long, storage: 'missing', storageReason: long }),
  });
  const found = judgeRegistration(one);
  for (const text of [...found.stages.map(({ evidence }) => evidence), ...found.missing, found.next]) {
    expect(text.length).toBeLessThan(600);
    expect(text).not.toMatch(/[\u202e\n]/u);
  }
});

const at = fc.option(fc.integer({ min: NOW_MS - 1_000_000, max: NOW_MS + 1_000_000 }));
const anyBlob: fc.Arbitrary<Blob> = fc.record({
  blobId: fc.constant(blob().blobId),
  firstSeenAtMs: fc.constant(NOW_MS),
  storage: fc.constantFrom('readable' as const, 'missing' as const, 'unknown' as const),
  storageReason: fc.constant(''),
  storedAtMs: at,
  goneAtMs: fc.constant(null),
  listedAtMs: at,
  listedAtFirst: fc.boolean(),
  completeAtMs: at,
  uses: fc.nat(2),
  firstUsedAtSeconds: fc.option(fc.integer({ min: NOW_MS / 1000 - 1_000, max: NOW_MS / 1000 + 1_000 })),
  lastUsedAtSeconds: fc.constant(null),
});
const anyStatus = fc.constantFrom(null, status(), failing, status({ state: 'stale' }), status({ state: 'unknown' }));
const anyInput: fc.Arbitrary<RegistrationInput> = fc.record({
  blob: fc.option(anyBlob),
  listing: fc.constantFrom(
    null,
    listing(),
    listing({ model: model({ goneAtMs: 5 }) }),
    listing({ version: null, file: null }),
  ),
  sources: fc.record({ hub: anyStatus, storage: anyStatus, use: anyStatus }),
  nowMs: fc.constant(NOW_MS),
});

test('no age is negative, and what is reached, stuck and waited for agrees with the stages', () => {
  fc.assert(
    fc.property(anyInput, (one) => {
      const found = judgeRegistration(one);
      const [stored, listed, complete, , used] = found.stages.map(({ state }) => state);
      for (const { atMs, evidence } of found.stages) {
        if (atMs !== null) expect(atMs).toBeLessThanOrEqual(NOW_MS);
        expect(evidence).not.toBe('');
      }
      if (found.waitingSeconds !== null) {
        expect(found.waitingSeconds).toBeGreaterThanOrEqual(0);
        expect([stored, listed]).toEqual(['done', 'missing']);
      }
      // A later stage's evidence implies the earlier ones that it needs.
      if (complete === 'done') expect([stored, listed]).toEqual(['done', 'done']);
      if (used === 'done') expect(['done', 'withdrawn']).toContain(stored);
      const places = found.stages.flatMap(({ state, name }) => (state === 'done' ? [name] : []));
      expect(found.reached).toBe(places.at(-1) ?? null);
    }),
    { numRuns: 500 },
  );
});

test('monotone: what is done stays done while sources cannot be asked, and when more is seen', () => {
  fc.assert(
    fc.property(anyInput, fc.record({ hub: anyStatus, storage: anyStatus, use: anyStatus }), (one, sources) => {
      const before = judgeRegistration(one).stages;
      const silent: RegistrationInput = {
        ...one,
        sources,
        // Seen readable is what the store keeps once storage cannot be asked.
        blob: one.blob && {
          ...one.blob,
          storage: one.blob.storage === 'readable' && one.blob.storedAtMs !== null ? 'unknown' : one.blob.storage,
        },
      };
      const more = { ...one, blob: one.blob && { ...one.blob, uses: one.blob.uses + 1 } };
      for (const [place, { state }] of before.entries()) {
        if (state !== 'done') continue;
        expect(judgeRegistration(silent).stages[place]?.state).toBe('done');
        expect(judgeRegistration(more).stages[place]?.state).toBe('done');
      }
    }),
    { numRuns: 500 },
  );
});
