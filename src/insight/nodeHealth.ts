import type { ApprovedPcr, Hex, ProbeResult, SourceStatus, TeeRecord } from '../lib/facts.ts';
import { duration } from '../lib/units.ts';
import { probeReasons } from './probeReasons.ts';

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

/** Intervals of the gateway (900 s, three attempts ten seconds apart) and limits of its price feed, from its published source. */
export const defaultThresholds: NodeThresholds = {
  heartbeatIntervalSeconds: 900,
  heartbeatLateSeconds: 960,
  heartbeatMissedSeconds: 1_200,
  priceWarnSeconds: 600,
  priceRefusedSeconds: 14_400,
  unreachableAfterProbes: 2,
  probeFreshSeconds: 900,
  certificateWarnSeconds: 7 * 86_400,
};

const SERIOUSNESS: Record<HealthState, number> = { unknown: 3, down: 2, degraded: 1, ok: 0 };

/**
 * How a node is, with every reason, most serious first. On-chain ages are by the chain's clock; what the probe found is
 * "from this bot" and never takes a node `down` by itself, but for a foreign certificate or key, which clients
 * refuse. While the registry cannot be read the state is `unknown`, whatever was known before.
 */
export function judgeNode(
  node: NodeInput,
  registry: RegistryInput,
  registryStatus: SourceStatus | null,
  wallMs: number,
  thresholds: NodeThresholds,
): NodeHealth {
  const current = currentRecord(node.records);
  const blank = { current, heartbeatAgeSeconds: null, missedBeats: null, heartbeatLevel: null, probe: null } as const;
  if (current === null) {
    const text = 'no registration of this node is known';
    return { ...blank, state: 'unknown', reasons: [{ code: 'no-data', state: 'unknown', text }], registration: 'none' };
  }
  const ageSeconds = Math.max(0, registry.chainSeconds - current.lastHeartbeatAtSeconds);
  const heartbeatLevel = levelOf(ageSeconds, registry, thresholds);
  const registration = registrationOf(current, heartbeatLevel, registry);
  const probe = freshProbe(node.probes.get(current.teeId), wallMs, thresholds);
  const reasons = [
    ...sourceReasons(registryStatus),
    ...chainReasons(registration, heartbeatLevel, ageSeconds, registry, thresholds),
    ...probeReasons(probe, wallMs, thresholds),
  ].sort((a, b) => SERIOUSNESS[b.state] - SERIOUSNESS[a.state]);
  return {
    state: reasons[0]?.state ?? 'ok',
    reasons,
    current,
    registration,
    heartbeatAgeSeconds: ageSeconds,
    missedBeats: missedBeats(ageSeconds, thresholds),
    heartbeatLevel,
    probe,
  };
}

/**
 * The registration that stands for a node: the newest heartbeat, then the newest registration, then enabled before
 * disabled. The others are enclaves that were restarted since; they often stay enabled, so that says little.
 */
export function currentRecord(records: readonly TeeRecord[]): TeeRecord | null {
  const better = (a: TeeRecord, b: TeeRecord): number =>
    b.lastHeartbeatAtSeconds - a.lastHeartbeatAtSeconds ||
    b.registeredAtSeconds - a.registeredAtSeconds ||
    Number(b.enabled) - Number(a.enabled) ||
    (a.teeId < b.teeId ? -1 : 1);
  return [...records].sort(better)[0] ?? null;
}

function levelOf(
  ageSeconds: number,
  { heartbeatMaxAgeSeconds }: RegistryInput,
  { heartbeatLateSeconds, heartbeatMissedSeconds }: NodeThresholds,
): NonNullable<NodeHealth['heartbeatLevel']> {
  if (ageSeconds > heartbeatMaxAgeSeconds) return 'expired';
  if (ageSeconds > heartbeatMissedSeconds) return 'missed';
  return ageSeconds > heartbeatLateSeconds ? 'late' : 'fresh';
}

function registrationOf(
  record: TeeRecord,
  level: NodeHealth['heartbeatLevel'],
  { approvedPcrs }: RegistryInput,
): NodeHealth['registration'] {
  const approved =
    approvedPcrs === null ||
    approvedPcrs.some(({ pcrHash, teeType }) => teeType === record.teeType && sameHex(pcrHash, record.pcrHash));
  if (!approved) return 'pcr-revoked';
  if (!record.enabled) return 'disabled';
  return level === 'expired' ? 'stale' : 'active';
}

/** Beats that should have come and did not; one that is merely late is not missed yet. */
function missedBeats(ageSeconds: number, { heartbeatIntervalSeconds, heartbeatMissedSeconds }: NodeThresholds): number {
  return ageSeconds > heartbeatMissedSeconds ? Math.floor(ageSeconds / heartbeatIntervalSeconds) : 0;
}

const sameHex = (a: Hex, b: Hex): boolean => a.toLowerCase() === b.toLowerCase();

function freshProbe(
  probe: NodeHealth['probe'] | undefined,
  wallMs: number,
  { probeFreshSeconds }: NodeThresholds,
): NodeHealth['probe'] {
  return probe && wallMs - probe.atMs <= probeFreshSeconds * 1000 ? probe : null;
}

function sourceReasons(status: SourceStatus | null): HealthReason[] {
  if (status === null || status.state === 'fresh') return [];
  const cause = status.shortError ?? 'it has not been read yet';
  return [
    {
      code: 'source-failing',
      state: 'unknown',
      text:
        status.state === 'stale'
          ? `what the registry says is old: ${cause}`
          : `the registry cannot be read now: ${cause}`,
    },
  ];
}

function chainReasons(
  registration: NodeHealth['registration'],
  level: NodeHealth['heartbeatLevel'],
  ageSeconds: number,
  registry: RegistryInput,
  thresholds: NodeThresholds,
): HealthReason[] {
  const reasons: HealthReason[] = [];
  if (registration === 'pcr-revoked') {
    reasons.push({ code: 'pcr-revoked', state: 'down', text: 'its software measurement (PCR) is no longer approved' });
  }
  if (registration === 'disabled') {
    reasons.push({ code: 'disabled', state: 'down', text: 'it is disabled in the registry' });
  }
  if (level === null || level === 'fresh') return reasons;
  const state = level === 'expired' ? 'down' : 'degraded';
  return [
    ...reasons,
    { code: `heartbeat-${level}`, state, text: heartbeatText(level, ageSeconds, registry, thresholds) },
  ];
}

function heartbeatText(
  level: 'late' | 'missed' | 'expired',
  ageSeconds: number,
  { heartbeatMaxAgeSeconds }: RegistryInput,
  { heartbeatIntervalSeconds }: NodeThresholds,
): string {
  const age = `last heartbeat ${duration(ageSeconds)} ago, expected every ${duration(heartbeatIntervalSeconds)}`;
  return level === 'expired'
    ? `${age}: inactive, the limit is ${duration(heartbeatMaxAgeSeconds)}`
    : `${age}, inactive after ${duration(heartbeatMaxAgeSeconds)}`;
}
