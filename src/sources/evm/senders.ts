import { AssayError } from '../../lib/errors.ts';
import type { Hex } from '../../lib/facts.ts';
import type { EvmClient } from './client.ts';
import { ofTransactions } from './transactionPortions.ts';

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const QUANTITY = /^0x[0-9a-f]{1,64}$/i;

/**
 * Who sent these transactions, in lower case, by hash as it was given. A transaction that the node does not know is left
 * out. Throws AssayError where no node answers.
 */
export async function sendersOf(client: EvmClient, txHashes: readonly Hex[]): Promise<Map<Hex, Hex>> {
  return await ofTransactions(client, txHashes, (request, host, hashes) =>
    Promise.all(
      hashes.map(async (hash): Promise<Hex | null> => {
        const sent: unknown = await request({ method: 'eth_getTransactionByHash', params: [hash] });
        if (sent === null) return null;
        const { from } = (sent ?? {}) as { from?: unknown };
        if (typeof from === 'string' && ADDRESS.test(from)) return from.toLowerCase() as Hex;
        throw new AssayError(`${host} answered a transaction without its sender`, { retryable: true });
      }),
    ),
  );
}

/** How a transaction ended; null while it is in no block, as far as the node knows. Throws AssayError where no node answers. */
export async function receiptOf(
  client: EvmClient,
  txHash: Hex,
): Promise<{ status: 'success' | 'reverted'; blockNumber: bigint } | null> {
  return await client.ask(async (request, host) => {
    const receipt: unknown = await request({ method: 'eth_getTransactionReceipt', params: [txHash] });
    if (receipt === null) return null;
    const { status, blockNumber } = (receipt ?? {}) as { status?: unknown; blockNumber?: unknown };
    const isKnown = status === '0x1' || status === '0x0';
    if (!isKnown || typeof blockNumber !== 'string' || !QUANTITY.test(blockNumber)) {
      throw new AssayError(`${host} answered a receipt without its outcome`, { retryable: true });
    }
    return { status: status === '0x1' ? 'success' : 'reverted', blockNumber: BigInt(blockNumber) };
  });
}
