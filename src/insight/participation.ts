/** One epoch of gauge votes, and how it compares with the one before. Shares are 0 to 1; null: not known. */
export interface EpochParticipation {
  epoch: number;
  season: number | null;
  voters: number;
  castWei: bigint;
  eligibleWei: bigint | null;
  eligibleWallets: number | null;
  turnoutByPower: number | null;
  turnoutByWallets: number | null;
  /** Of the voters of the epoch before, those who voted again; null: nobody voted then, or it is not known. */
  retention: {
    kept: number;
    /** Without those who have no lock any more, and could not vote again. */
    of: number;
    share: number;
    exited: number;
  } | null;
  /** Never voted before, as far as known; voted before and not the last time; voted the last time and not now. */
  newcomers: number;
  returned: number;
  lapsed: number;
  /** Voted in every epoch that is known, up to this one. */
  always: number;
  /** A season began between the two: power is not comparable, wallets are. */
  acrossReset: boolean;
  /** Its vote is over. */
  isOver: boolean;
}

/** How much of an outcome the largest voters made, and how few could have changed it. */
export interface Decisive {
  /** Shares of the power cast. */
  top1: number | null;
  top5: number | null;
  /**
   * The fewest voters whose changing to the other side would have changed the result; null: no set of them would, or votes with
   * their power are not known.
   */
  flip: number | null;
}

/** Where a proposal stands. Every figure is null when it is not known. */
export interface ProposalStanding {
  cast: bigint | null;
  turnout: number | null;
  /** Power that counts towards the quorum, what is needed, and what is missing (0: reached). */
  quorum: { counted: bigint; needed: bigint; missing: bigint; share: number } | null;
  /** As it would end now. */
  outcome: 'passes' | 'fails' | 'vetoed' | 'no-quorum' | 'open' | null;
  /** Of yes + against; null where choices are free or nothing was cast. */
  yesShare: number | null;
  vetoShare: number | null;
  /** Of free choices: which leads. */
  leading: number | null;
  secondsLeft: number | null;
  /** Share of the voting time that has passed. */
  elapsed: number | null;
}
