import { decisive } from '../../insight/decisive.ts';
import type { ProposalStanding } from '../../insight/participation.ts';
import { isClosed, VALIDATOR_SOURCE } from '../../lib/governanceFacts.ts';
import { cleanText, percent, plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredProposal, StoredValidator, StoredVote } from '../../store/governanceRepository.ts';
import { echo, errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findSources, type GovernanceSources, networkOption } from '../governanceSources.ts';
import { proposalChart } from '../proposalChart.ts';
import { proposalFields } from '../proposalFields.ts';
import {
  factWords,
  leftWords,
  OUTCOME_WORDS,
  proposalCommand,
  proposalName,
  refArgument,
  statusTone,
  statusWords,
} from '../proposalWords.ts';
import { knowsAbsent, PROPOSAL_KINDS, proposalOption, standingsOf } from '../readProposals.ts';

/** Votes that are looked at for who decided; more have no weight worth a word. */
const VOTES_READ = 5_000;
const NAMES_SHOWN = 8;

export const govProposal: Command = {
  path: ['gov', 'proposal'],
  summary: 'One proposal: tally, turnout, quorum, time left, who decides and who has not voted',
  options: [proposalOption, networkOption],
  permission: 'everyone',
  examples: ['gov proposal 12', 'gov proposal 0x3f9a12bc', 'gov proposal 3 opengradient'],
  async run(context, { args }): Promise<View> {
    const typed = String(args.id).trim().replace(/^#/, '');
    const again = (network: string): string => `gov proposal ${refArgument(typed)} network:${network}`;
    const found = await findSources(context, args.network, PROPOSAL_KINDS, { what: 'proposals', again });
    if ('instead' in found) return found.instead;
    const named = await Promise.all(
      found.map(async (own) => ({
        own,
        proposal: await context.store.governance.findProposal(
          own.origins.map(({ source }) => source),
          typed,
        ),
      })),
    );
    const hits = named.flatMap(({ own, proposal }) => (proposal === null ? [] : [{ own, proposal }]));
    const [hit] = hits;
    if (hit === undefined) return notFound(typed, found);
    return hits.length > 1 ? whichOne(typed, hits) : await proposalView(context, hit);
  },
};

interface Hit {
  own: GovernanceSources;
  proposal: StoredProposal;
}

async function proposalView(context: BotContext, { own, proposal }: Hit): Promise<View> {
  const [standings, votes, validators] = await Promise.all([
    standingsOf(context, [proposal]),
    context.store.governance.votes(proposal.id, VOTES_READ),
    context.store.governance.validators(VALIDATOR_SOURCE),
  ]);
  const standing = standings[0] as ProposalStanding;
  const isCosmos = own.origins.some(({ source, kind }) => source === proposal.source && kind === 'cosmos');
  const able = validators.filter(({ status, goneAtMs }) => isCosmos && status === 'bonded' && goneAtMs === null);
  return {
    title: proposalName(proposal),
    tone: statusTone(proposal, standing),
    lines: [
      [{ strong: headline(proposal, standing) }],
      ...own.warning,
      ...endLines(proposal),
      ...absentLines(context, proposal, votes, able),
      ...decidedLines(votes, proposal, standing, new Map(validators.map(({ address, moniker }) => [address, moniker]))),
      ...summaryLines(proposal),
      ...own.network.caution,
      isCosmos ? 'Validators are not people: one operator may run several.' : 'Wallets are not people.',
    ],
    fields: proposalFields(proposal, standing, votes, new Set(able.map(({ address }) => address))),
    ...(proposal.tally === null || standing.cast === null || standing.cast === 0n
      ? {}
      : { chart: proposalChart(proposal, standing, proposal.tally, own.network.title) }),
    actions: [
      { label: 'Refresh', command: proposalCommand(proposal) },
      { label: 'All proposals', command: `gov proposals network:${own.network.name}`, mode: 'reply' },
    ],
    ...own.stamp,
    sources: [...own.stamp.sources, ...(proposal.link === null ? [] : [cleanText(proposal.link, 200)])],
  };
}

function whichOne(typed: string, hits: readonly Hit[]): View {
  const actions = hits.slice(0, 5).map(({ own, proposal }) => ({
    label: `${own.network.title}: ${proposalName(proposal, 40)}`.slice(0, 60),
    command: proposalCommand(proposal),
  }));
  return errorView('Which proposal?', [`Several networks have a proposal ${echo(typed)}: choose one.`], actions);
}

function notFound(typed: string, found: readonly GovernanceSources[]): View {
  const where = found.map(({ network }) => network.title).join(' and ');
  const [only] = found;
  const list = found.length === 1 && only !== undefined ? ` network:${only.network.name}` : '';
  return errorView(
    'No such proposal',
    [
      `No proposal ${echo(typed)} of ${where} is known; of a long id the first 8 characters are enough, if no other begins so.`,
      ...found.filter(({ isUnread }) => isUnread).map(({ network }) => `${network.title} has not been read so far.`),
    ],
    [{ label: 'All proposals', command: `gov proposals${list}` }],
  );
}

function headline(proposal: StoredProposal, standing: ProposalStanding): string {
  const facts = factWords(proposal, standing);
  const status = capital(statusWords(proposal, standing));
  if (isClosed(proposal.status)) return `${status}${facts === '' ? '' : `: ${facts}`}.`;
  if (proposal.status !== 'voting') return `${status}.`;
  const outcome = standing.outcome === null || standing.secondsLeft === 0 ? '' : ` ${OUTCOME_WORDS[standing.outcome]}`;
  const hidden = proposal.terms.shielded ? ' The tally is hidden until the end.' : '';
  return `Voting ${leftWords(standing)}${facts === '' ? '' : `: ${facts}`}.${outcome}${hidden}`;
}

const capital = (text: string): string => text.replace(/^./, (letter) => letter.toUpperCase());

function endLines({ endAtSeconds, previousEndAtSeconds }: StoredProposal): Line[] {
  if (previousEndAtSeconds === null || endAtSeconds === null) return [];
  return [[{ strong: 'Its end was changed' }, ': before, it was ', { time: previousEndAtSeconds }, '.']];
}

/** Who made the outcome, or does, and how few could turn it. */
function decidedLines(
  votes: readonly StoredVote[],
  proposal: StoredProposal,
  { outcome }: ProposalStanding,
  labels: ReadonlyMap<string, string>,
): Line[] {
  const [largest, second] = votes;
  if (largest === undefined) return [];
  const { top1, top5, flip } = decisive(votes, proposal);
  if (top1 === null)
    return [`Who decides is not known: of ${plural(votes.length, 'vote')} that are known, not all say their power.`];
  const alike = largest.power !== null && largest.power === second?.power;
  const who = alike ? 'no voter cast more than' : `${nameOf(largest.voter, labels)} cast`;
  const five = top5 === null || votes.length < 6 ? '' : `, the top 5 ${percent(top5)}`;
  const would = isClosed(proposal.status) ? 'would have turned it' : 'would turn it';
  // Without a quorum it would have failed either way.
  const turn = flip === null || outcome === 'no-quorum' ? '' : ` ${plural(flip, 'voter')} changing sides ${would}.`;
  return [`Who decides: ${who} ${percent(top1)} of the power cast${five}.${turn}`];
}

const nameOf = (voter: string, labels: ReadonlyMap<string, string>): string =>
  cleanText(labels.get(voter) ?? '', 40) || shortHex(voter);

/** Of proof of authority, where those who can vote are known. */
function absentLines(
  context: BotContext,
  proposal: StoredProposal,
  votes: readonly StoredVote[],
  able: readonly StoredValidator[],
): Line[] {
  if (proposal.status !== 'voting' || able.length === 0) return [];
  if (!knowsAbsent(proposal, context)) {
    return ['Who has not voted is not known: the votes could not be read completely of late.'];
  }
  const voted = new Set(votes.map(({ voter }) => voter));
  const absent = able.filter(({ address }) => !voted.has(address));
  if (absent.length === 0) return [`All ${able.length} validators have voted.`];
  const names = absent.slice(0, NAMES_SHOWN).map(({ address, moniker }) => cleanText(moniker, 30) || shortHex(address));
  const more = absent.length > NAMES_SHOWN ? ` and ${absent.length - NAMES_SHOWN} more` : '';
  return [
    [
      { strong: `Not voted yet: ${names.join(', ')}${more}` },
      ` (${absent.length} of ${plural(able.length, 'validator')}).`,
    ],
  ];
}

function summaryLines({ summary }: StoredProposal): Line[] {
  const text = cleanText(summary, 200);
  return text === '' ? [] : [`It says: ${text}`];
}
