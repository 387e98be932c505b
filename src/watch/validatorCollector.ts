import type { Clock } from '../lib/clock.ts';
import type { Hex } from '../lib/facts.ts';
import { VALIDATOR_SOURCE } from '../lib/governanceFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { NoPrecompileError, type Precompile } from '../sources/opengradient/precompile.ts';
import { readSigning, type Signing, withSigning } from '../sources/opengradient/slashingPrecompile.ts';
import { readValidators } from '../sources/opengradient/stakingPrecompile.ts';
import type { Store } from '../store/store.ts';
import { BelievedHead } from './believedHead.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome, Collector } from './collector.ts';

interface Options {
  client: EvmClient;
  reset: ChainReset;
  store: Store;
  clock: Clock;
  staking: Hex;
  /** null: not configured; then nothing is known of missed blocks. */
  slashing: Hex | null;
  intervalMs: number;
}

/** Reads every validator and its signing record at one block. A jailing makes no log, so the lists are compared by the store. */
export class ValidatorCollector implements Collector {
  readonly source = VALIDATOR_SOURCE;
  readonly everyMs: number;
  readonly #options: Options;
  readonly #head: BelievedHead;
  #note: string | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = options.intervalMs;
    this.#head = new BelievedHead(options.reset, options.clock);
  }

  async collect(): Promise<CollectOutcome> {
    const { client, store, clock, staking } = this.#options;
    const block = this.#head.due();
    if (block === null) return this.#head.outcome(this.#note);
    const [validators, signing] = await Promise.all([
      readValidators({ name: 'staking', address: staking, client, block }),
      this.#signing({ client, block }),
    ]);
    await store.governance.saveValidators({
      source: this.source,
      readings: withSigning(validators, signing),
      clockSeconds: block.timestampSeconds,
      nowMs: clock.now(),
    });
    this.#head.wasRead(block);
    return this.#head.outcome(this.#note);
  }

  /** A chain without that precompile still has validators. */
  async #signing(at: Pick<Precompile, 'client' | 'block'>): Promise<Signing | null> {
    const { slashing } = this.#options;
    if (slashing === null) return null;
    this.#note = null;
    try {
      return await readSigning({ ...at, name: 'slashing', address: slashing });
    } catch (error) {
      if (!(error instanceof NoPrecompileError)) throw error;
      this.#note = error.message;
      return null;
    }
  }
}
