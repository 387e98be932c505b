import { AssayError } from '../../lib/errors.ts';
import type { Hex } from '../../lib/facts.ts';
import { type EvmClient, TooLargeAnswerError } from './client.ts';

/** Questions in one JSON-RPC batch. */
const PORTION = 100;

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const QUANTITY = /^0x[0-9a-f]{1,64}$/i;

/**
 * Who sent these transactions, in lower case, by hash as it was given. A transaction that the node does not know is left
 * out. Throws AssayError where no node answers.
 */
export async function sendersOf(client: EvmClient, txHashes: readonly Hex[]): Promise<Map<Hex, Hex>> {
  const senders = new Map<Hex, Hex>();
  const hashes = [...new Set(txHashes)];
  const left = Array.from({ length: Math.ceil(hashes.length / PORTION) }, (_, index) =>
    hashes.slice(index * PORTION, (index + 1) * PORTION),
  );
  for (let portion = left.shift(); portion !== undefined; portion = left.shift()) {
    const asked = portion;
    const found = await askSenders(client, asked).catch((error: unknown) => {
      if (!(error instanceof TooLargeAnswerError)) throw error;
      return null;
    });
    // A transaction comes with all that it was sent with, which may be a lot: then fewer at a time. One alone stays not known.
    if (found === null && asked.length > 1) {
      const half = Math.ceil(asked.length / 2);
      left.unshift(asked.slice(0, half), asked.slice(half));
    }
    for (const [index, sender] of found?.entries() ?? []) if (sender !== null) senders.set(asked[index] as Hex, sender);
  }
  return senders;
}

async function askSenders(client: EvmClient, hashes: readonly Hex[]): Promise<(Hex | null)[]> {
  return await client.ask((request, host) =>
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
