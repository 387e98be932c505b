import type { Hex } from '../lib/facts.ts';
import { EvmClient } from '../sources/evm/client.ts';
import { createProofChecker, type ProofChecker } from '../sources/opengradient/proofs/checker.ts';
import { ChainReset } from './chainReset.ts';
import type { Collector } from './collector.ts';
import { LogFollower } from './followLogs.ts';
import { GovernanceCollector } from './governanceCollector.ts';
import { LogHistory, type LogKind } from './logHistory.ts';
import { ProofCollector } from './proofCollector.ts';
import { RegistryCollector } from './registryCollector.ts';
import { registryKind } from './registryKind.ts';
import { SettlementCollector } from './settlementCollector.ts';
import { settlementKind } from './settlementKind.ts';
import { UseCollector } from './useCollector.ts';
import { useKind } from './useKind.ts';
import { ValidatorCollector } from './validatorCollector.ts';
import type { WatchOptions } from './watch.ts';

/** What is read of the network's chain: the registry finds its head, and the others read up to that. */
export interface ChainCollectors {
  registry: RegistryCollector;
  /** To be run once the registry was asked for the first time. */
  others: Collector[];
  checker: ProofChecker;
  /** Resolves when no history is being read any more. */
  settled(): Promise<void>;
}

export function watchChain(
  options: Omit<WatchOptions, 'evaluate' | 'thresholds'>,
  signal: AbortSignal,
): ChainCollectors {
  const { store, clock, random, logger, opengradient } = options;
  const { chainId, teeRegistry, inferenceAddresses, scheduler, pollIntervalMs } = opengradient;
  const client = new EvmClient({ urls: opengradient.rpcUrls, chainId, clock, random, logger, signal });
  const historyOf = <Event>(kind: LogKind<Event>): LogHistory<Event> =>
    new LogHistory({ ...opengradient, kind, client, store, logger });

  const workflows = new Map<Hex, string>();
  const registryHistory = historyOf(registryKind(client, store, { registry: teeRegistry, chainId }));
  const settlementHistory = historyOf(settlementKind(client, store, { chainId, clock }));
  const hasUses = inferenceAddresses.length > 0 || scheduler !== null;
  const sources = () => ({ addresses: inferenceAddresses, workflows });
  const useHistory = hasUses ? historyOf(useKind(client, store, { chainId, clock, sources })) : null;
  const histories = [registryHistory, settlementHistory, ...(useHistory ? [useHistory] : [])];

  const reset = new ChainReset({ client, histories, clock, logger, notice: options.notice });
  const checker = createProofChecker({ threads: 2, logger });
  const shared = { client, store, clock, logger, registry: teeRegistry, chainId, pollIntervalMs };
  const registry = new RegistryCollector({
    ...shared,
    fullReadIntervalMs: opengradient.fullReadIntervalMs,
    history: registryHistory,
    reset,
  });
  const settlements = new SettlementCollector({
    logs: new LogFollower(settlementHistory, reset, clock),
    pollIntervalMs,
  });
  const proofs = new ProofCollector({
    ...shared,
    ...{ checker, registryHistory, settlementHistory },
    aggregators: opengradient.aggregatorUrls,
    allowed: { senders: opengradient.settlementSenders, relays: opengradient.settlementRelays },
    individualExpirySeconds: options.proofThresholds.individualExpirySeconds,
  });
  const others: Collector[] = [settlements, proofs];
  if (useHistory !== null) {
    const logs = new LogFollower(useHistory, reset, clock);
    const asked = { addresses: inferenceAddresses, scheduler };
    others.push(new UseCollector({ ...shared, ...asked, reset, logs }, workflows));
  }
  const { gov, staking, slashing } = opengradient.precompiles;
  const asked = { client, reset, store, clock, logger, intervalMs: opengradient.governanceIntervalMs };
  if (gov !== null) others.push(new GovernanceCollector({ ...asked, gov, staking }));
  if (staking !== null) others.push(new ValidatorCollector({ ...asked, staking, slashing }));
  return {
    registry,
    others,
    checker,
    async settled() {
      await Promise.all(histories.map((history) => history.settled()));
    },
  };
}
