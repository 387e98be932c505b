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
import type { GaugeRepository } from './gaugeRepository.ts';
import type { GovernanceRepository } from './governanceRepository.ts';
import type { Holder, Lease } from './lease.ts';
import type { ModelRepository } from './modelRepository.ts';
import type { ProofRepository } from './proofRepository.ts';
import type { SetRepository } from './setRepository.ts';

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
  models: ModelRepository;
  proofs: ProofRepository;
  governance: GovernanceRepository;
  gauges: GaugeRepository;
  sets: SetRepository;
  subscriptions: SubscriptionRepository;
  incidents: IncidentRepository;
  deliveries: DeliveryRepository;
  accounts: AccountRepository;
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
  /** Known to this process from now on, and not stored: a source is read every second. */
  note(status: SourceStatus): void;
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
   * Drops samples older than 48 h, heartbeats and uses of models older than 30 days, deliveries of resolved incidents older
   * than 30 days, digests likewise, roll-ups and resolved incidents (with all about them) older than 400 days, proposals with their
   * votes and days of sets 800 days after their end, and what has expired: mutes and link codes.
   */
  purge(nowMs: number): Promise<void>;
}

export type ChatKind = 'private' | 'group' | 'channel' | 'terminal';
export type ResolveStyle = 'reply' | 'edit' | 'both' | 'none';
export type DigestEvery = 'off' | 'hourly' | 'daily' | 'weekly';

/** How a chat wants to hear its alerts. */
export interface ChatSettings {
  /** IANA zone of quiet hours, digests and dates. */
  timeZone: string;
  /** BCP 47 tag for dates; empty: UTC as numbers. */
  locale: string;
  /** Minutes after midnight in that zone; they may pass midnight. */
  quiet: { fromMinute: number; toMinute: number; criticalPasses: boolean } | null;
  resolveStyle: ResolveStyle;
  digest: DigestEvery;
  /** Minutes after midnight of a daily or weekly digest. */
  digestMinute: number;
  /** An unacknowledged critical alert is told again after this, with the mention, and to the other chat where one is set. */
  escalation: { afterSeconds: number; mention: string; toId: number | null } | null;
}

export interface StoredDestination {
  id: number;
  address: Address;
  title: string;
  kind: ChatKind;
  state: 'active' | 'dead';
  deadReason: string | null;
  settings: ChatSettings;
  /** The present or the next stretch of quiet hours; null without any. */
  quietUntil: { fromMs: number; toMs: number } | null;
  nextDigestAtMs: number | null;
}

/** `watch` is made by /proof watch alone. */
export type SubscriptionScope = 'all' | 'node' | 'owner' | 'model' | 'blob' | 'watch' | 'network' | 'voter';

/** What a subscription changes of its rules' defaults. */
export interface Overrides {
  floor: Severity;
  /** Told when the incident's value has reached this, in the rule's unit; null for the rule's own. */
  threshold: number | null;
  /** Told when the incident has lasted this long after it fired; null for at once. */
  delaySeconds: number | null;
  /** `role:<id>`, `user:<id>` or `name:<user name>`; empty for nobody. */
  mention: string;
  /** Rules of the family that it does not want, by id. */
  without: readonly string[];
}

export interface StoredSubscription extends Overrides {
  id: number;
  destinationId: number;
  family: string;
  /** Empty: every rule of the family. */
  rule: string;
  scope: SubscriptionScope;
  subject: string;
  pausedUntilMs: number | null;
  createdBy: string;
  createdAtMs: number;
}

/** What a new subscription is about, and how it begins. */
export type SubscriptionAbout = Pick<StoredSubscription, 'family' | 'rule' | 'scope' | 'subject'> & {
  changes: Partial<Overrides & { pausedUntilMs: number | null }>;
};

export interface StoredMute {
  /** Empty: every rule. */
  rule: string;
  untilMs: number;
  /** Name of whoever muted. */
  by: string;
}

/** An endless pause or mute, as a moment: the last that JavaScript and SQL both take. */
export const FOREVER_MS = 8_640_000_000_000_000;

export interface SubscriptionRepository {
  /**
   * Creates destination and subscription as needed; `created` is false when it was there (its overrides are then left as
   * they are). Revives a dead destination. What it concerns and fires already counts as told (the answer names it), so
   * that the chat hears the end. Rejects with SubscriptionLimit, changing nothing, when the chat has as many as it may have.
   */
  add(input: {
    address: Address;
    title: string;
    kind: ChatKind;
    family: string;
    rule?: string;
    scope: SubscriptionScope;
    subject: string;
    overrides?: Partial<Overrides>;
    createdBy: string;
    nowMs: number;
  }): Promise<{ subscription: StoredSubscription; created: boolean }>;
  list(address: Address): Promise<{
    destination: StoredDestination | null;
    subscriptions: StoredSubscription[];
    mutes: StoredMute[];
  }>;
  /** Changes overrides or the pause of one of that address's; null when it has no such one. */
  edit(
    address: Address,
    subscriptionId: number,
    changes: Partial<Overrides & { pausedUntilMs: number | null }>,
  ): Promise<StoredSubscription | null>;
  /**
   * Many changes of one chat, in one transaction. Makes the destination when missing, revives a dead one. An addition that
   * is there by now stays as it is; an edit of one that is gone is none. Rejects with SubscriptionLimit.
   */
  applySet(input: {
    address: Address;
    title: string;
    kind: ChatKind;
    additions: SubscriptionAbout[];
    edits: { id: number; changes: Partial<Overrides & { pausedUntilMs: number | null }> }[];
    mutes: StoredMute[];
    settings: Partial<ChatSettings>;
    /** They go with the settings they follow from; absent: as they are. */
    quietUntil?: { fromMs: number; toMs: number } | null;
    nextDigestAtMs?: number | null;
    /** `platform:userId` of whoever asks. */
    byId: string;
    nowMs: number;
  }): Promise<StoredDestination>;
  /** Removes only if it belongs to that address; with its last one, and when nothing waits to be sent, the destination. */
  remove(address: Address, subscriptionId: number): Promise<boolean>;
  /**
   * Changes how a chat hears, making its destination when missing. `quietUntil` and `nextDigestAtMs` go with the
   * settings they follow from.
   */
  configure(input: {
    address: Address;
    title: string;
    kind: ChatKind;
    settings: Partial<ChatSettings>;
    quietUntil?: { fromMs: number; toMs: number } | null;
    nextDigestAtMs?: number | null;
    nowMs: number;
  }): Promise<StoredDestination>;
  /**
   * A mute of the same rule is replaced. Makes the destination when missing. `byId` is `platform:userId` of whoever muted,
   * by which they can be forgotten.
   */
  mute(input: {
    address: Address;
    title: string;
    kind: ChatKind;
    mute: StoredMute;
    byId?: string;
    nowMs: number;
  }): Promise<void>;
  /** Lifts the mute of that rule, or every one (null), and every pause with the latter. How many were lifted. */
  unmute(address: Address, rule: string | null): Promise<number>;
  destination(id: number): Promise<StoredDestination | null>;
  /** Those whose quiet hours have passed, or whose digest is due. */
  dueDestinations(nowMs: number): Promise<StoredDestination[]>;
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
  /** What subscriptions of that scope are about, each once. */
  subjects(scope: SubscriptionScope): Promise<string[]>;
}

export type Severity = 'info' | 'warning' | 'critical';
/** In this order they are ranks: 0, 1, 2. */
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];
export type IncidentState = 'pending' | 'firing' | 'resolved';
export type IncidentEventKind = 'fired' | 'changed' | 'resolved' | 'reminder' | 'escalated';

export interface StoredIncident {
  id: number;
  rule: string;
  subject: string;
  state: IncidentState;
  severity: Severity;
  level: string;
  family: string;
  nodeId: number | null;
  /** An owner's address, or the author of a model; lower case. */
  owner: string | null;
  /** What else it is about, each as `scope:subject` of a subscription: `model:acme/fraud`. */
  topics: readonly string[];
  /** What thresholds of subscriptions are compared with, in the rule's unit; null: the rule has none. */
  value: number | null;
  /** It fired and cleared too often: one incident until it has been calm for a while. */
  unstable: boolean;
  /** `rule|subject` of a larger incident that speaks for this one. */
  inhibitedBy: string | null;
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
  /** It is over, and what still waits to be told of it is not told any more. */
  lapses?: boolean;
  event?: { kind: 'fired' | 'changed' | 'resolved'; view: View };
  /** Destinations told whatever they subscribed to (the admin destination). */
  alsoTo?: Address[];
}

/** An incident as one chat saw it. */
export interface IncidentRecord extends StoredIncident {
  notice: {
    toldAtMs: number;
    acknowledgedBy: string | null;
    acknowledgedAtMs: number | null;
    /** Not null: it was put off rather than acknowledged. */
    snoozedUntilMs: number | null;
  } | null;
}

export interface IncidentRepository {
  /** Pending and firing. */
  open(): Promise<StoredIncident[]>;
  /**
   * Applies changes and queues their deliveries, in one transaction. An incident of no node and no owner concerns every
   * subscriber of its family. `fired` is told to every active chat with a matching subscription (rule or family; all / node
   * / owner; severity floor, threshold; not paused, not muted), which gets a notice; an inhibited one not to chats that were
   * told of the larger one. `changed` edits the messages already sent and tells chats whose floor or threshold it has
   * reached now. `resolved` goes to those who were told, in the style they chose. In quiet hours deliveries are held.
   * Set-based SQL, one statement an event and purpose.
   */
  apply(changes: IncidentChange[], nowMs: number): Promise<void>;
  /**
   * Tells firing incidents to chats that match only now: a delay or threshold was reached, a mute, pause or inhibition
   * has ended. How many deliveries were queued.
   */
  tellLate(nowMs: number): Promise<number>;
  /** Queues reminders (gaps grow: 1 h, 4 h, then every 24 h) of what is neither acknowledged nor snoozed. */
  remind(nowMs: number, view: (incident: StoredIncident) => View): Promise<number>;
  /** Queues what is unacknowledged for too long: with its mention, and to the other chat. Once a notice. */
  escalate(nowMs: number, view: (incident: StoredIncident) => View): Promise<number>;
  /** Held deliveries of that chat become due, as one message; they count as queued from now on. */
  release(destinationId: number, nowMs: number): Promise<number>;
  /** Newest first; with `destinationId`, as that chat saw them. Pending ones are not among them. */
  recent(query: {
    limit: number;
    subject?: string;
    sinceMs?: number;
    offset?: number;
    destinationId?: number;
  }): Promise<IncidentRecord[]>;
  /** How often each rule and subject (`rule|subject`) fired or resolved since then: for those that turned at all. */
  turns(sinceMs: number): Promise<Map<string, number>>;
  /** The incidents that one message of one chat is about (any delivery of its group); empty when it has none. */
  ofMessage(address: Address, deliveryId: number): Promise<IncidentRecord[]>;
  /** Notes who takes care, so that reminders and escalation end; `snoozedUntilMs` ends them until then. Only notices of that address. */
  attend(input: {
    address: Address;
    incidentIds: number[];
    by: string;
    byId: string;
    nowMs: number;
    snoozedUntilMs: number | null;
  }): Promise<number>;
}

/** One message to send: a delivery with those that are told together with it. */
export interface QueuedDelivery {
  /** Of the first; the message is known by it. */
  id: number;
  mode: 'send' | 'reply' | 'edit';
  attempts: number;
  createdAtMs: number;
  destination: StoredDestination;
  /** What it says: one View each, oldest first, at least one; for an edit all that the message is about. */
  parts: DeliveryPart[];
  mention: string;
  editMessageId: string | null;
  replyToMessageId: string | null;
  /** held together: `quiet` hours, or a `backlog`; else empty. */
  reason: '' | 'quiet' | 'backlog';
}

export interface DeliveryPart {
  view: View;
  /** null: about no incident. */
  incident: { id: number; state: IncidentState; rule: string; severity: Severity } | null;
  kind: IncidentEventKind | 'digest';
  notice: { acknowledgedBy: string | null; acknowledgedAtMs: number | null; snoozedUntilMs: number | null } | null;
}

export interface DeliveryRepository {
  /**
   * Claims up to `limit` messages of a platform that are due (pending -> sending), critical first, at most one a
   * destination so that order is kept there. Rows of one destination with the same group key that are due go together,
   * and stay together when they are claimed again after a crash.
   */
  claim(platform: PlatformName, limit: number, nowMs: number): Promise<QueuedDelivery[]>;
  /** `id`: of the message (its first delivery); all of its rows are marked. */
  markSent(id: number, messageId: string, nowMs: number): Promise<void>;
  /** Back to pending. */
  retry(id: number, nextAttemptAtMs: number, error: string): Promise<void>;
  fail(id: number, state: 'dead' | 'rejected', error: string): Promise<void>;
  /**
   * Rows left in `sending` by a killed process, or by a claim whose answer was lost, go back to pending; those of a
   * platform that are `underWay` here are left. Returns how many.
   */
  recover(nowMs: number, only?: { platform: PlatformName; underWay: readonly number[] }): Promise<number>;
  /** Queues a message about no incident (a digest). */
  queue(destinationId: number, view: View, nowMs: number): Promise<void>;
  /** Pending and sending rows, and the oldest one's time. */
  backlog(): Promise<{ count: number; oldestAtMs: number | null }>;
  /** When one of the newest messages was sent; null before the first. */
  lastSentAtMs(): Promise<number | null>;
  /** Pending rows that are due, of one platform. */
  due(platform: PlatformName, nowMs: number): Promise<number>;
  /** Due rows below critical become one message a chat. How many rows were collapsed. */
  collapse(platform: PlatformName, nowMs: number): Promise<number>;
  /** Rows by outcome, for the metrics. */
  counts(): Promise<{ state: string; count: number }[]>;
  /** When the next pending delivery is due that is not due by `afterMs`; null when there is none. */
  nextDueAtMs(platform: PlatformName, afterMs: number): Promise<number | null>;
}

/** What is stored about one person, over all accounts that are linked. */
export interface StoredPerson {
  /** Every account of the person (`platform:userId`), the asked one first. */
  accounts: string[];
  /** Subscriptions that they created, wherever. */
  subscriptions: (Pick<StoredSubscription, 'id' | 'family' | 'rule' | 'scope' | 'subject'> & {
    platform: PlatformName;
    chatTitle: string;
  })[];
  /** Their private chats with the bot. */
  privateChats: { platform: PlatformName; title: string }[];
  /** Alerts that they acknowledged or snoozed. */
  acknowledgements: number;
  mutes: number;
  /** Answers that they follow, or followed within the last days, until these are proven. */
  watches: number;
  /** Subscriptions and escalations of any chat that call them by their id. */
  mentions: number;
}

/** A person's accounts (`platform:userId`) on the apps, and what is stored about the person. */
export interface AccountRepository {
  /** A one-time code, as its hash; an account has one at a time, the newest. */
  createCode(accountId: string, hash: string, expiresAtMs: number): Promise<void>;
  /**
   * Makes both accounts, with all that are linked to either, one person's. The code is used up by that. `unknown`: there
   * is no such code, or it has expired; `same`: it is the account's own.
   */
  redeem(hash: string, accountId: string, nowMs: number): Promise<'linked' | 'unknown' | 'same'>;
  /** All accounts of the person, the asked one first; only that one when none is linked. */
  linked(accountId: string): Promise<string[]>;
  /** The account stands alone again; false when it did before. */
  unlink(accountId: string): Promise<boolean>;
  /** The person's private chats with the bot, over all accounts that are linked. */
  chats(accountId: string): Promise<StoredDestination[]>;
  stored(accountId: string): Promise<StoredPerson>;
  /**
   * Removes the person's private chats with all of it, their links and codes, and their name elsewhere: a community's
   * alerts stay, made by `forgotten`. One transaction.
   */
  forget(accountId: string): Promise<void>;
}
