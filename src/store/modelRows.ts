import type { StorageState } from '../lib/modelFacts.ts';
import type { PrismaDb } from './client.ts';
import type { StoredBlob, StoredFile, StoredModel, StoredVersion } from './modelRepository.ts';
import { fromBig, fromBigOrNull } from './numbers.ts';

type RowOf<Model extends 'hubModel' | 'hubVersion' | 'hubFile' | 'modelBlob'> = NonNullable<
  Awaited<ReturnType<PrismaDb[Model]['findFirst']>>
>;

/** Columns of a model that no reader asks for. */
export const WITHOUT_ENTRY = { listEntry: true, shownAtMs: true } as const;

export const toModel = (row: Omit<RowOf<'hubModel'>, keyof typeof WITHOUT_ENTRY>): StoredModel => ({
  id: row.id,
  key: row.key,
  author: row.author,
  name: row.name,
  task: row.task,
  description: row.description,
  extra: JSON.parse(row.extra) as Record<string, unknown>,
  atFirst: row.atFirst,
  firstSeenAtMs: fromBig(row.firstSeenAtMs),
  datedAtMs: fromBigOrNull(row.datedAtMs),
  lastSeenAtMs: fromBig(row.lastSeenAtMs),
  detailAtMs: fromBigOrNull(row.detailAtMs),
  detailProblem: row.detailProblem,
  goneAtMs: fromBigOrNull(row.goneAtMs),
});

export const toVersion = (row: RowOf<'hubVersion'>): Omit<StoredVersion, 'files'> => ({
  id: row.id,
  version: row.version,
  position: row.position,
  notes: row.notes,
  atFirst: row.atFirst,
  firstSeenAtMs: fromBig(row.firstSeenAtMs),
  datedAtMs: fromBigOrNull(row.datedAtMs),
  goneAtMs: fromBigOrNull(row.goneAtMs),
});

export const toFile = (row: RowOf<'hubFile'>): StoredFile => ({
  blobId: row.blobId,
  name: row.name,
  sizeBytes: fromBigOrNull(row.sizeBytes),
  atFirst: row.atFirst,
  firstSeenAtMs: fromBig(row.firstSeenAtMs),
  datedAtMs: fromBigOrNull(row.datedAtMs),
  goneAtMs: fromBigOrNull(row.goneAtMs),
});

export const toBlob = (row: RowOf<'modelBlob'>): StoredBlob => ({
  blobId: row.blobId,
  origin: row.origin as StoredBlob['origin'],
  firstSeenAtMs: fromBig(row.firstSeenAtMs),
  storage: row.storage as StorageState,
  storageReason: row.storageReason,
  checkedAtMs: fromBigOrNull(row.checkedAtMs),
  sizeBytes: fromBigOrNull(row.sizeBytes),
  storedAtMs: fromBigOrNull(row.storedAtMs),
  goneAtMs: fromBigOrNull(row.goneAtMs),
  listedAtMs: fromBigOrNull(row.listedAtMs),
  listedAtFirst: row.listedAtFirst,
  completeAtMs: fromBigOrNull(row.completeAtMs),
  uses: row.uses,
  firstUsedAtSeconds: fromBigOrNull(row.firstUsedAtSeconds),
  lastUsedAtSeconds: fromBigOrNull(row.lastUsedAtSeconds),
});
