import { leadWords, resultWords, turnoutParts } from '../alerts/proposalWords.ts';
import type { ProposalStanding } from '../insight/participation.ts';
import { shareOf } from '../lib/amount.ts';
import { isClosed, networkOf, type ProposalReading, type ProposalStatus } from '../lib/governanceFacts.ts';
import type { GovernanceNetwork } from '../lib/governanceNetwork.ts';
import { cleanText, duration, percent } from '../lib/units.ts';
import type { Line, Tone } from '../lib/view.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';

/** `#12`; of a long one its beginning, by which it can be asked for. */
export const refWords = (ref: string): string =>
  /^\d{1,10}$/.test(ref) ? `#${ref}` : cleanText(ref, 200).slice(0, 10);

/** What `gov proposal` takes for it, in quotes where it needs them; short enough for a Telegram button. */
export function refArgument(ref: string): string {
  const short = ref.slice(0, 12);
  return /^\w+$/.test(short) ? short : `"${short.replaceAll('"', '')}"`;
}

/** The command that shows one. */
export const proposalCommand = ({ ref, source }: Pick<StoredProposal, 'ref' | 'source'>): string =>
  `gov proposal ${refArgument(ref)} network:${networkOf(source)}`;

export const proposalName = ({ ref, title }: Pick<ProposalReading, 'ref' | 'title'>, max = 80): string =>
  `${refWords(ref)} ${cleanText(title, max) || '(without a title)'}`;

const BEFORE_THE_END: Readonly<Partial<Record<ProposalStatus, string>>> = {
  deposit: 'collecting its deposit',
  pending: 'voting has not begun',
  voting: 'voting',
};

/** Where it is, or what came of it: `voting`, `vetoed`. */
export const statusWords = ({ status }: Pick<ProposalReading, 'status'>, { outcome }: ProposalStanding): string =>
  isClosed(status) ? resultWords(status, outcome).word : (BEFORE_THE_END[status] ?? 'status not known');

export function statusTone({ status }: Pick<ProposalReading, 'status'>, { outcome }: ProposalStanding): Tone {
  if (isClosed(status)) return resultWords(status, outcome).tone;
  return status === 'unknown' ? 'unknown' : 'info';
}

/** `78.1 % yes, turnout 21 % of bonded power, quorum of 33.4 % reached`; empty where nothing of it is known. */
export const factWords = (proposal: StoredProposal, standing: ProposalStanding): string =>
  [leadWords(proposal, standing), turnoutParts(proposal, standing)].filter((words) => words !== '').join(', ');

/** What would come of it if it ended now. */
export const OUTCOME_WORDS: Readonly<Record<NonNullable<ProposalStanding['outcome']>, string>> = {
  passes: 'As it stands it passes.',
  fails: 'As it stands it is rejected.',
  vetoed: 'As it stands it is vetoed.',
  'no-quorum': 'As it stands it fails for lack of quorum.',
  open: 'Nobody has voted yet.',
};

/** One line of a list: name, network where there are several, status, end, and how it stands in few words. */
export function proposalRow(
  proposal: StoredProposal,
  standing: ProposalStanding,
  networks: readonly GovernanceNetwork[],
): Line {
  const { status, source } = proposal;
  const where =
    networks.length < 2 ? '' : ` (${networks.find(({ name }) => name === networkOf(source))?.title ?? source})`;
  const lacksQuorum = standing.quorum !== null && standing.quorum.missing > 0n;
  // Of what failed for lack of it, that is said already.
  const quorum = lacksQuorum && !(isClosed(status) && standing.outcome === 'no-quorum') ? ['no quorum yet'] : [];
  const facts = [
    leadWords(proposal, standing),
    standing.turnout === null ? '' : `turnout ${percent(standing.turnout)}`,
    ...(isClosed(status) ? [] : quorum),
  ].filter((words) => words !== '');
  return [
    '• ',
    { strong: `${proposalName(proposal, 60)}${where}` },
    `: ${[statusWords(proposal, standing) + endWords(proposal, standing), ...facts].join(', ')}`,
  ];
}

/** ` 5 d ago` of one that is over, `, ends in 5 h 12 min` of one that is open; by the clock of its source. */
function endWords({ status, endAtSeconds }: StoredProposal, standing: ProposalStanding): string {
  if (endAtSeconds === null) return '';
  if (isClosed(status)) return ` ${new Date(endAtSeconds * 1000).toISOString().slice(0, 10)}`;
  return status === 'voting' ? ` ${leftWords(standing)}` : '';
}

/** `ends in 5 h 12 min`, by the clock of its source. */
export function leftWords({ secondsLeft }: ProposalStanding): string {
  if (secondsLeft === null) return 'ends at a time that is not known';
  return secondsLeft === 0 ? 'is over; its result has not been read yet' : `ends in ${duration(secondsLeft)}`;
}

/** Percent of a share for a chart, rounded as words are. */
export const percentOf = (part: bigint, whole: bigint): number | null => percentPoint(shareOf(part, whole));

/** A share as percent for a chart, rounded as `percent` does. */
export const percentPoint = (share: number | null): number | null =>
  share === null ? null : Math.floor(share * 1000) / 10;
