import { createClient, type EIP1193RequestFn, type HttpTransport, http, type PublicRpcSchema } from 'viem';
import { AssayError } from '../../lib/errors.ts';
import { hostOf } from './rpcError.ts';

export type RpcRequest = EIP1193RequestFn<PublicRpcSchema>;

/** One RPC URL: knows whether it serves the right chain, and when it last failed. */
export class RpcEndpoint {
  readonly host: string;
  readonly #request: RpcRequest;
  readonly #chainId: number | null;
  readonly #chainIdKey: string;
  #chainChecked = false;
  #avoidUntilMs = 0;

  /** `chainIdKey`: what an operator calls that setting. */
  constructor(url: string, { chainId, chainIdKey }: { chainId: number | null; chainIdKey: string }, timeoutMs: number) {
    this.host = hostOf(url);
    this.#chainId = chainId;
    this.#chainIdKey = chainIdKey;
    // Retrying and falling back is ours to decide; batching joins what is asked in the same tick.
    const options = { timeout: timeoutMs, retryCount: 0 };
    const batched = requestOf(http(url, { ...options, batch: { batchSize: 100, wait: 0 } }));
    const single = requestOf(http(url, options));
    // A batch is answered when its slowest question is: a log query would hold up the head.
    this.#request = ((args: { method: string }) =>
      (args.method === 'eth_getLogs' ? single : batched)(args as never)) as RpcRequest;
  }

  /** It failed: it is asked last until then, and has to say again which chain it serves. */
  failed(avoidUntilMs: number): void {
    this.#avoidUntilMs = avoidUntilMs;
    this.#chainChecked = false;
  }

  isAvoided(nowMs: number): boolean {
    return this.#avoidUntilMs > nowMs;
  }

  /** A request function that is known to speak to the configured chain. Throws AssayError naming both chain ids. */
  async ready(): Promise<RpcRequest> {
    if (this.#chainId !== null && !this.#chainChecked) {
      const found = Number.parseInt(await this.#request({ method: 'eth_chainId' }), 16);
      if (Number.isNaN(found)) throw new AssayError(`${this.host} does not say its chain id`, { retryable: true });
      if (found !== this.#chainId) {
        throw new WrongChainError(
          `${this.host} serves chain ${found}, but chain ${this.#chainId} is configured (${this.#chainIdKey})`,
        );
      }
      this.#chainChecked = true;
    }
    return this.#request;
  }
}

const requestOf = (transport: HttpTransport): RpcRequest => createClient({ transport }).request as RpcRequest;

/** A configuration error: waiting does not help. */
export class WrongChainError extends AssayError {}
