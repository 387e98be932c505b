import type { Clock } from '../lib/clock.ts';
import type { Hex } from '../lib/facts.ts';
import { PAYMENT_SOURCE } from '../lib/proofFacts.ts';
import { countPayments } from '../sources/base/payments.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import type { Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';

const EVERY_MS = 60_000;

/** After a longer pause (a day of Base) counting begins anew: what was paid meanwhile says nothing about now. */
const MAX_GAP_BLOCKS = 43_200n;

interface Options {
  /** Of the chain where is paid; not the network's. */
  client: EvmClient;
  store: Store;
  clock: Clock;
  chainId: number;
  token: Hex;
  payees: readonly Hex[];
}

/** Counts payments for inference from the first round on. */
export class PaymentCollector implements Collector {
  readonly source = PAYMENT_SOURCE;
  readonly everyMs = EVERY_MS;
  readonly #options: Options;
  readonly #key: string;

  constructor(options: Options) {
    this.#options = options;
    this.#key = `usage:base:${options.chainId}:${options.token.toLowerCase()}`;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { client, store, clock } = this.#options;
    const head = await client.head();
    const before = await this.#counted();
    let { total, block } = before ?? { total: 0, block: head.number };
    if (head.number < block || head.number - block > MAX_GAP_BLOCKS) block = head.number;
    if (head.number > block) {
      const { count, toBlock } = await countPayments(client, this.#options, block + 1n, head.number, signal);
      total += count;
      block = toBlock?.number ?? block;
    }
    await store.meta.set(this.#key, `${block}/${total}`);
    await store.proofs.saveUsage([{ source: 'base', atMs: clock.now(), total }], []);
    return { kind: 'fresh' };
  }

  async #counted(): Promise<{ block: bigint; total: number } | null> {
    const [block, total] = (await this.#options.store.meta.get(this.#key))?.split('/') ?? [];
    return block === undefined || total === undefined ? null : { block: BigInt(block), total: Number(total) };
  }
}
