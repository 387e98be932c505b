import { setImmediate as turn } from 'node:timers/promises';
import { AssayError } from '../../lib/errors.ts';
import type { BlockRef } from '../../lib/facts.ts';
import { logsOfBlock } from './blockReceipts.ts';
import { type EvmClient, quantity, RefusedError, TooLargeAnswerError, toBlockRef } from './client.ts';
import { type RpcRequest, WrongChainError } from './endpoint.ts';
import { isRawLog, type LogFilter, type RawLog } from './rawLog.ts';

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

/** Results that make the next page smaller: far from any node's limit, and some megabytes of text, read at one go. */
const MANY_LOGS = 2_000;

/** Pages begin small and grow by this, so that a crowded chain is not met with the largest one. */
const FIRST_BLOCKS = 4n;
const GROWTH = 4n;

/**
 * All logs that pass a filter, from block to block, in pages without gap or overlap. A page that is refused or times out
 * is halved, whatever the node's words for it; pages grow again while answers are small. A single block that the node
 * refuses is read transaction by transaction; where that fails too, or the next one is refused as well, it is an error. Ends early when the signal aborts.
 */
export async function* logPages(
  client: EvmClient,
  filter: LogFilter,
  fromBlock: bigint,
  toBlock: bigint,
  options: { maxBlocks?: bigint; signal?: AbortSignal } = {},
): AsyncGenerator<LogPage> {
  const limit = options.maxBlocks ?? MAX_BLOCKS;
  let size = min(limit, FIRST_BLOCKS);
  let ceiling = limit;
  let served = 0;
  let wasRefused = false;
  for (let from = fromBlock; from <= toBlock && !options.signal?.aborted; ) {
    const to = min(from + size - 1n, toBlock);
    let page: LogPage;
    try {
      page = await readPage(client, filter, from, to);
      wasRefused = false;
    } catch (error) {
      if (error instanceof WrongChainError) throw error;
      if (to > from) {
        size = (to - from + 1n) / 2n;
        ceiling = size;
        served = 0;
        continue;
      }
      // One block may be crowded. A node that lists none is not to be read like that: whoever reads is told, and goes on here.
      if (wasRefused || !(error instanceof RefusedError || error instanceof TooLargeAnswerError))
        throw cannotRead(from, error);
      page = await readBlock(client, filter, from, error);
      wasRefused = true;
    }
    // Reading thousands of logs has held up everybody for some tens of milliseconds: others before whoever reads them now.
    await turn();
    yield page;
    from = to + 1n;
    served += 1;
    if (served % PATIENCE === 0) ceiling = min(limit, ceiling * 2n);
    if (page.logs.length > MANY_LOGS) size = max(1n, size / 2n);
    else if (page.logs.length < MANY_LOGS / Number(GROWTH)) size = min(ceiling, size * GROWTH);
  }
}

/** A block that is refused as a whole, because of `cause`. */
async function readBlock(client: EvmClient, filter: LogFilter, number: bigint, cause: unknown): Promise<LogPage> {
  try {
    const { block, logs } = await logsOfBlock(client, filter, number);
    return { fromBlock: number, toBlock: block, logs };
  } catch {
    throw cannotRead(number, cause);
  }
}

const cannotRead = (number: bigint, cause: unknown): AssayError =>
  new AssayError('the logs of a single block cannot be read', {
    retryable: true,
    detail: `logs of block ${number}`,
    cause,
  });

/**
 * One page from one node. That node must have the page's last block before it is asked for the logs: one that lags
 * answers a range beyond its head with fewer logs rather than with an error.
 */
async function readPage(client: EvmClient, filter: LogFilter, from: bigint, to: bigint): Promise<LogPage> {
  const range = { ...filter, fromBlock: quantity(from), toBlock: quantity(to) };
  const job = async (request: RpcRequest, host: string): Promise<LogPage> => {
    const last = await request({ method: 'eth_getBlockByNumber', params: [range.toBlock, false] });
    if (last === null) throw new AssayError(`${host} has no block ${to}`, { retryable: true });
    const logs: unknown = await request({ method: 'eth_getLogs', params: [range as never] });
    if (!Array.isArray(logs) || !logs.every(isRawLog)) {
      throw new AssayError(`${host} answered a log query without a list of logs`, { retryable: true });
    }
    return { fromBlock: from, toBlock: toBlockRef(last), logs };
  };
  // A refused page is asked again in halves anyway; a single block is worth a second round.
  return from === to ? await client.ask(job) : await client.ask(job, 1);
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
