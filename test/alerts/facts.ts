import type { AlertFacts } from '../../src/alerts/rule.ts';
import { judgeNodes } from '../../src/insight/judgeNodes.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { ApprovedPcr, Hex, ProbeOutcome, SourceStatus, TeeRecord } from '../../src/lib/facts.ts';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../../src/lib/modelFacts.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../src/lib/proofFacts.ts';
import type { ModelFacts } from '../../src/store/modelRepository.ts';
import type { ProofFacts, StoredProofWatch, StoredSettlement } from '../../src/store/proofRepository.ts';
import type { IncidentChange, StoredIncident, StoredNode, StoredProbe } from '../../src/store/store.ts';

/** Chain time and wall time at the start of every story here; they differ, as they do in life. */
export const CHAIN_START = 1_700_000_000;
export const WALL_START_MS = Date.UTC(2026, 10, 21, 12);
export const MAX_AGE = 1_800;
export const PCR: Hex = `0x${'ab'.repeat(32)}`;
export const REGISTRY: Hex = `0x${'70'.repeat(20)}`;

export const teeIdOf = (index: number): Hex => `0x${index.toString(16).padStart(64, '0')}`;
export const ownerOf = (index: number): Hex => `0x${(0xa0 + index).toString(16).padStart(40, '0')}`;

export function record(index: number, more: Partial<TeeRecord> = {}): TeeRecord {
  return {
    teeId: teeIdOf(index),
    owner: ownerOf(index),
    paymentAddress: ownerOf(index),
    endpoint: `https://node${index}.example`,
    publicKeyDer: Uint8Array.of(1, index),
    tlsCertificateDer: Uint8Array.of(2, index),
    pcrHash: PCR,
    teeType: 0,
    enabled: true,
    registeredAtSeconds: CHAIN_START - 100_000,
    lastHeartbeatAtSeconds: CHAIN_START,
    layout: 11,
    ohttp: null,
    ...more,
  };
}

export function probe(index: number, outcome: ProbeOutcome, more: Partial<StoredProbe> = {}): StoredProbe {
  const asked = outcome === 'ok' || outcome === 'certificate-mismatch';
  return {
    teeId: teeIdOf(index),
    endpoint: `https://node${index}.example`,
    atMs: WALL_START_MS,
    outcome,
    detail: '',
    latencyMs: outcome === 'ok' ? 20 : null,
    certificateMatches: asked ? outcome === 'ok' : null,
    certificateExpiresAtSeconds: null,
    identityMatches: null,
    priceAgeSeconds: null,
    heartbeatErrors: null,
    heartbeatLastError: null,
    streak: 1,
    streakSinceMs: WALL_START_MS,
    ...more,
  };
}

export const node = (id: number, records: TeeRecord[], probes: StoredProbe[] = []): StoredNode => ({
  id,
  key: records[0]?.endpoint ?? `https://node${id}.example`,
  firstSeenAtMs: WALL_START_MS,
  lastBeatAtSeconds: null,
  records,
  probes: new Map(probes.map((one) => [one.teeId, one])),
});

export const status = (state: SourceStatus['state'], more: Partial<SourceStatus> = {}): SourceStatus => ({
  source: REGISTRY_SOURCE,
  state,
  lastSuccessAtMs: null,
  lastAttemptAtMs: null,
  failingSinceMs: null,
  error: state === 'fresh' ? null : 'socket hang up at 10.0.0.7',
  shortError: state === 'fresh' ? null : 'the node does not answer',
  ...more,
});

export interface Moment {
  /** Seconds since the start of the story, by both clocks. */
  at: number;
  nodes: StoredNode[];
  source?: SourceStatus | null;
  approvedPcrs?: ApprovedPcr[] | null;
  /** False: nothing was ever read. */
  read?: boolean;
  /** What is said differs from an empty hub and a quiet chain; absent: never read. */
  models?: Partial<ModelFacts>;
  proofs?: Partial<ProofFacts>;
  /** States of other sources than the registry; those of models and proofs are fresh where not said. */
  states?: Partial<Record<string, Partial<SourceStatus>>>;
}

/** Facts as the alerter gathers them, judged by the real judgement. */
export function factsAt(moment: Moment): AlertFacts {
  const { at, nodes, source = status('fresh'), approvedPcrs = [{ pcrHash: PCR, teeType: 0 }], read = true } = moment;
  const nowMs = WALL_START_MS + at * 1000;
  const chainSeconds = CHAIN_START + at;
  const registry = {
    chainId: 10_740,
    registry: REGISTRY,
    block: { number: BigInt(at) + 100n, hash: teeIdOf(9), timestampSeconds: chainSeconds },
    heartbeatMaxAgeSeconds: MAX_AGE,
    types: [{ id: 0, name: 'LLMProxy' }],
    approvedPcrs,
  };
  return {
    nowMs,
    chainSeconds: read ? chainSeconds : 0,
    facts: read ? { registry, readAtMs: nowMs, nodes } : null,
    nodes: read ? judgeNodes({ registry, nodes }, source, nowMs, defaultThresholds) : [],
    models: moment.models === undefined ? null : { ...NO_MODELS, readAtMs: nowMs, ...moment.models },
    proofs: moment.proofs === undefined ? null : { ...NO_PROOFS, readAtMs: nowMs, ...moment.proofs },
    governance: null,
    gauges: [],
    followedVoters: [],
    shifts: [],
    sources: new Map([...(source === null ? [] : [[REGISTRY_SOURCE, source] as const]), ...otherSources(moment)]),
  };
}

function otherSources({ models, proofs, states = {} }: Moment): [string, SourceStatus][] {
  const names = [
    ...(models === undefined ? [] : [HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE]),
    ...(proofs === undefined ? [] : [SETTLEMENT_SOURCE, PROOF_SOURCE]),
  ];
  return [...new Set([...names, ...Object.keys(states)])].map((source) => [
    source,
    status(states[source]?.state ?? 'fresh', { source, ...states[source] }),
  ]);
}

const NO_MODELS: Omit<ModelFacts, 'readAtMs'> = {
  unseenModels: 0,
  waiting: [],
  waitingCount: 0,
  waits: [],
  listed: [],
  versions: [],
  unreadable: [],
  usedUnlisted: [],
  arrivalsPerHour: [],
  listingsPerHour: [],
};

const NO_PROOFS: Omit<ProofFacts, 'readAtMs'> = {
  lastBatchAtSeconds: null,
  lastIndividualAtSeconds: null,
  lastHour: [],
  faults: [],
  newParties: [],
  nodes: [],
  watches: [],
  unchecked: { count: 0, oldestAtSeconds: null },
  usage: [],
};

/** A content id as storage gives it. */
export const blobIdOf = (index: number): string => `blob${index}`.padEnd(43, 'A');

export const published = (name = 'fraud', author = 'acme') => ({
  modelKey: `${author}/${name}`.toLowerCase(),
  modelName: name,
  author,
});

export const settlement = (id: number, more: Partial<StoredSettlement> = {}): StoredSettlement => ({
  ...{ id, kind: 'batch', blockNumber: BigInt(id), logIndex: 0, blockTimestampSeconds: CHAIN_START },
  ...{ txHash: teeIdOf(1_000 + id), emitter: REGISTRY, root: teeIdOf(2_000 + id), batchSize: 20, blobId: blobIdOf(id) },
  ...{
    answer: null,
    sender: REGISTRY,
    state: 'verified',
    reason: '',
    seenAtMs: WALL_START_MS,
    decidedAtMs: WALL_START_MS,
  },
  ...{ attempts: 1, nextCheckAtMs: null },
  counts: { valid: 20, 'bad-signature': 0, unsigned: 0, 'unknown-node': 0, 'no-key': 0, repeated: 0 },
  ...more,
});

export const watch = (id: number, more: Partial<StoredProofWatch> = {}): StoredProofWatch => ({
  ...{ id, kind: 'request', hash: teeIdOf(id), signedAtSeconds: CHAIN_START, createdAtMs: WALL_START_MS },
  ...{ createdAtSeconds: CHAIN_START, createdBy: 'telegram:1', state: 'waiting', reason: '', settlementId: null },
  ...{ mode: null, delaySeconds: null, decidedAtMs: null },
  ...more,
});

/** Names that want to be more than text: markup, mentions, control characters, direction marks, and 10 kB of it. */
export const HOSTILE = `<b>@everyone</b> [x](https://evil.example) \u202e\u0000|watch:1|\n# ${'A'.repeat(10_000)}`;

/** What the store does with changes, in memory: ids given, the ended and the dropped gone. */
export function applied(open: readonly StoredIncident[], changes: readonly IncidentChange[]): StoredIncident[] {
  const next = new Map(open.map((incident) => [incident.id, incident]));
  for (const { incident, drop } of changes) {
    const id = incident.id ?? Math.max(0, ...next.keys()) + 1;
    if (drop || incident.state === 'resolved') next.delete(id);
    else next.set(id, { ...incident, id });
  }
  return [...next.values()];
}

/** All words of a View, for looking something up in it. */
export const wordsOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(wordsOf).join('')
      : typeof value === 'object' && value !== null
        ? Object.values(value).map(wordsOf).join(' ')
        : String(value);
