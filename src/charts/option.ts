import type { EChartsOption } from 'echarts';
import type { Chart, ChartUnit, Panel, Series } from '../lib/chart.ts';
import { curveAxis, curveSeries } from './curve.ts';
import { sharesAxes, sharesSeries } from './shares.ts';
import { COLORS, FAINT, FONT, INK, NO_DATA, plain } from './style.ts';

export const WIDTH = 1200;
export const HEIGHT = 720;

/** Dots of more would hide the dashes. */
const MANY_POINTS = 60;

/** More could not be told apart. */
const MAX_CATEGORIES = 16;

const LEFT = 110;
const RIGHT = 40;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
/** Room for names on the left of bars, and for their numbers on the right. */
const SHARES_LEFT = 360;
const SHARES_RIGHT = 130;

const UNIT_WORDS: Record<ChartUnit, string> = {
  percent: ', %',
  ms: ', ms',
  s: ', s',
  min: ', min',
  count: '',
  ratio: '',
};

/** Where the words of a panel begin above it: the number of its highest column stands between. */
const aboveOf = ({ kind }: Panel): number => (kind === 'columns' ? 62 : 42);

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
        top: (grids[index]?.top ?? 0) - aboveOf(panel),
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
              top: (grids[index]?.top ?? 0) - aboveOf(panel),
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
    xAxis: panels.map((panel, index) => acrossAxis(chart, panel, index)),
    yAxis: panels.map((panel, index) => (panel.kind === 'shares' ? sharesAxes(panel, index).y : upAxis(panel, index))),
    series: panels.flatMap((panel, index) => {
      if (panel.kind === 'curve') return curveSeries(panel, index);
      if (panel.kind === 'shares') return sharesSeries(panel, index);
      return panel.series.map((series, place) => seriesOption(chart, panel, series, index, place));
    }),
  } as EChartsOption;
}

function acrossAxis(chart: Chart, panel: Panel, index: number): object {
  if (panel.kind === 'columns') return categoryAxis(panel, index);
  if (panel.kind === 'shares') return sharesAxes(panel, index).x;
  if (panel.kind === 'curve') return curveAxis(panel, index);
  return timeAxis(chart, index, isLastOverTime(chart.panels, index));
}

const upAxis = (panel: Panel, gridIndex: number): object => ({
  type: 'value',
  gridIndex,
  min: 0,
  ...(panel.unit === 'percent' ? { max: 100 } : {}),
  ...(panel.unit === 'ratio' ? { max: 1 } : {}),
  // Whole things have no half between them.
  ...(panel.unit === 'count' ? { minInterval: 1 } : {}),
  splitNumber: 2,
  axisLabel: { fontSize: FONT.axis, color: INK, formatter: short },
  splitLine: { lineStyle: { color: NO_DATA, width: 2 } },
});

/** Panels below each other; one with words below it keeps room for them. */
function gridsOf(panels: readonly Panel[]): { left: number; right: number; top: number; height: number }[] {
  const first = 170;
  const gaps = panels.map((panel, index) => {
    if (index === panels.length - 1) return panel.kind === 'curve' ? 105 : 60;
    return panel.kind !== 'bars' && panel.kind !== 'line' ? 130 : isLastOverTime(panels, index) ? 130 : 90;
  });
  const height = (HEIGHT - first - gaps.reduce((sum, gap) => sum + gap, 0)) / panels.length;
  let top = first;
  return gaps.map((gap, index) => {
    const isShares = panels[index]?.kind === 'shares';
    const grid = { left: isShares ? SHARES_LEFT : LEFT, right: isShares ? SHARES_RIGHT : RIGHT, top, height };
    top += height + gap;
    return grid;
  });
}

const isLastOverTime = (panels: readonly Panel[], index: number): boolean =>
  panels.findLastIndex(({ kind }) => kind === 'bars' || kind === 'line') === index;

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
  const data = series.points.map(([seconds, value]): [number, number | null] => [
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
  const drawn = {
    type: 'line',
    data: withLonePoints(data, place),
    connectNulls: false,
    symbol: data.length > MANY_POINTS ? 'none' : 'circle',
    symbolSize: 9,
    lineStyle,
    itemStyle: { color },
  };
  return { ...shared, ...markArea, ...drawn };
}

/**
 * A value between two gaps has no line that would show it: it is a dot, and of every second series a smaller diamond, so that two
 * which fall together are both seen.
 */
function withLonePoints(data: readonly [number, number | null][], place: number): object[] {
  const known = (at: number): boolean => data[at]?.[1] != null;
  const lone = place % 2 === 1 ? { symbol: 'diamond', symbolSize: 12 } : { symbol: 'circle', symbolSize: 16 };
  return data.map((value, at) => (known(at) && !known(at - 1) && !known(at + 1) ? { value, ...lone } : value));
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

/** Stretches in which no series of the panel has a value, each one band. */
function gaps(chart: Chart, { series }: Panel): [{ xAxis: number }, { xAxis: number }][] {
  const [first] = series;
  if (first === undefined) return [];
  const step = stepOf(first);
  const bands: [{ xAxis: number }, { xAxis: number }][] = [];
  for (const [at, [seconds]] of first.points.entries()) {
    if (series.some(({ points }) => points[at]?.[1] != null)) continue;
    const from = Math.max(seconds, chart.fromSeconds) * 1000;
    const to = Math.min(seconds + step, chart.toSeconds) * 1000;
    const last = bands.at(-1)?.[1];
    if (last?.xAxis === from) last.xAxis = to;
    else bands.push([{ xAxis: from }, { xAxis: to }]);
  }
  return bands;
}

/** Four to seven ticks, at whole hours or days. */
function tickSeconds(spanSeconds: number): number {
  const days = spanSeconds / 86_400;
  if (days <= 2) return 6 * 3_600;
  if (days <= 10) return 86_400;
  return (days <= 40 ? 5 : days <= 100 ? 14 : days <= 200 ? 45 : 90) * 86_400;
}

/** With its year where a month alone could be of two. */
function timeLabel(ms: number, spanSeconds: number): string {
  const text = new Date(ms).toISOString();
  if (spanSeconds <= 2 * 86_400) return text.slice(11, 16);
  return spanSeconds <= 100 * 86_400 ? text.slice(5, 10) : text.slice(0, 10);
}
