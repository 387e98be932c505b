import type { Clock } from '../lib/clock.ts';
import { AssayError, explain } from '../lib/errors.ts';
import type { SourceStatus } from '../lib/facts.ts';
import type { Store } from '../store/store.ts';

/** How often an unchanged `fresh` is written again, so that other readers of the store see that we are alive. */
const PERSIST_EVERY_MS = 15_000;

/**
 * Keeps one source's status: in memory for every outcome, in the store when it changes and every 15 s.
 * `failingSinceMs` is the first failure after the last success and survives restarts.
 */
export class SourceTracker {
  readonly source: string;
  readonly #store: Pick<Store, 'sources'>;
  readonly #clock: Clock;
  #status: SourceStatus | null = null;
  #persistedAtMs = 0;

  constructor(source: string, store: Pick<Store, 'sources'>, clock: Clock) {
    this.source = source;
    this.#store = store;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    this.#status = await this.#store.sources.get(this.source);
  }

  get status(): SourceStatus | null {
    return this.#status;
  }

  /** `note`: the source is fresh, and this should be known of it (a chain that was reset). */
  async succeeded(note?: string): Promise<void> {
    const now = this.#clock.now();
    await this.#set({
      source: this.source,
      state: 'fresh',
      lastSuccessAtMs: now,
      lastAttemptAtMs: now,
      failingSinceMs: null,
      error: note ?? null,
      shortError: note ?? null,
    });
  }

  /** `stale`: it answers, but says nothing new (a chain without blocks). */
  async stale(shortError: string, sinceMs: number): Promise<void> {
    await this.#set({
      source: this.source,
      state: 'stale',
      lastSuccessAtMs: this.#status?.lastSuccessAtMs ?? null,
      lastAttemptAtMs: this.#clock.now(),
      failingSinceMs: Math.min(sinceMs, this.#status?.failingSinceMs ?? sinceMs),
      error: shortError,
      shortError,
    });
  }

  async failed(error: unknown): Promise<void> {
    const now = this.#clock.now();
    const before = this.#status;
    await this.#set({
      source: this.source,
      state: 'failing',
      lastSuccessAtMs: before?.lastSuccessAtMs ?? null,
      lastAttemptAtMs: now,
      failingSinceMs: before?.failingSinceMs ?? now,
      error: explain(error),
      shortError: error instanceof AssayError ? error.message : 'it could not be asked',
    });
  }

  async #set(next: SourceStatus): Promise<void> {
    const before = this.#status;
    const now = this.#clock.now();
    const changed = before?.state !== next.state || before.shortError !== next.shortError;
    if (changed || now - this.#persistedAtMs >= PERSIST_EVERY_MS) {
      // What could not be stored has not happened yet: the next outcome tries again.
      await this.#store.sources.put(next);
      this.#persistedAtMs = now;
    } else {
      this.#store.sources.note(next);
    }
    this.#status = next;
  }
}
