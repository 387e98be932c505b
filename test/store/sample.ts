import type { BlockRef, Hex, ProbeResult, RegistryEvent, RegistrySnapshot, TeeRecord } from '../../src/lib/facts.ts';
import type { View } from '../../src/lib/view.ts';
import type { Cursor, IncidentChange } from '../../src/store/store.ts';

/** Plain facts to store, each valid as it is; a test says only what matters to it. */

export const REGISTRY: Hex = '0x703c000000000000000000000000000000000001';
export const CURSOR = 'registry:1:test';

export const hex = (value: number | bigint, bytes = 32): Hex => `0x${value.toString(16).padStart(bytes * 2, '0')}`;

export const block = (number: number, timestampSeconds = number): BlockRef => ({
  number: BigInt(number),
  hash: hex(number),
  timestampSeconds,
});

export const cursor = (number: number, name = CURSOR): Cursor => ({ name, block: block(number) });

/** The registration `id`, at an endpoint of its own unless said. */
export const record = (id: number, more: Partial<TeeRecord> = {}): TeeRecord => ({
  teeId: hex(id),
  owner: hex(0xa0 + id, 20),
  paymentAddress: hex(0xb0, 20),
  endpoint: `https://node-${id}.example`,
  publicKeyDer: Uint8Array.from([1, 0, 255, id]),
  tlsCertificateDer: Uint8Array.from([2, 128, id]),
  pcrHash: hex(0xcc),
  teeType: 0,
  enabled: true,
  registeredAtSeconds: 1_000,
  lastHeartbeatAtSeconds: 2_000,
  layout: 11,
  ohttp: true,
  ...more,
});

export const snapshot = (records: TeeRecord[], more: Partial<RegistrySnapshot> = {}): RegistrySnapshot => ({
  chainId: 10_740,
  registry: REGISTRY,
  block: block(100),
  heartbeatMaxAgeSeconds: 1_800,
  types: [{ id: 0, name: 'LLMProxy' }],
  approvedPcrs: [{ pcrHash: hex(0xcc), teeType: 0 }],
  records,
  ...more,
});

/** A log of registration `id`, alone in a block whose number is its time. */
export const event = (
  kind: RegistryEvent['kind'],
  id: number,
  atSeconds: number,
  more: Partial<RegistryEvent> = {},
): RegistryEvent => ({
  kind,
  blockNumber: BigInt(atSeconds),
  blockTimestampSeconds: atSeconds,
  logIndex: 0,
  txHash: hex(atSeconds),
  teeId: hex(id),
  pcrHash: null,
  teeType: null,
  owner: null,
  signedAtSeconds: kind === 'heartbeat' ? atSeconds : null,
  ...more,
});

export const probe = (id: number, atMs: number, more: Partial<ProbeResult> = {}): ProbeResult => ({
  teeId: hex(id),
  endpoint: `https://node-${id}.example`,
  atMs,
  outcome: 'ok',
  detail: '',
  latencyMs: 40.5,
  certificateMatches: true,
  certificateExpiresAtSeconds: 2_000_000_000,
  identityMatches: true,
  priceAgeSeconds: 12,
  heartbeatErrors: 0,
  heartbeatLastError: null,
  ...more,
});

export const incident = (more: Partial<IncidentChange['incident']> = {}): IncidentChange['incident'] => ({
  id: null,
  rule: 'node.heartbeat',
  subject: 'node:1',
  state: 'firing',
  severity: 'warning',
  level: 'late',
  family: 'node',
  nodeId: 1,
  owner: hex(0xa1, 20),
  topics: [],
  value: null,
  unstable: false,
  inhibitedBy: null,
  sinceSeconds: 100,
  clearSinceSeconds: null,
  firedAtMs: 1_000,
  resolvedAtMs: null,
  updatedAtMs: 1_000,
  detail: { ageSeconds: 950 },
  ...more,
});

export const view = (title: string): View => ({ title, tone: 'down', lines: ['…'], asOf: 100, sources: ['test'] });

export const ALERT = { kind: 'fired' as const, view: view('a heartbeat is late') };
