import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { EvmClient } from './client.ts';
import type { RawLog } from './rawLog.ts';

/**
 * Times (Unix seconds) of the blocks whose logs come without one, by block number as the log has it. `known` spares asking
 * for that block. Throws a retryable AssayError where a node lacks one of them.
 */
export async function blockTimes(
  client: EvmClient,
  logs: readonly RawLog[],
  known: BlockRef,
): Promise<Map<Hex, number>> {
  const times = new Map<Hex, number>();
  const missing = new Set<Hex>();
  for (const { blockNumber, blockTimestamp } of logs) {
    if (blockTimestamp != null) continue;
    if (BigInt(blockNumber) === known.number) times.set(blockNumber, known.timestampSeconds);
    else missing.add(blockNumber);
  }
  const numbers = [...missing];
  for (let at = 0; at < numbers.length; at += 100) {
    const portion = numbers.slice(at, at + 100);
    const blocks = await Promise.all(portion.map((number) => client.block(BigInt(number))));
    for (const [index, block] of blocks.entries()) {
      const number = portion[index] as Hex;
      // Going on without its time would lose the log for good.
      if (block === null) throw new AssayError(`no block ${BigInt(number)} for a log in it`, { retryable: true });
      times.set(number, block.timestampSeconds);
    }
  }
  return times;
}

/** When a log's block was made, in Unix seconds; undefined where neither the log nor `times` says. */
export const timeOf = (log: RawLog, times: ReadonlyMap<Hex, number>): number | undefined =>
  log.blockTimestamp == null ? times.get(log.blockNumber) : Number.parseInt(log.blockTimestamp, 16);
