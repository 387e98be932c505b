import { setImmediate as turn } from 'node:timers/promises';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { blockTimes } from './blockTimes.ts';
import type { EvmClient } from './client.ts';
import { logPages } from './logPages.ts';
import type { LogFilter, RawLog } from './rawLog.ts';

export interface EventPage<Event> {
  events: Event[];
  /** The page's last block. */
  toBlock: BlockRef;
}

interface Asked {
  filter: LogFilter;
  fromBlock: bigint;
  toBlock: bigint;
  /** Ends early when it aborts. */
  signal?: AbortSignal | undefined;
}

/**
 * All logs that pass a filter as events, from block to block, oldest first, page by page. `decode` makes one log an event, null
 * where it is none, with the times of its blocks. Throws as `logPages` and `blockTimes`.
 */
export async function* eventPages<Event>(
  client: EvmClient,
  { filter, fromBlock, toBlock, signal }: Asked,
  decode: (log: RawLog, times: ReadonlyMap<Hex, number>) => Event | null,
): AsyncGenerator<EventPage<Event>> {
  for await (const page of logPages(client, filter, fromBlock, toBlock, signal ? { signal } : {})) {
    const times = await blockTimes(client, page.logs, page.toBlock);
    const events: Event[] = [];
    for (const log of page.logs) {
      const event = decode(log, times);
      if (event !== null) events.push(event);
    }
    // Decoding a crowded page takes a while: others before whoever stores it.
    await turn();
    yield { events, toBlock: page.toBlock };
  }
}
