import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { ProofThresholds } from '../insight/proofLabels.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Hex } from '../lib/facts.ts';
import type { GovernanceRow } from '../lib/governanceRow.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store } from '../store/store.ts';
import { watchChain } from './chainCollectors.ts';
import { type Collector, runCollector } from './collector.ts';
import { governanceCollectors } from './governanceCollectors.ts';
import { otherCollectors } from './otherCollectors.ts';
import { setCollector } from './setCollector.ts';
import { SourceTracker } from './sourceStatus.ts';

const PURGE_EVERY_MS = 3_600_000;

/** Rules that count seconds must be looked at even when nothing new arrives. */
const EVALUATE_AT_LEAST_EVERY_MS = 5_000;

/** One network to watch, and how closely. */
export interface NetworkOptions {
  rpcUrls: string[];
  chainId: number;
  teeRegistry: Hex;
  pollIntervalMs: number;
  fullReadIntervalMs: number;
  probeIntervalMs: number;
  probeConcurrency: number;
  backfillDays: number;
  confirmations: number;
  /** Known emitters of settlements; others are shown as new. */
  settlementRelays: Hex[];
  /** Who may settle; empty: anyone. */
  settlementSenders: Hex[];
  /** null: not configured, as with whatever follows. */
  hubUrl: string | null;
  hubIntervalMs: number;
  aggregatorUrls: string[];
  storageIntervalMs: number;
  facilitatorUrl: string | null;
  inferenceAddresses: Hex[];
  scheduler: Hex | null;
  payments: { rpcUrls: string[]; chainId: number; token: Hex; payees: Hex[] } | null;
  /** Precompiles of the Cosmos modules. */
  precompiles: { gov: Hex | null; staking: Hex | null; slashing: Hex | null };
  governanceIntervalMs: number;
}

export interface WatchOptions {
  store: Store;
  clock: Clock;
  random: () => number;
  logger: Logger;
  opengradient: NetworkOptions;
  /** What else governance is read from, Bedrock among it. */
  governance: readonly GovernanceRow[];
  thresholds: NodeThresholds;
  proofThresholds: ProofThresholds;
  allowPrivateEndpoints: boolean;
  /** Judge what changed; called after every round of every collector. */
  evaluate: () => Promise<unknown>;
  /** For the operator: something that should not pass unseen. */
  notice: (text: string) => void;
}

export interface Watch {
  /** Resolves after the first round of the registry: with its error, or null. */
  firstRound: Promise<unknown>;
  /** Stops every collector and waits for the rounds under way. */
  stop(): Promise<void>;
}

/** Starts every collector: from here on the store's facts are kept current. */
export async function startWatch(options: WatchOptions): Promise<Watch> {
  const { store, clock, logger } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const chain = watchChain(options, signal);
  const governance = governanceCollectors(options.governance, { ...options, signal });
  const sets = setCollector({
    ...{ store, clock, governance: options.governance },
    govPrecompile: options.opengradient.precompiles.gov,
  });

  let firstRoundDone: (error: unknown) => void = () => undefined;
  const firstRound = new Promise<unknown>((resolve) => {
    firstRoundDone = resolve;
  });
  const run = async (collector: Collector, afterRound: (error: unknown) => Promise<void>): Promise<void> => {
    const tracker = new SourceTracker(collector.source, store, clock);
    await tracker.load();
    await runCollector(collector, tracker, { clock, logger, afterRound }, signal);
  };
  const evaluate = async (): Promise<void> => {
    await options.evaluate();
  };
  const loops = [
    run(chain.registry, async (error) => {
      firstRoundDone(error);
      await evaluate();
    }),
    // Whatever else is asked is judged by what the registry says, and read up to its head.
    ...[...chain.others, ...otherCollectors(options, signal)].map((collector) =>
      firstRound.then(() => run(collector, evaluate)),
    ),
    // Of other chains, hubs and explorers, or of the store: nothing of this network's is needed for them.
    ...[...governance.collectors, sets].map((collector) => run(collector, evaluate)),
    every(EVALUATE_AT_LEAST_EVERY_MS, evaluate),
    // At once, but after what people wait for: a bot that is restarted every hour must not grow for ever.
    firstRound.then(() => every(PURGE_EVERY_MS, () => store.history.purge(clock.now()), { atOnce: true })),
  ];

  async function every(ms: number, job: () => Promise<void>, { atOnce = false } = {}): Promise<void> {
    for (let first = true; !signal.aborted; first = false) {
      if (!first || !atOnce) await clock.sleep(ms, signal);
      if (signal.aborted) return;
      await job().catch((error: unknown) => logger.error({ cause: explain(error) }, 'a scheduled job failed'));
    }
  }

  return {
    firstRound,
    async stop() {
      controller.abort();
      firstRoundDone(null);
      // Rounds that wait for it end with that.
      await chain.checker.close();
      await Promise.allSettled(loops);
      await Promise.all([chain.settled(), governance.settled()]);
    },
  };
}
