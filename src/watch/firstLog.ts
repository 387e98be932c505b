import type { Clock } from '../lib/clock.ts';
import type { Hex } from '../lib/facts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { logPages } from '../sources/evm/logPages.ts';

/** Whoever asks waits so long at most; the search goes on beside. */
const WAIT_MS = 5_000;

/** Looks for the first block in which one of these contracts emitted anything, beside everything else. */
export class FirstLog {
  readonly addresses: readonly Hex[];
  readonly #client: EvmClient;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #next: bigint;
  #found: bigint | null = null;
  #running: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(
    addresses: readonly Hex[],
    fromBlock: bigint,
    { client, clock, signal }: { client: EvmClient; clock: Clock; signal: AbortSignal },
  ) {
    this.addresses = addresses;
    this.#next = fromBlock;
    this.#client = client;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** The first block with a log up to that one; null: there is none; `searching`: ask again later. Throws what broke it off, once. */
  async upTo(block: bigint): Promise<bigint | null | 'searching'> {
    if (this.#found === null && this.#next <= block) {
      this.#running ??= this.#search(block).finally(() => {
        this.#running = null;
      });
      const waiting = new AbortController();
      await Promise.race([this.#running, this.#clock.sleep(WAIT_MS, waiting.signal)]);
      waiting.abort();
    }
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    if (this.#found !== null) return this.#found;
    return this.#next > block ? null : 'searching';
  }

  /** Resolves when nothing is searched beside. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #search(block: bigint): Promise<void> {
    try {
      const filter = { address: [...this.addresses] };
      for await (const page of logPages(this.#client, filter, this.#next, block, { signal: this.#signal })) {
        const first = page.logs.map(({ blockNumber }) => BigInt(blockNumber)).reduce(earlier, null);
        if (first !== null) {
          this.#found = first;
          return;
        }
        this.#next = page.toBlock.number + 1n;
      }
    } catch (error) {
      this.#failure = error;
    }
  }
}

const earlier = (a: bigint | null, b: bigint): bigint => (a !== null && a < b ? a : b);
