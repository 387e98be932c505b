import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ModelUse } from '../../src/lib/modelFacts.ts';
import type { ModelRepository } from '../../src/store/modelRepository.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { blobId, USES, use } from './modelSample.ts';
import { block, cursor, hex } from './sample.ts';

describe.each(DIALECTS)('uses of models on %s', (dialect) => {
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

  const save = (uses: ModelUse[], upTo: number) => models.saveUses(uses, cursor(upTo, USES), 5_000);

  async function used(id: number) {
    const blob = (await models.blob(blobId(id)))?.blob;
    return blob && [blob.uses, blob.firstUsedAtSeconds, blob.lastUsedAtSeconds];
  }
  const rows = () =>
    rig.query<{ blobId: string; kind: string; txHash: Uint8Array }>(
      url,
      'SELECT * FROM "ModelUse" ORDER BY "blockNumber"',
    );

  test('are counted at their blobs, and make those known that were not', async () => {
    await models.track([blobId(1)], 'watch', 1_000);
    await save([use(1, 100), use(2, 101, { kind: 'workflow' }), use(1, 102, { kind: 'result' })], 110);
    expect([await used(1), await used(2)]).toEqual([
      [2, 100, 102],
      [1, 101, 101],
    ]);
    expect((await models.blob(blobId(1)))?.blob).toMatchObject({ origin: 'watch', firstSeenAtMs: 1_000 });
    expect((await models.blob(blobId(2)))?.blob).toMatchObject({
      origin: 'chain',
      firstSeenAtMs: 5_000,
      storage: 'unknown',
    });
    expect((await rows()).map(({ kind, txHash }) => [kind, `0x${Buffer.from(txHash).toString('hex')}`])).toEqual([
      ['inference', hex(100)],
      ['workflow', hex(101)],
      ['result', hex(102)],
    ]);
    expect(await store.nodes.cursor(USES)).toEqual(cursor(110, USES));
    expect(await store.nodes.checkpoints(USES)).toEqual([block(110)]);
    expect((await models.counts()).used).toBe(2);
  });

  test('that come again count once, also when their rows were purged; the cursor never goes back by itself', async () => {
    const uses = [use(1, 100), use(1, 100), use(1, 101)];
    await save(uses, 101);
    await save(uses, 101);
    await rig.query(url, 'DELETE FROM "ModelUse"');
    await save([...uses, use(1, 50)], 60);
    expect(await used(1)).toEqual([2, 100, 101]);
    expect((await store.nodes.cursor(USES))?.block.number).toBe(101n);
  });

  test('are stored with their cursor or not at all', async () => {
    await save([use(1, 100)], 100);
    await rig.query(url, 'ALTER TABLE "Cursor" RENAME COLUMN "blockHash" TO "away"');
    await expect(save([use(1, 101)], 101)).rejects.toThrow();
    await rig.query(url, 'ALTER TABLE "Cursor" RENAME COLUMN "away" TO "blockHash"');
    expect([await used(1), (await rows()).length]).toEqual([[1, 100, 100], 1]);
  });

  test('after a block that the chain left are taken back with their counts', async () => {
    await save([use(1, 100), use(1, 110), use(2, 111), use(1, 120)], 120);
    await save([], 130);
    await models.rewindUses(USES, block(110));
    expect([await used(1), await used(2)]).toEqual([
      [2, 100, 110],
      [0, null, null],
    ]);
    expect(await store.nodes.cursor(USES)).toEqual(cursor(110, USES));
    expect(await store.nodes.checkpoints(USES)).toEqual([]);
    await save([use(2, 112)], 120);
    expect(await used(2)).toEqual([1, 112, 112]);
  });

  test('of which older ones were purged go back to what is known of those', async () => {
    const day = 86_400;
    await save([use(1, 10 * day), use(1, 20 * day)], 20 * day);
    await save([use(1, 55 * day)], 55 * day);
    await store.history.purge(51 * day * 1_000);
    expect(await rows()).toHaveLength(1);
    expect(await used(1)).toEqual([3, 10 * day, 55 * day]);
    await models.rewindUses(USES, block(54 * day));
    expect(await used(1)).toEqual([2, 10 * day, 10 * day]);
  });

  test('are purged after 30 days, and not before', async () => {
    await save([use(1, 99), use(1, 100)], 100);
    await store.history.purge((100 + 30 * 86_400) * 1_000);
    expect(await rows()).toHaveLength(1);
    expect(await used(1)).toEqual([2, 99, 100]);
  });

  test('of another chain are all forgotten, also those that were purged', async () => {
    await save([use(1, 100), use(1, 200)], 200);
    await rig.query(url, 'DELETE FROM "ModelUse" WHERE "blockNumber" = 100');
    await models.rewindUses(USES, null);
    expect([await used(1), await rows(), await store.nodes.cursor(USES), await store.nodes.checkpoints(USES)]).toEqual([
      [0, null, null],
      [],
      null,
      [],
    ]);
    await save([use(1, 7)], 7);
    expect(await used(1)).toEqual([1, 7, 7]);
  });

  test('however pages, repeats and rewinds cut the chain, the counts are those of what it holds', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('save' as const),
        ids: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
        repeat: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('rewind' as const), back: fc.integer({ min: 0, max: 6 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await models.rewindUses(USES, null);
        let head = 1_000;
        let chain: ModelUse[] = [];
        for (const each of steps) {
          if (each.kind === 'rewind') {
            head -= each.back;
            chain = chain.filter(({ blockNumber }) => blockNumber <= head);
            await models.rewindUses(USES, block(head));
            continue;
          }
          const page = each.ids.map((id) => use(id, ++head));
          chain.push(...page);
          head += 1;
          await save(each.repeat ? [...chain, ...page] : page, head);
        }
        for (const id of [1, 2, 3]) {
          const times = chain.flatMap((one) => (one.blobId === blobId(id) ? one.blockTimestampSeconds : []));
          const expected = times.length === 0 ? [0, null, null] : [times.length, times[0], times.at(-1)];
          expect((await used(id)) ?? [0, null, null]).toEqual(expected);
        }
      }),
      { numRuns: 15 },
    );
  }, 30_000);
});
