import type { WatchOptions } from './watch.ts';

/**
 * What a collector of one row of GOVERNANCE_SOURCES is made with: `xCollector(row, tools): Collector`, its source `<network>.<part>`
 * (PART_OF) and its `everyMs` the row's interval.
 */
export interface GovernanceTools extends Pick<WatchOptions, 'store' | 'clock' | 'random' | 'logger' | 'notice'> {
  /** Aborts when the watch stops; rounds get the same one. */
  signal: AbortSignal;
}
