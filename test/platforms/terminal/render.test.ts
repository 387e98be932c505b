import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Chart } from '../../../src/lib/chart.ts';
import type { Inline, Line, View } from '../../../src/lib/view.ts';
import { renderTerminal } from '../../../src/platforms/terminal/render.ts';
import { hostile } from '../../bot/hostile.ts';

const NOW = Date.UTC(2026, 10, 21, 12) / 1000;
const ESCAPE = String.fromCharCode(27);

const view = (changes: Partial<View> = {}): View => ({
  title: 'Nodes',
  tone: 'ok',
  lines: ['All is well.'],
  asOf: null,
  sources: [],
  ...changes,
});
const shown = (changes: Partial<View>, color = false): string[] =>
  renderTerminal(view(changes), { nowMs: NOW * 1000, color }).split('\n');

const chart = (values: (number | null)[], unit: 'percent' | 'ms' = 'ms'): Chart => ({
  title: 'x',
  subtitle: '',
  fromSeconds: 0,
  toSeconds: 1,
  panels: [
    { title: 'Latency', kind: 'line', unit, series: [{ name: 'p50', points: values.map((value, at) => [at, value]) }] },
  ],
  alt: 'latency of gw1',
});

test('a whole View, as a terminal shows it', () => {
  const text = shown({
    lines: ['Heartbeats are late.', ['Last one ', { time: NOW - 180 }, ' by ', { code: '0xab' }]],
    fields: [
      { name: 'Owner', value: { code: '0xabc' } },
      { name: 'Docs', value: { link: 'here', url: 'https://docs.example' } },
    ],
    table: { columns: ['node', 'state'], rows: [['gw1', { strong: 'ok' }]] },
    actions: [
      { label: 'Refresh', command: 'node list' },
      { label: 'Next', command: 'network' },
    ],
    page: { number: 2, of: 3, command: 'node list' },
    asOf: NOW - 4,
    sources: ['TEERegistry 0x703c…', 'probe'],
  });
  expect(text).toEqual([
    '== Nodes',
    '  Heartbeats are late.',
    '  Last one 2026-11-21 11:57:00 UTC (3 min ago) by 0xab',
    '  Owner  0xabc',
    '  Docs   here <https://docs.example>',
    '  node | state',
    '  gw1 | ok',
    '  page 2 of 3: node list page:3',
    '  next: /node list  /network',
    '  as of 2026-11-21 11:59:56 UTC (4 s ago)',
    '  from TEERegistry 0x703c…; probe',
  ]);
});

test('a chart is a line of bars, dots where nothing is known, and its range', () => {
  const [, , row, alt] = shown({ chart: chart([0, null, 50, 100]) });
  expect(row).toMatch(/^ {2}Latency, p50 +▁·▅█ 0 ms to 100 ms$/);
  expect(alt).toBe('  (latency of gw1)');
  expect(shown({ chart: chart([null, null]) })[2]).toMatch(/·· no data$/);
  expect(shown({ chart: chart([0, 0], 'percent') })[2]).toMatch(/▁▁ 0 % to 0 %$/);
  expect(shown({ chart: chart([]) })[2]).toMatch(/no data$/);
});

test('colours only when asked for, closed on the line that opens them', () => {
  const down = { tone: 'down' as const, asOf: NOW, sources: ['x'], actions: [{ label: 'a', command: 'help' }] };
  expect(shown(down).join('\n')).not.toContain(ESCAPE);
  const painted = shown(down, true).filter((line) => line.includes(ESCAPE));
  expect(painted).toHaveLength(4);
  for (const line of painted) {
    expect(line.startsWith(`${ESCAPE}[`) && line.endsWith(`${ESCAPE}[0m`)).toBe(true);
    expect(line.split(ESCAPE)).toHaveLength(3);
  }
  expect(painted[0]).toBe(`${ESCAPE}[31m== Nodes${ESCAPE}[0m`);
});

const inline: fc.Arbitrary<Inline> = fc.oneof(
  hostile,
  hostile.map((code) => ({ code })),
  hostile.map((strong) => ({ strong })),
  fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, 1e300)).map((time) => ({ time })),
  fc.record({ link: hostile, url: hostile }),
);
const line: fc.Arbitrary<Line> = fc.oneof(inline, fc.array(inline, { maxLength: 4 }));

test('law: nothing in a View moves the cursor, changes colours, reorders letters or adds a line', () => {
  const anyView = fc.record({
    title: hostile,
    tone: fc.constantFrom<View['tone']>('ok', 'degraded', 'down', 'unknown', 'info', 'error'),
    lines: fc.array(line, { maxLength: 5 }),
    fields: fc.array(fc.record({ name: hostile, value: line }), { maxLength: 3 }),
    table: fc.record({
      columns: fc.array(hostile, { maxLength: 3 }),
      rows: fc.array(fc.array(line, { maxLength: 3 }), { maxLength: 3 }),
    }),
    actions: fc.array(fc.record({ label: hostile, command: hostile }), { minLength: 1, maxLength: 3 }),
    page: fc.record({ number: fc.nat(5), of: fc.nat(5), command: hostile }),
    chart: fc.tuple(hostile, hostile).map(([title, alt]): Chart => {
      const [panel] = chart([1, null]).panels;
      return {
        ...chart([]),
        alt,
        panels: panel ? [{ ...panel, title, series: [{ name: title, points: [[0, 1]] }] }] : [],
      };
    }),
    asOf: fc.constantFrom(NOW, 1e300),
    sources: fc.array(hostile, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(anyView, fc.boolean(), (content, color) => {
      const text = renderTerminal(content, { nowMs: NOW * 1000, color });
      const lines = text.split('\n');
      const { lines: said, fields, table } = content;
      expect(lines).toHaveLength(1 + said.length + fields.length + 1 + table.rows.length + 2 + 1 + 1 + 1 + 1);
      for (const one of lines) {
        // Ours is at both ends of a painted line; there is no other.
        const ours = color && one.startsWith(ESCAPE) ? one.slice(5, -4) : one;
        expect(ours).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a file is printed as it is, apart from what would move the cursor', () => {
  const text = shown({ file: { name: 'alerts.json', text: `{\n\t"a": "ä${ESCAPE}[2J\r\u009b"\n}` } });
  expect(text.slice(2)).toEqual(['  alerts.json:', '{', '\t"a": "ä[2J"', '}']);
});

test('dates read as somebody wants them', () => {
  const dates = { locale: 'de', timeZone: 'Europe/Berlin' };
  const text = renderTerminal(view({ lines: [{ time: NOW - 180 }] }), { nowMs: NOW * 1000, dates });
  expect(text).toContain('21. Nov. 2026, 12:57:00 MEZ (3 min ago)');
});
