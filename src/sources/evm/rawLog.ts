import type { Hex } from '../../lib/facts.ts';

/** A log as the node sends it; numbers are still hexadecimal text. */
export interface RawLog {
  address: Hex;
  blockNumber: Hex;
  blockHash: Hex;
  /** Not every node sends it. */
  blockTimestamp?: Hex | null;
  logIndex: Hex;
  transactionHash: Hex;
  topics: Hex[];
  data: Hex;
}

/** Which logs: of which contracts (any, when left out), with which topics, as eth_getLogs takes them. */
export interface LogFilter {
  address?: Hex | readonly Hex[];
  /** By position; a list means one of these, null any. */
  topics?: readonly (Hex | readonly Hex[] | null)[];
}

const HEX = /^0x[0-9a-f]+$/i;
const isQuantity = (value: unknown): boolean => typeof value === 'string' && HEX.test(value);

/** Shape only; a log that is still pending has no block and is none. */
export function isRawLog(log: unknown): log is RawLog {
  if (typeof log !== 'object' || log === null) return false;
  const { address, blockNumber, blockTimestamp, logIndex, transactionHash, topics, data } = log as Partial<RawLog>;
  return (
    isQuantity(address) &&
    isQuantity(blockNumber) &&
    isQuantity(logIndex) &&
    (blockTimestamp == null || isQuantity(blockTimestamp)) &&
    typeof transactionHash === 'string' &&
    typeof data === 'string' &&
    Array.isArray(topics) &&
    topics.every((topic) => typeof topic === 'string')
  );
}
