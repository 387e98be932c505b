import type { ProposalReading, ProposalTerms, ValidatorReading, VoteReading } from '../../src/lib/governanceFacts.ts';
import { hex } from './sample.ts';

/** Plain facts about governance, each valid as it is; a test says only what matters to it. */

export const SOURCE = 'opengradient.governance';
export const OTHER = 'lido.snapshot';
export const VALIDATORS = 'opengradient.validators';

export const NO_VOTES: ReadonlyMap<string, never> = new Map<string, never>();

/** The lower-case address of a voter. */
export const voter = (id: number) => hex(id, 20);

export const terms = (more: Partial<ProposalTerms> = {}): ProposalTerms => ({
  unit: { symbol: 'power', decimals: 18 },
  eligible: 40n * 10n ** 18n,
  eligibleWords: 'bonded power',
  otherEligible: null,
  quorum: 334n * 10n ** 17n,
  quorumChoices: [0, 1, 2, 3],
  threshold: { num: 1n, den: 2n },
  veto: { num: 334n, den: 1_000n },
  yes: 0,
  against: [2, 3],
  vetoChoice: 3,
  shielded: false,
  ...more,
});

/** In its vote, from 1,000 to 9,000 seconds. */
export const proposal = (ref: string, more: Partial<ProposalReading> = {}): ProposalReading => ({
  ref,
  title: `Proposal ${ref}`,
  summary: 'Words.',
  proposer: voter(0xaa),
  status: 'voting',
  kinds: ['/poa.MsgAddValidator'],
  submittedAtSeconds: 900,
  startAtSeconds: 1_000,
  endAtSeconds: 9_000,
  choices: ['Yes', 'Abstain', 'No', 'No with veto'],
  tally: [0n, 0n, 0n, 0n],
  terms: terms(),
  votesCount: null,
  link: null,
  ...more,
});

export const vote = (id: number, choice = 0, more: Partial<VoteReading> = {}): VoteReading => ({
  voter: voter(id),
  choices: [{ choice, weight: '1' }],
  power: 10n ** 18n,
  castAtSeconds: null,
  ...more,
});

export const validator = (id: number, more: Partial<ValidatorReading> = {}): ValidatorReading => ({
  address: voter(id),
  consensus: hex(0xc0 + id, 20),
  moniker: `validator-${id}`,
  status: 'bonded',
  jailed: false,
  tombstoned: false,
  tokensWei: 10n ** 18n,
  jailedUntilSeconds: 0,
  missedBlocks: 3,
  windowBlocks: 100,
  minSignedPpm: 500_000,
  startHeight: 1n,
  ...more,
});
