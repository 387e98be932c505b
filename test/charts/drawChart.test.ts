import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT, WIDTH } from '../../src/charts/option.ts';
import type { Chart } from '../../src/lib/chart.ts';
import { hostile } from '../bot/hostile.ts';
import { type Picture, readPng } from './png.ts';

const FROM = Date.UTC(2026, 10, 20, 13) / 1000;

/** A day in hours, as `/node history` asks for it. */
const day = (active: (hour: number) => number | null, latency: (hour: number) => number | null): Chart => {
  const points = (value: (hour: number) => number | null): [number, number | null][] =>
    Array.from({ length: 24 }, (_, hour) => [FROM + hour * 3_600, value(hour)]);
  return {
    title: 'gw1.example',
    subtitle: 'last 24h, UTC',
    fromSeconds: FROM,
    toSeconds: FROM + 86_400,
    panels: [
      { title: 'Active on chain', kind: 'bars', unit: 'percent', series: [{ name: 'active', points: points(active) }] },
      {
        title: 'Latency',
        kind: 'line',
        unit: 'ms',
        series: [
          { name: 'p50', points: points(latency) },
          { name: 'p95', points: points((hour) => latency(hour) && Number(latency(hour)) * 2) },
        ],
      },
    ],
    alt: 'uptime and latency',
  };
};

/** Middle of an hour on the picture: the plot lies between 110 and 40 pixels from its edges. */
const xOf = (hour: number): number => 110 + ((hour + 0.5) / 24) * (WIDTH - 150);
/** In the upper panel, just above its ground: every bar that is not zero has this pixel. */
const LOW = 340;

const isGreen = ([red, green, blue]: readonly number[]): boolean =>
  (green ?? 0) > (red ?? 0) + 40 && (green ?? 0) > (blue ?? 0) + 20;
const isGrey = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean =>
  red < 250 && red > 200 && Math.abs(red - green) < 8 && Math.abs(green - blue) < 8;

function inkIn(picture: Picture): number {
  let ink = 0;
  for (let y = 0; y < picture.height; y += 3) {
    for (let x = 0; x < picture.width; x += 3) if (picture.at(x, y)[0] < 120) ink += 1;
  }
  return ink;
}

test('a picture of the size that is promised, opaque white at its edges, with something on it', () => {
  const picture = readPng(
    drawChart(
      day(
        () => 100,
        () => 80,
      ),
    ),
  );
  expect([picture.width, picture.height]).toEqual([WIDTH, HEIGHT]);
  for (const [x, y] of [
    [0, 0],
    [WIDTH - 1, 0],
    [0, HEIGHT - 1],
    [WIDTH - 1, HEIGHT - 1],
  ] as const) {
    expect(picture.at(x, y)).toEqual([255, 255, 255]);
  }
  expect(inkIn(picture)).toBeGreaterThan(500);
});

test('hours that are known have a bar, hours that are not are grey: a gap does not look like zero', () => {
  const picture = readPng(
    drawChart(
      day(
        (hour) => (hour < 8 ? 100 : hour < 16 ? null : 0),
        () => null,
      ),
    ),
  );
  for (const hour of [1, 4, 6]) expect(isGreen(picture.at(xOf(hour), LOW)), `hour ${hour}`).toBe(true);
  for (const hour of [9, 12, 14]) expect(isGrey(picture.at(xOf(hour), LOW)), `hour ${hour}`).toBe(true);
  // Zero is known: neither a bar nor grey.
  for (const hour of [17, 20, 22]) expect(picture.at(xOf(hour), LOW), `hour ${hour}`).toEqual([255, 255, 255]);
});

test('nothing known at all is one grey field in both panels', () => {
  const picture = readPng(
    drawChart(
      day(
        () => null,
        () => null,
      ),
    ),
  );
  for (const hour of [0, 6, 12, 18, 23]) {
    expect(isGrey(picture.at(xOf(hour), LOW))).toBe(true);
    expect(isGrey(picture.at(xOf(hour), 630))).toBe(true);
  }
});

test('letters are drawn from the fonts that come along, not from the machine', () => {
  const words = (title: string): number =>
    inkIn(
      readPng(
        drawChart({
          ...day(
            () => null,
            () => null,
          ),
          title,
        }),
      ),
    );
  expect(words('Wide title with many letters in it')).toBeGreaterThan(words('.') + 100);
});

test.each<[string, Partial<Chart>]>([
  ['no panels', { panels: [] }],
  ['a panel without series', { panels: [{ title: 'x', kind: 'line', unit: 'ms', series: [] }] }],
  [
    'a series without points',
    { panels: [{ title: 'x', kind: 'bars', unit: 'percent', series: [{ name: 'a', points: [] }] }] },
  ],
  ['one point', { panels: [{ title: 'x', kind: 'line', unit: 'ms', series: [{ name: 'a', points: [[FROM, 7]] }] }] }],
  ['a window of no length', { toSeconds: FROM }],
])('%s is still a picture', (_, changes) => {
  expect(
    readPng(
      drawChart({
        ...day(
          () => 1,
          () => 1,
        ),
        ...changes,
      }),
    ).width,
  ).toBe(WIDTH);
});

test('a node that is named like a member of every object leaves none of them changed', () => {
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    const chart = day(
      () => 1,
      () => 1,
    );
    const panels = chart.panels.map((panel) => ({ ...panel, series: panel.series.map((one) => ({ ...one, name })) }));
    expect(readPng(drawChart({ ...chart, title: name, subtitle: name, panels })).width).toBe(WIDTH);
    expect([
      ...Object.keys(Object.prototype),
      ...Object.keys(Object),
      ...Object.keys(Object.prototype.toString),
    ]).toEqual([]);
  }
});

test('law: whatever the names and numbers, it is a picture', { timeout: 60_000 }, () => {
  // Shares are percent and latencies whole milliseconds: nothing smaller than a thousandth is ever drawn.
  const value = fc.option(fc.oneof(fc.double({ min: 0.001, max: 1e9, noNaN: true }), fc.constantFrom(0, 100)));
  fc.assert(
    fc.property(hostile, hostile, fc.array(value, { minLength: 24, maxLength: 24 }), (title, name, list) => {
      const chart = day(
        (hour) => list[hour] ?? null,
        (hour) => list[23 - hour] ?? null,
      );
      const panels = chart.panels.map((panel) => ({
        ...panel,
        title: name,
        series: panel.series.map((one, at) => ({ ...one, name: at === 0 ? name : 'p95' })),
      }));
      expect(readPng(drawChart({ ...chart, title, subtitle: name, panels })).height).toBe(HEIGHT);
    }),
    { numRuns: 25 },
  );
});
