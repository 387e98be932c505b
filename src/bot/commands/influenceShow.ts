import { amount, shareOf } from '../../lib/amount.ts';
import type { Chart } from '../../lib/chart.ts';
import { SET_WORDS, type SetKind, type SetMember } from '../../lib/influence.ts';
import { cleanText, percent } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { networkOption } from '../governanceSources.ts';
import { lorenzPanel, lorenzSeries } from '../influenceCurve.ts';
import { type FoundSet, findSet, SETS_SUMMARY, setOption } from '../influenceSets.ts';
import { countWords, decideWords, metricLines, notPeople } from '../metricWords.ts';
import { memberLabel } from '../setMembers.ts';
import { setStamp } from '../setStamp.ts';

const MEMBERS_SHOWN = 3;
const MAX_LEFT = 4;

/** Votes for gauges end with their season. */
const OF_SEASONS: readonly SetKind[] = ['gauge-voters', 'gauges'];

export const influenceShow: Command = {
  path: ['influence', 'show'],
  isDefault: true,
  summary: 'Who decides: how concentrated a set is, by every metric, each with its meaning',
  options: [setOption('set', SETS_SUMMARY), networkOption],
  permission: 'everyone',
  examples: ['influence validators', 'influence power bedrock', 'influence show gauges'],
  async run(context, { args }): Promise<View> {
    const found = await findSet(context, args.set, args.network, (set) => `influence show ${set}`);
    if ('instead' in found) return found.instead;
    const { day, kind, title, id, caution } = found;
    const { latest } = day;
    const members = (await context.store.sets.members(id, day.day))?.members ?? [];
    const { warning, asOf, sources } = setStamp(context, found);
    return {
      title: `Influence: ${title}`,
      tone: latest.count === 0 ? 'unknown' : 'info',
      lines: [
        [{ strong: decideWords(latest, kind) }],
        ...warning,
        ...(latest.count === 0 && OF_SEASONS.includes(kind) ? ['Votes end with their season, and begin anew.'] : []),
        ...largest(members, found),
        ...metricLines(latest, kind),
        madeOf(found),
        ...(caution.length === 0 ? [] : [caution.join(' ')]),
        ...notPeople(kind),
      ],
      ...(members.length < 2 ? {} : { chart: chartOf(found, members) }),
      actions: [
        { label: 'Trend', command: `influence trend ${id}`, mode: 'reply' },
        { label: 'This week', command: `influence trend ${id} 7d`, mode: 'reply' },
      ],
      ...{ asOf, sources },
    };
  },
};

function largest(members: readonly SetMember[], { day: { latest, about } }: FoundSet): Line[] {
  if (members.length < 2) return [];
  const total = BigInt(latest.total);
  const shown = members.slice(0, MEMBERS_SHOWN).map((member) => {
    const share = shareOf(member.weight, total);
    return `${memberLabel(member)} ${share === null ? amount(member.weight, about.unit) : percent(share)}`;
  });
  return [`Largest: ${shown.join(', ')}.`];
}

/** What was counted, and what was not. */
function madeOf({ kind, day: { latest, about } }: FoundSet): Line {
  const { entity, weight } = SET_WORDS[kind];
  const total = latest.count === 0 ? '' : ` (${amount(BigInt(latest.total), about.unit)} in all)`;
  const more = about.left.length > MAX_LEFT ? [`and ${about.left.length - MAX_LEFT} more`] : [];
  const left = [...about.left.slice(0, MAX_LEFT).map((one) => cleanText(one, 120)), ...more];
  return `One entity is one ${entity}; weight: ${weight}${total}.${left.length === 0 ? '' : ` Left out or merged: ${left.join('; ')}.`}`;
}

function chartOf({ title, kind, day }: FoundSet, members: readonly SetMember[]): Chart {
  const many = countWords(2, kind).replace('2 ', '');
  return {
    title,
    subtitle: `${day.day}, ${countWords(day.latest.count, kind)}: the deeper the curve, the fewer decide`,
    ...{ fromSeconds: 0, toSeconds: 1 },
    panels: [
      lorenzPanel(`Share of ${SET_WORDS[kind].weight.split(',')[0]}`, `${many}, lightest first`, [
        lorenzSeries('as it is', members),
      ]),
    ],
    alt: `Lorenz curve of ${title}: what share of the weight the lightest ${many} have together`,
  };
}
