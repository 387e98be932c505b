import type { Clock } from '../../lib/clock.ts';

/** At most so many questions within any such time; whoever comes too early waits. */
export class Pace {
  readonly #clock: Clock;
  readonly #count: number;
  readonly #windowMs: number;
  #asked: number[] = [];

  constructor(clock: Clock, count: number, windowMs: number) {
    this.#clock = clock;
    this.#count = count;
    this.#windowMs = windowMs;
  }

  /** Resolves when it is one's turn, or when the signal aborts. One at a time. */
  async turn(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      this.#asked = this.#asked.filter((atMs) => atMs > now - this.#windowMs);
      const [oldest] = this.#asked;
      if (oldest === undefined || this.#asked.length < this.#count || signal?.aborted) break;
      await this.#clock.sleep(oldest + this.#windowMs - now, signal);
    }
    this.#asked.push(this.#clock.now());
  }
}
