/** Facts about models: what the hub lists, what storage holds, what the chain has seen used. Plain data. */

export const HUB_SOURCE = 'opengradient.hub';
export const STORAGE_SOURCE = 'opengradient.storage';
export const USE_SOURCE = 'opengradient.use';

/** Text from the hub is untrusted; the source bounds its length and drops control characters. */
export interface ListedModel {
  author: string;
  name: string;
  task: string | null;
  description: string | null;
  /** Whatever else the hub says of it, bounded. */
  extra: Record<string, unknown>;
  /** Where the hub dates it, unix ms. */
  datedAtMs: number | null;
}

export interface ListedFile {
  /** Content id: a Walrus blob id or an IPFS CID. */
  blobId: string;
  name: string;
  sizeBytes: number | null;
  datedAtMs: number | null;
}

export interface ListedVersion {
  /** As the hub writes it, e.g. `1.00`. */
  version: string;
  notes: string | null;
  datedAtMs: number | null;
  files: ListedFile[];
}

/** One model in full; `problem` says in a clause why versions or files cannot be seen. */
export interface ModelDetail {
  model: ListedModel;
  /** In the hub's order. null: it does not show them. */
  versions: ListedVersion[] | null;
  problem: string | null;
}

/** `author/name` in lower case: how a model is known. */
export const modelKey = ({ author, name }: Pick<ListedModel, 'author' | 'name'>): string =>
  `${author}/${name}`.toLowerCase();

/** 43 characters base64url: 32 bytes. */
export const WALRUS_ID = /^[A-Za-z0-9_-]{43}$/;
/** CIDv0. */
export const IPFS_ID = /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/;

export const isBlobId = (text: string): boolean => WALRUS_ID.test(text) || IPFS_ID.test(text);

export type StorageState = 'readable' | 'missing' | 'unknown';

/** What an aggregator said of one blob. `unknown`: none could be asked, `reason` says why; `missing`: all that answered have none. */
export interface StorageAnswer {
  blobId: string;
  state: StorageState;
  reason: string;
  sizeBytes: number | null;
  atMs: number;
}

export type UseKind = 'inference' | 'result' | 'workflow';

/** Evidence on chain that a stored model was used. */
export interface ModelUse {
  blobId: string;
  kind: UseKind;
  blockNumber: bigint;
  logIndex: number;
  blockTimestampSeconds: number;
  txHash: `0x${string}`;
}
