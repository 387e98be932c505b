import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { type EvmClient, quantity, TooLargeAnswerError, toBlockRef } from './client.ts';
import { isRawLog, type LogFilter, type RawLog } from './rawLog.ts';

/**
 * The logs of one block that pass a filter, in order, transaction by transaction: for a block with more of them than a node lists, or
 * than is read at one go. Anyone can fill a block so, and nothing of others may be lost by that. A single transaction that is larger
 * than what is read is left out: it is nobody's settlement. Rejects with AssayError.
 */
export async function logsOfBlock(
  client: EvmClient,
  filter: LogFilter,
  number: bigint,
): Promise<{ block: BlockRef; logs: RawLog[] }> {
  const { block, hashes } = await client.ask(async (request, host) => {
    const found = await request({ method: 'eth_getBlockByNumber', params: [quantity(number), false] });
    const list: unknown = found?.transactions;
    if (found === null || !Array.isArray(list) || !list.every((one) => typeof one === 'string')) {
      throw new AssayError(`${host} has no block ${number}`, { retryable: true });
    }
    return { block: toBlockRef(found), hashes: list as Hex[] };
  });
  const logs: RawLog[] = [];
  for (const hash of hashes) {
    // One by one: together they would be as large as what could not be read.
    const own = await logsOfTransaction(client, hash, block).catch((error: unknown) => {
      if (error instanceof TooLargeAnswerError) return [];
      throw error;
    });
    for (const log of own) if (passes(log, filter)) logs.push(log);
  }
  return { block, logs };
}

async function logsOfTransaction(client: EvmClient, hash: Hex, block: BlockRef): Promise<RawLog[]> {
  return await client.ask(async (request, host) => {
    const receipt: unknown = await request({ method: 'eth_getTransactionReceipt', params: [hash] });
    const { logs, blockHash } = (receipt ?? {}) as { logs?: unknown; blockHash?: unknown };
    if (blockHash !== block.hash || !Array.isArray(logs) || !logs.every(isRawLog)) {
      throw new AssayError(`${host} has no receipt of a transaction in block ${block.number}`, { retryable: true });
    }
    return logs;
  });
}

/** As eth_getLogs filters. */
function passes({ address, topics }: RawLog, filter: LogFilter): boolean {
  const has = (wanted: Hex | readonly Hex[] | null | undefined, value: Hex | undefined): boolean =>
    wanted == null || [wanted].flat().some((one) => value !== undefined && one.toLowerCase() === value.toLowerCase());
  return (
    has(filter.address, address) && (filter.topics ?? []).every((wanted, position) => has(wanted, topics[position]))
  );
}
