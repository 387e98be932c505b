import type { Chart, Series } from '../lib/chart.ts';
import type { SetMetrics } from '../lib/influence.ts';
import type { SetDay } from '../store/setRepository.ts';
import type { BotContext } from './context.ts';
import type { FoundSet } from './influenceSets.ts';

/** How far back, in days. */
export const WINDOWS: Readonly<Record<string, number>> = { '7d': 7, '30d': 30, '90d': 90, '400d': 400 };

const DAY_SECONDS = 86_400;

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** Days of a set that are known, of the UTC day that is so many days before today's and of all after it; oldest first. */
export async function daysBack({ store, clock }: BotContext, set: string, back: number): Promise<SetDay[]> {
  const today = clock.now() / 1000;
  return await store.sets.days(set, dayOf(today - back * DAY_SECONDS), dayOf(today));
}

/** Nakamoto coefficients, top share and Gini from the first known day until today; a day without a snapshot is a gap. */
export function trendChart(
  { clock }: BotContext,
  { title }: FoundSet,
  { days, window }: { days: readonly SetDay[]; window: string },
): Chart {
  const fromSeconds = Date.parse(days[0]?.day ?? '') / 1000;
  const toSeconds = Date.parse(dayOf(clock.now() / 1000)) / 1000 + DAY_SECONDS;
  const byDay = new Map(days.map(({ day, latest }) => [day, latest]));
  const all = Array.from(
    { length: Math.round((toSeconds - fromSeconds) / DAY_SECONDS) },
    (_, at) => fromSeconds + at * DAY_SECONDS,
  );
  const line = (name: string, key: keyof SetMetrics): Series => ({
    name,
    points: all.map((seconds): [number, number | null] => {
      const value = byDay.get(dayOf(seconds))?.[key];
      return [seconds, typeof value === 'number' ? value : null];
    }),
  });
  return {
    title,
    subtitle: `the last ${window}, by UTC day; grey: not known`,
    ...{ fromSeconds, toSeconds },
    panels: [
      {
        ...{ title: 'How many have more than', kind: 'line', unit: 'count' },
        series: [line('half', 'nakamotoHalf'), line('a third', 'nakamotoThird')],
      },
      {
        ...{ title: 'Concentration, 0 to 1', kind: 'line', unit: 'ratio' },
        series: [line('top share', 'top1'), line('Gini', 'gini')],
      },
    ],
    alt: `Nakamoto coefficients, the largest share and the Gini coefficient of ${title} by day over ${window}`,
  };
}
