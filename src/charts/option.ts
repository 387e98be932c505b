import type { EChartsOption } from 'echarts';
import type { Chart, ChartUnit, Panel, Series } from '../lib/chart.ts';
import { cleanText } from '../lib/units.ts';

export const WIDTH = 1200;
export const HEIGHT = 720;

/** More could not be told apart. */
const MAX_CATEGORIES = 16;

const LEFT = 110;
const RIGHT = 40;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;

/** Okabe and Ito's palette: told apart by people who see colours differently, and on the grey of a phone outdoors. */
const COLORS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7'];

const INK = '#1f2933';
const FAINT = '#9aa5b1';
const NO_DATA = '#e4e7eb';

/** Sized for a picture that is shown a third as wide on a phone. */
const FONT = { title: 38, subtitle: 26, axis: 26, legend: 26, small: 22 };

const UNIT_WORDS: Record<ChartUnit, string> = { percent: ', %', ms: ', ms', s: ', s', min: ', min', count: '' };

/**
 * Text from the chain: no control characters, and none of the braces that ECharts reads as styling. Zrender caches by text
 * in a plain object: the name of a member of Object.prototype would change that for every later picture.
 */
function plain(text: string, max: number): string {
  const clean = cleanText(text, max).replace(/[{}|]/g, ' ');
  return clean in Object.prototype ? `${clean} ` : clean;
}

/** A chart as ECharts wants it: an opaque card, panels below each other over one time axis. */
export function chartOption(chart: Chart): EChartsOption {
  const { panels } = chart;
  const grids = gridsOf(panels);
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: COLORS,
    textStyle: { fontFamily: 'Inter' },
    title: [
      {
        text: plain(chart.title, 48),
        subtext: plain(chart.subtitle, 80),
        left: 30,
        top: 16,
        textStyle: { fontSize: FONT.title, color: INK, fontFamily: 'Inter' },
        subtextStyle: { fontSize: FONT.subtitle, color: '#52606d', fontFamily: 'Inter' },
      },
      ...panels.map((panel, index) => ({
        text: plain(`${panel.title}${UNIT_WORDS[panel.unit]}`, 60),
        left: LEFT,
        top: (grids[index]?.top ?? 0) - 42,
        textStyle: { fontSize: FONT.legend, fontWeight: 500 as const, color: INK, fontFamily: 'Inter' },
      })),
    ],
    legend: panels.flatMap((panel, index) =>
      panel.series.length < 2
        ? []
        : [
            {
              data: panel.series.map(({ name }) => plain(name, 20)),
              right: RIGHT,
              top: (grids[index]?.top ?? 0) - 42,
              textStyle: {
                fontSize: panel.series.length > 2 ? FONT.small : FONT.legend,
                color: INK,
                fontFamily: 'Inter',
              },
              itemWidth: panel.series.length > 2 ? 28 : 40,
              itemGap: 18,
            },
          ],
    ),
    grid: grids,
    xAxis: panels.map((panel, index) =>
      panel.kind === 'columns' ? categoryAxis(panel, index) : timeAxis(chart, index, isLastOverTime(panels, index)),
    ),
    yAxis: panels.map((panel, index) => ({
      type: 'value' as const,
      gridIndex: index,
      min: 0,
      ...(panel.unit === 'percent' ? { max: 100 } : {}),
      // Whole things have no half between them.
      ...(panel.kind === 'columns' && panel.unit === 'count' ? { minInterval: 1 } : {}),
      splitNumber: 2,
      axisLabel: { fontSize: FONT.axis, color: INK, formatter: short },
      splitLine: { lineStyle: { color: NO_DATA, width: 2 } },
    })),
    series: panels.flatMap((panel, index) =>
      panel.series.map((series, place) => seriesOption(chart, panel, series, index, place)),
    ),
  } as EChartsOption;
}

/** Panels below each other; one with words below it keeps room for them. */
function gridsOf(panels: readonly Panel[]): { left: number; right: number; top: number; height: number }[] {
  const first = 170;
  const gaps = panels.map((panel, index) => {
    if (index === panels.length - 1) return 60;
    return panel.kind === 'columns' || isLastOverTime(panels, index) ? 130 : 90;
  });
  const height = (HEIGHT - first - gaps.reduce((sum, gap) => sum + gap, 0)) / panels.length;
  let top = first;
  return gaps.map((gap) => {
    const grid = { left: LEFT, right: RIGHT, top, height };
    top += height + gap;
    return grid;
  });
}

const isLastOverTime = (panels: readonly Panel[], index: number): boolean =>
  panels.findLastIndex(({ kind }) => kind !== 'columns') === index;

function timeAxis({ fromSeconds, toSeconds }: Chart, gridIndex: number, isLabelled: boolean): object {
  return {
    // A value axis: the time axis of ECharts styles its labels by itself, too small for a phone.
    type: 'value',
    interval: tickSeconds(toSeconds - fromSeconds) * 1000,
    splitLine: { show: false },
    containShape: false,
    gridIndex,
    min: fromSeconds * 1000,
    max: toSeconds * 1000,
    axisLabel: {
      show: isLabelled,
      fontSize: FONT.axis,
      color: INK,
      showMinLabel: false,
      showMaxLabel: false,
      hideOverlap: true,
      formatter: (value: number) => timeLabel(value, toSeconds - fromSeconds),
    },
    axisLine: { lineStyle: { color: FAINT, width: 2 } },
  };
}

function categoryAxis({ categories = [] }: Panel, gridIndex: number): object {
  return {
    type: 'category',
    gridIndex,
    data: categories.slice(0, MAX_CATEGORIES).map((name) => plain(name, 16)),
    axisTick: { show: false },
    axisLabel: { fontSize: FONT.axis, color: INK, interval: 0, hideOverlap: true },
    axisLine: { lineStyle: { color: FAINT, width: 2 } },
  };
}

function seriesOption(chart: Chart, panel: Panel, series: Series, index: number, place: number): object {
  if (panel.kind === 'columns') return columnsOption(series, index, place);
  const step = stepOf(series);
  // The first and the last step may reach beyond the picture: their values sit in the middle of what is seen of them.
  const data = series.points.map(([seconds, value]) => [
    ((Math.max(seconds, chart.fromSeconds) + Math.min(seconds + step, chart.toSeconds)) / 2) * 1000,
    value,
  ]);
  const shared = { name: plain(series.name, 20), xAxisIndex: index, yAxisIndex: index, data };
  // The first series of a panel carries the grey bands where nothing is known: a gap must not look like a zero.
  const markArea =
    place === 0
      ? { markArea: { silent: true, itemStyle: { color: NO_DATA, opacity: 0.55 }, data: gaps(chart, panel) } }
      : {};
  if (panel.kind === 'bars') {
    const barWidth = Math.max(2, (0.75 * PLOT_WIDTH * step) / (chart.toSeconds - chart.fromSeconds));
    return { ...shared, ...markArea, type: 'bar', barWidth, itemStyle: { color: COLORS[2] } };
  }
  const color = colorOf(panel, place);
  const lineStyle = { width: 5, ...(place % 2 === 1 ? { type: 'dashed' } : {}) };
  const drawn = { type: 'line', connectNulls: false, symbol: 'circle', symbolSize: 9, lineStyle, itemStyle: { color } };
  return { ...shared, ...markArea, ...drawn };
}

/** The second series is hatched: told apart without colours too. Each column says its number, unless it is none. */
function columnsOption(series: Series, index: number, place: number): object {
  const data = series.points.slice(0, MAX_CATEGORIES).map(([at, value]) => [at, value]);
  const decal = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [4, 5], rotation: -Math.PI / 4, color: '#ffffff88' };
  return {
    name: plain(series.name, 20),
    type: 'bar',
    xAxisIndex: index,
    yAxisIndex: index,
    data,
    barMaxWidth: 60,
    barMinHeight: 0,
    itemStyle: { color: COLORS[place], ...(place % 2 === 1 ? { decal } : {}) },
    label: {
      show: true,
      position: 'top',
      fontSize: FONT.small,
      color: INK,
      formatter: ({ value }: { value: [number, number | null] }) => (value[1] ? short(value[1]) : ''),
    },
  };
}

/** Series whose names begin with the same of two words share a colour. */
function colorOf({ series }: Panel, place: number): string | undefined {
  const heads = series.map(({ name }, at) => (/^\S+ \S+$/.test(name) ? name.split(' ')[0] : String(at)));
  return COLORS[[...new Set(heads)].indexOf(heads[place])];
}

/** `950`, `12k`, `1.5M`: room is kept for six characters. */
function short(value: number): string {
  const [size, letter] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${Math.round((value / size) * 10) / 10}${letter}`;
}

const stepOf = ({ points }: Series): number =>
  points.length < 2 ? 3600 : (points[1] as [number, unknown])[0] - (points[0] as [number, unknown])[0];

/** Stretches in which no series of the panel has a value. */
function gaps(chart: Chart, { series }: Panel): [{ xAxis: number }, { xAxis: number }][] {
  const [first] = series;
  if (first === undefined) return [];
  const step = stepOf(first);
  return first.points.flatMap(([seconds], at): [{ xAxis: number }, { xAxis: number }][] => {
    if (series.some(({ points }) => points[at]?.[1] != null)) return [];
    return [
      [
        { xAxis: Math.max(seconds, chart.fromSeconds) * 1000 },
        { xAxis: Math.min(seconds + step, chart.toSeconds) * 1000 },
      ],
    ];
  });
}

/** Four to seven ticks, at whole hours or days. */
function tickSeconds(spanSeconds: number): number {
  if (spanSeconds <= 2 * 86_400) return 6 * 3_600;
  return spanSeconds <= 10 * 86_400 ? 86_400 : 5 * 86_400;
}

function timeLabel(ms: number, spanSeconds: number): string {
  const text = new Date(ms).toISOString();
  return spanSeconds <= 2 * 86_400 ? text.slice(11, 16) : text.slice(5, 10);
}
