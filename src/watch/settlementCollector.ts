import { SETTLEMENT_SOURCE } from '../lib/proofFacts.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import type { LogFollower } from './followLogs.ts';

/** Follows settlements at the registry's pace; what they prove is for the proof collector to find. */
export class SettlementCollector implements Collector {
  readonly source = SETTLEMENT_SOURCE;
  readonly everyMs: number;
  readonly #logs: LogFollower<unknown>;

  constructor({ logs, pollIntervalMs }: { logs: LogFollower<unknown>; pollIntervalMs: number }) {
    this.#logs = logs;
    this.everyMs = pollIntervalMs;
  }

  collect(signal: AbortSignal): Promise<CollectOutcome> {
    return this.#logs.follow(signal);
  }
}
