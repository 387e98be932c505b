import type { Hex } from '../lib/facts.ts';
import type { StandingVote } from './gaugeReplay.ts';

/** A standing vote, and whom it was counted for when it was cast. */
export interface LedgerVote extends StandingVote {
  castBy: Hex;
}

export interface LedgerGauge {
  active: boolean;
  createdAtSeconds: number;
  text: string | null;
}

/** What one voter contract holds: votes by lock token or address, its own sums of them, and its gauges. */
export class VoteLedger {
  readonly standing = new Map<string, Map<Hex, LedgerVote>>();
  readonly gaugeTotals = new Map<Hex, bigint>();
  readonly gauges = new Map<Hex, LedgerGauge>();
  totalWei = 0n;
  newestEpoch = -1;
  /** Votes by address may count for one epoch only. No log says so; a first vote that is the contract's whole sum does. */
  startsAnewByEpoch = false;

  voteOf(key: string, gauge: Hex): LedgerVote | undefined {
    return this.standing.get(key)?.get(gauge);
  }

  put(key: string, gauge: Hex, vote: LedgerVote): void {
    let own = this.standing.get(key);
    if (own === undefined) {
      own = new Map();
      this.standing.set(key, own);
    }
    own.set(gauge, vote);
  }

  drop(key: string, gauge: Hex): void {
    const own = this.standing.get(key);
    own?.delete(gauge);
    if (own?.size === 0) this.standing.delete(key);
  }

  /** Sums move by what the log says, not by what was recorded: the contract may round them apart by a few wei. */
  count(gauge: Hex, byWei: bigint): void {
    const sum = (this.gaugeTotals.get(gauge) ?? 0n) + byWei;
    // A reset of a vote whose log is not known takes nothing from the others.
    if (sum > 0n) this.gaugeTotals.set(gauge, sum);
    else this.gaugeTotals.delete(gauge);
    const total = this.totalWei + byWei;
    this.totalWei = total > 0n ? total : 0n;
  }

  clear(): void {
    this.standing.clear();
    this.gaugeTotals.clear();
    this.totalWei = 0n;
  }

  /** Only what was cast at or after that moment stands; but votes by address, which heed no seasons (AddressGaugeVoter.sol). */
  keepFrom(seconds: number): void {
    const kept: [string, Hex, LedgerVote][] = [];
    for (const [key, votes] of this.standing) {
      const isByAddress = key.startsWith('0x');
      for (const [gauge, vote] of votes) if (isByAddress || vote.atSeconds >= seconds) kept.push([key, gauge, vote]);
    }
    this.clear();
    for (const [key, gauge, vote] of kept) {
      this.put(key, gauge, vote);
      this.count(gauge, vote.powerWei);
    }
  }
}
