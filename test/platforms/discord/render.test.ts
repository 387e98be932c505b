import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from '../../../src/lib/units.ts';
import type { Inline, Line, View } from '../../../src/lib/view.ts';
import { renderDiscord, renderPlain } from '../../../src/platforms/discord/render.ts';
import { judge } from '../../rigs/discord/judge.ts';
import { readMarkdown } from '../../rigs/discord/markdown.ts';
import { view } from './harness.ts';

const AT = 1_790_000_000;
const description = (content: Partial<View>): string => renderDiscord(view(content)).embeds[0]?.description ?? '';
const bare = (text: string): string => text.replaceAll('\u2060', '');

test('a whole View: title with its tone, lines, fields, table, age; the source in the footer', () => {
  const { embeds } = renderDiscord(
    view({
      title: 'node gw1',
      tone: 'degraded',
      lines: ['Late.', ['Last ', { time: AT }, ' by ', { code: '0xab' }, ' and ', { strong: 'more' }]],
      fields: [{ name: 'Owner', value: { code: '0xcd' } }],
      table: { columns: ['node', 'state'], rows: [['gw1', 'ok']] },
      asOf: AT,
      sources: ['TEERegistry', 'probe'],
    }),
  );
  expect(embeds).toEqual([
    {
      title: '🟡 node gw1',
      color: 0xe0a100,
      description: [
        'Late.',
        `Last <t:${AT}:f> (<t:${AT}:R>) by \`0xab\` and **more**`,
        '',
        '**Owner** `0xcd`',
        '**node** · **state**',
        'gw1 · ok',
        `-# as of <t:${AT}:f> (<t:${AT}:R>)`,
      ].join('\n'),
      footer: { text: 'TEERegistry; probe' },
    },
  ]);
});

test('what does not fit is dropped by whole lines and counted; page and age stay', () => {
  const lines = Array.from({ length: 400 }, (_, index) => `line ${index} *${'y'.repeat(20)}`);
  const rows = description({ lines, asOf: AT, page: { number: 1, of: 2, command: 'node list' } }).split('\n');
  const kept = rows.filter((row) => row.startsWith('line '));
  expect(kept.length).toBeGreaterThan(100);
  expect(rows.slice(kept.length)).toEqual([
    `+${400 - kept.length} more`,
    'Page 1 of 2',
    expect.stringContaining('as of'),
  ]);
});

test('buttons: paging first, five a row, five rows, none twice, none too long for its id', () => {
  const actions = Array.from({ length: 30 }, (_, index) => ({ label: `b${index}`, command: `node status ${index}` }));
  const { components } = renderDiscord(
    view({
      actions: [
        { label: 'same', command: 'about' },
        { label: 'same again', command: 'about' },
        { label: 'too long', command: 'é'.repeat(50) },
        { label: 'Remove', command: 'alerts remove 1', style: 'danger', mode: 'reply' },
        ...actions,
      ],
      page: { number: 2, of: 3, command: 'node list ok' },
    }),
  );
  expect(components.map((row) => row.components.length)).toEqual([2, 5, 5, 5, 3]);
  expect(components[0]?.components.map(({ custom_id, label }) => [label, custom_id])).toEqual([
    ['◀ Previous', 'e:node list ok page:1'],
    ['Next ▶', 'e:node list ok page:3'],
  ]);
  expect(components[1]?.components.slice(0, 3)).toMatchObject([
    { label: 'same', style: 2 },
    { label: 'Remove', custom_id: 'r:alerts remove 1', style: 4 },
    { label: 'b0' },
  ]);
});

test('only https links become links', () => {
  expect(description({ lines: [{ link: 'docs', url: 'https://example.org/a?b=1' }] })).toBe(
    '[docs](https://example.org/a?b=1)',
  );
  for (const url of [
    'http://a.example',
    'javascript:alert(1)',
    'https://a.example/) **x**',
    'discord://x',
    'https://user@a.example',
    '',
  ]) {
    expect(description({ lines: [{ link: 'docs', url }] }), url).toBe('docs');
  }
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300])(
  'a time that is none (%d) is said in words, also as age',
  (time) => {
    const text = description({ lines: [{ time }], asOf: time });
    expect(text).toContain('an unknown time');
    expect(text).not.toMatch(/NaN|Infinity|1e/);
  },
);

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['@everyone', '@here', '<@1>', '<@&22>', '<#333>', '</node list:44>', '<:x:55>', '<a:x:66>', '<id:browse>'],
        ...[
          'https://evil.example/a?b',
          'discord.gg/abc',
          'DISCORD.COM/invite/x',
          'steam://run',
          '<mailto:a@b.cd>',
          '[x](https://evil.example)',
        ],
        ...[
          '**',
          '*',
          '__',
          '_',
          '~~',
          '||',
          '`',
          '``',
          '```',
          '\\',
          '\\\\',
          '# ',
          '-# ',
          '- ',
          '> ',
          '>>> ',
          '](',
          ')',
          '[',
          '<t:1:R>',
          '<',
          '>',
        ],
        ...['\n', '\r\n', '\u202e', '\u200b', '\u2060', '\u2028', '\ud800', '💥', ' ', 'x', ':', '/', '://', '@', '0'],
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const long = fc.oneof(
  { weight: 5, arbitrary: hostile },
  fc.string({ unit: 'binary', minLength: 300, maxLength: 6_000 }),
);
const inline: fc.Arbitrary<Inline> = fc.oneof(
  long,
  hostile.map((code) => ({ code })),
  hostile.map((strong) => ({ strong })),
  fc.oneof(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom(Number.NaN, 1e300)).map((time) => ({ time })),
  fc.record({ link: hostile, url: fc.oneof(hostile, fc.webUrl({ validSchemes: ['https'] })) }),
);
const line: fc.Arbitrary<Line> = fc.oneof(inline, fc.array(inline, { maxLength: 5 }));
const anyView: fc.Arbitrary<View> = fc.record(
  {
    title: long,
    tone: fc.constantFrom('ok', 'degraded', 'down', 'unknown', 'info', 'error'),
    lines: fc.oneof(
      { weight: 4, arbitrary: fc.array(line, { maxLength: 8 }) },
      fc.array(line, { minLength: 100, maxLength: 300 }),
    ),
    fields: fc.array(fc.record({ name: hostile, value: line }), { maxLength: 40 }),
    table: fc.record({
      columns: fc.array(hostile, { maxLength: 4 }),
      rows: fc.array(fc.array(line, { maxLength: 5 }), { maxLength: 40 }),
    }),
    chart: fc.constant({ title: '', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: '' }),
    actions: fc.array(fc.record({ label: long, command: long, mode: fc.constantFrom('edit', 'reply') }), {
      maxLength: 40,
    }),
    page: fc.record({ number: fc.integer({ min: 1, max: 9 }), of: fc.integer({ min: 1, max: 9 }), command: hostile }),
    asOf: fc.option(fc.oneof(fc.integer({ min: 0, max: 2e9 }), fc.constant(Number.NaN))),
    sources: fc.array(long, { maxLength: 8 }),
  },
  { requiredKeys: ['title', 'tone', 'lines', 'asOf', 'sources'] },
);
const allowed_mentions = { parse: [] };
/** A failing View is made smaller for a minute at most. */
const BOUNDED = { interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true };

describe('laws', { timeout: 120_000 }, () => {
  test('whatever a View holds, Discord takes it: its schemas and limits have nothing against it', () => {
    fc.assert(
      fc.property(anyView, (content) => {
        const { embeds, components, chart } = renderDiscord(content);
        const files = chart === null ? [] : [{ name: 'chart.png' }];
        expect(judge('POST', '/channels/1/messages', { embeds, components, allowed_mentions }, files)).toEqual([]);
        const plain = { content: renderPlain(content), embeds: [], components: [], allowed_mentions };
        expect(judge('POST', '/channels/1/messages', plain)).toEqual([]);
        expect(JSON.stringify({ embeds, components, plain }).isWellFormed()).toBe(true);
      }),
      { numRuns: 1_000, ...BOUNDED },
    );
  });

  test('whatever a View holds, nothing in it mentions, links, or formats but what the View itself asks for', () => {
    fc.assert(
      fc.property(anyView, (content) => {
        const urls: string[] = [];
        JSON.stringify(content, (key, value: unknown) => {
          if (key === 'url') urls.push(URL.parse(String(value))?.href ?? '');
          return value;
        });
        for (const text of [
          description(content),
          renderDiscord(content).embeds[0]?.title ?? '',
          renderPlain(content),
        ]) {
          const { live, links, marks, visible } = readMarkdown(text);
          expect(live).toEqual([]);
          for (const url of links) expect(urls).toContain(url);
          const ours = marks.filter((mark) => mark === '**');
          expect(ours.length % 2, 'strong begins and ends').toBe(0);
          const age = marks.filter((mark) => mark !== '**');
          expect(['', '-# ']).toContain(age.join());
          expect(visible).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
        }
      }),
      { numRuns: 1_000, ...BOUNDED },
    );
  });

  test('text arrives as it was written: what a reader sees is the cleaned text, letter by letter', () => {
    fc.assert(
      fc.property(hostile, hostile, (text, code) => {
        const inCode = cleanText(code, 300).replaceAll('`', 'ˋ');
        const { visible, code: spans } = readMarkdown(
          description({ lines: [['§', text, '§', { code }, { strong: text }]] }),
        );
        expect(spans).toEqual(inCode === '' ? [] : [inCode]);
        const [, first, second] = bare(visible).split('§').length === 3 ? bare(visible).split('§') : [];
        const cleaned = bare(cleanText(text, 1_000));
        if (first !== undefined && second !== undefined) {
          expect(first.trim()).toBe(cleaned);
          expect(second).toBe(`${bare(inCode)}${cleaned}`);
        } else expect(text + code).toContain('§');
      }),
      { numRuns: 2_000 },
    );
  });

  test('dropped lines plus kept lines are all lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 80 }), hostile, (texts, title) => {
        const rows = description({ title, lines: texts.map((text, index) => `L${index}| ${text}`) }).split('\n');
        const kept = rows.filter((row) => /^L\d+\\\|/.test(row)).length;
        const dropped = Number(/^\+(\d+) more$/.exec(rows.at(-1) ?? '')?.[1] ?? 0);
        expect(kept + dropped).toBe(texts.length);
      }),
      { numRuns: 500 },
    );
  });
});
