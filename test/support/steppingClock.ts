import type { Clock } from '../../src/lib/clock.ts';

/** A clock on which sleeping costs no time: it jumps to the end of every sleep, and keeps their lengths. */
export class SteppingClock implements Clock {
  readonly slept: number[] = [];
  #now: number;

  constructor(startMs = Date.UTC(2026, 10, 21, 12)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    this.slept.push(ms);
    this.#now += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
