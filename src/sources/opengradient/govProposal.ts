import type { Hex } from '../../lib/facts.ts';
import type { ProposalReading, ProposalStatus, ProposalTerms, Ratio, VoteReading } from '../../lib/governanceFacts.ts';
import { isClosed } from '../../lib/governanceFacts.ts';
import { cleanText } from '../../lib/units.ts';

/** What the gov precompile's structs mean (og-evm precompiles/gov/types.go). Text in them is anybody's. */

const MAX_TITLE = 200;
const MAX_SUMMARY = 2_000;
const MAX_KINDS = 20;
const MAX_KIND = 120;
/** The year 9999. */
const MAX_SECONDS = 253_402_300_799n;
const NANOSECONDS = 1_000_000_000n;

/** Vote options are counted from 1 on the chain. */
const CHOICES = ['yes', 'abstain', 'no', 'no with veto'];

const STATUS: readonly ProposalStatus[] = ['unknown', 'deposit', 'voting', 'passed', 'rejected', 'failed'];

export interface RawTally {
  yes: string;
  abstain: string;
  no: string;
  noWithVeto: string;
}

interface RawProposal {
  id: bigint;
  messages: readonly string[];
  status: number;
  finalTallyResult: RawTally;
  submitTime: bigint;
  votingStartTime: bigint;
  votingEndTime: bigint;
  title: string;
  summary: string;
  proposer: string;
}

interface RawParams {
  votingPeriod: bigint;
  expeditedVotingPeriod: bigint;
  quorum: string;
  threshold: string;
  vetoThreshold: string;
  expeditedThreshold: string;
}

/** A proposal as the chain has it, before it is known what it needs. */
export type ChainProposal = Omit<ProposalReading, 'terms'> & { id: bigint };

export interface GovParams {
  quorum: Ratio | null;
  threshold: Ratio | null;
  veto: Ratio | null;
  /** What an expedited proposal needs, which the chain does not mark but by its period. */
  expedited: { threshold: Ratio | null; periodSeconds: number } | null;
}

export function proposalOf(raw: RawProposal): ChainProposal {
  const status = STATUS[raw.status] ?? 'unknown';
  const proposer = raw.proposer.toLowerCase();
  return {
    id: raw.id,
    ref: String(raw.id),
    title: clean(raw.title, MAX_TITLE),
    summary: clean(raw.summary, MAX_SUMMARY),
    proposer: /^0x0{40}$/.test(proposer) ? null : proposer,
    status,
    kinds: raw.messages.slice(0, MAX_KINDS).map((type) => clean(type, MAX_KIND)),
    submittedAtSeconds: secondsOf(raw.submitTime),
    startAtSeconds: secondsOf(raw.votingStartTime),
    endAtSeconds: secondsOf(raw.votingEndTime),
    choices: CHOICES,
    // Zero until voting is over: then the running tally has to be asked for.
    tally: isClosed(status) ? tallyOf(raw.finalTallyResult) : null,
    votesCount: null,
    link: null,
  };
}

/** In the order of `CHOICES`, in ogwei. Throws where an amount is no number. */
export const tallyOf = ({ yes, abstain, no, noWithVeto }: RawTally): bigint[] =>
  [yes, abstain, no, noWithVeto].map(amountOf);

function amountOf(text: string): bigint {
  // Whole numbers, be they written as decimals.
  const [, whole] = /^(\d{1,78})(?:\.0{1,18})?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`tally of ${cleanText(text.slice(0, 200), 40)}`);
  return BigInt(whole);
}

export function paramsOf(raw: RawParams): GovParams {
  const { votingPeriod, expeditedVotingPeriod } = raw;
  const isTold = expeditedVotingPeriod > 0n && expeditedVotingPeriod !== votingPeriod;
  return {
    quorum: ratioOf(raw.quorum),
    threshold: ratioOf(raw.threshold),
    veto: ratioOf(raw.vetoThreshold),
    expedited: isTold
      ? { threshold: ratioOf(raw.expeditedThreshold), periodSeconds: Number(expeditedVotingPeriod / NANOSECONDS) }
      : null,
  };
}

/** `0.334000000000000000` as 167/500; null when it is no share from 0 to 1. */
export function ratioOf(text: string): Ratio | null {
  const [, whole, decimals = ''] = /^(\d{1,10})(?:\.(\d{1,36}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const den = 10n ** BigInt(decimals.length);
  const num = BigInt(whole + decimals);
  if (num > den) return null;
  const common = divisor(num, den);
  return { num: num / common, den: den / common };
}

const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : divisor(b, a % b));

/**
 * What a proposal needs by today's parameters. `bonded`: power that counts today, ogwei; null: not known. Of a proposal that is
 * closed pass null: today's power says nothing about it.
 */
export function termsOf(proposal: ChainProposal, params: GovParams | null, bonded: bigint | null): ProposalTerms {
  const { startAtSeconds: start, endAtSeconds: end } = proposal;
  const quorum = params?.quorum ?? null;
  const expedited = params?.expedited ?? null;
  const isExpedited = expedited !== null && start !== null && end !== null && end - start === expedited.periodSeconds;
  return {
    unit: { symbol: 'OPG', decimals: 18 },
    eligible: bonded,
    eligibleWords: 'bonded power',
    otherEligible: null,
    // Rounded up: what is below the share has not reached it.
    quorum: quorum === null || bonded === null ? null : (bonded * quorum.num + quorum.den - 1n) / quorum.den,
    quorumChoices: [0, 1, 2, 3],
    threshold: (isExpedited ? expedited.threshold : params?.threshold) ?? null,
    veto: params?.veto ?? null,
    yes: 0,
    against: [2, 3],
    vetoChoice: 3,
    shielded: false,
  };
}

interface RawVote {
  voter: string;
  options: readonly { option: number; weight: string }[];
}

/** A vote without its power, which the chain does not say; null when it holds an option that is not known here. */
export function voteOf({ voter, options }: RawVote): VoteReading | null {
  const choices = options.map(({ option, weight }) => ({ choice: option - 1, weight: weightOf(weight) }));
  const isReadable =
    choices.length > 0 &&
    choices.length <= CHOICES.length &&
    choices.every(({ choice, weight }) => CHOICES[choice] !== undefined && weight !== null);
  if (!isReadable) return null;
  return {
    voter: voter.toLowerCase() as Hex,
    choices: choices as VoteReading['choices'],
    power: null,
    castAtSeconds: null,
  };
}

/** `1.000000000000000000` as `1`. */
function weightOf(text: string): string | null {
  if (!/^[01](\.\d{1,18})?$/.test(text)) return null;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const secondsOf = (value: bigint): number | null => (value > 0n && value <= MAX_SECONDS ? Number(value) : null);
/** Cut first, so that cleaning costs no more than it must. */
const clean = (text: string, max: number): string => cleanText(text.slice(0, max * 8), max);
