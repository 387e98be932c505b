import { setImmediate as turn } from 'node:timers/promises';

/** Rows a statement: it holds the event loop on SQLite, and is to do so for a few tens of milliseconds at most. */
const PORTION = 500;

/**
 * Does something with many rows, some at a time, in their order; lets the process do something else before each: on SQLite
 * an answer is there at once, and awaiting it gives way to nobody.
 */
export async function inPortions<Row>(
  rows: readonly Row[],
  job: (portion: Row[]) => Promise<unknown>,
  size = PORTION,
): Promise<void> {
  for (let at = 0; at < rows.length; at += size) {
    await turn();
    await job(rows.slice(at, at + size));
  }
}
