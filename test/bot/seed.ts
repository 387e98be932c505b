import { createHash } from 'node:crypto';
import { createRules } from '../../src/alerts/registry.ts';
import type { Caller, Place } from '../../src/bot/command.ts';
import type { BotContext } from '../../src/bot/context.ts';
import { createDispatcher, type Dispatcher } from '../../src/bot/dispatch.ts';
import { commands } from '../../src/bot/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { DeliveryOutcome, OutgoingMessage, PlatformName } from '../../src/lib/delivery.ts';
import type { Hex, ProbeResult, RegistrySnapshot, TeeRecord } from '../../src/lib/facts.ts';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { secureRandom } from '../../src/lib/random.ts';
import type { Store } from '../../src/store/store.ts';
import { contextDefaults } from '../support/context.ts';

export const NOW_MS = Date.UTC(2026, 10, 21, 12);
export const NOW = NOW_MS / 1000;
export const REGISTRY: Hex = `0x${'70'.repeat(20)}`;
export const MAX_AGE = 1_800;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const PCR: Hex = `0x${hash('approved')}`;

/** Node ids are spread by a hash, but the first two share their first six digits: a prefix that fits both. */
export const teeIdOf = (index: number): Hex =>
  index < 2 ? `0xabcdef${index}${hash(`tee ${index}`).slice(0, 57)}` : `0x${hash(`tee ${index}`)}`;

/** Three nodes an owner. */
export const ownerOf = (index: number): Hex => `0x${hash(`owner ${Math.floor(index / 3)}`).slice(0, 40)}`;

export const endpointOf = (index: number): string => `https://gw${index}.og-nodes.example:8443`;

/** What is the matter with the node of an index: the ten kinds take turns. */
export const KINDS = [
  'ok',
  'ok',
  'late',
  'expired',
  'ok',
  'disabled',
  'ok',
  'pcr-revoked',
  'unreachable',
  'ok',
] as const;

const STATE_OF = {
  ok: 'ok',
  late: 'degraded',
  expired: 'down',
  disabled: 'down',
  'pcr-revoked': 'down',
  unreachable: 'degraded',
} as const;

export const kindOf = (index: number): (typeof KINDS)[number] => KINDS[index % KINDS.length] ?? 'ok';
export const stateOf = (index: number) => STATE_OF[kindOf(index)];

export function recordOf(index: number, changes: Partial<TeeRecord> = {}): TeeRecord {
  const kind = kindOf(index);
  const age = { late: 1_000, expired: MAX_AGE + 200 }[kind as string] ?? 120;
  return {
    teeId: teeIdOf(index),
    owner: ownerOf(index),
    paymentAddress: ownerOf(index),
    endpoint: endpointOf(index),
    publicKeyDer: Uint8Array.of(index % 256),
    tlsCertificateDer: Uint8Array.of(1, index % 256),
    pcrHash: kind === 'pcr-revoked' ? `0x${hash('revoked')}` : PCR,
    teeType: index % 4 === 3 ? 1 : 0,
    enabled: kind !== 'disabled',
    registeredAtSeconds: NOW - 40 * 86_400,
    lastHeartbeatAtSeconds: NOW - age,
    layout: 11,
    ohttp: true,
    ...changes,
  };
}

export function snapshotOf(records: TeeRecord[], changes: Partial<RegistrySnapshot> = {}): RegistrySnapshot {
  return {
    chainId: 10740,
    registry: REGISTRY,
    block: { number: 4_711n, hash: `0x${hash('block')}`, timestampSeconds: NOW },
    heartbeatMaxAgeSeconds: MAX_AGE,
    types: [
      { id: 0, name: 'LLMProxy' },
      { id: 1, name: 'Validator' },
    ],
    approvedPcrs: [
      { pcrHash: PCR, teeType: 0 },
      { pcrHash: PCR, teeType: 1 },
    ],
    records,
    ...changes,
  };
}

export function probeOf(record: TeeRecord, changes: Partial<ProbeResult> = {}): ProbeResult {
  return {
    teeId: record.teeId,
    endpoint: record.endpoint,
    atMs: NOW_MS - 30_000,
    outcome: 'ok',
    detail: '',
    latencyMs: 84,
    certificateMatches: true,
    certificateExpiresAtSeconds: NOW + 90 * 86_400,
    identityMatches: true,
    priceAgeSeconds: 30,
    heartbeatErrors: 0,
    heartbeatLastError: null,
    ...changes,
  };
}

/** The registry was read just now and answered. */
export async function registryIsFresh(store: Store): Promise<void> {
  await store.sources.put({
    source: REGISTRY_SOURCE,
    state: 'fresh',
    lastSuccessAtMs: NOW_MS - 1_000,
    lastAttemptAtMs: NOW_MS - 1_000,
    failingSinceMs: null,
    error: null,
    shortError: null,
  });
}

/** A network of `count` nodes, as the watchers would have stored it, each in the state that `stateOf` names. */
export async function seedNetwork(store: Store, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => recordOf(index));
  await store.nodes.saveSnapshot(snapshotOf(records), NOW_MS - 4_000);
  await registryIsFresh(store);
  // Twice, because one failed probe is not yet believed.
  for (const atMs of [NOW_MS - 60_000, NOW_MS - 30_000]) {
    await store.nodes.saveProbes(
      records.map((record, index) =>
        kindOf(index) === 'unreachable'
          ? probeOf(record, { atMs, outcome: 'unreachable', detail: 'connection refused', latencyMs: null })
          : probeOf(record, { atMs }),
      ),
    );
  }
}

export const callerOf = (platform: PlatformName): Caller => ({ platform, userId: '4242', name: 'Mo' });

export function placeOf(platform: PlatformName, changes: Partial<Place> = {}): Place {
  return {
    platform,
    kind: platform === 'terminal' ? 'terminal' : 'group',
    address: { platform, chatId: `${platform}-here`, threadId: null },
    title: 'The watchers',
    callerManages: async () => true,
    missingPermissions: async () => [],
    ...changes,
  };
}

export interface Bot extends Dispatcher {
  /** What went wrong inside; empty when all is well. */
  reported: unknown[];
  /** What was sent outside the queue. */
  sent: OutgoingMessage[];
  /** Calls as the metrics see them: command and outcome. */
  observed: string[];
  context: BotContext;
}

/** The real commands behind the real dispatcher on a store; only the door to the chats is a stand-in. */
export function botOn(store: Store, outcome: DeliveryOutcome = { kind: 'sent', messageId: '1' }): Bot {
  const reported: unknown[] = [];
  const sent: OutgoingMessage[] = [];
  const observed: string[] = [];
  const context: BotContext = {
    store,
    clock: { now: () => NOW_MS, sleep: async () => undefined },
    random: secureRandom,
    version: '0.1.0',
    ...contextDefaults,
    thresholds: defaultThresholds,
    rules: createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 }),
    async sendNow(message) {
      sent.push(message);
      return outcome;
    },
  };
  const dispatcher = createDispatcher(context, commands, {
    report: (error) => reported.push(error),
    observe: (command, _, outcome) => observed.push(`${command}: ${outcome}`),
  });
  return { ...dispatcher, reported, sent, observed, context };
}
