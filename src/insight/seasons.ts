export interface Season {
  index: number;
  startSeconds: number;
  announcedAtSeconds: number;
}

/** Seasons as they were announced, and which of them have begun: a season begins without any log. */
export class Seasons {
  readonly announced: Season[] = [];
  /** Block time up to which they were begun; it does not go back. */
  #nowSeconds = 0;
  #startSeconds = 0;
  #isOneNew = false;

  /** The newest start among those that have begun: what was cast before it stands no more. 0: none has. */
  get startSeconds(): number {
    return this.#startSeconds;
  }

  announce(season: Season): void {
    this.announced.push(season);
    this.#isOneNew = true;
  }

  /** At that block time, or at the newest one before; answers whether one has begun since. */
  advance(seconds: number): boolean {
    // Asked for every event.
    if (seconds <= this.#nowSeconds && !this.#isOneNew) return false;
    this.#isOneNew = false;
    this.#nowSeconds = Math.max(this.#nowSeconds, seconds);
    const begun = this.announced.filter(({ startSeconds }) => startSeconds <= this.#nowSeconds);
    const start = begun.reduce((newest, { startSeconds }) => Math.max(newest, startSeconds), 0);
    if (start <= this.#startSeconds) return false;
    this.#startSeconds = start;
    return true;
  }

  /** Before the first that was announced it is season 0; null: none was ever announced. */
  at(seconds: number): number | null {
    if (this.announced.length === 0) return null;
    return this.announced.findLast(({ startSeconds }) => startSeconds <= seconds)?.index ?? 0;
  }
}
