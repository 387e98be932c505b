import { amount } from '../../lib/amount.ts';
import type { Chart } from '../../lib/chart.ts';
import { percent, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import {
  findGauges,
  GAUGE_CAUTION,
  type GaugeSources,
  gaugeCommand,
  gaugeName,
  rankedGauges,
  standingOf,
} from '../gaugeView.ts';
import { networkOption } from '../governanceSources.ts';
import { pageOf } from '../pages.ts';
import { percentPoint } from '../proposalWords.ts';

const BARS = 8;
const BUTTONS = 4;

type Ranked = ReturnType<typeof rankedGauges>;

export const govGauges: Command = {
  path: ['gov', 'gauges'],
  summary: 'Gauges by the power that stands on them',
  options: [networkOption, { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 10_000 }],
  permission: 'everyone',
  examples: ['gov gauges', 'gov gauges bedrock'],
  async run(context, { args }): Promise<View> {
    const again = (network?: string): string =>
      network === undefined ? 'gov gauges' : `gov gauges network:${network}`;
    const found = await findGauges(context, args.network, { what: 'gauges', again });
    if ('instead' in found) return found.instead;
    const { book, network } = found;
    const ranked = rankedGauges(book);
    const { shown, number, of } = pageOf(ranked, args.page);
    const from = ranked.indexOf(shown[0] as Ranked[number]);
    return {
      title: `Gauges of ${network.title}`,
      tone: ranked.length === 0 ? 'unknown' : 'info',
      lines: [
        [{ strong: headline(found, ranked) }],
        ...found.warning,
        ...shown.map(
          ({ address, votesWei, share, active }, at): Line => [
            `${from + at + 1}. `,
            { strong: gaugeName(address, book) },
            `: ${share === null ? '' : `${percent(share)}, `}${amount(votesWei, book.reading.unit)}${active ? '' : ' (not active)'}`,
          ],
        ),
        GAUGE_CAUTION,
        ...network.caution,
      ],
      ...(ranked.some(({ share }) => share !== null) ? { chart: chartOf(found, ranked) } : {}),
      actions: [
        ...shown.slice(0, BUTTONS).map(({ address }) => ({
          label: gaugeName(address, book).slice(0, 30),
          command: gaugeCommand(address, network.name),
          mode: 'reply' as const,
        })),
        { label: 'Epoch', command: `gov epoch network:${network.name}`, mode: 'reply' },
      ],
      ...(of > 1 ? { page: { number, of, command: again(network.name) } } : {}),
      ...found.stamp,
    };
  },
};

function headline({ book }: GaugeSources, ranked: Ranked): string {
  const total = ranked.reduce((sum, { votesWei }) => sum + votesWei, 0n);
  const [first] = ranked;
  if (first === undefined) {
    const { missing, totalCastWei } = book.reading;
    const isRead = totalCastWei !== null && !missing.some((words) => words.includes('gauges'));
    return isRead ? 'The voter contract lists no gauges.' : 'Which gauges there are is not known.';
  }
  const count = plural(ranked.length, 'gauge');
  if (total === 0n || first.share === null) return `${count}, and no power stands on any of them.`;
  const voters = new Set(standingOf(book).map(({ owner }) => owner)).size;
  // While logs are still read, they would be too few.
  const who = voters === 0 || book.completeSinceSeconds === null ? '' : `, cast by ${plural(voters, 'wallet')}`;
  return `${gaugeName(first.address, book)} leads with ${percent(first.share)} of ${amount(total, book.reading.unit)} on ${count}${who}.`;
}

function chartOf({ book, network }: GaugeSources, ranked: Ranked): Chart {
  const shown = ranked.slice(0, BARS);
  return {
    title: `Gauges of ${network.title}`,
    subtitle:
      shown.length < ranked.length
        ? `the heaviest ${shown.length} of ${ranked.length}`
        : plural(ranked.length, 'gauge'),
    fromSeconds: 0,
    toSeconds: 1,
    panels: [
      {
        title: 'Share of the power on gauges',
        kind: 'shares',
        unit: 'percent',
        categories: shown.map(({ address }) => gaugeName(address, book)),
        series: [
          {
            name: 'share',
            points: shown.map(({ share }, at): [number, number | null] => [at, percentPoint(share)]),
          },
        ],
      },
    ],
    alt: `The ${shown.length} heaviest gauges of ${network.title} by the power that stands on them`,
  };
}
