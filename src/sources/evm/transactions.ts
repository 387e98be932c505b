import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { type EvmClient, quantity } from './client.ts';
import type { RpcRequest } from './endpoint.ts';
import { ofTransactions } from './transactionPortions.ts';

export interface TransactionInput {
  /** Lower case; null: it made a contract. */
  to: Hex | null;
  input: Hex;
}

/**
 * What these transactions asked for, by their hash. Left out is what a node with that block does not know: not every node
 * keeps an index of transactions; and one that is too large to be read. Rejects with AssayError when none can be asked.
 */
export async function transactionInputs(
  client: EvmClient,
  hashes: readonly Hex[],
  block: BlockRef,
): Promise<Map<Hex, TransactionInput>> {
  return await ofTransactions(client, hashes, (request, host, portion) => askFor(request, host, portion, block));
}

async function askFor(
  request: RpcRequest,
  host: string,
  hashes: readonly Hex[],
  block: BlockRef,
): Promise<(TransactionInput | null)[]> {
  const ask = (hash: Hex): Promise<unknown> => request({ method: 'eth_getTransactionByHash', params: [hash] });
  const answers = (await Promise.all(hashes.map(ask))).map(readTransaction);
  if (answers.includes(null)) {
    const there = await request({ method: 'eth_getBlockByNumber', params: [quantity(block.number), false] });
    if (there === null) throw new AssayError(`${host} has no block ${block.number}`, { retryable: true });
  }
  return answers;
}

function readTransaction(value: unknown): TransactionInput | null {
  if (typeof value !== 'object' || value === null) return null;
  const { to, input } = value as { to?: unknown; input?: unknown };
  if (typeof input !== 'string' || !input.startsWith('0x')) return null;
  return { to: typeof to === 'string' ? (to.toLowerCase() as Hex) : null, input: input as Hex };
}
