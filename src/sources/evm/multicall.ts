import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import { type CallResult, decodeAggregate3, encodeAggregate3 } from './aggregate3.ts';
import { type Call, type EvmClient, NoContractError, quantity, RefusedError, TooLargeAnswerError } from './client.ts';
import type { RpcRequest } from './endpoint.ts';
import { isRevert, RevertError } from './rpcError.ts';

/** The same on almost every chain: github.com/mds1/multicall3. */
export const MULTICALL3: Hex = '0xca11bde05977b3631167028862be2a173976ca11';

/** Calls in one question: 300 of the dearest (a lock's power) stay below the 50 million gas that nodes grant a call. */
const CALLS_TOGETHER = 300;
/** Questions under way at once. */
const AT_ONCE = 4;

/**
 * Answers of any number of calls at one block, in order; null where the contract refuses, or where there is none. All in few
 * questions where the chain has Multicall3, else one by one.
 */
export class CallReader {
  readonly #client: EvmClient;
  readonly #anchor: Hex;
  #hasMulticall: boolean | null = null;

  /** `anchor`: a contract that is there. A node that does not know it knows nothing of that block: the next one is asked. */
  constructor(client: EvmClient, anchor: Hex) {
    this.#client = client;
    this.#anchor = anchor;
  }

  /** Throws as `EvmClient.ask`; NoContractError when no node knows the anchor. */
  async read(calls: readonly Call[], block: BlockRef, signal?: AbortSignal): Promise<(Hex | null)[]> {
    this.#hasMulticall ??= (await this.#client.code(MULTICALL3)) !== '0x';
    const answers: (Hex | null)[] = new Array(calls.length).fill(null);
    const portions = Math.ceil(calls.length / CALLS_TOGETHER);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < portions) {
        signal?.throwIfAborted();
        const from = CALLS_TOGETHER * next++;
        const found = await this.#portion(calls.slice(from, from + CALLS_TOGETHER), block);
        for (const [index, answer] of found.entries()) answers[from + index] = answer;
      }
    };
    const runs = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, portions) }, work));
    const failed = runs.find((run) => run.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return answers;
  }

  async #portion(calls: readonly Call[], block: BlockRef): Promise<(Hex | null)[]> {
    if (calls.length < 2 || !this.#hasMulticall) return await this.#oneByOne(calls, block);
    let results: CallResult[] | null;
    try {
      results = await this.#together(calls, block);
    } catch (error) {
      const isTooMuch = error instanceof RevertError || error instanceof RefusedError;
      if (!isTooMuch && !(error instanceof TooLargeAnswerError)) {
        // Whether it is there was asked of the newest block; at this one it may not be yet.
        if (error instanceof NoContractError) return await this.#oneByOne(calls, block);
        throw error;
      }
      results = null;
    }
    if (results === null) {
      const half = Math.ceil(calls.length / 2);
      return [
        ...(await this.#portion(calls.slice(0, half), block)),
        ...(await this.#portion(calls.slice(half), block)),
      ];
    }
    const answers = results.map(({ success, returnData }) => (success && returnData !== '0x' ? returnData : null));
    // One that failed without a word may have run out of the gas of all of them.
    const silent = results.flatMap(({ success, returnData }, index) =>
      !success && returnData === '0x' ? [index] : [],
    );
    const again = await this.#oneByOne(
      silent.map((index) => calls[index] as Call),
      block,
    );
    for (const [at, index] of silent.entries()) answers[index] = again[at] ?? null;
    return answers;
  }

  async #together(calls: readonly Call[], block: BlockRef): Promise<CallResult[] | null> {
    const [answer] = await this.#client.calls([{ to: MULTICALL3, data: encodeAggregate3(calls) }], block);
    return answer == null ? null : decodeAggregate3(answer, calls.length);
  }

  async #oneByOne(calls: readonly Call[], block: BlockRef): Promise<(Hex | null)[]> {
    if (calls.length === 0) return [];
    const at = quantity(block.number);
    return await this.#client.ask(async (request, host) => {
      const answers = await Promise.all(calls.map((call) => askOne(request, call, at, host)));
      // No data is the answer of a contract that is not there, and of a node that does not know it.
      if (answers.includes('0x') && (await request({ method: 'eth_getCode', params: [this.#anchor, at] })) === '0x') {
        throw new NoContractError(this.#anchor, `${host} knows no contract at ${this.#anchor}`);
      }
      return answers.map((answer) => (answer === '0x' ? null : answer));
    });
  }
}

async function askOne(request: RpcRequest, call: Call, at: Hex, host: string): Promise<Hex | null> {
  try {
    const data: unknown = await request({ method: 'eth_call', params: [call, at] });
    if (typeof data === 'string' && data.startsWith('0x')) return data as Hex;
    throw new AssayError(`${host} answered a call without data`, { retryable: true });
  } catch (error) {
    if (isRevert(error)) return null;
    throw error;
  }
}
