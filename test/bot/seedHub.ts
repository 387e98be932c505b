import type { SourceStatus } from '../../src/lib/facts.ts';
import type { ListedModel, ModelDetail } from '../../src/lib/modelFacts.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../../src/lib/modelFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { answer, blobId, detail, file, listed, USES, use, version } from '../store/modelSample.ts';
import { NOW, NOW_MS } from './seed.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Blobs by what is the matter with them. */
export const UPLOAD = {
  /** acme/fraud-net 1.01: all the way. */
  used: 1,
  /** acme/fraud-net 1.00. */
  before: 2,
  /** acme/half: nothing is written about it. */
  incomplete: 3,
  /** acme/table: no model. */
  csv: 4,
  /** acme/lost: listed, and storage has it no longer. */
  lost: 5,
  /** globex/risk: there before anybody looked. */
  atFirst: 6,
  /** Waits for three hours. */
  waiting: 20,
  /** Waits for ten minutes. */
  fresh: 21,
  /** Handed over, and storage has none. */
  missing: 22,
  /** Handed over, and nobody asked storage yet. */
  unasked: 23,
  /** Used on chain, listed nowhere. */
  usedUnlisted: 24,
} as const;

export const idOf = (upload: keyof typeof UPLOAD): string => blobId(UPLOAD[upload]);

/** How the three sources of models are; what is not said was read a second ago. */
export async function modelSources(
  store: Store,
  changes: Partial<Record<string, Partial<SourceStatus>>> = {},
): Promise<void> {
  for (const source of [HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE]) {
    await store.sources.put({
      ...{ source, state: 'fresh', lastSuccessAtMs: NOW_MS - 1_000, lastAttemptAtMs: NOW_MS - 1_000 },
      ...{ failingSinceMs: null, error: null, shortError: null },
      ...changes[source],
    });
  }
}

export const FAILING: Partial<SourceStatus> = {
  ...{ state: 'failing', lastSuccessAtMs: NOW_MS - 2 * HOUR_MS, failingSinceMs: NOW_MS - HOUR_MS },
  ...{ error: 'connect ECONNREFUSED 10.0.0.1:443', shortError: 'no connection' },
};

/** A sweep of the list, and the detail of all of it. */
export async function sweep(store: Store, details: readonly ModelDetail[], atMs: number): Promise<void> {
  await store.models.saveList(
    details.map(({ model }) => model),
    atMs,
  );
  for (const one of details) await store.models.saveDetail(one, atMs);
}

/** Handed over and seen stored at that moment. */
export async function stored(store: Store, id: number, atMs: number): Promise<void> {
  await store.models.track([blobId(id)], 'watch', atMs);
  await store.models.saveStorage([answer(id, 'readable', atMs)]);
}

/** A hub with a model at every stage, and uploads that wait, as the watchers would have stored it. */
export async function seedHub(store: Store): Promise<void> {
  const { used, before, incomplete, csv, lost, atFirst, waiting, fresh, missing, unasked, usedUnlisted } = UPLOAD;
  const old = detail('globex/risk', [version('1.00', [atFirst])]);
  await sweep(store, [old], NOW_MS - 9 * DAY_MS);
  await store.models.saveStorage([answer(atFirst, 'readable', NOW_MS - 9 * DAY_MS)]);
  for (const id of [before, incomplete, csv, lost]) await stored(store, id, NOW_MS - 2 * DAY_MS);
  const fraud = (versions: ModelDetail['versions']): ModelDetail => detail('acme/fraud-net', versions);
  const others: ModelDetail[] = [
    old,
    {
      ...detail('acme/half', [version('1.00', [incomplete])]),
      model: listed('acme/half', { description: null, task: null }),
    },
    detail('acme/table', [{ ...version('1.00', []), files: [file(csv, { name: 'rows.csv' })] }]),
    detail('acme/lost', [version('1.00', [lost])]),
    detail('acme/empty', []),
    detail('acme/hidden', null, { problem: 'the hub shows files to those who are logged in' }),
    detail('initech/fraud-net', [version('2.00', [before])]),
  ];
  await sweep(store, [fraud([version('1.00', [before])]), ...others], NOW_MS - 2 * DAY_MS + HOUR_MS);
  await store.models.saveComplete(
    [before, csv, lost].map((id) => ({ blobId: blobId(id), completeAtMs: NOW_MS - 2 * DAY_MS + HOUR_MS })),
  );
  await stored(store, used, NOW_MS - 5 * HOUR_MS);
  await store.models.saveDetail(
    fraud([version('1.00', [before]), version('1.01', [used], { datedAtMs: NOW_MS - 4 * HOUR_MS })]),
    NOW_MS - 4 * HOUR_MS,
  );
  await store.models.saveComplete([{ blobId: blobId(used), completeAtMs: NOW_MS - 4 * HOUR_MS }]);
  await stored(store, waiting, NOW_MS - 3 * HOUR_MS);
  await stored(store, fresh, NOW_MS - 10 * 60_000);
  await store.models.track([missing, unasked].map(blobId), 'watch', NOW_MS - HOUR_MS);
  await store.models.saveStorage([answer(missing, 'missing', NOW_MS - HOUR_MS)]);
  await store.models.saveStorage([answer(lost, 'missing', NOW_MS - 2 * HOUR_MS)]);
  const block = { number: BigInt(NOW), hash: `0x${'1'.repeat(64)}` as const, timestampSeconds: NOW };
  await store.models.saveUses([use(used, NOW - 3_600), use(usedUnlisted, NOW - 7_200)], { name: USES, block }, NOW_MS);
  await modelSources(store);
}

/** As many models of one author as that. */
export const manyModels = (count: number): ListedModel[] =>
  Array.from({ length: count }, (_, index) => listed(`many/net-${String(index).padStart(3, '0')}`));

export { answer, blobId, detail, file, listed, version };
