import type { Chart } from '../../lib/chart.ts';
import { SET_WORDS } from '../../lib/influence.ts';
import { cleanText } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import { errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { lorenzPanel, lorenzSeries } from '../influenceCurve.ts';
import { type FoundSet, findSet, setOption } from '../influenceSets.ts';
import { againstLines, halfWords, notPeople } from '../metricWords.ts';
import { asWord } from '../modelNames.ts';
import { setStamp } from '../setStamp.ts';

export const influenceCompare: Command = {
  path: ['influence', 'compare'],
  summary: 'Two sets side by side: where do fewer decide?',
  options: [setOption('first', 'e.g. opengradient.validators'), setOption('second', 'e.g. bedrock.gauge-voters')],
  permission: 'everyone',
  examples: ['influence compare opengradient.validators bedrock.gauge-voters', 'influence compare power gauges'],
  async run(context, { args }): Promise<View> {
    const secondWord = asWord(String(args.second));
    const first = await findSet(context, args.first, undefined, (set) =>
      secondWord === null ? null : `influence compare ${set} ${secondWord}`,
    );
    if ('instead' in first) return first.instead;
    const second = await findSet(context, args.second, undefined, (set) => `influence compare ${first.id} ${set}`);
    if ('instead' in second) return second.instead;
    if (first.id === second.id) {
      const show = { label: first.title.slice(0, 40), command: `influence show ${first.id}` };
      return errorView('The same set twice', [`Both are ${first.title}: name two different ones.`], [show]);
    }
    return await compared(context, first, second);
  },
};

async function compared(context: BotContext, first: FoundSet, second: FoundSet): Promise<View> {
  const both = [first, second] as const;
  const stamps = both.map((one) => setStamp(context, one));
  const chart = await chartOf(context, first, second);
  return {
    title: 'Influence, compared',
    tone: both.some(({ day }) => day.latest.count === 0) ? 'unknown' : 'info',
    lines: [
      [{ strong: headline(first, second) }],
      ...stamps.flatMap(({ warning }) => warning),
      ...againstLines(first.day.latest, second.day.latest),
      ...both.map(madeOf),
      'They weigh different things: this says how few decide in each, not which of them is larger.',
      ...notPeople(first.kind, second.kind),
    ],
    ...(chart === null ? {} : { chart }),
    actions: both.map(({ id, title }) => ({
      label: title.slice(0, 40),
      command: `influence show ${id}`,
      mode: 'reply' as const,
    })),
    asOf: Math.min(...stamps.map(({ asOf }) => asOf)),
    sources: [...new Set(stamps.flatMap(({ sources }) => sources))],
  };
}

/** By how many hold more than half: the fewest decide where it is the smallest number, whatever the sizes of the sets. */
function headline(first: FoundSet, second: FoundSet): string {
  const empty = [first, second].filter(({ day }) => day.latest.count === 0);
  if (empty.length === 2) return 'In neither of them anybody has any weight: no comparison.';
  if (empty[0] !== undefined) return `${empty[0].title}: nobody has any weight there now, so there is no comparison.`;
  const [one, two] = [first.day.latest.nakamotoHalf ?? 0, second.day.latest.nakamotoHalf ?? 0];
  const fewer = one === two ? 'As few decide in both' : `Fewer decide in ${one < two ? first.title : second.title}`;
  return `${fewer}: ${halfOf(first)}, ${halfOf(second)}.`;
}

const halfOf = ({ day, kind, network }: FoundSet): string => `${halfWords(day.latest, kind)} at ${network}`;

function madeOf({ title, kind, day: { about } }: FoundSet): Line {
  const left = about.left.length === 0 ? '' : `; ${about.left.map((one) => cleanText(one, 100)).join('; ')}`;
  return `${title}: one entity is one ${SET_WORDS[kind].entity}; weight: ${SET_WORDS[kind].weight}${left}.`;
}

async function chartOf({ store }: BotContext, first: FoundSet, second: FoundSet): Promise<Chart | null> {
  const isOneKind = first.kind === second.kind;
  const series = await Promise.all(
    [first, second].map(async ({ id, day, kind, network }) =>
      lorenzSeries(isOneKind ? network : kind, (await store.sets.members(id, day.day))?.members ?? []),
    ),
  );
  if (series.some(({ points }) => points.length === 0)) return null;
  return {
    title: 'Influence, compared',
    subtitle: isOneKind
      ? SET_WORDS[first.kind].title
      : `${first.kind} of ${first.network}, ${second.kind} of ${second.network}`,
    ...{ fromSeconds: 0, toSeconds: 1 },
    panels: [lorenzPanel('Share of the weight', 'entities, lightest first', series)],
    alt: `Lorenz curves of ${first.title} and ${second.title}: the deeper one is that in which fewer decide`,
  };
}
