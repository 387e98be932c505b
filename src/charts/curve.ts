import type { Panel } from '../lib/chart.ts';
import { COLORS, FAINT, FONT, INK, NO_DATA, plain } from './style.ts';

const DASHES = ['solid', 'dashed', 'dotted'] as const;

const EQUAL = 'equal shares';
/** Above its line, where no curve is. */
const EQUAL_LABEL = {
  ...{ show: true, formatter: EQUAL, position: 'left', offset: [-4, -18] },
  ...{ fontSize: FONT.small, color: '#52606d' },
};

/** Shares of entities from left to right, in percent. */
export const curveAxis = ({ across = '' }: Panel, gridIndex: number): object => ({
  type: 'value',
  gridIndex,
  min: 0,
  max: 100,
  interval: 25,
  name: `${plain(across, 60)}, %`,
  nameLocation: 'middle',
  nameGap: 48,
  nameTextStyle: { fontSize: FONT.small, color: INK },
  splitLine: { lineStyle: { color: NO_DATA, width: 2 } },
  axisLabel: { fontSize: FONT.axis, color: INK },
  axisLine: { lineStyle: { color: FAINT, width: 2 } },
});

/** Lines told apart by colour and by dashes; under the first one it is filled. The diagonal is what they would be if all had the same. */
export function curveSeries({ series }: Panel, index: number): object[] {
  const shared = { type: 'line', xAxisIndex: index, yAxisIndex: index, symbol: 'none' };
  return [
    {
      ...shared,
      name: EQUAL,
      symbol: 'circle',
      symbolSize: 0,
      data: [[0, 0], { value: [60, 60], label: EQUAL_LABEL }, [100, 100]],
      lineStyle: { width: 3, type: 'dashed', color: FAINT },
      itemStyle: { color: FAINT },
    },
    ...series.map(({ name, points }, place) => ({
      ...shared,
      name: plain(name, 20),
      data: points,
      lineStyle: { width: 6, type: DASHES[place % DASHES.length], color: COLORS[place] },
      itemStyle: { color: COLORS[place] },
      ...(place === 0 ? { areaStyle: { color: COLORS[place], opacity: 0.12 } } : {}),
    })),
  ];
}
