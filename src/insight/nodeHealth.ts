import type { ApprovedPcr, Hex, ProbeResult, SourceStatus, TeeRecord } from '../lib/facts.ts';

export type HealthState = 'ok' | 'degraded' | 'down' | 'unknown';

/** Limits of judgement. Defaults and their sources are in `defaultThresholds`. */
export interface NodeThresholds {
  /** How often a gateway beats: 900 s. */
  heartbeatIntervalSeconds: number;
  /** Late above this: interval, three attempts and slack, 960 s. */
  heartbeatLateSeconds: number;
  /** One beat missed above this: 1200 s. */
  heartbeatMissedSeconds: number;
  /** The gateway's own price feed: worth a word above 600 s, inference refused above 14400 s. */
  priceWarnSeconds: number;
  priceRefusedSeconds: number;
  /** Probes in a row that must fail before reachability counts against a node: 2. */
  unreachableAfterProbes: number;
  /** A probe older than this says nothing about now: 900 s. */
  probeFreshSeconds: number;
  /** Word of warning before the TLS certificate ends: 7 days. */
  certificateWarnSeconds: number;
}

/** Reasons, most serious first. `code` is stable (tests, rules); `text` is for people. */
export interface HealthReason {
  code:
    | 'source-failing'
    | 'no-data'
    | 'pcr-revoked'
    | 'disabled'
    | 'heartbeat-expired'
    | 'heartbeat-missed'
    | 'heartbeat-late'
    | 'certificate-mismatch'
    | 'certificate-expired'
    | 'certificate-expiring'
    | 'wrong-identity'
    | 'unreachable'
    | 'bad-response'
    | 'not-asked'
    | 'not-probed'
    | 'price-stale'
    | 'price-refused'
    | 'heartbeat-errors';
  state: HealthState;
  text: string;
}

export interface NodeInput {
  key: string;
  records: readonly TeeRecord[];
  probes: ReadonlyMap<Hex, ProbeResult & { streak: number; streakSinceMs: number }>;
}

export interface RegistryInput {
  heartbeatMaxAgeSeconds: number;
  approvedPcrs: readonly ApprovedPcr[] | null;
  /** Chain clock: timestamp of the newest block the facts were true at. */
  chainSeconds: number;
}

export interface NodeHealth {
  state: HealthState;
  reasons: HealthReason[];
  /** The registration that stands for the node now; null when it has none. */
  current: TeeRecord | null;
  /** Registered on-chain status of `current`. */
  registration: 'active' | 'stale' | 'disabled' | 'pcr-revoked' | 'none';
  /** By the chain's clock; null without a record. */
  heartbeatAgeSeconds: number | null;
  /** Whole beats missed since the last one. */
  missedBeats: number | null;
  heartbeatLevel: 'fresh' | 'late' | 'missed' | 'expired' | null;
  probe: (ProbeResult & { streak: number; streakSinceMs: number }) | null;
}

export declare function judgeNode(
  node: NodeInput,
  registry: RegistryInput,
  registryStatus: SourceStatus | null,
  wallMs: number,
  thresholds: NodeThresholds,
): NodeHealth;
