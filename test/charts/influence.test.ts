import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT, WIDTH } from '../../src/charts/option.ts';
import type { Chart, Panel } from '../../src/lib/chart.ts';
import { hostile } from '../bot/hostile.ts';
import { type Picture, readPng } from './png.ts';

const chartOf = (...panels: Panel[]): Chart => ({
  ...{ title: 'Locked voting power', subtitle: 'Bedrock', fromSeconds: 0, toSeconds: 86_400, alt: 'power' },
  panels,
});

const lorenz = (...series: [number, number | null][][]): Panel => ({
  ...{ title: 'Share of power', kind: 'curve', unit: 'percent', across: 'owners' },
  series: series.map((points, at) => ({ name: `set ${at}`, points })),
});

const bars = (values: (number | null)[], categories = ['yes', 'abstain', 'no', 'no with veto']): Panel => ({
  ...{ title: 'Cast', kind: 'shares', unit: 'percent', categories },
  series: [{ name: 'power', points: values.map((value, at) => [at, value]) }],
});

const isBlue = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean => blue > red + 80 && green < 160;
const isOrange = ([red = 0, , blue = 0]: readonly number[]): boolean => red > 180 && blue < 100;
/** Grey letters. */
const isText = ([red = 255]: readonly number[]): boolean => red < 140;
const isInk = ([red = 255]: readonly number[]): boolean => red < 120;

/** The plot of a single curve: 110 and 40 from the sides, 170 and 105 from top and bottom. */
const at = (picture: Picture, x: number, y: number): readonly number[] =>
  picture.at(110 + (x / 100) * (WIDTH - 150), 170 + (1 - y / 100) * (HEIGHT - 275));

const around = (picture: Picture, x: number, y: number, fits: (pixel: readonly number[]) => boolean): boolean =>
  [-1, 0, 1].some((step) => fits(at(picture, x, y + step / 2)));

test('a curve goes through its points, below the diagonal of equal shares', () => {
  const picture = readPng(
    drawChart(
      chartOf(
        lorenz([
          [0, 0],
          [50, 10],
          [100, 100],
        ]),
      ),
    ),
  );
  expect([picture.width, picture.height]).toEqual([WIDTH, HEIGHT]);
  expect(around(picture, 25, 5, isBlue)).toBe(true);
  expect(around(picture, 75, 55, isBlue)).toBe(true);
  expect(around(picture, 50, 50, isBlue)).toBe(false);
});

test('two sets are told apart by colour and by dashes', () => {
  const line = (middle: number): [number, number][] => [
    [0, 0],
    [50, middle],
    [100, 100],
  ];
  const picture = readPng(drawChart(chartOf(lorenz(line(10), line(35)))));
  const seen = (middle: number, fits: (pixel: readonly number[]) => boolean): number =>
    Array.from({ length: 160 }, (_, step) => 5 + step / 4).filter((x) => around(picture, x, (x * middle) / 50, fits))
      .length;
  expect(seen(10, isBlue)).toBe(160);
  // Dashed: there, and with gaps.
  expect(seen(35, isOrange)).toBeGreaterThan(60);
  expect(seen(35, isOrange)).toBeLessThan(150);
});

test('a bar is as long as its share, and its name and number can be read', () => {
  const picture = readPng(drawChart(chartOf(bars([80, 0, 40, null]))));
  const rowOf = (place: number): number => Math.round(170 + ((place + 0.5) / 4) * (HEIGHT - 230));
  const lengthOf = (place: number): number =>
    Array.from({ length: WIDTH - 362 }, (_, x) => 362 + x).filter((x) => isBlue(picture.at(x, rowOf(place)))).length;
  expect(lengthOf(0) / lengthOf(2)).toBeCloseTo(2, 1);
  expect([lengthOf(1), lengthOf(3)]).toEqual([0, 0]);
  const ink = (left: number, right: number, place: number): number => {
    let count = 0;
    for (let x = left; x < right; x += 1)
      for (let y = rowOf(place) - 15; y < rowOf(place) + 15; y += 1) if (isInk(picture.at(x, y))) count += 1;
    return count;
  };
  for (const place of [0, 1, 2, 3]) expect(ink(150, 355, place), `name ${place}`).toBeGreaterThan(20);
  // Zero is said; what is not known is not said to be zero.
  expect(ink(365, 440, 1)).toBeGreaterThan(20);
  expect(ink(365, 440, 3)).toBe(0);
});

test('the diagonal is named, above its line', () => {
  const flat = lorenz([
    [0, 0],
    [100, 0],
  ]);
  const picture = readPng(drawChart(chartOf(flat)));
  let ink = 0;
  for (let x = 40; x < 60; x += 0.1) for (let y = 58; y < 72; y += 0.2) if (isText(at(picture, x, y))) ink += 1;
  expect(ink).toBeGreaterThan(100);
});

const DAYS = 200;

/** Two lines over days, the second half as high; a day without a value is a gap. */
const trend = (value: (day: number) => number | null, second: (day: number) => number | null = value): Chart => ({
  ...{ title: 'Power', subtitle: '', fromSeconds: 0, toSeconds: DAYS * 86_400, alt: '' },
  panels: [
    {
      ...{ title: 'Shares', kind: 'line', unit: 'ratio' },
      series: [value, second].map((of, place) => ({
        name: place === 0 ? 'first' : 'second',
        points: Array.from({ length: DAYS }, (_, day): [number, number | null] => [day * 86_400, of(day)]),
      })),
    },
  ],
});

/** The plot of a single line: 110 and 40 from the sides, 170 and 60 from top and bottom. */
const overTime = (picture: Picture, day: number, value: number): readonly number[] =>
  picture.at(110 + ((day + 0.5) / DAYS) * (WIDTH - 150), 170 + (1 - value) * (HEIGHT - 230));

test('a day between two gaps is seen, of both lines, also where they fall together', () => {
  const apart = readPng(
    drawChart(
      trend(
        (day) => (day === 100 ? 0.8 : null),
        (day) => (day === 100 ? 0.3 : null),
      ),
    ),
  );
  expect(isBlue(overTime(apart, 100, 0.8))).toBe(true);
  expect(isOrange(overTime(apart, 100, 0.3))).toBe(true);
  const together = readPng(drawChart(trend((day) => (day === 100 ? 0.6 : null))));
  expect(isOrange(overTime(together, 100, 0.6))).toBe(true);
  expect([-1.2, 1.2].some((days) => isBlue(overTime(together, 100 + days, 0.6)))).toBe(true);
});

test('days without a value are one grey field without seams, those with one are white', () => {
  const picture = readPng(drawChart(trend((day) => (day >= 60 && day < 120 ? null : 0.9))));
  const greys = new Set<string>();
  for (let day = 61; day < 118; day += 0.1) greys.add(String(overTime(picture, day, 0.3)));
  expect(greys.size).toBe(1);
  expect([...greys][0]).not.toBe('255,255,255');
  for (const day of [10, 55, 125, 190]) expect(overTime(picture, day, 0.3)).toEqual([255, 255, 255]);
});

test('a pale card, whatever it is shown on', () => {
  const picture = readPng(drawChart(chartOf(bars([80, 0, 40, null]))));
  for (const [x, y] of [
    [2, 2],
    [WIDTH - 3, 2],
    [2, HEIGHT - 3],
    [WIDTH - 3, HEIGHT - 3],
  ] as const) {
    expect(picture.at(x, y)).toEqual([255, 255, 255]);
  }
});

test('hostile names and numbers draw a picture of the promised size all the same', { timeout: 60_000 }, () => {
  const number = fc.oneof(fc.double(), fc.constant(null), fc.constant(Number.MAX_SAFE_INTEGER));
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, number), { maxLength: 30 }), (rows) => {
      const panel = bars(
        rows.map(([, value]) => value),
        rows.map(([name]) => name),
      );
      const curve = lorenz(rows.map(([, value], place) => [place, value]));
      for (const one of [panel, curve]) {
        const { width, height } = readPng(drawChart(chartOf(one)));
        expect([width, height]).toEqual([WIDTH, HEIGHT]);
      }
    }),
    { numRuns: 15 },
  );
});
