import type {
  ListedFile,
  ListedModel,
  ListedVersion,
  ModelDetail,
  ModelUse,
  StorageAnswer,
} from '../../src/lib/modelFacts.ts';
import { hex } from './sample.ts';

/** Plain facts about models, each valid as it is; a test says only what matters to it. */

export const USES = 'uses:1';

/** A well-formed content id. */
export const blobId = (id: number): string => `blob-${id}`.padEnd(43, '_');

/** `acme/fraud`, as the list has it. */
export const listed = (key: string, more: Partial<ListedModel> = {}): ListedModel => ({
  author: key.split('/')[0] as string,
  name: key.slice(key.indexOf('/') + 1),
  task: 'classification',
  description: 'Says no.',
  extra: { tags: ['x'] },
  datedAtMs: null,
  ...more,
});

export const file = (id: number, more: Partial<ListedFile> = {}): ListedFile => ({
  blobId: blobId(id),
  name: `model-${id}.onnx`,
  sizeBytes: 1_000 + id,
  datedAtMs: null,
  ...more,
});

/** A version with the files of these blobs. */
export const version = (name: string, ids: number[], more: Partial<ListedVersion> = {}): ListedVersion => ({
  version: name,
  notes: null,
  datedAtMs: null,
  files: ids.map((id) => file(id)),
  ...more,
});

export const detail = (
  key: string,
  versions: ListedVersion[] | null,
  more: Partial<ModelDetail> = {},
): ModelDetail => ({ model: listed(key), versions, problem: null, ...more });

export const answer = (
  id: number,
  state: StorageAnswer['state'],
  atMs: number,
  more: Partial<StorageAnswer> = {},
): { answer: StorageAnswer; nextCheckAtMs: number } => ({
  answer: { blobId: blobId(id), state, reason: `is ${state}`, sizeBytes: null, atMs, ...more },
  nextCheckAtMs: atMs + 60_000,
});

/** A use of a blob, alone in a block whose number is its time. */
export const use = (id: number, atSeconds: number, more: Partial<ModelUse> = {}): ModelUse => ({
  blobId: blobId(id),
  kind: 'inference',
  blockNumber: BigInt(atSeconds),
  logIndex: 0,
  blockTimestampSeconds: atSeconds,
  txHash: hex(atSeconds),
  ...more,
});
