import type { BlockRef, Hex } from './facts.ts';
import type { Unit } from './governanceFacts.ts';

/** Facts about locked tokens, gauges and votes on them. Plain data. */

/** The cursor that says up to which block the logs of a gauge source were read. */
export const gaugeCursor = (source: string, chainId: number): string => `gauges:${source}:${chainId}`;

export const GAUGE_EVENT_KINDS = [
  'voted',
  'reset',
  /** Curve's: a share of one's power for one gauge, replacing the last one. */
  'weighted',
  'gauge-created',
  'gauge-activated',
  'gauge-deactivated',
  'gauge-metadata',
  /** Of a lock NFT, minting and burning too. */
  'transfer',
  'deposit',
  'withdraw',
  'exit-queued',
  'season-started',
] as const;
export type GaugeEventKind = (typeof GAUGE_EVENT_KINDS)[number];

/** One log, decoded. Unique by (blockNumber, logIndex) within a chain; addresses are in lower case. What a kind does not say is null. */
export interface GaugeEvent {
  kind: GaugeEventKind;
  blockNumber: bigint;
  logIndex: number;
  blockTimestampSeconds: number;
  txHash: Hex;
  emitter: Hex;
  /** voted, reset, weighted: who sent it (an operator, maybe); transfer: from; deposit, withdraw: depositor; exit-queued: holder; gauge-created: creator. */
  from: Hex | null;
  /** transfer: to. */
  to: Hex | null;
  gauge: Hex | null;
  /** null on votes of the later form, which are counted by address. */
  tokenId: bigint | null;
  epoch: number | null;
  /** voted: power cast for the gauge; reset: power taken from it; deposit, withdraw: amount. In wei. */
  valueWei: bigint | null;
  /** voted, reset: the contract's own sums after it; deposit, withdraw: total locked. */
  gaugeTotalWei: bigint | null;
  totalWei: bigint | null;
  /** weighted: of one's power, in ten thousandths. */
  weightBps: number | null;
  /** exit-queued: exit date; season-started, deposit: start; weighted: the time that the log says. */
  atSeconds: number | null;
  season: number | null;
  /** Metadata of a gauge: untrusted, bounded, never fetched. */
  text: string | null;
}

/** What logs of some kinds say, besides where they are. */
export type GaugeSays = Omit<
  GaugeEvent,
  'kind' | 'blockNumber' | 'logIndex' | 'blockTimestampSeconds' | 'txHash' | 'emitter'
>;

export const SAYS_NOTHING: GaugeSays = {
  from: null,
  to: null,
  gauge: null,
  tokenId: null,
  epoch: null,
  valueWei: null,
  gaugeTotalWei: null,
  totalWei: null,
  weightBps: null,
  atSeconds: null,
  season: null,
  text: null,
};

/** One lock as the contracts answer. `id`: the token, or the owner where locks are no tokens. */
export interface Lock {
  id: string;
  /** Lower case. Of one that is exiting, who will get it. */
  owner: Hex;
  amountWei: bigint;
  startSeconds: number | null;
  endSeconds: number | null;
  powerWei: bigint;
  exiting: boolean;
  exitAtSeconds: number | null;
}

export interface Gauge {
  address: Hex;
  active: boolean;
  createdAtSeconds: number | null;
  /** Untrusted, bounded: what its metadata says, or null. */
  text: string | null;
  /** By the contract's own view at that block. */
  votesWei: bigint;
}

/** Vote window and epoch at the block, unix seconds. */
export interface EpochClock {
  epoch: number;
  startSeconds: number;
  endSeconds: number;
  voteStartSeconds: number;
  voteEndSeconds: number;
  votingActive: boolean;
}

/** Everything that the contracts of one gauge source answer at one block. */
export interface GaugeReading {
  source: string;
  chainId: number;
  block: BlockRef;
  unit: Unit;
  token: Hex;
  /** What was resolved from the escrow, by name: escrow, voter, clock, curve, queue, lockNFT. Every voter ever seen is kept by the store. */
  contracts: Record<string, Hex>;
  clock: EpochClock | null;
  /** null: the clock knows no seasons. `endSeconds` null: it runs. */
  season: { index: number; startSeconds: number; endSeconds: number | null } | null;
  gauges: Gauge[];
  /** By the contract; null where it does not say. */
  totalCastWei: bigint | null;
  totalLockedWei: bigint | null;
  tokenSupplyWei: bigint | null;
  /** Power that a lock can grow to, of one token; null: not known. */
  maxPowerWei: bigint | null;
  exitRules: { minLockSeconds: number | null; cooldownSeconds: number | null; feePpm: number | null };
  locks: Lock[];
  /** Standing power by voter as the contract answers, where logs do not say it (Curve). */
  standing: { owner: Hex; gauge: Hex; powerWei: bigint }[] | null;
  /** What could not be asked, in words for readers; empty when nothing. */
  missing: string[];
}

/** Whether the known locks are all that there are, by what the escrow says is locked; what is rounded lies within a thousandth. */
export function knowsAllLocks({ locks, totalLockedWei }: Pick<GaugeReading, 'locks' | 'totalLockedWei'>): boolean {
  if (totalLockedWei === null) return locks.length > 0;
  const known = locks.reduce((sum, { amountWei }) => sum + amountWei, 0n);
  return known * 1_000n >= totalLockedWei * 999n;
}
