/** Waiting work of one chat, and of all chats. */
const MAX_PER_LANE = 20;
const MAX_TOTAL = 2_000;

/**
 * Runs jobs in order within a lane (a chat) and side by side across lanes, so that one slow command keeps no other
 * chat waiting. Bounded: what does not fit is refused.
 */
export class Lanes {
  readonly #tails = new Map<string, { waiting: number; tail: Promise<void> }>();
  readonly #onError: (error: unknown) => void;
  #total = 0;

  /** `onError` hears what a job threw; the lane goes on. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns false, without running the job, when the lane or the whole is full. */
  add(lane: string, job: () => Promise<void>): boolean {
    const state = this.#tails.get(lane) ?? { waiting: 0, tail: Promise.resolve() };
    if (state.waiting >= MAX_PER_LANE || this.#total >= MAX_TOTAL) return false;
    state.waiting++;
    this.#total++;
    this.#tails.set(lane, state);
    state.tail = state.tail
      .then(job)
      .catch(this.#onError)
      .finally(() => {
        state.waiting--;
        this.#total--;
        if (state.waiting === 0) this.#tails.delete(lane);
      });
    return true;
  }

  /** Resolves when everything added has ended, and what that has added. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all([...this.#tails.values()].map(({ tail }) => tail));
  }
}
