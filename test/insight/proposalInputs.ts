import type { JudgedProposal } from '../../src/insight/proposalStanding.ts';
import type { ProposalTerms } from '../../src/lib/governanceFacts.ts';

/** Cosmos: yes, abstain, no, no with veto; quorum of 40 of 100, more than 1/2, veto by more than 1/3. */
export const cosmosTerms: ProposalTerms = {
  unit: { symbol: 'OPG', decimals: 0 },
  eligible: 100n,
  eligibleWords: 'bonded power',
  otherEligible: null,
  quorum: 40n,
  quorumChoices: [0, 1, 2, 3],
  threshold: { num: 1n, den: 2n },
  veto: { num: 1n, den: 3n },
  yes: 0,
  against: [2, 3],
  vetoChoice: 3,
  shielded: false,
};

/** Governor: against, for, abstain; those for and abstaining count towards the quorum. */
export const governorTerms: ProposalTerms = {
  ...cosmosTerms,
  quorumChoices: [1, 2],
  veto: null,
  yes: 1,
  against: [0],
  vetoChoice: null,
};

/** Free choices without any rule. */
export const freeTerms: ProposalTerms = {
  ...cosmosTerms,
  quorum: null,
  quorumChoices: [],
  threshold: null,
  veto: null,
  yes: null,
  against: [],
  vetoChoice: null,
};

export const judged = (tally: number[] | null, changes: Partial<JudgedProposal> = {}): JudgedProposal => ({
  status: 'voting',
  tally: tally?.map(BigInt) ?? null,
  terms: cosmosTerms,
  startAtSeconds: 1_000,
  endAtSeconds: 2_000,
  kinds: [],
  ...changes,
});
