/** Windows of the facts move with the clock; this much they may lag behind. */
const MAX_AGE_MS = 10_000;

/** Facts in memory: rules ask every second, and little changes. Valid as long as one process writes. */
export class HeldFacts<Facts> {
  readonly #load: (nowMs: number) => Promise<Facts | null>;
  #held: { atMs: number; facts: Promise<Facts | null> } | null = null;

  constructor(load: (nowMs: number) => Promise<Facts | null>) {
    this.#load = load;
  }

  get(nowMs: number): Promise<Facts | null> {
    const held = this.#held;
    if (held !== null && Math.abs(nowMs - held.atMs) <= MAX_AGE_MS) return held.facts;
    const fresh = { atMs: nowMs, facts: this.#load(nowMs) };
    this.#held = fresh;
    // What failed is not kept.
    fresh.facts.catch(() => {
      if (this.#held === fresh) this.#held = null;
    });
    return fresh.facts;
  }

  drop(): void {
    this.#held = null;
  }
}
