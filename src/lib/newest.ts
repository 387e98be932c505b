import type { Clock } from './clock.ts';

/**
 * Shows values as they come: one at a time, at most one every `everyMs`, and of those that wait only the newest. A value
 * that could not be shown is passed over: there will be another one.
 */
export class Newest<Value> {
  readonly #show: (value: Value) => Promise<unknown>;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #everyMs: number;
  readonly #ending = new AbortController();
  #waiting: { value: Value } | null = null;
  #running: Promise<void> | null = null;

  constructor(show: (value: Value) => Promise<unknown>, clock: Pick<Clock, 'sleep'>, everyMs: number) {
    this.#show = show;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  offer(value: Value): void {
    if (this.#ending.signal.aborted) return;
    this.#waiting = { value };
    this.#running ??= this.#run();
  }

  /** Nothing more is shown; resolves when what was being shown is. */
  async end(): Promise<void> {
    this.#waiting = null;
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting !== null) {
      const { value } = this.#waiting;
      this.#waiting = null;
      await this.#show(value).catch(() => undefined);
      await this.#clock.sleep(this.#everyMs, this.#ending.signal);
    }
    this.#running = null;
  }
}
