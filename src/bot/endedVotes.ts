import type { ProposalStanding } from '../insight/participation.ts';
import type { Chart, Series } from '../lib/chart.ts';
import { toSeconds } from '../lib/clock.ts';
import { percent, plural } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { BotContext } from './context.ts';
import type { GovernanceSources } from './governanceSources.ts';
import { type Again, COLUMNS, isKnown, ROWS, windowButtons, windowSeconds } from './participationWindows.ts';
import { percentPoint, proposalName, refWords } from './proposalWords.ts';
import { PROPOSAL_KINDS, standingsOf } from './readProposals.ts';

/** More are not looked at. */
const MAX_PROPOSALS = 100;

/** Votes on proposals that ended within the window, the oldest first. */
export async function endedVotes(context: BotContext, found: GovernanceSources, window: string): Promise<Row[]> {
  const from = toSeconds(context.clock.now()) - windowSeconds(window);
  const sources = found.origins.filter(({ kind }) => PROPOSAL_KINDS.includes(kind)).map(({ source }) => source);
  const closed = (await context.store.governance.closedSince(sources, from, MAX_PROPOSALS)).toReversed();
  const proposals = closed.map(({ proposal }) => proposal);
  const standings = await standingsOf(context, proposals);
  const voters = closed.map(({ proposal, votes }) =>
    proposal.votesReadAtMs === null && votes.length === 0 ? null : new Set(votes.map(({ voter }) => voter)),
  );
  return proposals.map((proposal, at) => ({
    proposal,
    standing: standings[at] as ProposalStanding,
    voters: voters[at] ?? null,
    before: voters[at - 1] ?? null,
  }));
}

/** Turnout and who came back, from one vote to the next. */
export function endedVotesView(found: GovernanceSources, rows: readonly Row[], window: string, again: Again): View {
  return {
    title: `Participation in ${found.network.title}, last ${window}`,
    tone: rows.length === 0 ? 'unknown' : 'info',
    lines: [
      [{ strong: endedWords(rows, window) }],
      ...found.warning,
      ...rows.slice(-ROWS).reverse().map(proposalRow),
      ...(rows.length === 0 ? [] : [PROPOSAL_WORDS]),
      ...found.network.caution,
    ],
    ...(rows.length === 0 ? {} : { chart: proposalChart(rows, found.network.title) }),
    actions: [
      ...windowButtons(again, found.network.name, window),
      { label: 'Proposals', command: `gov proposals network:${found.network.name}`, mode: 'reply' },
    ],
    ...found.stamp,
  };
}

const PROPOSAL_WORDS =
  'Turnout by power: cast (abstaining counts) of all that could vote; by wallets only as a number, for how many could vote then is not known. Came back: of the voters on the proposal before. Votes from before this bot ran may be missing. Wallets are not people.';

export interface Row {
  proposal: StoredProposal;
  standing: ProposalStanding;
  /** null: its votes were never read. */
  voters: ReadonlySet<string> | null;
  before: ReadonlySet<string> | null;
}

/** `6 votes ended. Turnout by power: 40 % in the newest, 60 % on average.` */
export function endedWords(rows: readonly Row[], window: string): string {
  const known = rows.flatMap(({ standing: { turnout } }) => turnout ?? []);
  const newest = rows.at(-1);
  if (newest === undefined) return `No vote of the last ${window} is over, as far as is known.`;
  const ended = `${rows.length === MAX_PROPOSALS ? 'At least ' : ''}${plural(rows.length, 'vote')} ended`;
  if (known.length === 0) {
    const voters = newest.voters === null ? '' : `; ${plural(newest.voters.size, 'wallet')} voted in the newest`;
    return `${ended}${voters}; turnout by power is not known.`;
  }
  const mean = known.reduce((sum, turnout) => sum + turnout, 0) / known.length;
  const last = newest.standing.turnout === null ? 'not known' : percent(newest.standing.turnout);
  return `${ended}. Turnout by power: ${last} in the newest, ${percent(mean)} on average.`;
}

const keptOf = ({ voters, before }: Row): { kept: number; of: number } | null =>
  voters === null || before === null || before.size === 0
    ? null
    : { kept: [...before].filter((voter) => voters.has(voter)).length, of: before.size };

function proposalRow(row: Row): Line {
  const { proposal, standing, voters } = row;
  const kept = keptOf(row);
  const turnout = standing.turnout === null ? 'turnout not known' : `${percent(standing.turnout)} of power`;
  const wallets = voters === null ? 'voters not known' : plural(voters.size, 'wallet');
  return [
    '• ',
    { strong: proposalName(proposal, 40) },
    `: ${turnout}, ${wallets}${kept === null ? '' : `; ${kept.kept} of ${kept.of} came back`}`,
  ];
}

function proposalChart(rows: readonly Row[], network: string): Chart {
  const shown = rows.slice(-COLUMNS);
  const categories = shown.map(({ proposal }) => refWords(proposal.ref).slice(0, 8));
  const series = (name: string, value: (row: Row) => number | null): Series => ({
    name,
    points: shown.map((row, at): [number, number | null] => [at, value(row)]),
  });
  const hasTurnout = shown.some(({ standing: { turnout } }) => turnout !== null);
  return {
    title: `Participation in ${network}`,
    subtitle: shown.length === 1 ? 'the only vote that ended' : `the last ${shown.length} votes that ended`,
    fromSeconds: 0,
    toSeconds: 1,
    panels: [
      ...(hasTurnout
        ? [
            {
              title: 'Turnout by power',
              kind: 'columns' as const,
              unit: 'percent' as const,
              categories,
              series: [series('turnout', ({ standing: { turnout } }) => percentPoint(turnout))],
            },
          ]
        : []),
      {
        title: 'Wallets that voted',
        kind: 'columns',
        unit: 'count',
        categories,
        series: [
          series('voted', ({ voters }) => voters?.size ?? null),
          series('came back', (row) => keptOf(row)?.kept ?? null),
        ].filter(isKnown),
      },
    ],
    alt: `${hasTurnout ? 'Turnout by power and w' : 'W'}allets that voted on the last proposals of ${network}`,
  };
}
