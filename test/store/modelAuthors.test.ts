import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ModelUse } from '../../src/lib/modelFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { blobId, detail, listed, USES, version } from './modelSample.ts';
import { cursor, hex } from './sample.ts';

const use = (id: number, block: number): ModelUse => ({
  blobId: blobId(id),
  kind: 'inference',
  blockNumber: BigInt(block),
  logIndex: 0,
  blockTimestampSeconds: block,
  txHash: hex(block),
});

describe.each(DIALECTS)('authors on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    store = await rig.open();
  });
  const authors = async () => {
    const counts = await store.models.authors();
    return { ...counts, authors: counts.authors.sort((a, b) => (a.author < b.author ? -1 : 1)) };
  };

  test('without models and uses there are none', async () => {
    expect(await authors()).toEqual({ authors: [], unlistedUses: 0, sharedFiles: 0 });
  });

  test('are counted by what is listed of them now, and by every use of what was ever listed', async () => {
    const all = [listed('acme/a'), listed('acme/b'), listed('zed/c'), listed('gone/d')];
    await store.models.saveList(all, 1);
    await store.models.saveDetail(detail('acme/a', [version('1', [1, 2]), version('2', [1])]), 2);
    await store.models.saveDetail(detail('zed/c', [version('1', [2, 3])]), 3);
    await store.models.saveDetail(detail('gone/d', [version('1', [4])]), 4);
    await store.models.saveUses(
      [1, 1, 2, 3, 4, 9, 9].map((id, at) => use(id, 10 + at)),
      cursor(20, USES),
      5,
    );
    await store.models.saveList(all.slice(0, 3), 6);
    expect(await authors()).toEqual({
      authors: [
        { author: 'acme', models: 2, uses: 3 },
        { author: 'gone', models: 0, uses: 1 },
        { author: 'zed', models: 1, uses: 1 },
      ],
      unlistedUses: 2,
      sharedFiles: 1,
    });
  });
});
