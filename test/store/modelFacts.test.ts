import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ModelFacts, ModelRepository } from '../../src/store/modelRepository.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { answer, blobId, detail, listed, USES, use, version } from './modelSample.ts';
import { cursor } from './sample.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Not on an hour, so that a border off by one shows. */
const NOW = 500_000 * HOUR_MS + 1_234_567;

describe.each(DIALECTS)('model facts on %s', (dialect) => {
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

  const facts = async (nowMs = NOW): Promise<ModelFacts> => {
    const found = await models.facts(nowMs);
    if (found === null) throw new Error('nothing is known');
    return found;
  };

  /** A hub that was empty at first, so that what it lists then is news. */
  const emptyAtFirst = () => models.saveList([], NOW - 30 * DAY_MS);

  test('there are none before the hub or storage answered; an empty hub is an answer', async () => {
    expect(await models.facts(NOW)).toBe(null);
    await models.track([blobId(1)], 'watch', NOW);
    expect(await models.facts(NOW)).toBe(null);
    await models.saveStorage([answer(1, 'unknown', NOW)]);
    expect(await models.facts(NOW)).toBe(null);
    await models.saveStorage([answer(1, 'missing', NOW)]);
    expect(await models.facts(NOW)).toMatchObject({ waitingCount: 0, waiting: [] });
    const other = await rig.open();
    await other.models.saveList([], NOW);
    expect(await other.models.facts(NOW)).toEqual({
      readAtMs: NOW,
      unseenModels: 0,
      waitingCount: 0,
      ...{ waiting: [], waits: [], listed: [], versions: [], unreadable: [], usedUnlisted: [] },
      arrivalsPerHour: [0],
      listingsPerHour: [0],
    });
  });

  test('of what was there at first nothing is news, and no wait is known', async () => {
    await models.saveList([listed('a/old')], NOW - HOUR_MS);
    await models.track([blobId(1)], 'watch', NOW - HOUR_MS);
    await models.saveStorage([answer(1, 'readable', NOW - HOUR_MS)]);
    await models.saveDetail(detail('a/old', [version('1.00', [1, 2])]), NOW - 1_000);
    await models.saveStorage([answer(2, 'readable', NOW - 500)]);
    expect(await facts()).toEqual({
      readAtMs: NOW,
      unseenModels: 0,
      waitingCount: 0,
      ...{ waiting: [], waits: [], listed: [], versions: [], unreadable: [], usedUnlisted: [] },
      arrivalsPerHour: [0],
      listingsPerHour: [0],
    });
  });

  test('what is stored and was never listed waits, the oldest first, also when it is missing by now', async () => {
    await emptyAtFirst();
    await models.track([1, 2, 3, 4].map(blobId), 'watch', NOW - 9_000);
    await models.saveStorage([
      answer(2, 'readable', NOW - 3_000),
      answer(1, 'readable', NOW - 2_000),
      answer(3, 'missing', NOW - 1_000),
    ]);
    await models.saveStorage([answer(2, 'missing', NOW - 500)]);
    expect(await facts()).toMatchObject({
      waitingCount: 2,
      waiting: [
        { blobId: blobId(2), storedAtMs: NOW - 3_000, storage: 'missing' },
        { blobId: blobId(1), storedAtMs: NOW - 2_000, storage: 'readable', isFollowed: false },
      ],
    });
    await store.subscriptions.add({
      ...{ address: { platform: 'telegram', chatId: '1', threadId: null }, title: '', kind: 'private' },
      ...{ family: 'model', scope: 'blob', subject: blobId(1), createdBy: 'telegram:1', nowMs: NOW },
    });
    // As a restart reads it; this process reads it again within 10 s.
    expect((await facts(NOW + 20_000)).waiting.map((each) => each.isFollowed)).toEqual([false, true]);
    // Listed and withdrawn, it is no longer one that waits.
    await models.saveDetail(detail('a/one', [version('1.00', [2])]), NOW - 400);
    await models.saveDetail(detail('a/one', []), NOW - 300);
    expect((await facts()).waiting.map((each) => each.blobId)).toEqual([blobId(1)]);
  });

  test('waits are of the last 7 days, and of blobs that were seen stored before they were seen listed', async () => {
    await emptyAtFirst();
    await models.track([1, 2, 3].map(blobId), 'watch', NOW - 9 * DAY_MS);
    await models.saveStorage([1, 2, 3].map((id) => answer(id, 'readable', NOW - 8 * DAY_MS + id)));
    const of = (ids: number[]) => detail('a/one', [version('1.00', ids)]);
    await models.saveDetail(of([1]), NOW - 7 * DAY_MS - 1);
    await models.saveDetail(of([1, 2]), NOW - 7 * DAY_MS);
    await models.saveDetail(of([1, 2, 3, 4]), NOW - 1_500);
    await models.saveStorage([answer(4, 'readable', NOW - 1_000)]);
    expect((await facts()).waits).toEqual([
      { seconds: (8 * DAY_MS - 3 - 1_500) / 1_000, storedAtMs: NOW - 8 * DAY_MS + 3, listedAtMs: NOW - 1_500 },
      { seconds: (DAY_MS - 2) / 1_000, storedAtMs: NOW - 8 * DAY_MS + 2, listedAtMs: NOW - 7 * DAY_MS },
    ]);
    expect((await facts()).listed.map(({ blobId: id, waitSeconds }) => [id, waitSeconds]).sort()).toEqual([
      [blobId(3), (8 * DAY_MS - 3 - 1_500) / 1_000],
      [blobId(4), null],
    ]);
  });

  test('what was listed within a day is news once, under the model where it was listed first', async () => {
    await emptyAtFirst();
    await models.saveDetail(detail('Acme/One', [version('1.00', [1])]), NOW - DAY_MS - 1);
    await models.saveDetail(detail('Acme/One', [version('1.00', [1]), version('1.01', [2])]), NOW - DAY_MS);
    await models.saveDetail(detail('b/two', [version('1.00', [2, 1])]), NOW - 1_000);
    expect((await facts()).listed).toEqual([
      {
        blobId: blobId(2),
        modelKey: 'acme/one',
        modelName: 'One',
        author: 'Acme',
        atMs: NOW - DAY_MS,
        waitSeconds: null,
      },
    ]);
    // Gone and back, it is no news.
    await models.saveDetail(detail('Acme/One', []), NOW - 900);
    await models.saveDetail(detail('Acme/One', [version('1.00', [1])]), NOW - 800);
    expect((await facts()).listed.map((each) => each.blobId)).toEqual([blobId(2)]);
  });

  test('versions: one for a new model, one for each that comes later, and a new model without any', async () => {
    await models.saveList([listed('a/old')], NOW - 9 * DAY_MS);
    await models.saveDetail(detail('a/old', [version('1.00', [1])]), NOW - 9 * DAY_MS);
    await models.saveDetail(detail('a/old', [version('1.00', [1]), version('1.01', [2])]), NOW - 5_000);
    await models.saveList([listed('a/old'), listed('b/new'), listed('c/bare'), listed('d/unread')], NOW - 4_000);
    await models.saveDetail(detail('b/new', [version('2.00', [3]), version('1.00', [4])]), NOW - 3_000);
    await models.saveDetail(
      detail('b/new', [version('2.00', [3]), version('1.00', [4]), version('2.01', [])]),
      NOW - 2_000,
    );
    await models.saveDetail(detail('c/bare', null, { problem: 'not shown' }), NOW - 1_000);
    expect(
      (await facts()).versions.map(({ modelKey, version: name, atMs, isFirst }) => [
        modelKey,
        name,
        NOW - atMs,
        isFirst,
      ]),
    ).toEqual([
      ['b/new', '2.01', 2_000, false],
      ['b/new', '2.00', 3_000, true],
      ['c/bare', '', 4_000, true],
      ['a/old', '1.01', 5_000, false],
    ]);
  });

  test('models whose files were not seen: what is listed nowhere may be there', async () => {
    await models.saveList(
      ['a/read', 'a/unread', 'a/hidden', 'a/partly', 'a/gone'].map((key) => listed(key)),
      NOW - 9_000,
    );
    await models.saveList(
      ['a/read', 'a/unread', 'a/hidden', 'a/partly'].map((key) => listed(key)),
      NOW - 8_000,
    );
    await models.saveDetail(detail('a/read', [version('1.00', [])]), NOW - 7_000);
    await models.saveDetail(detail('a/hidden', null, { problem: 'not shown' }), NOW - 7_000);
    const partly = [version('1.00', [1]), version('1.01', [])];
    await models.saveDetail(detail('a/partly', partly, { problem: 'sign in' }), NOW - 7_000);
    expect((await facts()).unseenModels).toBe(3);
    await models.saveDetail(detail('a/partly', partly), NOW - 6_000);
    expect((await facts()).unseenModels).toBe(2);
  });

  test('a blob that is listed and no longer readable is told while it is both', async () => {
    await models.saveList([listed('a/one'), listed('b/two')], NOW - 9_000);
    await models.saveDetail(detail('a/one', [version('1.00', [1, 2])]), NOW - 8_000);
    await models.saveDetail(detail('b/two', [version('1.00', [1])]), NOW - 8_000);
    await models.track([blobId(3)], 'watch', NOW - 8_000);
    await models.saveStorage([answer(1, 'readable', NOW - 7_000), answer(3, 'readable', NOW - 7_000)]);
    // 2 was never readable, 3 is listed nowhere.
    await models.saveStorage([1, 2, 3].map((id) => answer(id, 'missing', NOW - 6_000)));
    const row = { blobId: blobId(1), sinceMs: NOW - 6_000 };
    expect((await facts()).unreadable).toEqual([{ ...row, modelKey: 'a/one', modelName: 'one', author: 'a' }]);
    await models.saveDetail(detail('a/one', []), NOW - 5_000);
    expect((await facts()).unreadable).toEqual([{ ...row, modelKey: 'b/two', modelName: 'two', author: 'b' }]);
    await models.saveList([listed('a/one')], NOW - 4_000);
    expect((await facts()).unreadable).toEqual([]);
    await models.saveList([listed('a/one'), listed('b/two')], NOW - 3_000);
    expect((await facts()).unreadable).toHaveLength(1);
    await models.saveStorage([answer(1, 'readable', NOW - 2_000)]);
    expect((await facts()).unreadable).toEqual([]);
  });

  test('used within 7 days and listed nowhere by now', async () => {
    const nowSeconds = Math.floor(NOW / 1_000);
    await models.saveList([], NOW - 9_000);
    await models.saveDetail(detail('a/one', [version('1.00', [1, 2])]), NOW - 8_000);
    const weekAgo = nowSeconds - 7 * 86_400;
    const uses = [
      use(4, weekAgo - 1),
      use(3, weekAgo + 1),
      use(1, nowSeconds - 9),
      use(2, nowSeconds - 8),
      use(3, nowSeconds - 7),
    ];
    await models.saveUses(uses, cursor(nowSeconds, USES), NOW - 5_000);
    const unlisted = { blobId: blobId(3), uses: 2, lastUsedAtSeconds: nowSeconds - 7, firstSeenAtMs: NOW - 5_000 };
    expect((await facts()).usedUnlisted).toEqual([unlisted]);
    await models.saveDetail(detail('a/one', [version('1.00', [2])]), NOW - 4_000);
    expect((await facts()).usedUnlisted.map((each) => each.blobId)).toEqual([3, 1].map(blobId));
  });

  test('arrivals and listings by the hour, the last one first', async () => {
    await emptyAtFirst();
    await models.track([1, 2, 3, 4, 5].map(blobId), 'watch', NOW - 2 * DAY_MS);
    const ages = [0, HOUR_MS - 1, HOUR_MS, DAY_MS - 1, DAY_MS];
    await models.saveStorage(ages.map((age, at) => answer(at + 1, 'readable', NOW - age)));
    await models.saveDetail(detail('a/one', [version('1.00', [4, 5])]), NOW - 2 * HOUR_MS);
    const counted = await facts();
    const hours = (counts: Record<number, number>) => Array.from({ length: 24 }, (_, at) => counts[at] ?? 0);
    expect(counted.arrivalsPerHour).toEqual(hours({ 0: 2, 1: 1, 23: 1 }));
    expect(counted.listingsPerHour).toEqual(hours({ 2: 2 }));
  });

  test('a file that was listed before it was known to be stored never waited: no arrival, no listing', async () => {
    await emptyAtFirst();
    await models.saveDetail(detail('a/one', [version('1.00', [1])]), NOW - HOUR_MS);
    await models.saveStorage([answer(1, 'readable', NOW - 1_000)]);
    const { arrivalsPerHour, listingsPerHour } = await facts();
    expect([...arrivalsPerHour, ...listingsPerHour]).toEqual(new Array(48).fill(0));
  });

  test('hours before the hub was first read are none: a mean over them would be of nothing', async () => {
    await models.saveList([], NOW - 2 * HOUR_MS - 1);
    await models.track([blobId(1)], 'watch', NOW - 2 * HOUR_MS);
    await models.saveStorage([answer(1, 'readable', NOW - 2 * HOUR_MS)]);
    expect((await facts()).arrivalsPerHour).toEqual([0, 0, 1]);
  });

  test('are held for 10 s, whatever the clock does, and not beyond a write', async () => {
    await emptyAtFirst();
    const first = await models.facts(NOW);
    expect(await models.facts(NOW + 10_000)).toBe(first);
    expect(await models.facts(NOW + 10_001)).not.toBe(first);
    expect((await models.facts(NOW))?.readAtMs).toBe(NOW);
    const before = await models.facts(NOW);
    await models.track([blobId(1)], 'watch', NOW);
    await models.saveStorage([answer(1, 'readable', NOW)]);
    const after = await models.facts(NOW);
    expect([before?.waitingCount, after?.waitingCount]).toEqual([0, 1]);
  });

  test('that could not be read are read at the next question', async () => {
    await emptyAtFirst();
    await rig.query(url, 'ALTER TABLE "HubVersion" RENAME TO "Away"');
    await expect(models.facts(NOW)).rejects.toThrow();
    await rig.query(url, 'ALTER TABLE "Away" RENAME TO "HubVersion"');
    expect(await models.facts(NOW)).toMatchObject({ waitingCount: 0 });
  });

  test('of more than 1,000 rows the oldest that wait and the newest of the rest are there', async () => {
    await emptyAtFirst();
    const ids = Array.from({ length: 1_500 }, (_, at) => at);
    await models.track(ids.map(blobId), 'watch', NOW - DAY_MS);
    await models.saveStorage(ids.map((id) => answer(id, 'readable', NOW - 9_000 + id)));
    const waiting = await facts();
    expect([waiting.waitingCount, waiting.waiting.length, waiting.waiting.at(-1)?.blobId]).toEqual([
      1_500,
      1_000,
      blobId(999),
    ]);
    // Half of them first, so that the limit cuts by time.
    await models.saveDetail(detail('a/one', [version('1.00', ids.slice(0, 750))]), NOW - 2_000);
    await models.saveDetail(detail('a/one', [version('1.00', ids)]), NOW - 1_000);
    const { listed: news, waits, waitingCount } = await facts();
    expect([news.length, waits.length, waitingCount]).toEqual([1_000, 1_000, 0]);
    expect(news.filter(({ atMs }) => atMs === NOW - 1_000)).toHaveLength(750);
  });
});
