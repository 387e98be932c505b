import type { Hex } from '../lib/facts.ts';
import type { GaugeEvent } from '../lib/gaugeFacts.ts';
import { EpochVoters, type EpochVotes } from './epochVoters.ts';
import { LockOwners } from './lockOwners.ts';
import { type Season, Seasons } from './seasons.ts';
import { VoteLedger } from './voteLedger.ts';

/** Power of one lock (or of one address, where votes are by address) on one gauge. */
export interface StandingVote {
  powerWei: bigint;
  epoch: number | null;
  atSeconds: number;
  /** Of Curve's form: the share of one's power, in ten thousandths; its power is not in the logs. */
  weightBps: number | null;
}

/** What the logs of a gauge source add up to, in log order. */
export interface GaugeState {
  /** Of every lock token that exists: who owns it. An exiting one belongs to the escrow, `exiting` says whose it was. */
  owners: ReadonlyMap<string, Hex>;
  exiting: ReadonlyMap<string, { holder: Hex; exitAtSeconds: number | null }>;
  /** Of owners who have no lock any more that is not on its way out: since when (block time). */
  leftAtSeconds: ReadonlyMap<Hex, number>;
  /** By lock token (decimal), or by address: then by gauge. */
  standing: ReadonlyMap<string, ReadonlyMap<Hex, StandingVote>>;
  /** Power that stands on each gauge, by the replay, and of all of them. */
  gaugeTotals: ReadonlyMap<Hex, bigint>;
  totalWei: bigint;
  gauges: ReadonlyMap<Hex, { active: boolean; createdAtSeconds: number; text: string | null }>;
  /** By number, oldest first. */
  epochs: ReadonlyMap<number, EpochVotes>;
  seasons: readonly Season[];
  /** Newest votes, newest first, at most 1,000: for what is told of large ones. */
  recent: readonly { owner: Hex; gauge: Hex; powerWei: bigint; atSeconds: number; epoch: number | null; key: string }[];
  /** Block time of the newest event; 0 without any. */
  lastAtSeconds: number;
}

/** How many of the newest votes are kept. */
const MAX_RECENT = 1_000;

/**
 * Replays logs into that state. Votes of a season voter end with the season: nothing that was cast before a season's start stands
 * after it. A vote belongs to the owner of the lock at that time, whoever sent it. Pure: no time but that of the blocks.
 *
 * Rules of Aragon's voters (aragon/ve-governance, TokenGaugeVoterSeason.sol and AddressGaugeVoter.sol): one Voted for each gauge; who
 * votes again is reset on each old gauge first; sums go by season, or for votes by address by epoch, where the voter is built so.
 */
export class GaugeReplay {
  readonly #currentVoter: Hex | null;
  readonly #ledgers = new Map<Hex, VoteLedger>();
  readonly #locks = new LockOwners();
  readonly #seasons = new Seasons();
  readonly #epochs = new EpochVoters(this.#seasons);
  #recent: { owner: Hex; gauge: Hex; powerWei: bigint; atSeconds: number; epoch: number | null; key: string }[] = [];
  #lastVoter: Hex | null = null;
  #lastAtSeconds = 0;

  /** `currentVoter`: the escrow's voter now; votes on others do not stand. Without it, the contract that was voted on last. */
  constructor(currentVoter: Hex | null = null) {
    this.#currentVoter = currentVoter;
  }

  /** The next events, in log order. */
  apply(events: readonly GaugeEvent[]): void {
    for (const event of events) {
      this.#lastAtSeconds = Math.max(this.#lastAtSeconds, event.blockTimestampSeconds);
      this.#advance(event.blockTimestampSeconds);
      this.#applyOne(event);
    }
  }

  /** After the newest event. It is live: the next `apply` changes it. */
  get state(): GaugeState {
    return this.stateAt(this.#lastAtSeconds);
  }

  /**
   * At a block time at or after the newest event: a season begins, and takes votes with it, without any log. `epoch`: the epoch
   * then, for voters whose votes count for one epoch only. Time does not go back: what ended stays ended.
   */
  stateAt(seconds: number, epoch: number | null = null): GaugeState {
    this.#advance(seconds);
    const voter = this.#currentVoter ?? this.#lastVoter;
    const ledger = (voter !== null && this.#ledgers.get(voter)) || new VoteLedger();
    if (ledger.startsAnewByEpoch && epoch !== null && epoch > ledger.newestEpoch) {
      ledger.newestEpoch = epoch;
      ledger.clear();
    }
    return {
      owners: this.#locks.owners,
      exiting: this.#locks.exiting,
      leftAtSeconds: this.#locks.leftAtSeconds,
      standing: ledger.standing,
      gaugeTotals: ledger.gaugeTotals,
      totalWei: ledger.totalWei,
      gauges: ledger.gauges,
      epochs: this.#epochs.byNumber,
      seasons: this.#seasons.announced,
      recent: this.#recent.slice(-MAX_RECENT).reverse(),
      lastAtSeconds: this.#lastAtSeconds,
    };
  }

  #applyOne(event: GaugeEvent): void {
    const { kind } = event;
    if (kind === 'voted') this.#vote(event);
    else if (kind === 'reset') this.#reset(event);
    else if (kind === 'weighted') this.#weigh(event);
    else if (kind === 'season-started') this.#announce(event);
    else if (kind.startsWith('gauge-')) this.#describe(event);
    else this.#locks.apply(event);
  }

  /** Season starts up to that block time take effect. */
  #advance(seconds: number): void {
    if (!this.#seasons.advance(seconds)) return;
    for (const ledger of this.#ledgers.values()) ledger.keepFrom(this.#seasons.startSeconds);
  }

  #announce({ season, atSeconds, blockTimestampSeconds }: GaugeEvent): void {
    if (season === null || atSeconds === null) return;
    this.#seasons.announce({ index: season, startSeconds: atSeconds, announcedAtSeconds: blockTimestampSeconds });
    this.#epochs.relabel();
    this.#advance(blockTimestampSeconds);
  }

  #ledgerOf(voter: Hex): VoteLedger {
    let ledger = this.#ledgers.get(voter);
    if (ledger === undefined) {
      ledger = new VoteLedger();
      this.#ledgers.set(voter, ledger);
    }
    return ledger;
  }

  #vote(event: GaugeEvent): void {
    const { gauge, valueWei, epoch, blockTimestampSeconds: atSeconds } = event;
    const voter = voterOf(event, this.#locks);
    if (voter === null || gauge === null || valueWei === null) return;
    const { key, owner } = voter;
    this.#lastVoter = event.emitter;
    const ledger = this.#ledgerOf(event.emitter);
    this.#matchSums(ledger, event);
    if (this.#ledgers.size > 1) this.#leaveOtherVoters(ledger, key, epoch);
    // Of an ended season: it counts for its epoch only.
    if (atSeconds >= this.#seasons.startSeconds) {
      const powerWei = (ledger.voteOf(key, gauge)?.powerWei ?? 0n) + valueWei;
      ledger.put(key, gauge, { powerWei, epoch, atSeconds, weightBps: null, castBy: owner });
      ledger.count(gauge, valueWei);
    }
    if (epoch !== null) this.#epochs.count(epoch, owner, valueWei, atSeconds);
    this.#recent.push({
      owner,
      gauge,
      powerWei: valueWei,
      atSeconds,
      epoch,
      key: `${event.blockNumber}:${event.logIndex}`,
    });
    if (this.#recent.length >= 2 * MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT);
  }

  /** A vote that is all the power which its contract counts: whatever stood there before has ended. */
  #matchSums(ledger: VoteLedger, { epoch, tokenId, valueWei, totalWei }: GaugeEvent): void {
    const isNewEpoch = epoch !== null && epoch > ledger.newestEpoch;
    if (epoch !== null && isNewEpoch) ledger.newestEpoch = epoch;
    if (ledger.totalWei === 0n) return;
    const isAlone = totalWei !== null && totalWei === valueWei;
    if (isAlone && isNewEpoch && tokenId === null) ledger.startsAnewByEpoch = true;
    if (isAlone || (isNewEpoch && ledger.startsAnewByEpoch)) ledger.clear();
  }

  #reset(event: GaugeEvent): void {
    const { emitter, gauge, valueWei, epoch } = event;
    const voter = voterOf(event, this.#locks);
    if (voter === null || gauge === null || valueWei === null) return;
    this.#lastVoter = emitter;
    const ledger = this.#ledgerOf(emitter);
    const vote = ledger.voteOf(voter.key, gauge);
    if (vote === undefined) return;
    ledger.drop(voter.key, gauge);
    ledger.count(gauge, -valueWei);
    if (vote.epoch === epoch) this.#epochs.take(epoch, vote.castBy, vote.powerWei);
  }

  /** Curve's: the share replaces the last one for that gauge; none ends it. Its power is not in the log. */
  #weigh({ emitter, from, gauge, weightBps, epoch, blockTimestampSeconds: atSeconds }: GaugeEvent): void {
    if (from === null || gauge === null || weightBps === null) return;
    this.#lastVoter = emitter;
    const ledger = this.#ledgerOf(emitter);
    if (weightBps === 0) {
      ledger.drop(from, gauge);
      return;
    }
    ledger.put(from, gauge, { powerWei: 0n, epoch, atSeconds, weightBps, castBy: from });
    if (epoch !== null) this.#epochs.count(epoch, from, 0n, atSeconds);
  }

  /** The escrow's voter was replaced within an epoch, and the lock voted on both: the later one counts. */
  #leaveOtherVoters(voted: VoteLedger, key: string, epoch: number | null): void {
    for (const ledger of this.#ledgers.values()) {
      const votes = ledger === voted ? undefined : ledger.standing.get(key);
      for (const vote of votes?.values() ?? []) {
        if (epoch === null || vote.epoch !== epoch) continue;
        this.#epochs.take(epoch, vote.castBy, vote.powerWei);
        // Taken once; a later reset on the old contract takes nothing more.
        vote.epoch = null;
      }
    }
  }

  #describe({ kind, emitter, gauge, text, blockTimestampSeconds }: GaugeEvent): void {
    if (gauge === null) return;
    const { gauges } = this.#ledgerOf(emitter);
    const known = gauges.get(gauge) ?? { active: true, createdAtSeconds: blockTimestampSeconds, text: null };
    if (kind === 'gauge-activated') known.active = true;
    if (kind === 'gauge-deactivated') known.active = false;
    if (kind === 'gauge-created' || kind === 'gauge-metadata') known.text = text;
    gauges.set(gauge, known);
  }
}

/** By which name a vote is kept, and whose it is: of the lock's owner, else of whoever sent it; of votes by address, theirs. */
function voterOf({ tokenId, from }: Pick<GaugeEvent, 'tokenId' | 'from'>, locks: LockOwners) {
  const key = tokenId?.toString() ?? from;
  const owner = (tokenId === null ? null : locks.ownerOf(tokenId.toString())) ?? from;
  return key === null || owner === null ? null : { key, owner };
}
