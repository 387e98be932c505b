import type { Address } from '../lib/delivery.ts';
import type { BlockRef, Hex } from '../lib/facts.ts';
import type {
  CheckedLeaf,
  LeafVerdict,
  ProofMode,
  SettlementEvent,
  SettlementState,
  SettlementVerdict,
} from '../lib/proofFacts.ts';
import type { Cursor, StoredDestination } from './store.ts';

export interface StoredSettlement extends SettlementEvent {
  id: number;
  sender: Hex | null;
  state: SettlementState;
  reason: string;
  seenAtMs: number;
  decidedAtMs: number | null;
  attempts: number;
  nextCheckAtMs: number | null;
  /** Of its leaves, without repeats. */
  counts: Record<LeafVerdict, number> & { repeated: number };
}

export interface StoredLeaf extends CheckedLeaf {
  settlement: StoredSettlement;
  repeat: boolean;
}

/** Hourly roll-up, see the ProofHour model. nodeId 0: the network as a whole; -1: no known node. */
export interface ProofHourRollup {
  hour: number;
  nodeId: number;
  mode: ProofMode;
  settled: number;
  valid: number;
  badSignature: number;
  unsigned: number;
  unknownNode: number;
  noKey: number;
  delays: Uint8Array | null;
  maxDelaySeconds: number;
  clamped: number;
  signed: number;
  exposedSeconds: number;
}

export interface SettlementParty {
  address: Hex;
  kind: 'emitter' | 'sender';
  firstSeenAtSeconds: number;
  firstSeenAtMs: number;
  lastSeenAtSeconds: number;
  events: number;
  /** It was there when settlements were read for the first time. */
  atFirst: boolean;
}

/** An answer that somebody follows. */
export interface StoredProofWatch {
  id: number;
  kind: 'tx' | 'request';
  hash: Hex;
  signedAtSeconds: number | null;
  createdAtMs: number;
  /** Chain time when it was asked for. */
  createdAtSeconds: number;
  createdBy: string;
  /** failed: the transaction was reverted. */
  state: 'waiting' | 'settled' | 'invalid' | 'expired' | 'failed';
  reason: string;
  settlementId: number | null;
  mode: ProofMode | null;
  delaySeconds: number | null;
  decidedAtMs: number | null;
}

/** What rules about proofs look at; lists are bounded to 1,000, newest first. */
export interface ProofFacts {
  /** When settlements were last read. */
  readAtMs: number;
  /**
   * Block times of the newest settlement of each mode that settled an answer for the first time, or may have and is of an emitter that
   * is no news; null: none is known.
   */
  lastBatchAtSeconds: number | null;
  lastIndividualAtSeconds: number | null;
  /** Valid, first-time answers settled within the last hour of chain time before `chainSeconds`, by mode. */
  lastHour: {
    mode: ProofMode;
    settled: number;
    unsigned: number;
    badSignature: number;
    /** Delays of the valid ones settled within the last 30 minutes: count, p50, p90, seconds. */
    recent: { count: number; p50: number; p90: number } | null;
  }[];
  /** Settlements whose root, count or form is wrong, or with badly signed leaves, decided within the last day. */
  faults: StoredSettlement[];
  /** Emitters and senders that were not there at first, first seen within the last day. */
  newParties: SettlementParty[];
  /** Per node (not 0, not -1) with a valid proof within 7 days: the newest's signed and settled time, and how many. */
  nodes: { nodeId: number; lastSignedAtSeconds: number; lastSettledAtSeconds: number; valid7d: number }[];
  /** Waiting ones, and those decided within the last day. */
  watches: StoredProofWatch[];
  /** Settlements that wait for their check, or for another attempt at it. */
  unchecked: { count: number; oldestAtSeconds: number | null };
  /** Rise of each usage counter over the last 30 minutes; null where there are fewer than two readings. */
  usage: { source: 'facilitator' | 'base'; rise: number | null }[];
}

export interface UsageReading {
  source: 'facilitator' | 'base';
  atMs: number;
  total: number;
}

export interface UsageDay {
  day: string;
  requests: number;
  costOpg: string;
  inputTokens: number;
  outputTokens: number;
  readAtMs: number;
}

export interface ProofRepository {
  /** For rules; from memory while nothing was written, at most 10 s old. null before settlements were read for the first time. */
  facts(nowMs: number, chainSeconds: number): Promise<ProofFacts | null>;
  /**
   * Stores settlement logs with the cursor in one transaction; repeats are ignored. Current forms become `pending` and due at
   * once, older ones `counted`. Emitters become parties (`atFirst` while the first reading of history goes on: `isFirstRead`).
   */
  saveEvents(
    events: SettlementEvent[],
    cursor: Cursor,
    options: { nowMs: number; isFirstRead: boolean },
  ): Promise<void>;
  /** The chain has other blocks after this one: what came after it, its leaves and what was folded from them is taken back. null: everything. */
  rewind(cursorName: string, block: BlockRef | null): Promise<void>;
  /** Settlements to check: those due for the longest, among them the oldest; in block order. */
  due(limit: number, nowMs: number): Promise<StoredSettlement[]>;
  /** Who sent them; senders become parties. By settlement id. */
  saveSenders(senders: ReadonlyMap<number, Hex>, options: { nowMs: number; isFirstRead: boolean }): Promise<void>;
  /**
   * What checking found, in one transaction: state, leaves, roll-ups, and watches that are answered by them. Leaves settled before
   * (same answer, same verdict) are marked as repeats and not counted. A settlement that is decided already is left alone. One that
   * is `unreadable` is not decided, and not looked at again. Leaves are kept of `verified` ones only; of an individual one the first.
   * `nodeOf`: Node ids by teeId.
   */
  saveVerdicts(
    verdicts: { settlementId: number; verdict: SettlementVerdict }[],
    options: { nowMs: number; nodeOf: ReadonlyMap<Hex, number> },
  ): Promise<void>;
  /** Could not be checked now: `unreadable` with the reason, looked at again then (null: never again). */
  postpone(rows: { settlementId: number; reason: string; nextCheckAtMs: number | null }[]): Promise<void>;
  /** Roll-ups with fromHour <= hour <= toHour, ordered by hour; one node (0: all). */
  hours(query: { nodeId: number; fromHour: number; toHour: number }): Promise<ProofHourRollup[]>;
  /** Sums of a window for every node (-1 included, 0 not), a row a mode; `hour` is the first of them. */
  byNode(query: { fromHour: number; toHour: number }): Promise<ProofHourRollup[]>;
  /** By transaction hash, Merkle root, or the request hash of a leaf: newest first, at most 10. */
  byHash(hash: Hex): Promise<StoredSettlement[]>;
  byBlob(blobId: string): Promise<StoredSettlement[]>;
  /** Leaves with that request hash, first settled first, at most 10. */
  leavesOf(requestHash: Hex): Promise<StoredLeaf[]>;
  parties(): Promise<SettlementParty[]>;
  /** Settlement events by kind, block time within the window; older forms too. `answers`: claimed (batch size, or 1). Refused ones are in both. */
  countsByKind(
    fromSeconds: number,
    toSeconds: number,
  ): Promise<{ kind: string; events: number; answers: number; refused: number }[]>;
  /** Distinct payers of individual settlements that were found valid, block time within the window. */
  payers(fromSeconds: number, toSeconds: number): Promise<number>;
  /** Proofs of that window by state. */
  states(fromSeconds: number, toSeconds: number): Promise<{ state: SettlementState; count: number }[]>;
  saveUsage(readings: UsageReading[], days: UsageDay[]): Promise<void>;
  /** What a counter rose by between its first and last reading within a time, also where it was started anew; null without two. */
  usageRise(
    source: 'facilitator' | 'base',
    fromMs: number,
    toMs: number,
  ): Promise<{ fromMs: number; toMs: number; rise: number } | null>;
  usageDays(fromDay: string): Promise<UsageDay[]>;

  /**
   * Follows an answer for a chat: a watch, and the subscription by which that chat hears of it (family `watch`, scope `watch`),
   * in one transaction. `limit`: that person has as many that wait as one may have. What is stored already answers it at once
   * (then decidedAtMs is `nowMs`): no news for that chat. One that the chat follows already, unless it was given up, is answered
   * instead, and learns when it was signed. Throws SubscriptionLimit.
   */
  watch(input: {
    kind: 'tx' | 'request';
    hash: Hex;
    signedAtSeconds: number | null;
    createdAtSeconds: number;
    place: { address: Address; title: string; kind: StoredDestination['kind'] };
    mention: string;
    createdBy: string;
    maxWaiting: number;
    nowMs: number;
  }): Promise<{ watch: StoredProofWatch; created: boolean } | 'limit'>;
  waiting(): Promise<StoredProofWatch[]>;
  /** Those with these ids that are still known, by id. */
  watches(ids: readonly number[]): Promise<StoredProofWatch[]>;
  /** Gives up watches that still wait. When a valid proof comes all the same, they are settled. */
  decide(rows: { id: number; state: 'expired' | 'failed'; reason: string; nowMs: number }[]): Promise<void>;
}
