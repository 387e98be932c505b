import { participationOf } from '../alerts/participationOf.ts';
import type { EpochParticipation } from '../insight/participation.ts';
import { amount } from '../lib/amount.ts';
import type { Chart, Series } from '../lib/chart.ts';
import { percent, plural } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import type { GaugeSources } from './gaugeView.ts';
import { type Again, COLUMNS, isKnown, ROWS, windowButtons, windowSeconds } from './participationWindows.ts';
import { percentPoint } from './proposalWords.ts';

/** Turnout and who came back, epoch by epoch. `also`: what is to be said besides. */
export function epochView(found: GaugeSources, window: string, again: Again, also: Line[]): View {
  const { book, network, nowSeconds } = found;
  const from = nowSeconds - windowSeconds(window);
  const all = participationOf(book);
  // An epoch in which nobody voted has no time of its own: it lies between the others.
  const first = all.findIndex(({ epoch }) => (book.state.epochs.get(epoch)?.lastAtSeconds ?? 0) >= from);
  const epochs = first === -1 ? [] : all.slice(first);
  return {
    title: `Participation in ${network.title}, last ${window}`,
    tone: epochs.length === 0 ? 'unknown' : 'info',
    lines: [
      [{ strong: epochHeadline(epochs, window) }],
      ...found.warning,
      ...epochs
        .slice(-ROWS)
        .reverse()
        .map((one) => epochRow(one, found)),
      ...alwaysLines(all, epochs, found),
      ...also,
      ...(epochs.length === 0 ? [] : EPOCH_WORDS),
      ...network.caution,
    ],
    ...(epochs.length === 0 ? {} : { chart: epochChart(epochs, network.title) }),
    actions: [
      ...windowButtons(again, network.name, window),
      { label: 'Epoch', command: `gov epoch network:${network.name}`, mode: 'reply' },
    ],
    ...found.stamp,
  };
}

/** Only where all votes since the first are read. */
function alwaysLines(
  all: readonly EpochParticipation[],
  shown: readonly EpochParticipation[],
  { book }: GaugeSources,
): Line[] {
  const [first] = all;
  const last = shown.findLast(({ isOver }) => isOver);
  if (first === undefined || last === undefined || last === first || book.completeSinceSeconds === null) return [];
  const who = last.always === 0 ? 'Nobody' : plural(last.always, 'wallet');
  return [`${who} voted in every epoch from ${first.epoch} to ${last.epoch}.`];
}

const EPOCH_WORDS: Line[] = [
  'Turnout: of the power of all live locks, and of the wallets that own them, as last read before the vote’s end; not known of epochs before this bot ran. Came back: of the voters of the epoch before who still have a lock.',
  'A season resets power: turnout by power is not compared across one. Wallets are not people.',
];

function epochHeadline(epochs: readonly EpochParticipation[], window: string): string {
  const over = epochs.filter(({ isOver }) => isOver);
  const last = over.at(-1) ?? epochs.at(-1);
  if (last === undefined) return `Nobody is known to have voted in the last ${window}.`;
  const before = epochs[epochs.indexOf(last) - 1];
  const turnout = turnoutOf(last);
  const most = Math.max(...epochs.map(({ voters }) => voters));
  const peak = most > Math.max(last.voters, before?.voters ?? 0) ? `, ${most} at most` : '';
  const change = before === undefined ? '' : `; ${before.voters} in the one before${peak}`;
  const verb = last.isOver ? 'voted' : 'have voted so far';
  return `${plural(last.voters, 'wallet')} ${verb} in epoch ${last.epoch}${turnout === '' ? '' : ` (${turnout})`}${change}.`;
}

const turnoutOf = ({ turnoutByPower, turnoutByWallets }: EpochParticipation): string =>
  [
    ...(turnoutByPower === null ? [] : [`${percent(turnoutByPower)} of power`]),
    ...(turnoutByWallets === null ? [] : [`${percent(turnoutByWallets)} of wallets`]),
  ].join(', ');

function epochRow(one: EpochParticipation, { book: { reading } }: GaugeSources): Line {
  const { epoch, voters, castWei, retention, newcomers, lapsed, returned, isOver } = one;
  const turnout = turnoutOf(one);
  const power = castWei === 0n ? '' : ` with ${amount(castWei, reading.unit)}`;
  const moves = [
    ...(retention === null ? [] : [`${retention.kept} of ${retention.of} came back${isOver ? '' : ' so far'}`]),
    ...(newcomers === 0 || retention === null ? [] : [`${newcomers} new`]),
    ...(returned === 0 ? [] : [`${returned} after a pause`]),
    // Who has not voted yet may still do so.
    ...(lapsed === 0 || !isOver ? [] : [`${lapsed} lapsed`]),
    ...(one.acrossReset ? ['a season began'] : []),
  ];
  return [
    '• ',
    { strong: `${epoch}${isOver ? '' : ' (now)'}: ${plural(voters, 'wallet')}` },
    `${power} (${turnout === '' ? 'turnout not known' : turnout})${moves.length === 0 ? '' : `; ${moves.join(', ')}`}`,
  ];
}

function epochChart(epochs: readonly EpochParticipation[], network: string): Chart {
  const shown = epochs.slice(-COLUMNS);
  const series = (name: string, value: (one: EpochParticipation) => number | null): Series => ({
    name,
    points: shown.map((one, at): [number, number | null] => [at, value(one)]),
  });
  const hasReset = shown.some(({ acrossReset }) => acrossReset);
  const categories = shown.map(({ epoch, acrossReset }) => `${epoch}${acrossReset ? ' *' : ''}`);
  const isRunning = shown.at(-1)?.isOver === false;
  return {
    title: `Participation in ${network}`,
    subtitle: `by epoch${isRunning ? `, ${shown.at(-1)?.epoch} so far` : ''}${hasReset ? '; * a season began' : ''}`,
    fromSeconds: 0,
    toSeconds: 1,
    panels: [
      {
        title: 'Wallets that voted',
        kind: 'columns',
        unit: 'count',
        categories,
        series: [
          series('voted', ({ voters }) => voters),
          series('came back', ({ retention }) => retention?.kept ?? null),
        ].filter(isKnown),
      },
      {
        title: 'Turnout',
        kind: 'columns',
        unit: 'percent',
        categories,
        series: [
          series('by power', ({ turnoutByPower }) => percentPoint(turnoutByPower)),
          series('by wallets', ({ turnoutByWallets }) => percentPoint(turnoutByWallets)),
        ],
      },
    ],
    alt: `Wallets that voted in ${network} by epoch, how many of them came back, and turnout by power and by wallets`,
  };
}
