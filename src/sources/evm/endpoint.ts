import { createClient, type EIP1193RequestFn, http, type PublicRpcSchema } from 'viem';
import { AssayError } from '../../lib/errors.ts';
import { hostOf } from './rpcError.ts';

export type RpcRequest = EIP1193RequestFn<PublicRpcSchema>;

/** One RPC URL: knows whether it serves the right chain, and when it last failed. */
export class RpcEndpoint {
  readonly host: string;
  readonly #request: RpcRequest;
  readonly #chainId: number | null;
  #chainChecked: boolean;
  /** Set when it failed; it is asked last until then. */
  avoidUntilMs = 0;

  constructor(url: string, chainId: number | null, timeoutMs: number) {
    this.host = hostOf(url);
    this.#chainId = chainId;
    this.#chainChecked = chainId === null;
    // Retrying and falling back is ours to decide; batching joins what is asked in the same tick.
    const transport = http(url, { batch: { batchSize: 100, wait: 0 }, timeout: timeoutMs, retryCount: 0 });
    this.#request = createClient({ transport }).request as RpcRequest;
  }

  /** A request function that is known to speak to the configured chain. Throws AssayError naming both chain ids. */
  async ready(): Promise<RpcRequest> {
    if (!this.#chainChecked) {
      const found = Number.parseInt(await this.#request({ method: 'eth_chainId' }), 16);
      if (found !== this.#chainId) {
        throw new WrongChainError(
          `${this.host} serves chain ${found}, but chain ${this.#chainId} is configured (OG_CHAIN_ID)`,
        );
      }
      this.#chainChecked = true;
    }
    return this.#request;
  }
}

/** A configuration error: waiting does not help. */
export class WrongChainError extends AssayError {}
