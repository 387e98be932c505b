import type { NodeThresholds } from './insight/nodeHealth.ts';
import type { Address } from './lib/delivery.ts';

/** Everything the environment may set, parsed once, frozen. */
export interface Config {
  discord: { token: string; apiUrl: string | null } | null;
  telegram: { token: string; apiRoot: string | null } | null;
  databaseUrl: string;
  opengradient: {
    rpcUrls: string[];
    chainId: number;
    teeRegistry: `0x${string}`;
    /** For `doctor`: relay -> verifier -> registry. */
    settlementRelays: `0x${string}`[];
    pollIntervalMs: number;
    fullReadIntervalMs: number;
    probeIntervalMs: number;
    probeConcurrency: number;
    backfillDays: number;
    confirmations: number;
  };
  thresholds: NodeThresholds;
  /** "cannot read the registry" notice after this. */
  sourceNoticeAfterMs: number;
  allowPrivateEndpoints: boolean;
  adminDestination: Address | null;
  http: { host: string; port: number } | null;
  logLevel: string;
}
