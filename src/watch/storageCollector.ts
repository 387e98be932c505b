import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import { STORAGE_SOURCE, type StorageAnswer, type StorageState, WALRUS_ID } from '../lib/modelFacts.ts';
import { askStorage } from '../sources/walrus/askStorage.ts';
import type { StoredBlob } from '../store/modelRepository.ts';
import type { Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { noteComplete } from './completeness.ts';
import { inParallel } from './inParallel.ts';

const AT_ONCE = 8;
/** Blobs that are asked about and stored together: after each the outcome is looked at. */
const PORTION = 32;
/** A round ends after this, so that its outcome is known, and the next one goes on. */
const ROUND_MS = 10_000;
/** New blobs are asked about as soon as this. */
const LOOK_EVERY_MS = 5_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

interface Options {
  store: Store;
  clock: Clock;
  aggregators: readonly string[];
  intervalMs: number;
}

/** Asks aggregators about every blob whose time has come, those that wait for their listing first. */
export class StorageCollector implements Collector {
  readonly source = STORAGE_SOURCE;
  readonly everyMs: number;
  readonly #options: Options;
  /** Why nothing could be learned when something was asked last. */
  #down: AssayError | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = Math.min(options.intervalMs, LOOK_EVERY_MS);
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { store, clock, intervalMs } = this.#options;
    const startedAtMs = clock.now();
    do {
      const due = await store.models.dueBlobs(PORTION, clock.now());
      if (due.length === 0) break;
      const answers = await this.#ask(due, signal);
      if (signal.aborted) break;
      await store.models.saveStorage(
        answers.map(({ blob, answer }) => ({
          answer,
          nextCheckAtMs: nextCheckAt(blob, answer.state, { nowMs: clock.now(), intervalMs }),
        })),
      );
      await noteComplete(
        store,
        due.map(({ blobId }) => blobId),
        clock.now(),
      );
      const asked = answers.filter(({ blob }) => WALRUS_ID.test(blob.blobId));
      if (asked.length > 0) this.#down = whyDown(asked.map(({ answer }) => answer));
    } while (this.#down === null && !signal.aborted && clock.now() - startedAtMs < ROUND_MS);
    if (this.#down !== null) throw this.#down;
    return { kind: 'fresh' };
  }

  async #ask(due: readonly StoredBlob[], signal: AbortSignal): Promise<{ blob: StoredBlob; answer: StorageAnswer }[]> {
    const { aggregators, clock } = this.#options;
    const answers: { blob: StoredBlob; answer: StorageAnswer }[] = [];
    await inParallel(
      due,
      AT_ONCE,
      async (blob) => {
        answers.push({ blob, answer: await askStorage(aggregators, blob.blobId, { clock, signal }) });
      },
      signal,
    );
    return answers;
  }
}

function whyDown(answers: readonly StorageAnswer[]): AssayError | null {
  const [first] = answers;
  if (first === undefined || answers.some(({ state }) => state !== 'unknown')) return null;
  return new AssayError('no aggregator answers', { retryable: true, detail: first.reason });
}

/**
 * When a blob is asked for again (unix ms). Not listed: every `intervalMs`, growing to 10 minutes within a day. Listed: every
 * hour. Missing: 5 minutes, growing to 6 hours; one that may just be on its way there is asked for as often as one that waits.
 */
export function nextCheckAt(
  blob: Pick<StoredBlob, 'blobId' | 'listedAtMs' | 'firstSeenAtMs' | 'goneAtMs'>,
  state: StorageState,
  { nowMs, intervalMs }: { nowMs: number; intervalMs: number },
): number {
  if (!WALRUS_ID.test(blob.blobId)) return nowMs + DAY_MS;
  const ageMs = Math.max(0, nowMs - blob.firstSeenAtMs);
  const isWaiting = blob.listedAtMs === null;
  const slowMs = Math.max(intervalMs, 10 * MINUTE_MS);
  const waitingMs = intervalMs + (slowMs - intervalMs) * Math.min(1, ageMs / DAY_MS);
  if (state === 'unknown') return Math.round(nowMs + waitingMs);
  if (state === 'readable') return nowMs + (isWaiting ? waitingMs : HOUR_MS);
  if (isWaiting && ageMs < HOUR_MS) return Math.round(nowMs + waitingMs);
  const missingForMs = Math.max(0, nowMs - (blob.goneAtMs ?? blob.firstSeenAtMs));
  return nowMs + Math.min(6 * HOUR_MS, Math.max(5 * MINUTE_MS, missingForMs / 4));
}
