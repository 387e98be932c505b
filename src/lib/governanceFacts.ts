import type { Hex } from './facts.ts';

/** Facts about proposals, votes and validators, whatever kind of governance they are read from. Plain data. */

export const GOVERNANCE_SOURCE = 'opengradient.governance';
export const VALIDATOR_SOURCE = 'opengradient.validators';

/** Source names of a row of configuration: `<network>.<part>`. */
export const PART_OF = {
  've-season': 'votes',
  curve: 'votes',
  governor: 'governor',
  snapshot: 'snapshot',
  holders: 'holders',
} as const;

export type GovernanceKind = keyof typeof PART_OF | 'cosmos' | 'validators';

/** `opengradient` of `opengradient.governance`. */
export const networkOf = (source: string): string => source.slice(0, source.indexOf('.'));

export const PROPOSAL_STATUSES = [
  'deposit',
  'pending',
  'voting',
  'passed',
  'rejected',
  'failed',
  'canceled',
  'queued',
  'executed',
  /** Voting is over, and the source does not say with what result (Snapshot). */
  'closed',
  'unknown',
] as const;
export type ProposalStatus = (typeof PROPOSAL_STATUSES)[number];

/** Statuses in which nothing more can be decided by voting. `queued` and `executed` have passed. */
export const isClosed = (status: ProposalStatus): boolean =>
  status !== 'deposit' && status !== 'pending' && status !== 'voting' && status !== 'unknown';

/** A share as two whole numbers, so that nothing is rounded where it decides. */
export interface Ratio {
  num: bigint;
  den: bigint;
}

/** What votes are counted in. */
export interface Unit {
  symbol: string;
  /** Amounts are whole numbers of 10^-decimals of it. */
  decimals: number;
}

/** What a proposal needs, and who could vote. */
export interface ProposalTerms {
  unit: Unit;
  /** All that could vote, in smallest parts; null: not known. `eligibleWords` says what that is ("bonded power", "supply at the snapshot"). */
  eligible: bigint | null;
  eligibleWords: string;
  /** Of another denominator, where there is one (delegated power of a Governor). */
  otherEligible: { amount: bigint; words: string } | null;
  /**
   * Power that must be reached, of the choices that count towards it. null: not known; or, where no choices count towards it
   * (`quorumChoices` is empty), there is none.
   */
  quorum: bigint | null;
  quorumChoices: number[];
  /** Share of yes among yes + no (+ veto) that must be passed, and the share of veto that stops it; null: there is none. */
  threshold: Ratio | null;
  veto: Ratio | null;
  /** Which choices are for and against; null where choices are free. Cosmos: veto counts as against too. */
  yes: number | null;
  against: number[];
  vetoChoice: number | null;
  /** Votes are hidden until the end. */
  shielded: boolean;
}

/** One proposal as its source says it. Texts are untrusted; the source bounds them and drops control characters. */
export interface ProposalReading {
  ref: string;
  title: string;
  summary: string;
  proposer: string | null;
  status: ProposalStatus;
  /** Message types of a Cosmos proposal, the voting system of a Snapshot one. */
  kinds: string[];
  submittedAtSeconds: number | null;
  startAtSeconds: number | null;
  endAtSeconds: number | null;
  choices: string[];
  /** Cast for each choice, in smallest parts; null: not known (not begun, hidden). */
  tally: bigint[] | null;
  terms: ProposalTerms;
  /** As the source counts them; null where it does not. */
  votesCount: number | null;
  link: string | null;
}

/** One vote as its source says it. */
export interface VoteReading {
  /** Lower case. */
  voter: string;
  /** Of one vote that is split; weights are decimal texts that add up to 1. `choice` counts from 0. */
  choices: { choice: number; weight: string }[];
  power: bigint | null;
  /** When it was cast, where the source says so. */
  castAtSeconds: number | null;
}

export type BondStatus = 'bonded' | 'unbonding' | 'unbonded';

/** One validator, joined with its signing record. */
export interface ValidatorReading {
  /** Lower case; an account votes with the same twenty bytes. */
  address: Hex;
  /** First twenty bytes of SHA-256 of its consensus key; null when that is not readable. */
  consensus: Hex | null;
  /** Untrusted text. */
  moniker: string;
  status: BondStatus;
  jailed: boolean;
  tombstoned: boolean;
  tokensWei: bigint;
  jailedUntilSeconds: number | null;
  /** null: no signing record is known. */
  missedBlocks: number | null;
  windowBlocks: number | null;
  /** Share of the window that must be signed, in millionths; missing more is jailed. */
  minSignedPpm: number | null;
  startHeight: bigint | null;
}
