import type { RegistrationInput } from '../../src/insight/registration.ts';
import type { SourceStatus } from '../../src/lib/facts.ts';

/** A file of a listed model at which nothing is wrong, for tests to spoil. */

export const NOW_MS = 1_800_000_000_000;
export const BLOB_ID = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';

export type Blob = NonNullable<RegistrationInput['blob']>;
export type Listing = NonNullable<RegistrationInput['listing']>;

export const status = (changes: Partial<SourceStatus> = {}): SourceStatus => ({
  source: 'any',
  state: 'fresh',
  lastSuccessAtMs: NOW_MS,
  lastAttemptAtMs: NOW_MS,
  failingSinceMs: null,
  error: null,
  shortError: null,
  ...changes,
});

export const blob = (changes: Partial<Blob> = {}): Blob => ({
  blobId: BLOB_ID,
  firstSeenAtMs: NOW_MS - 5_000_000,
  storage: 'readable',
  storageReason: '',
  storedAtMs: NOW_MS - 4_000_000,
  goneAtMs: null,
  listedAtMs: NOW_MS - 3_000_000,
  listedAtFirst: false,
  completeAtMs: NOW_MS - 2_000_000,
  uses: 0,
  firstUsedAtSeconds: null,
  lastUsedAtSeconds: null,
  ...changes,
});

export const unlisted = (changes: Partial<Blob> = {}): Blob =>
  blob({ listedAtMs: null, completeAtMs: null, ...changes });

export const model = (changes: Partial<Listing['model']> = {}): Listing['model'] => ({
  author: 'acme',
  name: 'fraud',
  task: 'classification',
  description: 'Says whether it is fraud.',
  datedAtMs: null,
  goneAtMs: null,
  detailAtMs: NOW_MS,
  detailProblem: null,
  ...changes,
});

export const listing = (changes: Partial<Listing> = {}): Listing => ({
  model: model(),
  version: { version: '1.00', position: 0, datedAtMs: null, goneAtMs: null },
  file: { name: 'fraud.onnx', sizeBytes: 10, datedAtMs: null, goneAtMs: null },
  versions: ['1.00'],
  ...changes,
});

export const input = (changes: Partial<RegistrationInput> = {}): RegistrationInput => ({
  blob: blob(),
  listing: listing(),
  sources: { hub: status(), storage: status(), use: status() },
  nowMs: NOW_MS,
  ...changes,
});
