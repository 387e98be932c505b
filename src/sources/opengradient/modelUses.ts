import type { BlockRef, Hex } from '../../lib/facts.ts';
import { isBlobId, type ModelUse, type UseKind } from '../../lib/modelFacts.ts';
import { asciiAt, wordAt } from '../evm/abiWords.ts';
import { blockTimes, timeOf } from '../evm/blockTimes.ts';
import type { EvmClient } from '../evm/client.ts';
import { logPages } from '../evm/logPages.ts';
import type { RawLog } from '../evm/rawLog.ts';
import { type TransactionInput, transactionInputs } from '../evm/transactions.ts';

/** topic0 of the events that show a use, and the selector of `run`; derived from their signatures in the tests. */
export const USE_TOPICS: Record<UseKind, Hex> = {
  inference: '0x1b283af3452f3718585ce100f80d9aa81fc60924db4a582a36db6aae3b109d87',
  result: '0xc1396ff68bc2d8630100df29ce5561fa99078c602e8676ab72a53e37095d7168',
  workflow: '0x5a1ed425a160d1bc929890b991acc0e3d25a6f5db1ac65c07ee4c917708f76d4',
};
export const RUN_SELECTOR = '0xcbf09d80';

/** Of a content id; longer text is none. */
const MAX_ID_BYTES = 64;

export interface UseSources {
  /** The inference precompile and InferenceHub contracts. */
  addresses: readonly Hex[];
  /** Model id by workflow contract, lower case. */
  workflows: ReadonlyMap<Hex, string>;
}

/**
 * Evidence of use from block to block, page by page: model ids that are content ids, in events of these contracts only (anyone
 * may emit an event of the same form). One transaction shows a model used once for each inference; its other events are echoes.
 * Ends early when the signal aborts; without any contract there is nothing to read, and no page.
 */
export async function* modelUses(
  client: EvmClient,
  { addresses, workflows }: UseSources,
  from: bigint,
  to: bigint,
  signal?: AbortSignal,
): AsyncGenerator<{ uses: ModelUse[]; toBlock: BlockRef }> {
  const hubs = new Set(addresses.map((address) => address.toLowerCase() as Hex));
  const filter = { address: [...new Set([...hubs, ...workflows.keys()])], topics: [Object.values(USE_TOPICS)] };
  // A node takes an empty list of addresses for all of them.
  if (filter.address.length === 0) return;
  for await (const { logs, toBlock } of logPages(client, filter, from, to, signal ? { signal } : {})) {
    const isResult = (log: RawLog): boolean => log.topics[0] === USE_TOPICS.result && hubs.has(emitterOf(log));
    const hashes = [...new Set(logs.filter(isResult).map(({ transactionHash }) => transactionHash))];
    const transactions = await transactionInputs(client, hashes, toBlock);
    const found: { log: RawLog; kind: UseKind; blobId: string }[] = [];
    for (const log of logs) {
      const emitter = emitterOf(log);
      const use = hubs.has(emitter) ? (inferenceOf(log) ?? resultOf(log, transactions.get(log.transactionHash))) : null;
      const evidence = use ?? workflowOf(log, workflows.get(emitter));
      if (evidence !== null && isBlobId(evidence.blobId)) found.push({ log, ...evidence });
    }
    const kept = withoutEchoes(found);
    const times = await blockTimes(
      client,
      kept.map(({ log }) => log),
      toBlock,
    );
    yield { uses: kept.map(({ log, kind, blobId }) => useOf(log, kind, blobId, times)), toBlock };
  }
}

type Evidence = { kind: UseKind; blobId: string } | null;

/** `ModelInferenceEvent(string, request, response)`: the id is the second field of the request. null: malformed, or another event. */
export function inferenceOf({ topics, data }: Pick<RawLog, 'topics' | 'data'>): Evidence {
  if (topics[0] !== USE_TOPICS.inference) return null;
  const request = wordAt(data, 32);
  const id = request === null ? null : wordAt(data, request + 32);
  const blobId = request === null || id === null ? null : asciiAt(data, request + id, MAX_ID_BYTES);
  return blobId === null ? null : { kind: 'inference', blobId };
}

/**
 * `InferenceResult` does not name the model: the transaction does, when it called `run(string,…)` of the very contract that
 * emitted the event. What another contract was asked says nothing about what that one asked in turn.
 */
function resultOf(log: RawLog, transaction: TransactionInput | undefined): Evidence {
  if (log.topics[0] !== USE_TOPICS.result || transaction?.to !== emitterOf(log)) return null;
  const blobId = runModelOf(transaction.input);
  return blobId === null ? null : { kind: 'result', blobId };
}

/** The model id in the input of `run(string modelId, …)`; null for any other call. */
export function runModelOf(input: Hex): string | null {
  if (!input.toLowerCase().startsWith(RUN_SELECTOR)) return null;
  const args: Hex = `0x${input.slice(RUN_SELECTOR.length)}`;
  const at = wordAt(args, 0);
  return at === null ? null : asciiAt(args, at, MAX_ID_BYTES);
}

const workflowOf = ({ topics }: RawLog, modelId: string | undefined): Evidence =>
  topics[0] === USE_TOPICS.workflow && modelId !== undefined ? { kind: 'workflow', blobId: modelId } : null;

const STRENGTH: Record<UseKind, number> = { inference: 2, result: 1, workflow: 0 };

/** Of what one transaction shows for one model only the strongest kind: a workflow runs the hub, the hub the precompile. */
function withoutEchoes<T extends { log: RawLog; kind: UseKind; blobId: string }>(found: readonly T[]): T[] {
  const keyOf = ({ log, blobId }: T): string => `${log.transactionHash}/${blobId}`;
  const strongest = new Map<string, number>();
  for (const use of found) {
    strongest.set(keyOf(use), Math.max(strongest.get(keyOf(use)) ?? 0, STRENGTH[use.kind]));
  }
  return found.filter((use) => STRENGTH[use.kind] === strongest.get(keyOf(use)));
}

const emitterOf = ({ address }: RawLog): Hex => address.toLowerCase() as Hex;

const useOf = (log: RawLog, kind: UseKind, blobId: string, times: ReadonlyMap<Hex, number>): ModelUse => ({
  blobId,
  kind,
  blockNumber: BigInt(log.blockNumber),
  logIndex: Number.parseInt(log.logIndex, 16),
  // Every log that has no time of its own was looked up.
  blockTimestampSeconds: timeOf(log, times) as number,
  txHash: log.transactionHash,
});
