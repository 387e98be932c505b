import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ModelRepository } from '../../src/store/modelRepository.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { answer, blobId, detail, file, listed, version } from './modelSample.ts';

describe.each(DIALECTS)('models on %s', (dialect) => {
  let rig: DatabaseRig;
  let url: string;
  let store: Store;
  let models: ModelRepository;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    store = await rig.open(url);
    models = store.models;
  });

  const blobOf = async (id: number) => (await models.blob(blobId(id)))?.blob;
  const filesOf = async (key: string) =>
    (await models.model(key))?.versions.flatMap((each) => each.files.map((one) => ({ version: each.version, ...one })));

  describe('the list', () => {
    test('is read back as it was, in any case of the name, also by the next process', async () => {
      const model = listed('Acme/Fraud', { extra: { tags: ['a', { b: null }] }, datedAtMs: 5 });
      expect(await models.saveList([model], 1_000)).toEqual({ changed: ['acme/fraud'] });
      for (const reader of [models, (await rig.open(url)).models]) {
        expect((await reader.model('ACME/fraud'))?.model).toEqual({
          ...model,
          id: expect.any(Number),
          key: 'acme/fraud',
          atFirst: true,
          firstSeenAtMs: 1_000,
          lastSeenAtMs: 1_000,
          detailAtMs: null,
          detailProblem: null,
          goneAtMs: null,
        });
      }
      expect(await models.model('acme/other')).toBe(null);
    });

    test('of the first sweep is there at first, even of an empty one; what comes later is not', async () => {
      await models.saveList([], 1_000);
      await models.saveList([listed('a/one')], 2_000);
      expect((await models.model('a/one'))?.model).toMatchObject({ atFirst: false, firstSeenAtMs: 2_000 });
      // The next process knows that there was a first sweep.
      await (await rig.open(url)).models.saveList([listed('a/one'), listed('a/two')], 3_000);
      expect((await models.model('a/two'))?.model.atFirst).toBe(false);
    });

    test('says which entries are new, changed or back, and no others', async () => {
      await models.saveList([listed('a/one'), listed('a/two'), listed('a/three')], 1_000);
      // The order of what the hub says besides means nothing.
      await models.saveList([listed('a/one', { extra: { a: 1, b: 2 } }), listed('a/two')], 2_000);
      const again = await models.saveList(
        [
          listed('a/one', { extra: { b: 2, a: 1 } }),
          listed('a/two', { description: 'new' }),
          listed('a/three'),
          listed('a/four'),
        ],
        3_000,
      );
      expect(again.changed.sort()).toEqual(['a/four', 'a/three', 'a/two']);
    });

    test('a model that is gone and back is the one that it was', async () => {
      await models.saveList([listed('a/one'), listed('a/two')], 1_000);
      await models.saveList([listed('a/two')], 2_000);
      await models.saveList([listed('a/two')], 3_000);
      expect((await models.model('a/one'))?.model).toMatchObject({ goneAtMs: 2_000, lastSeenAtMs: 1_000 });
      const before = (await models.model('a/one'))?.model;
      await models.saveList([listed('a/one'), listed('a/two')], 4_000);
      expect((await models.model('a/one'))?.model).toEqual({ ...before, goneAtMs: null, lastSeenAtMs: 4_000 });
    });

    test('two entries of one key are one model', async () => {
      await models.saveList([listed('a/one'), listed('A/One')], 1_000);
      expect(await models.search({ text: '', offset: 0, limit: 9 })).toMatchObject({
        total: 1,
        models: [{ key: 'a/one' }],
      });
    });

    test('that cannot be stored in full is not stored in part', async () => {
      await models.saveList([listed('a/one')], 1_000);
      await rig.query(url, 'ALTER TABLE "HubModel" RENAME COLUMN "goneAtMs" TO "away"');
      await expect(models.saveList([listed('a/two')], 2_000)).rejects.toThrow();
      await rig.query(url, 'ALTER TABLE "HubModel" RENAME COLUMN "away" TO "goneAtMs"');
      expect((await models.search({ text: '', offset: 0, limit: 9 })).models.map(({ key }) => key)).toEqual(['a/one']);
    });

    test('of 5,000 models takes well under a second, also when nothing or all of it changed', async () => {
      const all = (description: string) =>
        Array.from({ length: 5_000 }, (_, at) =>
          listed(`author-${at % 300}/model-${at}`, { description: description.repeat(40) }),
        );
      const took: number[] = [];
      for (const [at, text] of ['first', 'first', 'other'].entries()) {
        const models5k = all(text);
        const start = performance.now();
        const { changed } = await models.saveList(models5k, 1_000 * (at + 1));
        took.push(performance.now() - start);
        expect(changed).toHaveLength(at === 1 ? 0 : 5_000);
      }
      expect(Math.max(...took)).toBeLessThan(2_000);
    }, 60_000);
  });

  describe('the detail', () => {
    test('is read back in the order of the hub, each version and file once', async () => {
      await models.saveList([listed('a/one')], 1_000);
      const versions = [
        version('2.00', [3, 1], { notes: 'better', datedAtMs: 7 }),
        version('1.00', [1]),
        version('2.00', [3, 4]),
      ];
      await models.saveDetail(detail('a/one', versions), 2_000);
      const found = await models.model('a/one');
      expect(
        found?.versions.map(({ version: name, position, notes, datedAtMs, files }) => [
          name,
          position,
          notes,
          datedAtMs,
          files.map((one) => one.blobId),
        ]),
      ).toEqual([
        ['2.00', 0, 'better', 7, [3, 1, 4].map(blobId)],
        ['1.00', 1, null, null, [blobId(1)]],
      ]);
      expect(found?.versions[0]?.files[0]).toEqual({
        ...file(3),
        atFirst: true,
        firstSeenAtMs: 2_000,
        goneAtMs: null,
      });
      expect([...(found?.blobs.keys() ?? [])].sort()).toEqual([1, 3, 4].map(blobId));
      expect(found?.blobs.get(blobId(1))).toMatchObject({ origin: 'hub', firstSeenAtMs: 2_000, listedAtMs: 2_000 });
    });

    test('of a model that was there at first: what the first look shows was there too, what comes later was not', async () => {
      await models.saveList([listed('a/old')], 1_000);
      await models.saveDetail(detail('a/old', [version('1.00', [1])]), 2_000);
      await models.saveDetail(detail('a/old', [version('1.00', [1, 2]), version('1.01', [3])]), 3_000);
      expect((await filesOf('a/old'))?.map((one) => [one.blobId, one.atFirst])).toEqual([
        [blobId(1), true],
        [blobId(2), false],
        [blobId(3), false],
      ]);
      expect((await models.model('a/old'))?.versions.map((each) => each.atFirst)).toEqual([true, false]);
      expect(await blobOf(1)).toMatchObject({ listedAtFirst: true, listedAtMs: 2_000 });
      expect(await blobOf(2)).toMatchObject({ listedAtFirst: false, listedAtMs: 3_000 });
      expect(await blobOf(3)).toMatchObject({ listedAtFirst: false, listedAtMs: 3_000 });
    });

    test('that shows nothing at first is no look: what is shown later was there', async () => {
      await models.saveList([listed('a/old')], 1_000);
      await models.saveDetail(detail('a/old', null, { problem: 'sign in' }), 2_000);
      expect((await models.model('a/old'))?.model).toMatchObject({ detailAtMs: 2_000, detailProblem: 'sign in' });
      // Versions, and for lack of a login no files.
      await models.saveDetail(detail('a/old', [version('1.00', [])], { problem: 'sign in' }), 3_000);
      await models.saveDetail(detail('a/old', [version('1.00', [1])]), 4_000);
      await models.saveDetail(detail('a/old', [version('1.00', [1, 2])]), 5_000);
      expect((await models.model('a/old'))?.model.detailProblem).toBe(null);
      expect((await filesOf('a/old'))?.map((one) => one.atFirst)).toEqual([true, false]);
    });

    test('of a model that had no version at first: its first one is news', async () => {
      await models.saveList([listed('a/old')], 1_000);
      await models.saveDetail(detail('a/old', []), 2_000);
      await models.saveDetail(detail('a/old', [version('1.00', [1])]), 3_000);
      expect(await blobOf(1)).toMatchObject({ listedAtFirst: false, listedAtMs: 3_000 });
    });

    test('of a model that is new after the first sweep is news', async () => {
      await models.saveList([], 1_000);
      await models.saveList([listed('a/new')], 2_000);
      await models.saveDetail(detail('a/new', [version('1.00', [1])]), 3_000);
      expect((await models.model('a/new'))?.versions[0]).toMatchObject({ atFirst: false, firstSeenAtMs: 3_000 });
      expect(await blobOf(1)).toMatchObject({ listedAtFirst: false });
    });

    test('makes a model known; before the first sweep nobody knows since when it is there', async () => {
      await models.saveDetail(detail('a/early', [version('1.00', [1])]), 1_000);
      await models.saveList([listed('a/early')], 2_000);
      await models.saveDetail(detail('a/late', [version('1.00', [2])]), 3_000);
      expect((await models.model('a/early'))?.model).toMatchObject({ atFirst: true, firstSeenAtMs: 1_000 });
      expect((await models.model('a/late'))?.model).toMatchObject({ atFirst: false, firstSeenAtMs: 3_000 });
      expect(await blobOf(1)).toMatchObject({ listedAtFirst: true });
      expect(await blobOf(2)).toMatchObject({ listedAtFirst: false });
    });

    test('that says more than the list is no change of the list, and neither takes away what the other says', async () => {
      const short = listed('a/one', { description: null, extra: { likes: 1 } });
      await models.saveList([short], 1_000);
      const full = { ...listed('a/one'), task: null, description: 'long', extra: { size: 'big' } };
      await models.saveDetail(detail('a/one', [], { model: full }), 2_000);
      expect(await models.saveList([short], 3_000)).toEqual({ changed: [] });
      expect((await models.model('a/one'))?.model).toMatchObject({
        task: 'classification',
        description: 'long',
        extra: { likes: 1, size: 'big' },
      });
      // Gone from both, it is gone.
      await models.saveDetail(detail('a/one', [], { model: { ...full, description: null } }), 4_000);
      expect((await models.model('a/one'))?.model.description).toBe(null);
    });

    test('without a version or file that was there: withdrawn, last in order, and back as what it was', async () => {
      await models.saveList([listed('a/one')], 1_000);
      const both = [version('1.00', [1, 2]), version('1.01', [3])];
      await models.saveDetail(detail('a/one', both), 2_000);
      await models.saveDetail(detail('a/one', [version('1.01', [3])]), 3_000);
      await models.saveDetail(detail('a/one', [version('1.01', [3])]), 4_000);
      const found = await models.model('a/one');
      expect(found?.versions.map((each) => [each.version, each.goneAtMs])).toEqual([
        ['1.01', null],
        ['1.00', 3_000],
      ]);
      expect(found?.versions[1]?.files.map((one) => one.goneAtMs)).toEqual([3_000, 3_000]);
      // That it was listed stays true.
      expect(await blobOf(1)).toMatchObject({ listedAtMs: 2_000 });
      await models.saveDetail(detail('a/one', [version('1.00', [2]), version('1.01', [3])]), 5_000);
      expect((await filesOf('a/one'))?.map((one) => [one.blobId, one.goneAtMs, one.firstSeenAtMs])).toEqual([
        [blobId(2), null, 2_000],
        [blobId(1), 3_000, 2_000],
        [blobId(3), null, 2_000],
      ]);
    });

    test('that could not be seen withdraws nothing', async () => {
      await models.saveList([listed('a/one')], 1_000);
      await models.saveDetail(detail('a/one', [version('1.00', [1]), version('1.01', [2])]), 2_000);
      await models.saveDetail(detail('a/one', null, { problem: 'not shown' }), 3_000);
      await models.saveDetail(detail('a/one', [version('1.01', [])], { problem: 'sign in' }), 4_000);
      expect((await filesOf('a/one'))?.map((one) => one.goneAtMs)).toEqual([null, null]);
    });

    test('a file without an id is a file, and no blob', async () => {
      await models.saveDetail(detail('a/one', [version('1.00', [], { files: [file(1, { blobId: '' })] })]), 1_000);
      expect((await filesOf('a/one'))?.map((one) => one.blobId)).toEqual(['']);
      expect(await models.counts()).toMatchObject({ files: 1, blobs: 0 });
    });

    test('that cannot be stored in full is not stored in part', async () => {
      await models.saveList([listed('a/one')], 1_000);
      await rig.query(url, 'ALTER TABLE "ModelBlob" RENAME TO "Away"');
      await expect(models.saveDetail(detail('a/one', [version('1.00', [1])]), 2_000)).rejects.toThrow();
      await rig.query(url, 'ALTER TABLE "Away" RENAME TO "ModelBlob"');
      expect(await models.model('a/one')).toMatchObject({ model: { detailAtMs: null }, versions: [] });
    });

    test('of 500 versions and 2,000 files takes well under a second', async () => {
      const many = Array.from({ length: 500 }, (_, at) =>
        version(
          `1.${at}`,
          [0, 1, 2, 3].map((more) => at * 4 + more),
        ),
      );
      for (const at of [1_000, 2_000]) {
        const start = performance.now();
        await models.saveDetail(detail('a/one', many), at);
        expect(performance.now() - start).toBeLessThan(2_000);
      }
      expect(await models.counts()).toMatchObject({ files: 2_000, blobs: 2_000 });
    }, 30_000);
  });

  describe('a blob', () => {
    test('in several models has all places, the earliest first, and was listed with the first of them', async () => {
      await models.saveList([], 500);
      await models.saveDetail(detail('a/one', [version('1.00', [1])]), 1_000);
      await models.saveDetail(detail('b/two', [version('3.00', [1, 2])]), 2_000);
      await models.saveDetail(detail('a/one', []), 3_000);
      const found = await models.blob(blobId(1));
      expect(found?.blob).toMatchObject({ listedAtMs: 1_000, listedAtFirst: false });
      expect(
        found?.listings.map(({ model, version: { version: name }, file: one }) => [model.key, name, one.goneAtMs]),
      ).toEqual([
        ['a/one', '1.00', 3_000],
        ['b/two', '3.00', null],
      ]);
      expect(await models.blob(blobId(9))).toBe(null);
    });

    test('found in a place that was there at first was listed before anybody looked', async () => {
      await models.saveList([listed('a/old')], 1_000);
      await models.saveDetail(detail('b/new', [version('1.00', [1])]), 2_000);
      expect(await blobOf(1)).toMatchObject({ listedAtFirst: false });
      await models.saveDetail(detail('a/old', [version('1.00', [1])]), 3_000);
      expect(await blobOf(1)).toMatchObject({ listedAtFirst: true, listedAtMs: 2_000 });
    });

    test('becomes known once, by whoever names it first', async () => {
      expect(await models.track([blobId(1), blobId(1), blobId(2)], 'watch', 1_000)).toBe(2);
      expect(await models.track([blobId(2), blobId(3)], 'chain', 2_000)).toBe(1);
      expect(await blobOf(2)).toMatchObject({
        origin: 'watch',
        firstSeenAtMs: 1_000,
        storage: 'unknown',
        listedAtMs: null,
      });
      expect(await blobOf(3)).toMatchObject({ origin: 'chain', firstSeenAtMs: 2_000 });
    });

    test('that was tracked before it is listed keeps when it was first stored', async () => {
      await models.saveList([], 500);
      await models.track([blobId(1)], 'watch', 1_000);
      await models.saveStorage([answer(1, 'readable', 2_000)]);
      await models.saveDetail(detail('a/one', [version('1.00', [1])]), 9_000);
      expect(await blobOf(1)).toMatchObject({
        origin: 'watch',
        storedAtMs: 2_000,
        listedAtMs: 9_000,
        listedAtFirst: false,
      });
    });

    test('readable, missing, not to be asked, readable again', async () => {
      await models.track([blobId(1)], 'watch', 500);
      await models.saveStorage([answer(1, 'missing', 1_000)]);
      expect(await blobOf(1)).toMatchObject({
        storage: 'missing',
        storedAtMs: null,
        goneAtMs: null,
        checkedAtMs: 1_000,
      });
      await models.saveStorage([answer(1, 'readable', 2_000, { sizeBytes: 77 })]);
      expect(await blobOf(1)).toMatchObject({ storage: 'readable', storedAtMs: 2_000, goneAtMs: null, sizeBytes: 77 });
      await models.saveStorage([answer(1, 'missing', 3_000)]);
      await models.saveStorage([answer(1, 'missing', 4_000)]);
      expect(await blobOf(1)).toMatchObject({ storage: 'missing', storedAtMs: 2_000, goneAtMs: 3_000, sizeBytes: 77 });
      const before = await blobOf(1);
      await models.saveStorage([answer(1, 'unknown', 5_000)]);
      expect(await blobOf(1)).toEqual({ ...before, storageReason: 'is unknown' });
      await models.saveStorage([answer(1, 'readable', 6_000)]);
      expect(await blobOf(1)).toMatchObject({
        storage: 'readable',
        storedAtMs: 2_000,
        goneAtMs: null,
        checkedAtMs: 6_000,
      });
    });

    test('failures are counted in a row', async () => {
      await models.track([blobId(1)], 'watch', 500);
      const failures = async () =>
        (await rig.query<{ failures: number | bigint }>(url, 'SELECT "failures" FROM "ModelBlob"')).map((row) =>
          Number(row.failures),
        );
      await models.saveStorage([answer(1, 'unknown', 1_000), answer(1, 'unknown', 2_000)]);
      expect(await failures()).toEqual([2]);
      await models.saveStorage([answer(1, 'missing', 3_000)]);
      expect(await failures()).toEqual([0]);
    });

    test('answers about one blob in one batch count in the order in which they were given', async () => {
      await models.track([blobId(1)], 'watch', 500);
      await models.saveStorage([
        answer(1, 'missing', 3_000),
        answer(1, 'readable', 1_000),
        answer(9, 'readable', 1_000),
      ]);
      expect(await blobOf(1)).toMatchObject({ storage: 'missing', storedAtMs: 1_000, goneAtMs: 3_000 });
      expect(await blobOf(9)).toBe(undefined);
    });

    test('is complete since the first moment, until it no longer is', async () => {
      await models.track([blobId(1), blobId(2)], 'watch', 500);
      await models.saveComplete([
        { blobId: blobId(1), completeAtMs: 1_000 },
        { blobId: blobId(2), completeAtMs: null },
      ]);
      await models.saveComplete([{ blobId: blobId(1), completeAtMs: 2_000 }]);
      expect([(await blobOf(1))?.completeAtMs, (await blobOf(2))?.completeAtMs]).toEqual([1_000, null]);
      await models.saveComplete([{ blobId: blobId(1), completeAtMs: null }]);
      await models.saveComplete([{ blobId: blobId(1), completeAtMs: 3_000 }]);
      expect((await blobOf(1))?.completeAtMs).toBe(3_000);
    });
  });

  describe('what is due', () => {
    test('details: what somebody follows, then what was never read, then the oldest', async () => {
      const keys = ['a/read', 'a/never', 'a/older', 'a/followed', 'a/gone', 'a/recent'];
      await models.saveList(
        keys.map((key) => listed(key)),
        1_000,
      );
      const readAt = { 'a/read': 3_000, 'a/older': 2_000, 'a/followed': 3_500, 'a/recent': 9_000 };
      for (const [key, at] of Object.entries(readAt)) await models.saveDetail(detail(key, []), at);
      await models.saveList(
        keys.filter((key) => key !== 'a/gone').map((key) => listed(key)),
        9_000,
      );
      await store.subscriptions.add({
        ...{ address: { platform: 'telegram', chatId: '1', threadId: null }, title: 'T', kind: 'group', nowMs: 1 },
        ...{ family: 'model', scope: 'model', subject: 'a/followed', createdBy: 'telegram:1' },
      });
      const due = async (limit: number) => (await models.dueDetails(limit, 5_000)).map(({ key }) => key);
      expect(await due(9)).toEqual(['a/followed', 'a/never', 'a/older', 'a/read']);
      expect(await due(2)).toEqual(['a/followed', 'a/never']);
    });

    test('blobs: those that wait, then by their time, and none before it', async () => {
      await models.saveDetail(detail('a/one', [version('1.00', [1, 2])]), 1_000);
      await models.track([blobId(3), blobId(4)], 'watch', 1_000);
      const due = async (limit: number, nowMs: number) =>
        (await models.dueBlobs(limit, nowMs)).map((each) => each.blobId);
      expect(await due(9, 1_000)).toEqual([3, 4, 1, 2].map(blobId));
      await models.saveStorage([
        answer(3, 'readable', 2_000),
        answer(4, 'unknown', 1_000),
        answer(1, 'missing', 1_500),
      ]);
      expect(await due(9, 61_999)).toEqual([4, 2, 1].map(blobId));
      expect(await due(2, 62_000)).toEqual([4, 3].map(blobId));
    });
  });

  describe('search and counts', () => {
    test('finds by author or name in any case, alphabetically, a page at a time, and nothing that is gone', async () => {
      const keys = ['Zed/fraud', 'acme/Fraud-2', 'acme/b', 'gone/fraud', 'x/100%_a'];
      await models.saveList(
        keys.map((key) => listed(key)),
        1_000,
      );
      await models.saveList(
        keys.filter((key) => key !== 'gone/fraud').map((key) => listed(key)),
        2_000,
      );
      const found = async (text: string, offset = 0, limit = 9) => {
        const { models: some, total } = await models.search({ text, offset, limit });
        return [some.map(({ key }) => key), total];
      };
      expect(await found('FRAUD')).toEqual([['acme/fraud-2', 'zed/fraud'], 2]);
      expect(await found('acme/f')).toEqual([['acme/fraud-2'], 1]);
      expect(await found('', 1, 2)).toEqual([['acme/fraud-2', 'x/100%_a'], 4]);
      expect(await found('%_')).toEqual([['x/100%_a'], 1]);
      expect(await found('_')).toEqual([['x/100%_a'], 1]);
      expect(await found("'; --")).toEqual([[], 0]);
    });

    test('counts what is listed by now, what is known, what waits and what was used', async () => {
      expect(await models.counts()).toEqual({ models: 0, files: 0, blobs: 0, waiting: 0, used: 0 });
      await models.saveList([listed('a/one'), listed('a/gone')], 1_000);
      await models.saveDetail(detail('a/one', [version('1.00', [1, 2])]), 2_000);
      await models.saveDetail(detail('a/gone', [version('1.00', [2, 3])]), 2_000);
      await models.saveList([listed('a/one')], 3_000);
      await models.track([blobId(4), blobId(5)], 'watch', 3_000);
      await models.saveStorage([
        answer(1, 'readable', 4_000),
        answer(3, 'readable', 4_000),
        answer(4, 'readable', 4_000),
      ]);
      expect(await models.counts()).toEqual({ models: 1, files: 2, blobs: 5, waiting: 1, used: 0 });
    });
  });
});
