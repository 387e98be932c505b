import type { Hex } from '../lib/facts.ts';
import type { Seasons } from './seasons.ts';

/** Who voted in one epoch, and with how much: by owner at that time, what stands of votes cast in it when it was over. */
export interface EpochVotes {
  epoch: number;
  season: number | null;
  voters: ReadonlyMap<Hex, bigint>;
  castWei: bigint;
  firstAtSeconds: number;
  lastAtSeconds: number;
}

interface EpochBook extends EpochVotes {
  voters: Map<Hex, bigint>;
}

/** Who voted in each epoch, as votes are cast and taken back. */
export class EpochVoters {
  /** In the order in which they were first voted in. */
  readonly byNumber = new Map<number, EpochBook>();
  readonly #seasons: Pick<Seasons, 'at'>;

  constructor(seasons: Pick<Seasons, 'at'>) {
    this.#seasons = seasons;
  }

  count(epoch: number, owner: Hex, byWei: bigint, atSeconds: number): void {
    const book = this.byNumber.get(epoch);
    if (book === undefined) {
      const voters = new Map([[owner, byWei]]);
      const times = { firstAtSeconds: atSeconds, lastAtSeconds: atSeconds };
      this.byNumber.set(epoch, { epoch, season: this.#seasons.at(atSeconds), voters, castWei: byWei, ...times });
      return;
    }
    book.voters.set(owner, (book.voters.get(owner) ?? 0n) + byWei);
    book.castWei += byWei;
    book.lastAtSeconds = atSeconds;
  }

  /** null: of no epoch that is known. */
  take(epoch: number | null, owner: Hex, byWei: bigint): void {
    const book = epoch === null ? undefined : this.byNumber.get(epoch);
    if (book === undefined) return;
    const left = (book.voters.get(owner) ?? 0n) - byWei;
    if (left > 0n) book.voters.set(owner, left);
    else book.voters.delete(owner);
    book.castWei -= byWei;
  }

  /** Another season is known. */
  relabel(): void {
    for (const book of this.byNumber.values()) book.season = this.#seasons.at(book.firstAtSeconds);
  }
}
