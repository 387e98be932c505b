import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { GOVERNANCE_SOURCE, VALIDATOR_SOURCE } from '../../src/lib/governanceFacts.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { USE_SOURCE } from '../../src/lib/modelFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { watchChain } from '../../src/watch/chainCollectors.ts';
import type { CollectOutcome } from '../../src/watch/collector.ts';
import type { NetworkOptions } from '../../src/watch/watch.ts';
import type { DevChain } from '../devnet/chain.ts';
import { NOTHING_BESIDES } from './options.ts';

export interface ChainRigOptions extends Partial<NetworkOptions> {
  chain: Pick<DevChain, 'chainId' | 'registry'>;
  urls: string[];
  store: Store;
  clock: Clock;
}

/** Everything that reads the network's chain, as watch.ts puts it together, round by round. */
export function startChainRig({ chain, urls, store, clock, ...more }: ChainRigOptions) {
  const controller = new AbortController();
  const { signal } = controller;
  const notices: string[] = [];
  const log: string[] = [];
  const network: NetworkOptions = {
    ...NOTHING_BESIDES,
    rpcUrls: urls,
    chainId: chain.chainId,
    teeRegistry: chain.registry,
    pollIntervalMs: 1_000,
    fullReadIntervalMs: 300_000,
    probeIntervalMs: 60_000,
    probeConcurrency: 4,
    backfillDays: 30,
    confirmations: 1,
    ...more,
  };
  const parts = watchChain(
    {
      ...{ store, clock, random: () => 0.5, logger: createLogger('debug', [], (line) => log.push(line)) },
      opengradient: network,
      governance: [],
      proofThresholds: defaultProofThresholds,
      allowPrivateEndpoints: true,
      notice: (text) => notices.push(text),
    },
    signal,
  );
  const [settlements, proofs] = parts.others;
  const named = (source: string) => parts.others.find((collector) => collector.source === source);
  if (settlements === undefined || proofs === undefined) throw new Error('no settlements are followed');
  const collect = async (collector: { collect(signal: AbortSignal): Promise<CollectOutcome> } | undefined) =>
    await collector?.collect(signal);

  return {
    network,
    notices,
    log,
    registry: () => collect(parts.registry),
    settlements: () => collect(settlements),
    proofs: () => collect(proofs),
    uses: () => collect(named(USE_SOURCE)),
    governance: () => collect(named(GOVERNANCE_SOURCE)),
    validators: () => collect(named(VALIDATOR_SOURCE)),
    /** How long it rests between rounds, in ms. */
    everyMs: (source: string) => named(source)?.everyMs,
    settled: () => parts.settled(),
    /** One round of each, with the catch-ups that they started. */
    async round() {
      await collect(parts.registry);
      await parts.settled();
      await collect(settlements);
      await parts.settled();
      await collect(settlements);
      const found = await collect(proofs);
      await collect(named(USE_SOURCE));
      await parts.settled();
      return found;
    },
    async stop(): Promise<void> {
      controller.abort();
      await parts.checker.close();
      await parts.settled();
    },
  };
}

export type ChainRig = ReturnType<typeof startChainRig>;
