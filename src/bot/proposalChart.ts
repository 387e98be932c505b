import { choiceName } from '../alerts/proposalWords.ts';
import type { ProposalStanding } from '../insight/participation.ts';
import type { Chart } from '../lib/chart.ts';
import { duration } from '../lib/units.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import { percentOf, percentPoint, proposalName, refWords } from './proposalWords.ts';

const CHOICES_DRAWN = 6;

/** Shares of what was cast by choice, of many the heaviest; and turnout beside the quorum. */
export function proposalChart(
  { choices, terms, ref, title }: StoredProposal,
  { cast, turnout, quorum, secondsLeft }: ProposalStanding,
  tally: readonly bigint[],
  network: string,
): Chart {
  const order = tally.map((value, at) => ({ value, at }));
  const isLong = choices.length > CHOICES_DRAWN;
  const shown = (
    isLong ? order.sort((a, b) => (b.value > a.value ? 1 : b.value < a.value ? -1 : a.at - b.at)) : order
  ).slice(0, CHOICES_DRAWN);
  const needed = quorum === null || terms.eligible === null ? null : percentOf(quorum.needed, terms.eligible);
  const left = secondsLeft === null ? '' : secondsLeft > 0 ? `, ends in ${duration(secondsLeft)}` : ', voting is over';
  const bars = (values: readonly (number | null)[]) => [
    { name: 'share', points: values.map((value, at): [number, number | null] => [at, value]) },
  ];
  return {
    title: proposalName({ ref, title }, 36),
    subtitle: `${network}${left}`,
    fromSeconds: 0,
    toSeconds: 1,
    panels: [
      {
        title: isLong ? `Of the power cast: ${CHOICES_DRAWN} of ${choices.length} choices` : 'Of the power cast',
        kind: 'shares',
        unit: 'percent',
        // Many choices often begin alike.
        categories: shown.map(({ at }) => (isLong ? `${at + 1}. ` : '') + choiceName(choices, at, isLong ? 17 : 22)),
        series: bars(shown.map(({ value }) => percentOf(value, cast ?? 0n))),
      },
      ...(turnout === null
        ? []
        : [
            {
              title: 'Of the power that could vote',
              kind: 'shares' as const,
              unit: 'percent' as const,
              categories: ['turnout', ...(needed === null ? [] : ['quorum'])],
              series: bars([percentPoint(turnout), ...(needed === null ? [] : [needed])]),
            },
          ]),
    ],
    alt: `Shares of the power cast on proposal ${refWords(ref)}${turnout === null ? '' : ', and turnout against the quorum'}`,
  };
}
