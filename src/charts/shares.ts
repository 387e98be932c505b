import type { Panel } from '../lib/chart.ts';
import { COLORS, FAINT, FONT, INK, NO_DATA, plain } from './style.ts';

/** More could not be read. */
const MAX_BARS = 10;

/** Names from top to bottom, and what they are measured with. */
export const sharesAxes = ({ categories = [], unit }: Panel, gridIndex: number): { x: object; y: object } => ({
  x: {
    type: 'value',
    gridIndex,
    min: 0,
    ...(unit === 'percent' ? { max: 100, interval: 25 } : { splitNumber: 4 }),
    axisLabel: { fontSize: FONT.axis, color: INK },
    splitLine: { lineStyle: { color: NO_DATA, width: 2 } },
  },
  y: {
    type: 'category',
    gridIndex,
    inverse: true,
    data: categories.slice(0, MAX_BARS).map((name) => plain(name, 22)),
    axisTick: { show: false },
    axisLabel: { fontSize: FONT.axis, color: INK, interval: 0 },
    axisLine: { lineStyle: { color: FAINT, width: 2 } },
  },
});

/** Bars with their number at the end; of two series the second is hatched. */
export function sharesSeries({ series, unit }: Panel, index: number): object[] {
  const decal = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [4, 5], rotation: -Math.PI / 4, color: '#ffffff88' };
  return series.map(({ name, points }, place) => ({
    name: plain(name, 20),
    type: 'bar',
    xAxisIndex: index,
    yAxisIndex: index,
    data: points.slice(0, MAX_BARS).map(([at, value]) => [value, at]),
    barMaxWidth: 48,
    itemStyle: { color: COLORS[place], ...(place % 2 === 1 ? { decal } : {}) },
    label: {
      show: true,
      position: 'right',
      fontSize: FONT.axis,
      color: INK,
      formatter: ({ value }: { value: [number | null, number] }) =>
        value[0] === null ? '' : numberWords(value[0], unit),
    },
  }));
}

const numberWords = (value: number, unit: Panel['unit']): string =>
  `${Math.round(value * 10) / 10}${unit === 'percent' ? ' %' : ''}`;
