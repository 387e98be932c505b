import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { SettlementEvent } from '../../lib/proofFacts.ts';
import type { EvmClient } from '../evm/client.ts';
import { isRawLog, type RawLog } from '../evm/rawLog.ts';
import { decodeSettlementLog } from './settlementLogs.ts';

/** A transaction with the settlements in it, oldest first. */
export interface SettlingTransaction {
  status: 'success' | 'reverted';
  /** Lower case; null: the node does not say. */
  sender: Hex | null;
  block: BlockRef;
  events: SettlementEvent[];
}

/** What one transaction settled; null while it is in no block, as far as the node knows. Rejects with AssayError. */
export async function settlementsOf(client: EvmClient, txHash: Hex): Promise<SettlingTransaction | null> {
  const receipt = await client.ask(async (request, host) => {
    const found: unknown = await request({ method: 'eth_getTransactionReceipt', params: [txHash] });
    return found === null ? null : readReceipt(found, host);
  });
  if (receipt === null) return null;
  const block = await client.block(receipt.blockNumber);
  if (block === null)
    throw new AssayError(`no block ${receipt.blockNumber} for a transaction in it`, { retryable: true });
  const times = new Map(receipt.logs.map(({ blockNumber }) => [blockNumber, block.timestampSeconds]));
  const events = receipt.logs.flatMap((log) => decodeSettlementLog(log, times) ?? []);
  return { status: receipt.status, sender: receipt.sender, block, events };
}

interface Receipt {
  status: 'success' | 'reverted';
  sender: Hex | null;
  blockNumber: bigint;
  logs: RawLog[];
}

function readReceipt(value: unknown, host: string): Receipt {
  const { status, blockNumber, from, logs } = (value ?? {}) as Record<string, unknown>;
  const isWhole =
    (status === '0x1' || status === '0x0') &&
    typeof blockNumber === 'string' &&
    /^0x[0-9a-f]{1,16}$/i.test(blockNumber) &&
    Array.isArray(logs) &&
    logs.every(isRawLog);
  if (!isWhole) throw new AssayError(`${host} answered a receipt that is none`, { retryable: true });
  return {
    status: status === '0x1' ? 'success' : 'reverted',
    sender: typeof from === 'string' && /^0x[0-9a-f]{40}$/i.test(from) ? (from.toLowerCase() as Hex) : null,
    blockNumber: BigInt(blockNumber),
    logs,
  };
}
