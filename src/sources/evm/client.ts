import type { RpcBlock } from 'viem';
import type { Clock } from '../../lib/clock.ts';
import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { Logger } from '../../lib/logger.ts';
import { RpcEndpoint, type RpcRequest, WrongChainError } from './endpoint.ts';
import { describeRpcError, isRefusal, isRevert, isTooLarge, RevertError } from './rpcError.ts';

export interface EvmClientOptions {
  /** In order of preference. */
  urls: readonly string[];
  /** Every URL must serve this chain; null takes any. */
  chainId: number | null;
  /** What an operator calls that setting; default OG_CHAIN_ID. */
  chainIdKey?: string;
  clock: Clock;
  /** 0 <= n < 1, for the jitter between rounds. */
  random: () => number;
  logger?: Logger;
  timeoutMs?: number;
  /** How many times all URLs are tried before giving up. */
  rounds?: number;
  /** Ends every question under way, and refuses new ones, however long a node would take. */
  signal?: AbortSignal;
}

export interface Call {
  to: Hex;
  data: Hex;
}

/** An endpoint that failed is asked last for this long. */
const AVOID_MS = 30_000;
const ROUND_PAUSE_MS = 250;

/** A request of another node may be a few blocks behind; a head older than the newest seen is refused. */
export class BehindError extends AssayError {
  /** The newest block of the node that is behind, and the newest one that was seen before. */
  readonly head: BlockRef;
  readonly newest: bigint;

  constructor(message: string, head: BlockRef, newest: bigint, detail = message) {
    super(message, { retryable: true, detail });
    this.head = head;
    this.newest = newest;
  }
}

/** At that block there is no contract at the address: an answer of the chain, unless another node knows better. */
export class NoContractError extends AssayError {
  readonly address: Hex;

  constructor(address: Hex, detail: string) {
    super(`there is no contract at ${address}`, { retryable: true, detail });
    this.address = address;
  }
}

/** A node answered, and the answer was that it will not: it may be too much, or nothing that it does. */
export class RefusedError extends AssayError {}

/** More than is read at one go: asking for less helps, asking again does not. */
export class TooLargeAnswerError extends AssayError {}

/**
 * Reads from one chain through several URLs. Every read says at which block, so that answers fit together; a node
 * that fails, lags or serves another chain is passed over. Throws AssayError (retryable, except for a wrong chain
 * on every URL), RevertError where the contract itself refused.
 */
export class EvmClient {
  readonly #options: EvmClientOptions;
  readonly #endpoints: RpcEndpoint[];
  #newest = 0n;
  /** What to call when the signal aborts: one for each question under way. */
  readonly #stops = new Set<() => void>();

  constructor(options: EvmClientOptions) {
    this.#options = options;
    const { chainId, chainIdKey = 'OG_CHAIN_ID', timeoutMs = 10_000 } = options;
    this.#endpoints = options.urls.map((url) => new RpcEndpoint(url, { chainId, chainIdKey }, timeoutMs));
    const stop = (): void => {
      for (const each of this.#stops) each();
    };
    options.signal?.addEventListener('abort', stop, { once: true });
  }

  /** The newest block. Never older than one already seen: a node that lags is passed over. */
  async head(): Promise<BlockRef> {
    const head = await this.ask(async (request, host) => {
      const block = toBlockRef(await request({ method: 'eth_getBlockByNumber', params: ['latest', false] }));
      if (block.number < this.#newest) throw behind(host, block, this.#newest);
      return block;
    });
    this.expectHead(head.number);
    return head;
  }

  /** Heads below this one, known from elsewhere (a cursor of an earlier run), are refused from now on. */
  expectHead(number: bigint): void {
    if (number > this.#newest) this.#newest = number;
  }

  /** After a chain was found to be another one: what was seen of the old one no longer counts. */
  forgetHead(): void {
    this.#newest = 0n;
  }

  /** The block of that number; null where the node has none. */
  async block(number: bigint): Promise<BlockRef | null> {
    return await this.ask((request) => blockAt(request, number));
  }

  /**
   * Raw answers of many calls at one block, in order; a reverted call is null. An answer without data means that
   * this node knows no contract there: then the next node is asked. NoContractError when none of them knows one.
   */
  async calls(calls: readonly Call[], block: BlockRef): Promise<(Hex | null)[]> {
    return await this.ask(async (request, host) => {
      const answers = calls.map(async (call): Promise<Hex | null> => {
        try {
          const data = await request({ method: 'eth_call', params: [call, quantity(block.number)] });
          if (typeof data !== 'string' || !data.startsWith('0x')) {
            throw new AssayError(`${host} answered a call without data`, { retryable: true });
          }
          if (data !== '0x') return data;
        } catch (error) {
          if (isRevert(error)) return null;
          throw error;
        }
        throw new NoContractError(call.to, `${host} knows no contract at ${call.to}`);
      });
      return await Promise.all(answers);
    });
  }

  async code(address: Hex): Promise<Hex> {
    return await this.ask(
      async (request) => (await request({ method: 'eth_getCode', params: [address, 'latest'] })) ?? '0x',
    );
  }

  /**
   * Whether the chain with this head has that block as it was (`same`) or another one there (a reset network, a
   * reorganisation). `unknown` where it has none: it is shorter, or the node has pruned it, and neither says which
   * chain it is. A node that lacks the block because it lags behind `head` is passed over.
   */
  async compare(block: BlockRef, head: BlockRef): Promise<'same' | 'other' | 'unknown'> {
    return await this.ask(async (request, host) => {
      const there = await blockAt(request, block.number);
      if (there !== null) return there.hash === block.hash ? 'same' : 'other';
      const latest = toBlockRef(await request({ method: 'eth_getBlockByNumber', params: ['latest', false] }));
      if (latest.number < head.number) throw behind(host, latest, head.number);
      return 'unknown';
    });
  }

  /** Whether any node that answers still has that block as it was. */
  async isKnown(block: BlockRef): Promise<boolean> {
    const asked = this.#endpoints.map(async (endpoint) => {
      const there = await this.#unlessStopped(async () => await blockAt(await endpoint.ready(), block.number));
      return there?.hash === block.hash;
    });
    const answers = await Promise.allSettled(asked);
    return answers.some((answer) => answer.status === 'fulfilled' && answer.value);
  }

  /** The first block at or after that time (chain clock), by bisection; the newest when all are earlier. */
  async blockAtTime(seconds: number): Promise<BlockRef> {
    const head = await this.head();
    let low = 0n;
    let high = head;
    while (low < high.number) {
      const middle = (low + high.number) / 2n;
      const block = await this.block(middle);
      // A pruned node does not have its first blocks: go on from those that it has.
      if (block === null || block.timestampSeconds < seconds) low = middle + 1n;
      else high = block;
    }
    return high;
  }

  /**
   * Runs `job` against one URL after the other until one succeeds; BehindError when none of them did because at least one
   * lags: it is the chain's newest word, whatever the others failed of. NoContractError, TooLargeAnswerError and RefusedError likewise.
   */
  async ask<T>(job: (request: RpcRequest, host: string) => Promise<T>, rounds = this.#options.rounds ?? 2): Promise<T> {
    const { clock, random, signal } = this.#options;
    const causes: string[] = [];
    let wrongChains = 0;
    let lagging: BehindError[] = [];
    let noContract: NoContractError | null = null;
    let tooLarge = false;
    let refused = false;
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await clock.sleep(ROUND_PAUSE_MS * 2 ** round * (0.5 + random()), signal);
      wrongChains = 0;
      lagging = [];
      noContract = null;
      tooLarge = false;
      refused = false;
      for (const endpoint of this.#inOrder()) {
        try {
          return await this.#unlessStopped(async () => await job(await endpoint.ready(), endpoint.host));
        } catch (error) {
          if (signal?.aborted) throw error;
          if (isRevert(error)) throw new RevertError(describeRpcError(error));
          if (error instanceof WrongChainError) wrongChains += 1;
          if (error instanceof BehindError) lagging.push(error);
          if (error instanceof NoContractError) noContract = error;
          if (isTooLarge(error)) tooLarge = true;
          if (isRefusal(error)) refused = true;
          endpoint.failed(clock.now() + AVOID_MS);
          const cause = error instanceof AssayError ? error.detail : `${endpoint.host}: ${describeRpcError(error)}`;
          if (!causes.includes(cause)) causes.push(cause);
        }
      }
      if (wrongChains === this.#endpoints.length) break;
    }
    const detail = causes.join('; ');
    this.#options.logger?.debug({ detail }, 'no RPC answered');
    if (wrongChains === this.#endpoints.length) throw new WrongChainError(detail);
    const best = lagging.reduce<BehindError | null>((a, b) => (a && a.head.number >= b.head.number ? a : b), null);
    if (best !== null) {
      const who = lagging.length === this.#endpoints.length ? 'every RPC' : 'every RPC that answers';
      const text = `${who} is behind: the newest block is ${best.head.number}, ${best.newest} was seen before`;
      throw new BehindError(text, best.head, best.newest, detail);
    }
    if (noContract !== null) throw new NoContractError(noContract.address, detail);
    if (tooLarge) throw new TooLargeAnswerError('the answer is larger than what is read', { retryable: true, detail });
    const Failure = refused ? RefusedError : AssayError;
    throw new Failure('no RPC of the network answered', { retryable: true, detail });
  }

  /** A node may take its time-out; whoever stops does not wait for that. */
  async #unlessStopped<T>(question: () => Promise<T>): Promise<T> {
    const error = new AssayError('asking the network was stopped', { retryable: true });
    if (this.#options.signal?.aborted) throw error;
    const stopped = Promise.withResolvers<never>();
    const stop = (): void => stopped.reject(error);
    this.#stops.add(stop);
    try {
      return await Promise.race([stopped.promise, question()]);
    } finally {
      this.#stops.delete(stop);
    }
  }

  #inOrder(): RpcEndpoint[] {
    const now = this.#options.clock.now();
    const good = this.#endpoints.filter((endpoint) => !endpoint.isAvoided(now));
    return [...good, ...this.#endpoints.filter((endpoint) => !good.includes(endpoint))];
  }
}

export const quantity = (number: bigint): Hex => `0x${number.toString(16)}`;

const behind = (host: string, head: BlockRef, newest: bigint): BehindError =>
  new BehindError(`${host} is behind: its newest block is ${head.number}, ${newest} was seen before`, head, newest);

async function blockAt(request: RpcRequest, number: bigint): Promise<BlockRef | null> {
  const block = await request({ method: 'eth_getBlockByNumber', params: [quantity(number), false] });
  if (block === null) return null;
  const found = toBlockRef(block);
  // Cosmos nodes answer block 0 with their newest one.
  return found.number === number ? found : null;
}

export function toBlockRef(block: Pick<RpcBlock, 'number' | 'hash' | 'timestamp'> | null): BlockRef {
  const timestampSeconds = Number.parseInt(block?.timestamp ?? '', 16);
  if (block?.number == null || block.hash == null || !Number.isFinite(timestampSeconds))
    throw new AssayError('the node answered without a block', { retryable: true });
  return { number: BigInt(block.number), hash: block.hash, timestampSeconds };
}
