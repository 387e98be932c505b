import type { Hex } from './facts.ts';

/** One more thing to read governance from: a row of configuration (`GOVERNANCE_SOURCES`), or Bedrock's own keys. */
export type GovernanceRow = VeSeasonRow | CurveRow | GovernorRow | SnapshotRow | HoldersRow;

interface Named {
  /** Lower case: what commands call the network. Rows of the same network belong together. */
  network: string;
  /** As readers see it. */
  title: string;
  intervalMs: number;
}

interface OnChain extends Named {
  rpcUrls: string[];
  chainId: number;
  /** Nothing that matters was emitted before it. */
  startBlock: bigint;
  confirmations: number;
}

/** Aragon's vote escrow with growing power, lock NFTs and (maybe) seasons. What belongs to it is resolved from the escrow. */
export interface VeSeasonRow extends OnChain {
  kind: 've-season';
  escrow: Hex;
  /** The token that should be locked; null takes any. */
  token: Hex | null;
}

/** Curve's VotingEscrow and GaugeController. */
export interface CurveRow extends OnChain {
  kind: 'curve';
  escrow: Hex;
  controller: Hex;
}

/** OpenZeppelin's Governor with an IVotes token. */
export interface GovernorRow extends OnChain {
  kind: 'governor';
  governor: Hex;
  /** null: asked from the governor (`token()`). */
  token: Hex | null;
}

export interface SnapshotRow extends Named {
  kind: 'snapshot';
  space: string;
  /** The GraphQL endpoint. */
  api: string;
  /** Secret; null: keyless, at most 60 questions a minute. */
  apiKey: string | null;
}

/** Balances of a token from an explorer with Blockscout's API v2. */
export interface HoldersRow extends Named {
  kind: 'holders';
  /** e.g. `https://base.blockscout.com/api/v2` */
  api: string;
  token: Hex;
  symbol: string;
  /** Addresses that hold for others (pools, bridges, vesting), with what they are; left out, and said. */
  exclude: Record<Hex, string>;
  /** The largest so many are read. */
  limit: number;
}
