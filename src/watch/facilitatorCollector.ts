import type { Clock } from '../lib/clock.ts';
import { FACILITATOR_SOURCE } from '../lib/proofFacts.ts';
import { type FacilitatorUsage, readUsage } from '../sources/opengradient/facilitator.ts';
import type { Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';

const EVERY_MS = 300_000;
const COUNTED_KEY = 'usage:facilitator';

/** Reads what went through the facilitator, by day, and as a counter that only rises. */
export class FacilitatorCollector implements Collector {
  readonly source = FACILITATOR_SOURCE;
  readonly everyMs = EVERY_MS;
  readonly #options: { url: string; store: Store; clock: Clock };

  constructor(options: { url: string; store: Store; clock: Clock }) {
    this.#options = options;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { url, store, clock } = this.#options;
    const usage = await readUsage(url, { signal });
    const atMs = clock.now();
    const before = await this.#counted();
    const total = before === null ? usage.totalRequests : before.total + riseSince(before.days, usage);
    // Both in one value: what is counted is counted once.
    const days = Object.fromEntries(usage.days.map(({ day, requests }) => [day, requests]));
    await store.meta.set(COUNTED_KEY, JSON.stringify({ total, days } satisfies Counted));
    await store.proofs.saveUsage(
      [{ source: 'facilitator', atMs, total }],
      usage.days.map((day) => ({ ...day, readAtMs: atMs })),
    );
    return { kind: 'fresh' };
  }

  async #counted(): Promise<Counted | null> {
    const text = await this.#options.store.meta.get(COUNTED_KEY);
    return text === null ? null : (JSON.parse(text) as Counted);
  }
}

interface Counted {
  total: number;
  /** Requests by UTC day, as they were read last. */
  days: Record<string, number>;
}

/** The facilitator's own total falls when a day leaves its window, so the days are compared. */
const riseSince = (before: Counted['days'], { days }: FacilitatorUsage): number =>
  days.reduce((sum, { day, requests }) => sum + Math.max(0, requests - (before[day] ?? 0)), 0);
