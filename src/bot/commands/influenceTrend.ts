import { type Moved, whoMoved } from '../../insight/setChange.ts';
import type { SetMetrics } from '../../lib/influence.ts';
import { percent, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { SetDay } from '../../store/setRepository.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { networkOption } from '../governanceSources.ts';
import { daysBack, trendChart, WINDOWS } from '../influenceDays.ts';
import { type FoundSet, findSet, SETS_SUMMARY, setOption } from '../influenceSets.ts';
import { changeLines, notPeople } from '../metricWords.ts';
import { memberLabel } from '../setMembers.ts';
import { setStamp } from '../setStamp.ts';

const USUAL = '30d';
const SHOWN: readonly (keyof SetMetrics)[] = [
  ...(['count', 'nakamotoThird', 'nakamotoHalf', 'top1', 'gini', 'hhi'] as const),
];
const MOVED_SHOWN = 5;

export const influenceTrend: Command = {
  path: ['influence', 'trend'],
  summary: 'How a set’s concentration changed, and who moved it',
  options: [
    setOption('set', SETS_SUMMARY),
    {
      name: 'window',
      summary: `How far back; ${USUAL} if not said`,
      type: 'text',
      required: false,
      choices: Object.keys(WINDOWS),
    },
    networkOption,
  ],
  permission: 'everyone',
  examples: ['influence trend power', 'influence trend validators 400d', 'influence trend gauges 7d bedrock'],
  async run(context, { args }): Promise<View> {
    const window = String(args.window ?? USUAL);
    const found = await findSet(context, args.set, args.network, (set) => `influence trend ${set} ${window}`);
    if ('instead' in found) return found.instead;
    const back = WINDOWS[window] ?? 30;
    const days = await daysBack(context, found.id, back);
    const { warning, asOf, sources } = setStamp(context, found);
    const [before, last] = [days[0] ?? null, days.at(-1) ?? null];
    const isTrend = before !== null && last !== null && before !== last;
    return {
      title: `Influence over ${window}: ${found.title}`,
      tone: isTrend ? 'info' : 'unknown',
      lines: [
        [{ strong: isTrend ? headline(before, last) : noTrend(found, last, window) }],
        ...warning,
        ...(isTrend ? changeLines(SHOWN, before.latest, last.latest, 'Unchanged') : sinceOpening(last)),
        ...(isTrend ? await movedLines(context, before, last) : []),
        ...(isTrend && days.length <= back
          ? [`Known: ${plural(days.length, 'day')} of ${back + 1}, from ${before.day} on.`]
          : []),
        ...notPeople(found.kind),
      ],
      ...(isTrend ? { chart: trendChart(context, found, { days, window }) } : {}),
      actions: Object.keys(WINDOWS)
        .filter((one) => one !== window)
        .map((one) => ({ label: one, command: `influence trend ${found.id} ${one}` })),
      asOf,
      sources: [...sources, 'daily snapshots of this bot'],
    };
  },
};

function noTrend({ day }: FoundSet, last: SetDay | null, window: string): string {
  if (last === null) return `Nothing was read within the last ${window}; the newest snapshot is of ${day.day}.`;
  return `Of the last ${window} one day is known only, ${last.day}: no trend yet.`;
}

/** Of a single day all there is to tell. */
function sinceOpening(day: SetDay | null): Line[] {
  if (day === null) return [];
  const lines = changeLines(SHOWN, day.opening, day.latest, 'Unchanged');
  return [`Since that day’s first reading:`, ...lines];
}

function headline({ day, latest: before }: SetDay, { latest: after }: SetDay): string {
  const [then, now] = [before.nakamotoHalf, after.nakamotoHalf];
  if (now === null) return then === null ? NOBODY : `Nobody has any weight now; on ${day} ${then} had more than half.`;
  const have = `${now} ${now === 1 ? 'has' : 'have'} more than half`;
  if (then === null) return `${have}; on ${day} nobody had any weight.`;
  if (now !== then) {
    const [how, gone] = now < then ? ['fewer', 'concentrated'] : ['more', 'spread'];
    return `${have}, ${how} than the ${then} of ${day}: influence has ${gone}.`;
  }
  const [was, is] = [percent(before.top1 ?? 0), percent(after.top1 ?? 0)];
  return `${have}, as on ${day}; the largest has ${was === is ? `${is}, as then` : `${is}, after ${was} then`}.`;
}

const NOBODY = 'Nobody had any weight then, and nobody has now: no value.';

async function movedLines({ store }: BotContext, before: SetDay, last: SetDay): Promise<Line[]> {
  const [then, now] = await Promise.all([
    store.sets.members(before.set, before.day),
    store.sets.members(last.set, last.day),
  ]);
  if (then === null || now === null) return [];
  const { members, others } = then;
  const isPart = others.count > 0;
  const moved = whoMoved(members, now.members, MOVED_SHOWN, others);
  const part = isPart
    ? ` (of ${before.day} the ${members.length} heaviest are known by name, and the sum of the ${others.count} others)`
    : '';
  if (moved.length === 0) return [`Nobody’s share moved${part}.`];
  const lines = moved.map((one): Line => `• ${movedWords(one, isPart)}`);
  return [[{ strong: 'Who moved it' }, `${part}:`], ...lines];
}

function movedWords(moved: Moved, isPart: boolean): string {
  const { before, after, shareBefore, shareAfter } = moved;
  const name = memberLabel(moved);
  if (before === null) return `${name}: ${isPart ? 'not among the heaviest then' : 'new'}, now ${percent(shareAfter)}`;
  if (after === null) return `${name}: gone, had ${percent(shareBefore)}`;
  const word = shareAfter > shareBefore ? 'up' : shareAfter < shareBefore ? 'down' : 'the same share';
  const [was, is] = [percent(shareBefore), percent(shareAfter)];
  if (was === is) return `${name}: ${word}${shareAfter === shareBefore ? '' : ' by less than 0.1 %'}, ${is}`;
  return `${name}: ${word}, ${was} → ${is}`;
}
