import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { type EvmClient, quantity, toBlockRef } from './client.ts';
import { type RpcRequest, WrongChainError } from './endpoint.ts';

/** A log as the node sends it; numbers are still hexadecimal text. */
export interface RawLog {
  blockNumber: Hex;
  blockHash: Hex;
  /** Not every node sends it. */
  blockTimestamp?: Hex | null;
  logIndex: Hex;
  transactionHash: Hex;
  topics: Hex[];
  data: Hex;
}

export interface LogPage {
  fromBlock: bigint;
  /** The page's last block, as the node that listed the logs has it. */
  toBlock: BlockRef;
  logs: RawLog[];
}

/** og-evm serves 10,000 blocks and 10,000 results a query at most (server/config); others less. */
const MAX_BLOCKS = 10_000n;

/** After a refusal pages stay at the size that worked, and try a larger one only every so many pages. */
const PATIENCE = 16;

/** Results that make the next page smaller, so that the limit is rarely met. */
const MANY_LOGS = 7_000;

/**
 * All logs of an address from block to block, in pages without gap or overlap. A page that is refused or times out
 * is halved, whatever the node's words for it; pages grow again while answers are small. A single block that is
 * refused is an error. Ends early when the signal aborts.
 */
export async function* logPages(
  client: EvmClient,
  address: Hex,
  fromBlock: bigint,
  toBlock: bigint,
  options: { maxBlocks?: bigint; signal?: AbortSignal } = {},
): AsyncGenerator<LogPage> {
  const limit = options.maxBlocks ?? MAX_BLOCKS;
  let size = limit;
  let ceiling = limit;
  let served = 0;
  for (let from = fromBlock; from <= toBlock && !options.signal?.aborted; ) {
    const to = min(from + size - 1n, toBlock);
    let page: LogPage;
    try {
      page = await readPage(client, address, from, to);
    } catch (error) {
      if (error instanceof WrongChainError) throw error;
      if (to === from) {
        throw new AssayError('the node refuses to list the logs of a single block', {
          retryable: true,
          detail: `logs of block ${from}`,
          cause: error,
        });
      }
      size = (to - from + 1n) / 2n;
      ceiling = size;
      served = 0;
      continue;
    }
    yield page;
    from = to + 1n;
    served += 1;
    if (served % PATIENCE === 0) ceiling = min(limit, ceiling * 2n);
    if (page.logs.length > MANY_LOGS) size = max(1n, size / 2n);
    else if (page.logs.length < MANY_LOGS / 4) size = min(ceiling, size * 2n);
  }
}

/**
 * One page from one node. That node must have the page's last block before it is asked for the logs: one that lags
 * answers a range beyond its head with fewer logs rather than with an error.
 */
async function readPage(client: EvmClient, address: Hex, from: bigint, to: bigint): Promise<LogPage> {
  const range = { address, fromBlock: quantity(from), toBlock: quantity(to) };
  const job = async (request: RpcRequest, host: string): Promise<LogPage> => {
    const last = await request({ method: 'eth_getBlockByNumber', params: [range.toBlock, false] });
    if (last === null) throw new AssayError(`${host} has no block ${to}`, { retryable: true });
    const logs: unknown = await request({ method: 'eth_getLogs', params: [range] });
    if (!Array.isArray(logs) || !logs.every(isRawLog)) {
      throw new AssayError(`${host} answered a log query without a list of logs`, { retryable: true });
    }
    return { fromBlock: from, toBlock: toBlockRef(last), logs };
  };
  // A refused page is asked again in halves anyway; a single block is worth a second round.
  return from === to ? await client.ask(job) : await client.ask(job, 1);
}

const HEX = /^0x[0-9a-f]+$/i;
const isQuantity = (value: unknown): boolean => typeof value === 'string' && HEX.test(value);

/** Shape only; a log that is still pending has no block and is none. */
function isRawLog(log: unknown): log is RawLog {
  if (typeof log !== 'object' || log === null) return false;
  const { blockNumber, blockTimestamp, logIndex, transactionHash, topics, data } = log as Partial<RawLog>;
  return (
    isQuantity(blockNumber) &&
    isQuantity(logIndex) &&
    (blockTimestamp == null || isQuantity(blockTimestamp)) &&
    typeof transactionHash === 'string' &&
    typeof data === 'string' &&
    Array.isArray(topics) &&
    topics.every((topic) => typeof topic === 'string')
  );
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
