import type { ProposalStanding } from '../../insight/participation.ts';
import { isClosed, PROPOSAL_STATUSES, type ProposalStatus } from '../../lib/governanceFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { asOfAll, findSources, type GovernanceSources, networkOption, notReadOf } from '../governanceSources.ts';
import { proposalCommand, proposalName, proposalRow } from '../proposalWords.ts';
import { PROPOSAL_KINDS, standingsOf } from '../readProposals.ts';

/** Two lines each on a phone. */
const ROWS = 6;
/** Open ones that are looked at for the next end. */
const MAX_OPEN = 100;

const OPEN: readonly ProposalStatus[] = ['deposit', 'pending', 'voting'];
const GROUPS: Readonly<Record<string, readonly ProposalStatus[]>> = {
  all: [],
  open: OPEN,
  closed: PROPOSAL_STATUSES.filter(isClosed),
};
const CHOICES = ['open', 'closed', 'all', ...PROPOSAL_STATUSES.filter((status) => status !== 'closed')];

export const govProposals: Command = {
  path: ['gov', 'proposals'],
  summary: 'Proposals, the newest first: status, end, turnout',
  options: [
    { name: 'status', summary: 'Only these', type: 'text', required: false, choices: CHOICES },
    networkOption,
    { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 10_000 },
  ],
  permission: 'everyone',
  examples: ['gov proposals', 'gov proposals open', 'gov proposals passed opengradient'],
  async run(context, { args }): Promise<View> {
    const status = String(args.status ?? 'all');
    const command = (network?: string, of: string | null = args.status === undefined ? null : status): string =>
      ['gov proposals', ...(of === null ? [] : [of]), ...(network ? [`network:${network}`] : [])].join(' ');
    const found = await findSources(context, args.network, PROPOSAL_KINDS, { what: 'proposals', again: command });
    if ('instead' in found) return found.instead;
    const named = args.network === undefined ? undefined : found[0]?.network.name;
    const [only] = found;
    if (found.every(({ isUnread }) => isUnread) && only !== undefined)
      return notReadOf(found, 'Proposals', command(named));
    const sources = found.flatMap(({ origins }) => origins.map(({ source }) => source));
    const statuses = GROUPS[status] ?? [status as ProposalStatus];
    const search = (page: number) =>
      context.store.governance.proposals({ sources, statuses, limit: ROWS, offset: (page - 1) * ROWS });
    const asked = Number(args.page ?? 1);
    const [first, voting] = await Promise.all([
      search(asked),
      context.store.governance.proposals({ sources, statuses: ['voting'], limit: MAX_OPEN, offset: 0 }),
    ]);
    const of = Math.max(1, Math.ceil(first.total / ROWS));
    const number = Math.min(asked, of);
    const { rows, total } = number === asked ? first : await search(number);
    const [standings, votingNow] = await Promise.all([standingsOf(context, rows), standingsOf(context, voting.rows)]);
    const networks = found.map(({ network }) => network);
    return {
      title: networks.length === 1 ? `Proposals of ${networks[0]?.title}` : 'Proposals',
      tone: 'info',
      lines: [
        [{ strong: headline(total, status, voting.total, votingNow) }],
        ...found.flatMap(({ warning }) => warning),
        ...rows.map((row, at) => proposalRow(row, standings[at] as ProposalStanding, networks)),
        ...(rows.length === 0 ? [] : cautionLines(found)),
      ],
      actions: [
        ...rows.map((row) => ({
          label: proposalName(row, 25),
          command: proposalCommand(row),
          mode: 'reply' as const,
        })),
        ...(status === 'open' || voting.total === 0 ? [] : [{ label: 'Open ones', command: command(named, 'open') }]),
      ],
      ...(of > 1 ? { page: { number, of, command: command(named) } } : {}),
      asOf: asOfAll(found),
      sources: found.flatMap(({ stamp }) => stamp.sources),
    };
  },
};

function headline(total: number, status: string, voting: number, standings: readonly ProposalStanding[]): string {
  const ends = standings.flatMap(({ secondsLeft }) => (secondsLeft === null || secondsLeft === 0 ? [] : secondsLeft));
  const next = ends.length === 0 ? '' : `, the next vote ends in ${duration(Math.min(...ends))}`;
  const now = voting === 0 ? 'No vote is open.' : `${plural(voting, 'vote')} open${next}.`;
  const kind = status === 'all' ? '' : ` (${status})`;
  return `${now} ${total === 0 ? `No proposals${kind} are known.` : `${plural(total, 'proposal')}${kind} in all:`}`;
}

const cautionLines = (found: readonly GovernanceSources[]): Line[] =>
  found.length === 1 ? [...(found[0]?.network.caution ?? [])] : [];
