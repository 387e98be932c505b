import { lorenzOf } from '../insight/concentration.ts';
import type { Panel, Series } from '../lib/chart.ts';
import type { SetMember } from '../lib/influence.ts';

const CURVE_POINTS = 100;

/** The Lorenz curve of a set; no points where nobody has any weight. */
export const lorenzSeries = (name: string, members: readonly SetMember[]): Series => ({
  name,
  points: lorenzOf(
    members.map(({ weight }) => weight),
    CURVE_POINTS,
  ).map(([entities, weight]): [number, number] => [entities * 100, weight * 100]),
});

export const lorenzPanel = (title: string, across: string, series: Series[]): Panel => ({
  ...{ title, kind: 'curve', unit: 'percent', across, series },
});
