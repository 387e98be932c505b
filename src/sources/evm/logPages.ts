import { AssayError } from '../../lib/errors.ts';
import type { Hex } from '../../lib/facts.ts';
import { type EvmClient, quantity } from './client.ts';

/** A log as the node sends it; numbers are still hexadecimal text. */
export interface RawLog {
  blockNumber: Hex;
  blockHash: Hex;
  /** Not every node sends it. */
  blockTimestamp?: Hex;
  logIndex: Hex;
  transactionHash: Hex;
  topics: Hex[];
  data: Hex;
}

export interface LogPage {
  fromBlock: bigint;
  toBlock: bigint;
  logs: RawLog[];
}

/** og-evm serves 10,000 blocks and 10,000 results a query at most (server/config); others less. */
const MAX_BLOCKS = 10_000n;

/** Results that make the next page smaller, so that the limit is rarely met. */
const MANY_LOGS = 7_000;

/**
 * All logs of an address from block to block, in pages without gap or overlap. A page that is refused or times out
 * is halved, whatever the node's words for it; pages grow again while answers are small. A single block that is
 * refused is an error.
 */
export async function* logPages(
  client: EvmClient,
  address: Hex,
  fromBlock: bigint,
  toBlock: bigint,
  options: { maxBlocks?: bigint } = {},
): AsyncGenerator<LogPage> {
  const limit = options.maxBlocks ?? MAX_BLOCKS;
  let size = limit;
  for (let from = fromBlock; from <= toBlock; ) {
    const to = min(from + size - 1n, toBlock);
    let logs: RawLog[];
    try {
      logs = await getLogs(client, address, from, to);
    } catch (error) {
      if (to === from) {
        throw new AssayError('the node refuses to list the logs of a single block', {
          retryable: true,
          detail: `logs of block ${from}`,
          cause: error,
        });
      }
      size = (to - from + 1n) / 2n;
      continue;
    }
    yield { fromBlock: from, toBlock: to, logs };
    from = to + 1n;
    if (logs.length > MANY_LOGS) size = max(1n, size / 2n);
    else if (logs.length < MANY_LOGS / 4) size = min(limit, size * 2n);
  }
}

async function getLogs(client: EvmClient, address: Hex, from: bigint, to: bigint): Promise<RawLog[]> {
  const answer: unknown = await client.ask((request) =>
    request({ method: 'eth_getLogs', params: [{ address, fromBlock: quantity(from), toBlock: quantity(to) }] }),
  );
  if (!Array.isArray(answer)) throw new AssayError('the node answered a log query without a list', { retryable: true });
  return answer as RawLog[];
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
