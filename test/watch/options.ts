import type { NetworkOptions } from '../../src/watch/watch.ts';

/** A network of which nothing but the registry is configured. */
export const NOTHING_BESIDES = {
  settlementRelays: [],
  settlementSenders: [],
  hubUrl: null,
  hubIntervalMs: 300_000,
  aggregatorUrls: [],
  storageIntervalMs: 60_000,
  facilitatorUrl: null,
  inferenceAddresses: [],
  scheduler: null,
  payments: null,
  precompiles: { gov: null, staking: null, slashing: null },
  governanceIntervalMs: 30_000,
} satisfies Partial<NetworkOptions>;
