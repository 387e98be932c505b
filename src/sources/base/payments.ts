import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { EvmClient } from '../evm/client.ts';
import { logPages } from '../evm/logPages.ts';
import type { RawLog } from '../evm/rawLog.ts';

/** topic0 of `Transfer(address indexed from, address indexed to, uint256 value)`. */
export const TRANSFER_TOPIC: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

export interface Payments {
  count: number;
  /** Up to where they were counted: before the end where the signal aborted; null: nothing was read. */
  toBlock: BlockRef | null;
}

/**
 * How many transfers of the token reached one of the payees, from block to block. A payment opens a session, which may hold
 * many requests. Transfers of nothing, which cost a stranger nothing, do not count. Rejects with AssayError.
 */
export async function countPayments(
  client: EvmClient,
  { token, payees }: { token: Hex; payees: readonly Hex[] },
  from: bigint,
  to: bigint,
  signal?: AbortSignal,
): Promise<Payments> {
  const result: Payments = { count: 0, toBlock: null };
  const words = [...new Set(payees.map(wordOf))];
  // A node takes an empty list for any payee.
  if (words.length === 0) return result;
  const filter = { address: token, topics: [TRANSFER_TOPIC, null, words] };
  for await (const { logs, toBlock } of logPages(client, filter, from, to, signal ? { signal } : {})) {
    result.count += logs.filter((log) => isPayment(log, words)).length;
    result.toBlock = toBlock;
  }
  return result;
}

const isPayment = ({ topics, data }: RawLog, words: readonly string[]): boolean =>
  topics.length === 3 &&
  topics[0] === TRANSFER_TOPIC &&
  words.includes((topics[2] as Hex).toLowerCase() as Hex) &&
  /^0x[0-9a-f]{64}$/i.test(data) &&
  /[1-9a-f]/i.test(data.slice(2));

const wordOf = (address: Hex): Hex => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
