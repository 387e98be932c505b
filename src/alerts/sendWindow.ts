/** A message that takes its place in a window. */
export interface Place {
  /** From when it counts; Infinity while that is not known. */
  atMs: number;
}

/** At most `count` messages within any `windowMs`, in milliseconds of a clock that is never set back. */
export class SendWindow {
  readonly #count: number;
  readonly #windowMs: number;
  /** The newest `count`, oldest first. */
  readonly #places: Place[] = [];

  constructor(count: number, windowMs: number) {
    this.#count = count;
    this.#windowMs = windowMs;
  }

  /** Milliseconds until one more may go; Infinity while one is under way that it must wait for. */
  waitMs(nowMs: number): number {
    const [oldest] = this.#places;
    if (oldest === undefined || this.#places.length < this.#count) return 0;
    return Math.max(0, oldest.atMs + this.#windowMs - nowMs);
  }

  take(place: Place): void {
    this.#places.push(place);
    if (this.#places.length > this.#count) this.#places.shift();
  }
}
