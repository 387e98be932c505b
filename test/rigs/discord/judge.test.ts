import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { readMarkdown } from './markdown.ts';

const MESSAGES = '/channels/1/messages';
const CALLBACK = '/interactions/1/token/callback';
const nobody = { allowed_mentions: { parse: [] } };
const buttons = (...ids: string[]) => [
  { type: 1, components: ids.map((custom_id) => ({ type: 2, style: 2, label: 'x', custom_id })) },
];
const embed = (more: object) => ({ ...nobody, embeds: [{ title: 'T', ...more }] });

test('the judge has nothing against a plain message, a deferral and a full one', () => {
  expect(judge('POST', MESSAGES, { ...nobody, content: 'x'.repeat(2_000) })).toEqual([]);
  expect(judge('POST', CALLBACK, { type: 5, data: { flags: 64 } })).toEqual([]);
  expect(
    judge('POST', MESSAGES, { ...embed({ description: 'x'.repeat(4_096) }), components: buttons('a', 'b') }),
  ).toEqual([]);
});

test.each<[string, object, RegExp]>([
  ['2,001 characters', { ...nobody, content: 'x'.repeat(2_001) }, /content has 2001/],
  ['a long title', embed({ title: 'x'.repeat(257) }), /title/],
  ['a long description', embed({ description: 'x'.repeat(4_097) }), /description/],
  ['26 fields', embed({ fields: Array(26).fill({ name: 'a', value: 'b' }) }), /fields/],
  ['an empty footer', embed({ footer: { text: '' } }), /footer is empty/],
  [
    '6,001 over all embeds',
    { ...nobody, embeds: [1, 2].map(() => ({ title: 'x', description: 'y'.repeat(3_000) })) },
    /all embeds together has 6002/,
  ],
  ['11 embeds', { ...nobody, embeds: Array(11).fill({ title: 'x' }) }, /embeds/],
  ['a nonce of 26', { ...nobody, content: 'x', nonce: 'n'.repeat(26) }, /nonce/],
  ['a button twice', { ...nobody, content: 'x', components: buttons('a', 'a') }, /share a custom_id/],
  ['six buttons in a row', { ...nobody, content: 'x', components: buttons(...'abcdef') }, /row/],
  ['six rows', { ...nobody, content: 'x', components: [...'abcdef'].flatMap((id) => buttons(id)) }, /rows/],
  ['a long custom_id', { ...nobody, content: 'x', components: buttons('i'.repeat(101)) }, /custom_id/],
  ['a picture that is not there', embed({ image: { url: 'attachment://chart.png' } }), /not attached/],
  ['mentions left to Discord', { content: 'x' }, /allowed_mentions/],
  ['mentions allowed', { content: 'x', allowed_mentions: { parse: ['everyone'] } }, /allowed_mentions/],
])('the judge refuses %s', (_, body, reason) => {
  expect(judge('POST', MESSAGES, body).join()).toMatch(reason);
});

test('the judge refuses suggestions that Discord refuses, and bodies that nobody described', () => {
  const choices = (list: object[]) => judge('POST', CALLBACK, { type: 8, data: { choices: list } });
  expect(choices([{ name: 'a', value: 'b' }])).toEqual([]);
  expect(choices(Array(26).fill({ name: 'a', value: 'b' }))).not.toEqual([]);
  expect(choices([{ name: 'a', value: 'b'.repeat(101) }])).not.toEqual([]);
  expect(choices([{ name: ' ', value: 'b' }])).not.toEqual([]);
  expect(choices([{ name: '\ud83d', value: 'b' }])).not.toEqual([]);
  expect(judge('POST', '/somewhere/new', { a: 1 }).join()).toContain('no schema');
});

test('the reader of markdown sees what takes effect and what is escaped', () => {
  expect(readMarkdown('**a** `*b*` \\*c\\* [d](https://e.example)')).toEqual({
    visible: 'a *b* *c* d',
    marks: ['**', '**'],
    code: ['*b*'],
    links: ['https://e.example'],
    times: [],
    live: [],
  });
  for (const live of [
    '@everyone',
    '<@1>',
    '<@&2>',
    '<#3>',
    '</node list:4>',
    '<:x:5>',
    'https://a.example',
    'discord.gg/a',
  ]) {
    expect(readMarkdown(`x ${live}`).live, live).toEqual([live]);
  }
  for (const mark of ['# ', '-# ', '> ', '>>> ', '- ', '* ']) expect(readMarkdown(`a\n${mark}b`).marks).toEqual([mark]);
  for (const mark of ['*', '_', '__', '~~', '||']) expect(readMarkdown(`${mark}b${mark}`).marks).toEqual([mark, mark]);
});

const called = (content: string, allowed: object) => ({ content, allowed_mentions: { parse: [], ...allowed } });

test('a message may call the one whom it begins with, and nobody else', () => {
  const [role, other] = ['500000000000000001', '500000000000000002'];
  const judged = (body: object): string => judge('POST', MESSAGES, body).join();
  expect(judged(called(`<@&${role}>`, { roles: [role] }))).toBe('');
  expect(judged(called(`<@${role}>\nwords`, { users: [role] }))).toBe('');
  for (const body of [
    called('words', { roles: [role] }),
    called(`<@&${other}>`, { roles: [role] }),
    called(`<@&${role}>`, { roles: [role, other] }),
    called(`<@&${role}>`, { roles: [role], users: [other] }),
    called(`<@&${role}>`, { roles: [role], parse: ['everyone'] }),
  ]) {
    expect(judged(body)).toMatch(/allowed_mentions is not/);
  }
});
