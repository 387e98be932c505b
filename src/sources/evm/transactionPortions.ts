import type { Hex } from '../../lib/facts.ts';
import { type EvmClient, TooLargeAnswerError } from './client.ts';
import type { RpcRequest } from './endpoint.ts';

/** Questions in one JSON-RPC batch. */
const PORTION = 100;

/**
 * Something of each transaction, by its hash as it was given, each asked for once. `ask` answers in order, null for one that is not
 * known, which is left out. A transaction comes with all that it was sent with, and anyone may send a lot: where answers are
 * together more than is read, fewer are asked for at a time; one that is too large by itself is left out. Throws AssayError
 * where no node answers.
 */
export async function ofTransactions<Found>(
  client: EvmClient,
  hashes: readonly Hex[],
  ask: (request: RpcRequest, host: string, portion: readonly Hex[]) => Promise<(Found | null)[]>,
): Promise<Map<Hex, Found>> {
  const result = new Map<Hex, Found>();
  const unique = [...new Set(hashes)];
  const left = Array.from({ length: Math.ceil(unique.length / PORTION) }, (_, index) =>
    unique.slice(index * PORTION, (index + 1) * PORTION),
  );
  for (let portion = left.shift(); portion !== undefined; portion = left.shift()) {
    const asked = portion;
    const found = await client
      .ask((request, host) => ask(request, host, asked))
      .catch((error: unknown) => {
        if (!(error instanceof TooLargeAnswerError)) throw error;
        return null;
      });
    if (found === null && asked.length > 1) {
      const half = Math.ceil(asked.length / 2);
      left.unshift(asked.slice(0, half), asked.slice(half));
    }
    for (const [index, one] of found?.entries() ?? []) if (one !== null) result.set(asked[index] as Hex, one);
  }
  return result;
}
