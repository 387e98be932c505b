import type { Clock } from '../../src/lib/clock.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { EvmClient } from '../../src/sources/evm/client.ts';
import { ChainReset } from '../../src/watch/chainReset.ts';
import { LogHistory } from '../../src/watch/logHistory.ts';
import { RegistryCollector } from '../../src/watch/registryCollector.ts';
import { registryKind } from '../../src/watch/registryKind.ts';
import type { DevChain, NewTee } from '../devnet/chain.ts';
import type { TemporaryStore } from '../rigs/store.ts';

/** Real time, that can be put forward by hand. */
export class ShiftedClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

export interface CollectorOptions {
  urls: readonly string[];
  chain: Pick<DevChain, 'chainId' | 'registry'>;
  store: TemporaryStore['store'];
  clock: Clock;
  confirmations?: number;
  backfillDays?: number;
}

/** The registry's collector with everything it stands on, as watch.ts puts it together. */
export function makeCollector({ urls, chain, store, clock, confirmations = 1, backfillDays = 30 }: CollectorOptions) {
  const notices: string[] = [];
  const log: string[] = [];
  const logger = createLogger('debug', [], (line) => log.push(line));
  const { chainId, registry } = chain;
  const client = new EvmClient({ urls, chainId, clock, random: () => 0.5, logger });
  const kind = registryKind(client, store, { registry, chainId });
  const history = new LogHistory({ client, store, kind, chainId, backfillDays, confirmations, logger });
  const reset = new ChainReset({ client, histories: [history], clock, logger, notice: (text) => notices.push(text) });
  const collector = new RegistryCollector({
    ...{ client, store, registry, chainId, history, reset, clock, logger },
    pollIntervalMs: 1_000,
    fullReadIntervalMs: 300_000,
  });
  const signal = new AbortController().signal;
  return {
    collector,
    client,
    history,
    notices,
    log,
    logger,
    /** One round, and the catch-up that it may have started. */
    async round() {
      const outcome = await collector.collect(signal);
      await history.settled();
      return outcome;
    },
  };
}

let serial = 0;

/** A node nobody will ask: any key and any certificate. */
export function someTee(more: Partial<NewTee> = {}): NewTee {
  serial += 1;
  return {
    publicKeyDer: new TextEncoder().encode(`key ${serial}`),
    tlsCertificateDer: new TextEncoder().encode(`certificate ${serial}`),
    endpoint: `https://node-${serial}.example.com`,
    ...more,
  };
}

/** Many empty blocks at once; the last one brings the chain's clock in step again. */
export async function mineMany(chain: DevChain, blocks: number): Promise<void> {
  await chain.client.mine({ blocks: blocks - 1 });
  await chain.mine(blocks + 10);
}
