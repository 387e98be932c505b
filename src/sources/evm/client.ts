import type { RpcBlock } from 'viem';
import type { Clock } from '../../lib/clock.ts';
import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { Logger } from '../../lib/logger.ts';
import { RpcEndpoint, type RpcRequest, WrongChainError } from './endpoint.ts';
import { describeRpcError, isRevert, RevertError } from './rpcError.ts';

export interface EvmClientOptions {
  /** In order of preference. */
  urls: readonly string[];
  /** Every URL must serve this chain; null takes any. */
  chainId: number | null;
  clock: Clock;
  /** 0 <= n < 1, for the jitter between rounds. */
  random: () => number;
  logger?: Logger;
  timeoutMs?: number;
  /** How many times all URLs are tried before giving up. */
  rounds?: number;
}

export interface Call {
  to: Hex;
  data: Hex;
}

/** An endpoint that failed is asked last for this long. */
const AVOID_MS = 30_000;
const ROUND_PAUSE_MS = 250;

/** A request of another node may be a few blocks behind; a head older than the newest seen is refused. */
export class BehindError extends AssayError {}

/**
 * Reads from one chain through several URLs. Every read says at which block, so that answers fit together; a node
 * that fails, lags or serves another chain is passed over. Throws AssayError (retryable, except for a wrong chain
 * on every URL), RevertError where the contract itself refused.
 */
export class EvmClient {
  readonly #options: EvmClientOptions;
  readonly #endpoints: RpcEndpoint[];
  #newest = 0n;

  constructor(options: EvmClientOptions) {
    this.#options = options;
    this.#endpoints = options.urls.map((url) => new RpcEndpoint(url, options.chainId, options.timeoutMs ?? 10_000));
  }

  /** The newest block. Never older than one already seen: a node that lags is passed over. */
  async head(): Promise<BlockRef> {
    const head = await this.ask(async (request, host) => {
      const block = toBlockRef(await request({ method: 'eth_getBlockByNumber', params: ['latest', false] }));
      if (block.number < this.#newest) {
        throw new BehindError(
          `${host} is behind: its newest block is ${block.number}, ${this.#newest} was seen before`,
          {
            retryable: true,
          },
        );
      }
      return block;
    });
    this.#newest = head.number;
    return head;
  }

  /** After a chain was found to be another one: what was seen of the old one no longer counts. */
  forgetHead(): void {
    this.#newest = 0n;
  }

  /** The block of that number; null where the node has none. */
  async block(number: bigint): Promise<BlockRef | null> {
    return await this.ask(async (request) => {
      const block = await request({ method: 'eth_getBlockByNumber', params: [quantity(number), false] });
      return block === null ? null : toBlockRef(block);
    });
  }

  /**
   * Raw answers of many calls at one block, in order; a reverted call is null. An answer without data means that
   * this node knows no contract there: then the next node is asked.
   */
  async calls(calls: readonly Call[], block: BlockRef): Promise<(Hex | null)[]> {
    return await this.ask(async (request, host) => {
      const answers = calls.map(async (call): Promise<Hex | null> => {
        try {
          const data = await request({ method: 'eth_call', params: [call, quantity(block.number)] });
          if (data !== '0x') return data;
        } catch (error) {
          if (isRevert(error)) return null;
          throw error;
        }
        throw new AssayError(`${host} knows no contract at ${call.to}`, { retryable: true });
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
   * Whether the chain still is the one the cursor was taken from: `rewound` when it is shorter than the cursor or
   * has another block there (a reset network, a deep reorganisation).
   */
  async checkCursor(cursor: BlockRef): Promise<'ok' | 'rewound'> {
    const there = await this.block(cursor.number);
    if (there !== null) return there.hash === cursor.hash ? 'ok' : 'rewound';
    const latest = await this.ask(async (request) =>
      toBlockRef(await request({ method: 'eth_getBlockByNumber', params: ['latest', false] })),
    );
    return latest.number < cursor.number ? 'rewound' : 'ok';
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

  /** Runs `job` against one URL after the other until one succeeds. */
  async ask<T>(job: (request: RpcRequest, host: string) => Promise<T>): Promise<T> {
    const { clock, random, rounds = 2 } = this.#options;
    const causes: string[] = [];
    let wrongChains = 0;
    let behind: BehindError | null = null;
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await clock.sleep(ROUND_PAUSE_MS * 2 ** round * (0.5 + random()));
      wrongChains = 0;
      for (const endpoint of this.#inOrder()) {
        try {
          return await job(await endpoint.ready(), endpoint.host);
        } catch (error) {
          if (isRevert(error)) throw new RevertError(describeRpcError(error));
          if (error instanceof WrongChainError) wrongChains += 1;
          if (error instanceof BehindError) behind = error;
          endpoint.avoidUntilMs = clock.now() + AVOID_MS;
          const cause = error instanceof AssayError ? error.message : `${endpoint.host}: ${describeRpcError(error)}`;
          if (!causes.includes(cause)) causes.push(cause);
        }
      }
      if (wrongChains === this.#endpoints.length) break;
    }
    const detail = causes.join('; ');
    this.#options.logger?.debug({ detail }, 'no RPC answered');
    if (wrongChains === this.#endpoints.length) throw new WrongChainError(detail);
    if (behind !== null)
      throw new BehindError('every RPC is behind what was already seen', { retryable: true, detail });
    throw new AssayError('no RPC of the network answered', { retryable: true, detail });
  }

  #inOrder(): RpcEndpoint[] {
    const now = this.#options.clock.now();
    const good = this.#endpoints.filter(({ avoidUntilMs }) => avoidUntilMs <= now);
    return [...good, ...this.#endpoints.filter((endpoint) => !good.includes(endpoint))];
  }
}

export const quantity = (number: bigint): Hex => `0x${number.toString(16)}`;

function toBlockRef(block: Pick<RpcBlock, 'number' | 'hash' | 'timestamp'> | null): BlockRef {
  if (block?.number == null || block.hash == null)
    throw new AssayError('the node answered without a block', { retryable: true });
  return { number: BigInt(block.number), hash: block.hash, timestampSeconds: Number.parseInt(block.timestamp, 16) };
}
