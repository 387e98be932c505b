import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT, WIDTH } from '../../src/charts/option.ts';
import type { Chart } from '../../src/lib/chart.ts';
import { hostile } from '../bot/hostile.ts';
import { type Picture, readPng } from './png.ts';

const FROM = Date.UTC(2026, 10, 20, 13) / 1000;
const CATEGORIES = ['≤ 1 min', '≤ 2 min', '≤ 5 min', '≤ 10 min', '≤ 16 min', '≤ 30 min', '≤ 60 min', '> 60 min'];

type Counts = (number | null)[];

/** Columns of one or two series above a line over time, as /proof delay asks for them. */
const delays = (batch: Counts, individual: Counts | null = null, categories = CATEGORIES): Chart => {
  const series = [
    { name: 'batch', points: batch.map((count, at): [number, number | null] => [at, count]) },
    ...(individual === null
      ? []
      : [{ name: 'individual', points: individual.map((count, at): [number, number | null] => [at, count]) }]),
  ];
  const hours = (value: number) => Array.from({ length: 24 }, (_, at): [number, number] => [FROM + at * 3_600, value]);
  return {
    ...{ title: 'Proof delay: network', subtitle: 'last 24h, UTC', fromSeconds: FROM, toSeconds: FROM + 86_400 },
    panels: [
      { title: 'Answers by delay', kind: 'columns', unit: 'count', categories, series },
      {
        ...{ title: 'Over time', kind: 'line', unit: 'min' },
        series: [
          { name: 'batch p50', points: hours(9) },
          { name: 'batch p90', points: hours(14) },
          { name: 'individual p50', points: hours(1) },
          { name: 'individual p90', points: hours(2) },
        ],
      },
    ],
    alt: 'delays',
  };
};

/** Of column `series` (of `of`) of a category, at its foot: the plot lies between 110 and 40 pixels from its edges. */
const footOf = (category: number, series: number, of: number): number =>
  110 + ((category + 0.5 + (series - (of - 1) / 2) * 0.36) / CATEGORIES.length) * (WIDTH - 150);
const GROUND = 345;

const isBlue = ([red, green, blue]: readonly number[]): boolean => (blue ?? 0) > (red ?? 0) + 80 && (green ?? 0) < 160;
const isWhite = ([red, green, blue]: readonly number[]): boolean => Math.min(red ?? 0, green ?? 0, blue ?? 0) > 235;

/** Pixels of a field that fit. */
function countIn(
  picture: Picture,
  fits: (pixel: readonly number[]) => boolean,
  field: [number, number, number, number],
) {
  const [left, top, right, bottom] = field;
  let found = 0;
  for (let y = top; y < bottom; y += 2) for (let x = left; x < right; x += 2) if (fits(picture.at(x, y))) found += 1;
  return found;
}

test('a column where there is a count, none where it is zero, over a picture of the promised size', () => {
  const picture = readPng(drawChart(delays([5, 0, 3, 0, 10, 0, 0, 1])));
  expect([picture.width, picture.height]).toEqual([WIDTH, HEIGHT]);
  const blue = CATEGORIES.map((_, at) => isBlue(picture.at(footOf(at, 0, 1), GROUND)));
  expect(blue).toEqual([true, false, true, false, true, false, false, true]);
  // Twice the count, twice the height.
  const heightOf = (category: number): number => {
    const x = footOf(category, 0, 1);
    return Array.from({ length: 190 }, (_, at) => 160 + at).filter((y) => isBlue(picture.at(x, y))).length;
  };
  expect(heightOf(4) / heightOf(0)).toBeCloseTo(2, 1);
  // What a column is about is written below it, with numbers above.
  const isInk = ([red = 0]: readonly number[]): boolean => red < 120;
  for (const at of [0, 4, 7]) {
    const x = Math.round(footOf(at, 0, 1));
    expect(countIn(picture, isInk, [x - 60, 358, x + 60, 390]), `label ${at}`).toBeGreaterThan(20);
  }
});

test('two kinds stand side by side and are told apart without colours: the second is hatched', () => {
  const picture = readPng(drawChart(delays([0, 0, 0, 8, 0, 0, 0, 0], [0, 0, 0, 8, 0, 0, 0, 0])));
  const field = (series: number): [number, number, number, number] => {
    const x = Math.round(footOf(3, series, 2));
    return [x - 15, 240, x + 15, 345];
  };
  const greys = (at: number): number => {
    const [left, top, right, bottom] = field(at);
    const seen = new Set<number>();
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1)
        seen.add(Math.round(picture.at(x, y).reduce((sum, one) => sum + one, 0) / 60));
    }
    return seen.size;
  };
  expect(greys(0)).toBe(1);
  expect(greys(1)).toBeGreaterThan(1);
});

test('what is not known draws nothing, and is no zero with a number', () => {
  const picture = readPng(drawChart(delays(CATEGORIES.map(() => null))));
  expect(countIn(picture, isBlue, [112, 175, 1_158, 345])).toBe(0);
  expect(isWhite(picture.at(footOf(2, 0, 1), 260))).toBe(true);
});

test.each<[string, Chart]>([
  ['no categories', delays([], null, [])],
  [
    'more counts than categories',
    delays(
      Array.from({ length: 40 }, (_, at) => at),
      null,
      CATEGORIES.slice(0, 2),
    ),
  ],
  [
    'a thousand categories',
    delays(
      [1],
      null,
      Array.from({ length: 1_000 }, (_, at) => `c${at}`),
    ),
  ],
  [
    'huge counts',
    delays(
      CATEGORIES.map(() => 1e15),
      CATEGORIES.map(() => 1),
    ),
  ],
  ['twice the same category', delays([1, 2], [3, 4], ['same', 'same'])],
  ['columns alone', { ...delays([1]), panels: delays([1]).panels.slice(0, 1) }],
  ['columns below a line', { ...delays([1]), panels: delays([1]).panels.toReversed() }],
])('%s: still a picture', (_, chart) => {
  expect(readPng(drawChart(chart)).width).toBe(WIDTH);
});

test('law: whatever categories and series are called, it is a picture, and no object is changed', {
  timeout: 60_000,
}, () => {
  const counts = fc.array(fc.option(fc.nat(1e9)), { minLength: 8, maxLength: 8 });
  const names = [...Object.getOwnPropertyNames(Object.prototype)];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(hostile, fc.constantFrom(...names)), { minLength: 8, maxLength: 8 }),
      fc.oneof(hostile, fc.constantFrom(...names)),
      counts,
      (categories, name, list) => {
        const chart = delays(list, list.toReversed(), categories);
        const panels = chart.panels.map((panel) => ({
          ...panel,
          title: name,
          series: panel.series.map((one, at) => (at === 0 ? { ...one, name } : one)),
        }));
        expect(readPng(drawChart({ ...chart, title: name, panels })).height).toBe(HEIGHT);
        expect([...Object.keys(Object.prototype), ...Object.keys(Object)]).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});
