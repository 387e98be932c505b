import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import { type BlockRef, CHAIN_HALTED } from '../lib/facts.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome } from './collector.ts';
import type { LogHistory } from './logHistory.ts';

/** No new block for this long is a standing chain: what it says is no longer about now. */
export const CHAIN_STALL_MS = 120_000;

export const READING_HISTORY = 'its history is being read';

/** Follows one kind of logs to the head that the registry's collector believes in, and says how that went. */
export class LogFollower<Event> {
  readonly #history: LogHistory<Event>;
  readonly #reset: ChainReset;
  readonly #clock: Clock;
  /** The head up to which logs were read, and when it was first seen. */
  #head: { hash: BlockRef['hash'] | null; seenAtMs: number } | null = null;
  #followed = false;
  #readingSinceMs: number | null = null;
  #replacements = 0;

  constructor(history: LogHistory<Event>, reset: ChainReset, clock: Clock) {
    this.#history = history;
    this.#reset = reset;
    this.#clock = clock;
  }

  async follow(signal: AbortSignal, head = this.#reset.believed): Promise<CollectOutcome> {
    const now = this.#clock.now();
    const { replacements } = this.#history;
    const hash = head?.hash ?? null;
    if (replacements !== this.#replacements || this.#head?.hash !== hash) this.#followed = false;
    this.#replacements = replacements;
    if (this.#head === null || this.#head.hash !== hash) this.#head = { hash, seenAtMs: now };
    if (!this.#followed && head !== null) {
      if ((await this.#history.follow(head, signal)) === 'unknown') {
        this.#readingSinceMs ??= now;
        const { failure } = this.#history;
        const why = failure instanceof AssayError ? `its history cannot be read: ${failure.message}` : READING_HISTORY;
        return { kind: 'stale', shortError: why, sinceMs: this.#readingSinceMs };
      }
      this.#followed = true;
      this.#readingSinceMs = null;
    }
    const { seenAtMs } = this.#head;
    if (now - seenAtMs >= CHAIN_STALL_MS) return { kind: 'stale', shortError: CHAIN_HALTED, sinceMs: seenAtMs };
    const { note } = this.#reset;
    return note === null ? { kind: 'fresh' } : { kind: 'fresh', note };
  }
}
