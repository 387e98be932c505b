import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Inline, Line, View } from '../../../src/lib/view.ts';
import { render, TEXT_UNITS } from '../../../src/platforms/telegram/render.ts';
import { clickableIn } from '../../rigs/telegram/clickable.ts';
import { textOf } from '../../rigs/telegram/content.ts';
import { parseHtml } from '../../rigs/telegram/html.ts';
import { view } from './harness.ts';

const NOW = Date.UTC(2026, 10, 21, 12) / 1000;
const visible = (text: string): string => text.replaceAll('\u2060', '');
const shown = (content: Partial<View>): string => visible(parseHtml(render(view(content), TEXT_UNITS, NOW).html).text);

test('a whole View, as a phone shows it', () => {
  const text = shown({
    title: 'node gw1',
    tone: 'degraded',
    lines: ['Heartbeats are late.', ['Last one ', { time: NOW - 180 }]],
    fields: [{ name: 'Owner', value: { code: '0xabc' } }],
    table: {
      columns: ['node', 'state', 'seen'],
      rows: [
        ['gw1', 'ok', { time: NOW - 60 }],
        ['gateway2', 'down', '?'],
      ],
    },
    asOf: NOW - 4,
    sources: ['TEERegistry 0x703c… on chain 10740', 'probe'],
  });
  expect(text.split('\n')).toEqual([
    '🟡 node gw1',
    'Heartbeats are late.',
    'Last one 2026-11-21 11:57:00 UTC (3 min ago)',
    '',
    'Owner: 0xabc',
    '',
    'node      state  seen',
    'gw1       ok     1 min ago',
    'gateway2  down   ?',
    '',
    'as of 2026-11-21 11:59:56 UTC (4 s ago) · TEERegistry 0x703c… on chain 10740; probe',
  ]);
});

test('a table that a phone would wrap becomes bullets', () => {
  const rows: Line[][] = [['https://gateway.example:8443', { code: '0xab' }, { time: NOW - 60 }]];
  const text = shown({ table: { columns: ['endpoint', 'id', 'seen'], rows } });
  expect(text).toContain('• https://gateway.example:8443 · id: 0xab · seen: 2026-11-21 11:59:00 UTC (1 min ago)');
});

test('what does not fit is dropped by whole lines and counted; the last line stays', () => {
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index} ${'é'.repeat(30)}`);
  const rendered = render(view({ lines, asOf: NOW, sources: ['registry'] }), TEXT_UNITS, NOW);
  const rows = visible(parseHtml(rendered.html).text).split('\n');
  const kept = rows.filter((row) => row.startsWith('line ')).length;
  expect(kept).toBeGreaterThan(90);
  expect(rendered.dropped).toBe(300 - kept);
  expect(rows).toContain(`+${300 - kept} more`);
  expect(rows.filter((row) => row.startsWith('line '))).toEqual(lines.slice(0, kept));
  expect(rows.at(-1)).toContain('as of 2026-11-21 12:00:00 UTC (now) · registry');
});

test('a table is cut between its rows', () => {
  const rows = Array.from({ length: 400 }, (_, index): Line[] => [`node ${index}`, 'ok']);
  const rendered = render(view({ table: { columns: ['node', 'state'], rows } }), TEXT_UNITS, NOW);
  expect(parseHtml(rendered.html).entities.filter(({ type }) => type === 'pre')).toHaveLength(1);
  expect(rendered.html).toMatch(/node \d+\s+ok<\/pre>\n<i>\+\d+ more<\/i>$/);
});

test('no more than a hundred entities: Telegram forgets the rest, and what was code would become clickable', () => {
  const lines: Line[] = Array.from({ length: 150 }, () => [{ code: '@owner' }]);
  const rendered = render(view({ lines }), TEXT_UNITS, NOW);
  const parsed = parseHtml(rendered.html);
  expect(rendered.dropped).toBeGreaterThan(40);
  expect(clickableIn(parsed.text, parsed.entities)).toEqual([]);
});

test('only web links become links', () => {
  const link = (url: string) => parseHtml(render(view({ lines: [{ link: 'docs', url }] }), 4096, NOW).html).entities;
  expect(link('https://example.org/?a=1&b="2"')).toContainEqual(
    expect.objectContaining({ type: 'text_link', url: 'https://example.org/?a=1&b=%222%22' }),
  );
  for (const url of ['tg://user?id=1', 'javascript:alert(1)', 'https://a@b.example', 'no url', '']) {
    expect(
      link(url).filter(({ type }) => type === 'text_link'),
      url,
    ).toEqual([]);
  }
});

test('buttons: in rows that fit, over 64 bytes dropped, pages with their numbers', () => {
  const { keyboard } = render(
    view({
      actions: [
        { label: 'a', command: 'node status 0x01' },
        { label: 'b', command: `node status ${'é'.repeat(25)}` },
        { label: 'too long', command: `node status ${'é'.repeat(26)}` },
        { label: 'Remove this alert now', command: 'alerts remove 1', style: 'danger', mode: 'reply' },
      ],
      page: { number: 2, of: 3, command: 'node list ok' },
    }),
    TEXT_UNITS,
    NOW,
  );
  expect(keyboard?.inline_keyboard).toEqual([
    [
      { text: 'a', callback_data: 'e:node status 0x01' },
      { text: 'b', callback_data: `e:node status ${'é'.repeat(25)}` },
      { text: 'Remove this alert now', callback_data: 'r:alerts remove 1', style: 'danger' },
    ],
    [
      { text: '‹ prev', callback_data: 'e:node list ok page:1' },
      { text: '2/3', callback_data: 'e:node list ok page:2' },
      { text: 'next ›', callback_data: 'e:node list ok page:3' },
    ],
  ]);
});

test('pages that no button can carry are explained in words', () => {
  const text = shown({ page: { number: 1, of: 3, command: `node list ${'x'.repeat(60)}` } });
  expect(text).toContain(`Page 1 of 3, the others: /node list ${'x'.repeat(60)} page:2`);
});

/** What somebody may put on a chain to have it tapped, parsed, reordered or mistaken for markup. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '@admin',
          '/start',
          '/stop@bot',
          'https://evil.example/a?b',
          'tg://resolve?domain=x',
          't.me/evil',
          'evil.com',
        ],
        ...[
          '<b>',
          '</b>',
          '<a href="https://evil.example">',
          '&lt;',
          '&',
          '"',
          '>',
          '</pre>',
          '<code>',
          '#tag',
          '$BTC',
        ],
        ...[
          '\u202e',
          '\u200b',
          '\u2060',
          '\n',
          '@',
          '.',
          '/',
          ':',
          '//',
          '+12025550123',
          'a@b.cd',
          '127.0.0.1',
          'é.рф',
        ],
        ...['\ud800', '💥', 'x', ' ', '1.5', '@a.b/c', 'HTTP://A.B', '。com'],
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const inline: fc.Arbitrary<Inline> = fc.oneof(
  hostile,
  hostile.map((code) => ({ code })),
  hostile.map((strong) => ({ strong })),
  fc.oneof(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom(Number.NaN, 1e300)).map((time) => ({ time })),
  fc.record({ link: hostile, url: fc.oneof(hostile, fc.webUrl()) }),
);
const line: fc.Arbitrary<Line> = fc.oneof(inline, fc.array(inline, { maxLength: 5 }));
const anyView: fc.Arbitrary<View> = fc.record(
  {
    title: fc.oneof(hostile, fc.string({ maxLength: 5_000 })),
    tone: fc.constantFrom('ok', 'degraded', 'down', 'unknown', 'info', 'error'),
    lines: fc.oneof(
      { weight: 4, arbitrary: fc.array(line, { maxLength: 8 }) },
      fc.array(line, { minLength: 100, maxLength: 300 }),
    ),
    fields: fc.array(fc.record({ name: hostile, value: line }), { maxLength: 6 }),
    table: fc.record({
      columns: fc.array(hostile, { maxLength: 4 }),
      rows: fc.array(fc.array(line, { maxLength: 5 }), { maxLength: 40 }),
    }),
    actions: fc.array(fc.record({ label: hostile, command: hostile, mode: fc.constantFrom('edit', 'reply') }), {
      maxLength: 90,
    }),
    page: fc.record({ number: fc.integer({ min: 1, max: 9 }), of: fc.integer({ min: 1, max: 9 }), command: hostile }),
    asOf: fc.option(fc.integer({ min: 0, max: 2e9 })),
    sources: fc.array(hostile, { maxLength: 8 }),
  },
  { requiredKeys: ['title', 'tone', 'lines', 'asOf', 'sources'] },
);

test('law: whatever a View holds, Telegram takes it, and nothing in it can be tapped but our links', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(anyView, (content) => {
      const rendered = render(content, TEXT_UNITS, NOW);
      const parsed = textOf(rendered.html, 'HTML');
      expect(clickableIn(parsed.text, parsed.entities)).toEqual([]);
      expect(parsed.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
      const plain = textOf(rendered.plain, undefined);
      expect(clickableIn(plain.text, [])).toEqual([]);
      for (const { type, url } of parsed.entities) if (type === 'text_link') expect(url).toMatch(/^https?:/);
      for (const button of rendered.keyboard?.inline_keyboard.flat() ?? []) {
        const data = 'callback_data' in button ? button.callback_data : '';
        expect(Buffer.byteLength(data)).toBeGreaterThan(0);
        expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
        expect(button.text.trim()).not.toBe('');
      }
    }),
    { numRuns: 1_500 },
  );
});

test('law: dropped lines plus kept lines are all lines, and a caption that says it fits does', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 120 }), { maxLength: 60 }), hostile, (texts, title) => {
      const lines = texts.map((text, index) => `L${index}| ${text}`);
      const rendered = render(view({ title, lines, asOf: NOW, sources: [title] }), 1024, NOW);
      const rows = visible(parseHtml(rendered.html).text).split('\n');
      const kept = rows.filter((row) => /^L\d+\|/.test(row)).length;
      expect(kept + rendered.dropped).toBe(lines.length);
      if (rendered.fits) expect(parseHtml(rendered.html).text.length).toBeLessThanOrEqual(1024);
    }),
    { numRuns: 300 },
  );
});
