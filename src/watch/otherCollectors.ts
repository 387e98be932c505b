import { EvmClient } from '../sources/evm/client.ts';
import { createHub } from '../sources/opengradient/hub.ts';
import type { Collector } from './collector.ts';
import { FacilitatorCollector } from './facilitatorCollector.ts';
import { GatewayCollector } from './gatewayCollector.ts';
import { HubCollector } from './hubCollector.ts';
import { PaymentCollector } from './paymentCollector.ts';
import { StorageCollector } from './storageCollector.ts';
import type { WatchOptions } from './watch.ts';

/** Collectors of what is asked beside the network's chain; of what is not configured there is none. */
export function otherCollectors(options: WatchOptions, signal: AbortSignal): Collector[] {
  const { store, clock, random, logger, opengradient } = options;
  const { hubUrl, facilitatorUrl, aggregatorUrls, payments } = opengradient;
  const collectors: Collector[] = [
    new GatewayCollector({
      store,
      allowPrivate: options.allowPrivateEndpoints,
      registry: opengradient.teeRegistry,
      concurrency: opengradient.probeConcurrency,
      intervalMs: opengradient.probeIntervalMs,
      thresholds: options.thresholds,
      clock,
    }),
  ];
  if (hubUrl !== null) {
    const hub = createHub({ url: hubUrl });
    collectors.push(new HubCollector({ hub, store, clock, logger, intervalMs: opengradient.hubIntervalMs }));
  }
  if (aggregatorUrls.length > 0) {
    const intervalMs = opengradient.storageIntervalMs;
    collectors.push(new StorageCollector({ store, clock, aggregators: aggregatorUrls, intervalMs }));
  }
  if (facilitatorUrl !== null) collectors.push(new FacilitatorCollector({ url: facilitatorUrl, store, clock }));
  // Without a payee nothing can be counted.
  if (payments !== null && payments.payees.length > 0) {
    const { rpcUrls, chainId } = payments;
    const client = new EvmClient({ urls: rpcUrls, chainId, clock, random, logger, signal });
    collectors.push(new PaymentCollector({ ...payments, client, store, clock }));
  }
  return collectors;
}
