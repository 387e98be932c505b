import type { Hex } from '../lib/facts.ts';
import { USE_SOURCE } from '../lib/modelFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { readWorkflows } from '../sources/opengradient/scheduler.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { type LogFollower, READING_HISTORY } from './followLogs.ts';

/** Reading the scheduler is a question for each of its workflows, so uses are looked for less often than there are blocks. */
const POLLS_A_ROUND = 30;
/** While history is being read the end of that is looked for more often. */
const POLLS_WHILE_READING = 3;

interface Options {
  client: EvmClient;
  reset: ChainReset;
  logs: LogFollower<unknown>;
  addresses: readonly Hex[];
  /** null: none is configured. */
  scheduler: Hex | null;
  pollIntervalMs: number;
}

/**
 * Follows evidence that models are used on chain. Blocks are read after the scheduler was read at them, so that no workflow is
 * missed that it knows by then; one that has ended is still listened to.
 */
export class UseCollector implements Collector {
  readonly source = USE_SOURCE;
  readonly #options: Options;
  readonly #workflows: Map<Hex, string>;
  #isReading = false;

  /** `workflows`: model ids by contract, kept up by this collector for whoever reads the logs. */
  constructor(options: Options, workflows: Map<Hex, string>) {
    this.#options = options;
    this.#workflows = workflows;
  }

  get everyMs(): number {
    return this.#options.pollIntervalMs * (this.#isReading ? POLLS_WHILE_READING : POLLS_A_ROUND);
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { client, reset, logs, scheduler, addresses } = this.#options;
    const head = reset.believed;
    if (scheduler !== null && head !== null) {
      for (const { contract, modelId } of await readWorkflows(client, scheduler, head)) {
        if (modelId !== null) this.#workflows.set(contract, modelId);
      }
    }
    if (addresses.length === 0 && this.#workflows.size === 0) return { kind: 'fresh' };
    const outcome = await logs.follow(signal, head);
    this.#isReading = outcome.kind === 'stale' && outcome.shortError === READING_HISTORY;
    return outcome;
  }
}
