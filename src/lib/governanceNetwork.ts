import type { GovernanceKind } from './governanceFacts.ts';

/** One thing that governance of a network is read from. */
export interface GovernanceOrigin {
  /** `bedrock.votes` */
  source: string;
  kind: GovernanceKind;
  /** Where it is read, for readers: `vote escrow 0xe978… on chain 56`. */
  words: string;
}

/** A network whose governance can be asked for. */
export interface GovernanceNetwork {
  /** Lower case, as typed. */
  name: string;
  title: string;
  /** Empty: nothing is configured. */
  origins: readonly GovernanceOrigin[];
  /** What it lacks, a sentence each, with what was tried: "No Snapshot space is known for Bedrock: …". */
  missing: readonly string[];
  /** How votes work there, in sentences that a reader must know ("one validator, one power, delegation is blocked"). */
  caution: readonly string[];
}
