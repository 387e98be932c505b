import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Hex } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { EvmClient } from '../sources/evm/client.ts';
import type { Store } from '../store/store.ts';
import { ChainReset } from './chainReset.ts';
import { type Collector, runCollector } from './collector.ts';
import { GatewayCollector } from './gatewayCollector.ts';
import { RegistryCollector } from './registryCollector.ts';
import { RegistryHistory } from './registryHistory.ts';
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
}

export interface WatchOptions {
  store: Store;
  clock: Clock;
  random: () => number;
  logger: Logger;
  opengradient: NetworkOptions;
  thresholds: NodeThresholds;
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
  const { store, clock, logger, opengradient } = options;
  const controller = new AbortController();
  const client = new EvmClient({
    urls: opengradient.rpcUrls,
    chainId: opengradient.chainId,
    clock,
    random: options.random,
    logger,
    signal: controller.signal,
  });
  const history = new RegistryHistory({
    client,
    store,
    registry: opengradient.teeRegistry,
    chainId: opengradient.chainId,
    backfillDays: opengradient.backfillDays,
    confirmations: opengradient.confirmations,
    logger,
  });
  const reset = new ChainReset({ client, history, clock, logger, notice: options.notice });
  const registry = new RegistryCollector({
    ...opengradient,
    registry: opengradient.teeRegistry,
    client,
    store,
    history,
    reset,
    clock,
    logger,
  });
  const gateways = new GatewayCollector({
    store,
    allowPrivate: options.allowPrivateEndpoints,
    registry: opengradient.teeRegistry,
    concurrency: opengradient.probeConcurrency,
    intervalMs: opengradient.probeIntervalMs,
    thresholds: options.thresholds,
    clock,
  });

  let firstRoundDone: (error: unknown) => void = () => undefined;
  const firstRound = new Promise<unknown>((resolve) => {
    firstRoundDone = resolve;
  });
  const run = async (collector: Collector, afterRound: (error: unknown) => Promise<void>): Promise<void> => {
    const tracker = new SourceTracker(collector.source, store, clock);
    await tracker.load();
    await runCollector(collector, tracker, { clock, logger, afterRound }, controller.signal);
  };
  const evaluate = async (): Promise<void> => {
    await options.evaluate();
  };
  const loops = [
    run(registry, async (error) => {
      firstRoundDone(error);
      await evaluate();
    }),
    // There is nothing to probe before the registry has been read once.
    firstRound.then(() => run(gateways, evaluate)),
    every(EVALUATE_AT_LEAST_EVERY_MS, evaluate),
    // At once, but after what people wait for: a bot that is restarted every hour must not grow for ever.
    firstRound.then(() => every(PURGE_EVERY_MS, () => store.history.purge(clock.now()), { atOnce: true })),
  ];

  async function every(ms: number, job: () => Promise<void>, { atOnce = false } = {}): Promise<void> {
    for (let first = true; !controller.signal.aborted; first = false) {
      if (!first || !atOnce) await clock.sleep(ms, controller.signal);
      if (controller.signal.aborted) return;
      await job().catch((error: unknown) => logger.error({ cause: explain(error) }, 'a scheduled job failed'));
    }
  }

  return {
    firstRound,
    async stop() {
      controller.abort();
      firstRoundDone(null);
      await Promise.allSettled(loops);
      await history.settled();
    },
  };
}
