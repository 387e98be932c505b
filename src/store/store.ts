import type { Clock } from '../lib/clock.ts';
import type { Address, PlatformName } from '../lib/delivery.ts';
import type {
  BlockRef,
  Hex,
  ProbeResult,
  RegistryEvent,
  RegistrySnapshot,
  SourceStatus,
  TeeRecord,
} from '../lib/facts.ts';
import type { MetaStore } from '../lib/metaStore.ts';
import type { View } from '../lib/view.ts';
import type { Holder, Lease } from './lease.ts';

/**
 * What the rest of Assay may ask of the store. One implementation over Prisma serves both dialects
 * (`openStore`); a method that says "in one transaction" is all or nothing, also across kill -9.
 */
export interface Store {
  readonly dialect: 'sqlite' | 'postgresql';
  meta: MetaStore;
  sources: SourceRepository;
  nodes: NodeRepository;
  history: HistoryRepository;
  subscriptions: SubscriptionRepository;
  incidents: IncidentRepository;
  deliveries: DeliveryRepository;
  /**
   * The right to be the one process that writes. Throws AssayError, naming the other process, when there is one.
   */
  takeLease(clock: Clock, holder: Holder, signal: AbortSignal): Promise<Lease>;
  /** Cheap question that fails when the database cannot answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface SourceRepository {
  list(): Promise<SourceStatus[]>;
  get(source: string): Promise<SourceStatus | null>;
  put(status: SourceStatus): Promise<void>;
}

export interface Cursor {
  name: string;
  block: BlockRef;
}

/** A node (an endpoint) with its registrations and newest probes, as the store holds them. */
export interface StoredNode {
  id: number;
  key: string;
  firstSeenAtMs: number;
  lastBeatAtSeconds: number | null;
  records: TeeRecord[];
  /** Newest probe by teeId. */
  probes: ReadonlyMap<Hex, StoredProbe>;
}

export interface StoredProbe extends ProbeResult {
  /** Probes in a row with this outcome, and the first one's time. */
  streak: number;
  streakSinceMs: number;
}

/** One registry among those that a database may have seen. */
export interface RegistryId {
  registry: Hex;
  chainId: number;
}

/** The registry and its nodes, as of one block. */
export interface NodeFacts {
  registry: Omit<RegistrySnapshot, 'records'>;
  /** When this bot read it. */
  readAtMs: number;
  nodes: StoredNode[];
}

export interface NodeRepository {
  /** Everything known about nodes, from memory when nothing was written since; null before the first read. */
  facts(): Promise<NodeFacts | null>;
  /** A full read: replaces state and records in one transaction. Records no longer listed are kept (history), never deleted. */
  saveSnapshot(snapshot: RegistrySnapshot, readAtMs: number): Promise<void>;
  /** A newer head without changes: moves the snapshot's block forward. */
  touch(registry: Hex, block: BlockRef, readAtMs: number): Promise<void>;
  /** The chain that a registry was last read on; null before the first read. */
  chainOf(registry: Hex): Promise<number | null>;
  cursor(name: string): Promise<Cursor | null>;
  /** Blocks by which the cursor's chain is recognised again, oldest first, at most a few dozen. */
  checkpoints(cursorName: string): Promise<BlockRef[]>;
  addCheckpoints(cursorName: string, blocks: BlockRef[]): Promise<void>;
  /**
   * Stores logs, folds heartbeats into NodeHour and advances the cursor, which becomes a checkpoint, in one transaction.
   * Repeats are ignored.
   */
  saveEvents(registry: Hex, events: RegistryEvent[], cursor: Cursor, heartbeatMaxAgeSeconds: number): Promise<void>;
  /**
   * The chain has other blocks after this one: moves the cursor back to it, and takes back the logs after it, what was
   * folded from them and the registrations since then, in one transaction.
   */
  rewind(registry: Hex, cursor: Cursor, heartbeatMaxAgeSeconds: number): Promise<void>;
  /**
   * The chain is another one: forgets its records, its logs, what was folded from them into hours since `fromHour`, the
   * cursor and its checkpoints, in one transaction.
   */
  forgetChain(registry: Hex, cursorName: string, fromHour: number): Promise<void>;
  /** Newest first. */
  events(query: {
    teeIds?: Hex[];
    kinds?: RegistryEvent['kind'][];
    limit: number;
    sinceSeconds?: number;
  }): Promise<RegistryEvent[]>;
  /** Newest probes, samples and roll-ups of one round, in one transaction. */
  saveProbes(results: ProbeResult[]): Promise<void>;
}

export interface HourRollup {
  nodeId: number;
  hour: number;
  beats: number;
  coveredSeconds: number;
  activeSeconds: number;
  probes: number;
  reached: number;
  latencyHistogram: Uint8Array | null;
}

export interface HistoryRepository {
  /** Roll-ups with fromHour <= hour <= toHour, ordered by node and hour. */
  hours(query: { nodeIds: number[]; fromHour: number; toHour: number }): Promise<HourRollup[]>;
  /** Adds raw roll-ups (benchmarks, imports). */
  addHours(rows: HourRollup[]): Promise<void>;
  /**
   * Drops samples older than 48 h, heartbeats older than 30 days, deliveries of resolved incidents older than 30 days,
   * roll-ups and resolved incidents older than 400 days.
   */
  purge(nowMs: number): Promise<void>;
}

export interface StoredDestination {
  id: number;
  address: Address;
  title: string;
  state: 'active' | 'dead';
  deadReason: string | null;
}

export type SubscriptionScope = 'all' | 'node' | 'owner';

export interface StoredSubscription {
  id: number;
  destinationId: number;
  family: string;
  scope: SubscriptionScope;
  subject: string;
  createdBy: string;
  createdAtMs: number;
}

export interface SubscriptionRepository {
  /**
   * Creates destination and subscription as needed; `created` is false when it was there. Revives a dead destination.
   * Rejects with SubscriptionLimit, changing nothing, when the destination has as many as it may have.
   */
  add(input: {
    address: Address;
    title: string;
    family: string;
    scope: SubscriptionScope;
    subject: string;
    createdBy: string;
    nowMs: number;
  }): Promise<{ subscription: StoredSubscription; created: boolean }>;
  list(address: Address): Promise<{ destination: StoredDestination | null; subscriptions: StoredSubscription[] }>;
  /** Removes only if it belongs to that address; with its last one, and when nothing waits to be sent, the destination. */
  remove(address: Address, subscriptionId: number): Promise<boolean>;
  destination(id: number): Promise<StoredDestination | null>;
  markDead(destinationId: number, reason: string): Promise<void>;
  /**
   * The bot can no longer write to a place, and why. `wholeChat`: to the chat with all of its topics, else to exactly this
   * address (no thread: a forum's General).
   */
  placeGone(address: Address, reason: string, extent: { wholeChat: boolean }): Promise<void>;
  /** The bot can write there again; no thread: also to every topic of the chat. */
  revive(address: Address): Promise<void>;
  /** Every destination and subscription of oldChatId moves to newChatId (merging), in one transaction. */
  migrate(platform: PlatformName, oldChatId: string, newChatId: string): Promise<void>;
  counts(): Promise<{ destinations: number; subscriptions: number }>;
}

export type Severity = 'info' | 'warning' | 'critical';
export type IncidentState = 'pending' | 'firing' | 'resolved';

export interface StoredIncident {
  id: number;
  rule: string;
  subject: string;
  state: IncidentState;
  severity: Severity;
  level: string;
  family: string;
  nodeId: number | null;
  owner: string | null;
  sinceSeconds: number;
  clearSinceSeconds: number | null;
  firedAtMs: number | null;
  resolvedAtMs: number | null;
  updatedAtMs: number;
  detail: Record<string, unknown>;
}

/** One step of one incident, with what is to be told about it. */
export interface IncidentChange {
  /** null id: a new incident. */
  incident: Omit<StoredIncident, 'id'> & { id: number | null };
  /** Pending incidents that clear again are dropped without a word. */
  drop?: boolean;
  event?: { kind: 'fired' | 'changed' | 'resolved'; view: View };
  /** Destinations told whatever they subscribed to (the admin destination). */
  alsoTo?: Address[];
}

export interface IncidentRepository {
  /** Pending and firing. */
  open(): Promise<StoredIncident[]>;
  /**
   * Applies changes and queues their deliveries, in one transaction. An incident of no node and no owner concerns every
   * subscriber of its family. `fired` and `resolved` go to every active
   * destination with a matching subscription (family and all / node / owner), `resolved` as a reply to the
   * message that told of the fire; `changed` edits the messages already sent. Set-based SQL, one statement an event.
   */
  apply(changes: IncidentChange[], nowMs: number): Promise<void>;
  recent(query: { limit: number; subject?: string }): Promise<StoredIncident[]>;
}

export interface QueuedDelivery {
  id: number;
  eventId: number;
  eventKind: 'fired' | 'changed' | 'resolved';
  attempts: number;
  createdAtMs: number;
  destination: StoredDestination;
  view: View;
  editMessageId: string | null;
  replyToMessageId: string | null;
}

export interface DeliveryRepository {
  /**
   * Claims up to `limit` due deliveries of a platform (pending -> sending), oldest first, at most one a destination
   * so that order is kept there.
   */
  claim(platform: PlatformName, limit: number, nowMs: number): Promise<QueuedDelivery[]>;
  markSent(id: number, messageId: string, nowMs: number): Promise<void>;
  /** Back to pending. */
  retry(id: number, nextAttemptAtMs: number, error: string): Promise<void>;
  fail(id: number, state: 'dead' | 'rejected', error: string): Promise<void>;
  /**
   * Rows left in `sending` by a killed process, or by a claim whose answer was lost, go back to pending; those of a
   * platform that are `underWay` here are left. Returns how many.
   */
  recover(nowMs: number, only?: { platform: PlatformName; underWay: readonly number[] }): Promise<number>;
  /** Pending and sending rows, and the oldest one's time. */
  backlog(): Promise<{ count: number; oldestAtMs: number | null }>;
  /** When the next pending delivery is due; null when there is none. */
  nextDueAtMs(platform: PlatformName): Promise<number | null>;
}
