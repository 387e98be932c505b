import type { BlockRef } from '../lib/facts.ts';
import type { GaugeEvent, GaugeReading } from '../lib/gaugeFacts.ts';
import type { Cursor } from './store.ts';

/** What could vote in an epoch, as last read before its vote ended. */
export interface EpochEligible {
  epoch: number;
  voteEndSeconds: number;
  season: number | null;
  powerWei: bigint;
  wallets: number;
  readAtSeconds: number;
}

export interface StoredReading extends GaugeReading {
  readAtMs: number;
}

/** A page of events in log order; `lastId` is where the next begins. */
export interface EventPage {
  events: GaugeEvent[];
  lastId: number;
}

export interface GaugeRepository {
  /** Rises with every write of this process to that source: what is held in memory may be old by then. */
  version(source: string): number;
  /** Rises with every rewind: what was made of earlier events is to be made anew. */
  generation(source: string): number;
  /** Stores logs with the cursor in one transaction; repeats are ignored. */
  saveEvents(source: string, events: readonly GaugeEvent[], cursor: Cursor): Promise<void>;
  /** The chain has other blocks after this one: what came after it is taken back. null: everything. */
  rewind(source: string, cursorName: string, block: BlockRef | null): Promise<void>;
  /** In log order, after that id (0: from the beginning), at most `limit`. */
  events(source: string, afterId: number, limit: number): Promise<EventPage>;
  /**
   * What the contracts answered; replaces what they answered before. While the vote of its epoch has not ended, what could vote is
   * kept for that epoch.
   */
  saveReading(reading: GaugeReading, nowMs: number): Promise<void>;
  /** null: never read. From memory while nothing was written. */
  reading(source: string): Promise<StoredReading | null>;
  /** Oldest first. */
  eligible(source: string, fromEpoch: number): Promise<EpochEligible[]>;
  /** Every voter contract whose votes count, in the order in which they were seen. */
  voters(source: string): Promise<string[]>;
}
