import type { ProposalStanding } from '../insight/participation.ts';
import { proposalStanding } from '../insight/proposalStanding.ts';
import { amount, shareOf } from '../lib/amount.ts';
import type { ProposalReading, ProposalStatus } from '../lib/governanceFacts.ts';
import { cleanText, percent } from '../lib/units.ts';
import type { Tone } from '../lib/view.ts';

const RESULTS: Readonly<Partial<Record<ProposalStatus, { word: string; tone: Tone }>>> = {
  passed: { word: 'passed', tone: 'ok' },
  queued: { word: 'passed', tone: 'ok' },
  executed: { word: 'passed', tone: 'ok' },
  rejected: { word: 'rejected', tone: 'degraded' },
  failed: { word: 'passed, and failed to execute', tone: 'degraded' },
  canceled: { word: 'canceled', tone: 'unknown' },
};

/** What came of a proposal that is over. Snapshot says only that voting is over: then whether the quorum was reached. */
export function resultWords(
  status: ProposalStatus,
  outcome: ProposalStanding['outcome'],
): { word: string; tone: Tone } {
  const said = RESULTS[status];
  if (said !== undefined) {
    if (status === 'rejected' && outcome === 'no-quorum')
      return { word: 'failed for lack of quorum', tone: 'degraded' };
    return status === 'rejected' && outcome === 'vetoed' ? { word: 'vetoed', tone: 'degraded' } : said;
  }
  if (outcome === 'no-quorum') return { word: 'quorum not reached', tone: 'degraded' };
  return { word: 'voting over', tone: 'info' };
}

/** `Turnout 21 % of bonded power, quorum of 33.4 % not reached (12k BR missing).`; says so where neither is known. */
export function turnoutWords(
  proposal: Pick<ProposalReading, 'status' | 'tally' | 'terms' | 'startAtSeconds' | 'endAtSeconds' | 'kinds'>,
  clockSeconds: number,
): string {
  const parts = turnoutParts(proposal, proposalStanding(proposal, clockSeconds));
  if (parts === '') return proposal.terms.shielded ? 'Votes are hidden until the end.' : 'Its turnout is not known.';
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}.`;
}

/** `turnout 21 % of bonded power, quorum of 33.4 % reached`; empty where neither is known. */
export function turnoutParts(
  { terms: { unit, eligible, eligibleWords } }: Pick<ProposalReading, 'terms'>,
  { turnout, quorum }: ProposalStanding,
): string {
  return [
    ...(turnout === null ? [] : [`turnout ${percent(turnout)} of ${cleanText(eligibleWords, 60)}`]),
    ...(quorum === null ? [] : [quorumWords(quorum, unit, eligible)]),
  ].join(', ');
}

function quorumWords(
  { needed, missing }: NonNullable<ProposalStanding['quorum']>,
  unit: ProposalReading['terms']['unit'],
  eligible: bigint | null,
): string {
  const share = eligible === null ? null : shareOf(needed, eligible);
  const name = share === null ? `quorum of ${amount(needed, unit)}` : `quorum of ${percent(share)}`;
  return missing === 0n ? `${name} reached` : `${name} not reached (${amount(missing, unit)} missing)`;
}

/** `78.1 % yes`, or `60.9 % for` the leading choice; empty while nothing was cast. */
export function leadWords(
  { choices, tally }: Pick<ProposalReading, 'choices' | 'tally'>,
  { yesShare, leading, cast }: ProposalStanding,
): string {
  if (yesShare !== null) return `${percent(yesShare)} yes`;
  const share = leading === null || tally === null ? null : shareOf(tally[leading] ?? 0n, cast ?? 0n);
  return leading === null || share === null ? '' : `${percent(share)} for ${choiceName(choices, leading, 40)}`;
}

/** What a choice is called, at most `max` characters; its number where it has no readable name. */
export const choiceName = (choices: readonly string[], at: number, max: number): string =>
  cleanText(choices[at] ?? '', max) || `choice ${at + 1}`;
