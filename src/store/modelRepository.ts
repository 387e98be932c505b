import type { BlockRef } from '../lib/facts.ts';
import type { ListedModel, ModelDetail, ModelUse, StorageAnswer, StorageState } from '../lib/modelFacts.ts';
import type { AuthorCounts } from './modelAuthors.ts';
import type { Cursor } from './store.ts';

/** A model that the hub lists or listed. */
export interface StoredModel extends ListedModel {
  id: number;
  /** `author/name` in lower case. */
  key: string;
  /** It was there when the hub was first read: since when is not known. */
  atFirst: boolean;
  firstSeenAtMs: number;
  lastSeenAtMs: number;
  /** Versions and files were read then. */
  detailAtMs: number | null;
  /** Why they cannot be seen. */
  detailProblem: string | null;
  goneAtMs: number | null;
}

export interface StoredVersion {
  id: number;
  version: string;
  /** Its place in the hub's order, from 0. */
  position: number;
  notes: string | null;
  atFirst: boolean;
  firstSeenAtMs: number;
  datedAtMs: number | null;
  goneAtMs: number | null;
  files: StoredFile[];
}

export interface StoredFile {
  blobId: string;
  name: string;
  sizeBytes: number | null;
  atFirst: boolean;
  firstSeenAtMs: number;
  datedAtMs: number | null;
  goneAtMs: number | null;
}

/** A stored file by its content id. */
export interface StoredBlob {
  blobId: string;
  /** How it came to be known. */
  origin: 'watch' | 'hub' | 'chain';
  firstSeenAtMs: number;
  storage: StorageState;
  storageReason: string;
  checkedAtMs: number | null;
  sizeBytes: number | null;
  /** First seen readable by Assay. */
  storedAtMs: number | null;
  /** No longer readable since then, having been so before. */
  goneAtMs: number | null;
  /** First seen listed by Assay; null while it is not. */
  listedAtMs: number | null;
  /** It was listed when it was first heard of: the wait is not known. */
  listedAtFirst: boolean;
  completeAtMs: number | null;
  uses: number;
  firstUsedAtSeconds: number | null;
  lastUsedAtSeconds: number | null;
}

/** Where a file stands within its model. */
export interface ListedAt {
  version: Omit<StoredVersion, 'files'>;
  file: StoredFile;
}

/** A blob with the places where the hub lists it (those that are gone too), earliest first. */
export interface BlobWithListings {
  blob: StoredBlob;
  listings: (ListedAt & { model: StoredModel })[];
}

export interface ModelWithVersions {
  model: StoredModel;
  /** In the hub's order; those that are gone last. */
  versions: StoredVersion[];
  /** Of the files, by content id. */
  blobs: ReadonlyMap<string, StoredBlob>;
}

/** What rules about models look at; everything is bounded to 1,000 rows, newest first. */
export interface ModelFacts {
  readAtMs: number;
  /** Models on the hub some of whose files were never seen (not read yet, or not shown): what is listed nowhere may be there. */
  unseenModels: number;
  /** Readable (now or once) and not listed, those that a chat follows by their id before others. Oldest first. */
  waiting: { blobId: string; storedAtMs: number; storage: StorageState; isFollowed: boolean }[];
  /** How many wait in all. */
  waitingCount: number;
  /** Waits from stored to listed of the last 7 days, seconds, for those whose both ends Assay saw; with when they were listed. */
  waits: { seconds: number; storedAtMs: number; listedAtMs: number }[];
  /** First seen listed within the last day, not those that were there at first. */
  listed: {
    blobId: string;
    modelKey: string;
    modelName: string;
    author: string;
    atMs: number;
    waitSeconds: number | null;
  }[];
  /**
   * Versions first seen within the last day, likewise. `isFirst`: the model's news; of several that were seen together first,
   * only the first in the hub's order is here. A new model that shows no version has the version ''.
   */
  versions: { modelKey: string; modelName: string; author: string; version: string; atMs: number; isFirst: boolean }[];
  /** Listed, once readable, and missing by now. */
  unreadable: { blobId: string; modelKey: string; modelName: string; author: string; sinceMs: number }[];
  /** Used on chain within the last 7 days and listed nowhere by now. */
  usedUnlisted: { blobId: string; uses: number; lastUsedAtSeconds: number; firstSeenAtMs: number }[];
  /**
   * Of uploads that wait or waited: those first seen stored, and first seen listed, in each of the last 24 hours (index 0: the last
   * hour); fewer hours where the hub is known for less. At-first ones do not count.
   */
  arrivalsPerHour: number[];
  listingsPerHour: number[];
}

export interface ModelRepository {
  /** For rules; from memory while nothing was written, at most 10 s old. null before the hub or storage was asked for the first time. */
  facts(nowMs: number): Promise<ModelFacts | null>;
  /**
   * One complete sweep of the hub's list, in one transaction: new models, changed ones, those gone. The first sweep ever marks
   * all as `atFirst`. Answers the keys whose entry is new or changed.
   */
  saveList(models: ListedModel[], nowMs: number): Promise<{ changed: string[] }>;
  /**
   * Versions and files of one model; makes blobs known (origin hub) and sets when they were first seen listed. With a `problem`
   * nothing is taken for withdrawn.
   */
  saveDetail(detail: ModelDetail, nowMs: number): Promise<void>;
  /** Models whose detail was never read, or longest ago; those with subscriptions to them first. */
  dueDetails(limit: number, readBeforeMs: number): Promise<StoredModel[]>;
  /** Makes blobs known, to be asked for at once; how many were new. `watch`: somebody asked; `chain`: seen in use. */
  track(blobIds: readonly string[], origin: 'watch' | 'chain', nowMs: number): Promise<number>;
  /** Blobs to ask storage about: those whose time has come, waiting ones first. */
  dueBlobs(limit: number, nowMs: number): Promise<StoredBlob[]>;
  /** What storage said of known blobs, with when each is asked again. */
  saveStorage(answers: { answer: StorageAnswer; nextCheckAtMs: number }[]): Promise<void>;
  /** First moments of being complete (null: no longer); one that is known stays. */
  saveComplete(rows: { blobId: string; completeAtMs: number | null }[]): Promise<void>;
  /**
   * Uses on chain, with the cursor, which becomes a checkpoint, in one transaction; what lies at or below the stored cursor is
   * ignored; unknown blobs become known (origin chain). There is one cursor for all uses.
   */
  saveUses(uses: ModelUse[], cursor: Cursor, nowMs: number): Promise<void>;
  /** The chain has other blocks after this one: uses after it are taken back, and the cursor. null: all, and it is forgotten. */
  rewindUses(cursorName: string, block: BlockRef | null): Promise<void>;
  /** One model by `author/name` in any case; null when it is not known. */
  model(key: string): Promise<ModelWithVersions | null>;
  /** With at most 100 places. null when it is not known. */
  blob(blobId: string): Promise<BlobWithListings | null>;
  /** Models whose author or name contains the text, alphabetically; gone ones not. */
  search(query: { text: string; offset: number; limit: number }): Promise<{ models: StoredModel[]; total: number }>;
  /** Models and files that the hub lists by now; blobs ever known; those waiting; those ever used. */
  counts(): Promise<{ models: number; files: number; blobs: number; waiting: number; used: number }>;
  /** By author: models that are listed now, and uses ever seen. */
  authors(): Promise<AuthorCounts>;
}
