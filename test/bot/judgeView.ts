import { expect } from 'vitest';
import { checkOptions } from '../../src/bot/checkOptions.ts';
import { isChoosable } from '../../src/bot/choose.ts';
import { parseText } from '../../src/bot/parse.ts';
import { commands } from '../../src/bot/registry.ts';
import { cleanText } from '../../src/lib/units.ts';
import type { Line, View } from '../../src/lib/view.ts';
import { renderDiscord, renderPlain } from '../../src/platforms/discord/render.ts';
import { render, TEXT_UNITS } from '../../src/platforms/telegram/render.ts';
import { renderTerminal } from '../../src/platforms/terminal/render.ts';
import { judge } from '../rigs/discord/judge.ts';
import { clickableIn } from '../rigs/telegram/clickable.ts';
import { keyboardOf, textOf } from '../rigs/telegram/content.ts';
import { NOW, NOW_MS } from './seed.ts';

/** Words that only somebody who reads the source should meet. */
const INTERNAL = [
  'Error:',
  'at /',
  'node_modules',
  'node:internal',
  'prisma',
  'SQLITE',
  'libsql',
  'undefined',
  '[object',
  'NaN',
  'Infinity',
  'null',
  'went wrong on this bot',
];

const textOfLine = (line: Line): string =>
  (Array.isArray(line) ? line : [line])
    .map((part) => (typeof part === 'string' ? part : (Object.values(part)[0] as string | number)))
    .join('');

/** What the first line says, in words. */
export const pointOf = ({ lines: [first = ''] }: View): string => textOfLine(first);

/** Everything a View says, before a platform makes something of it. */
export function wordsOf(view: View): string {
  return [
    view.title,
    ...view.lines.map(textOfLine),
    ...(view.fields ?? []).flatMap(({ name, value }) => [name, textOfLine(value)]),
    ...(view.actions ?? []).flatMap(({ label, command }) => [label, command]),
    ...view.sources,
  ].join('\n');
}

/** An answer is clear: it says something, nothing in it is from inside, and its buttons are questions that fit. */
export function expectClear(view: View, typed = ''): void {
  expect(cleanText(view.title, 300)).not.toBe('');
  expect(cleanText(view.lines.map(textOfLine).join(' '), 3_000)).not.toBe('');
  const words = wordsOf(view);
  // What somebody typed themselves may be repeated to them.
  const own = `${typed}\n${cleanText(typed, Number.MAX_SAFE_INTEGER)}`;
  const found = INTERNAL.filter((word) => words.includes(word) && !own.includes(word));
  expect(found, words).toEqual([]);
  // What is repeated of a question stays short and readable, whoever renders it.
  for (const line of view.tone === 'error' ? view.lines.map(textOfLine) : []) {
    expect(line.length, line).toBeLessThanOrEqual(400);
    expect(line).toBe(cleanText(line, 400));
  }
  const questions = (view.actions ?? []).map(({ command }) => command);
  if (view.page) questions.push(`${view.page.command} page:${view.page.number}`);
  for (const question of questions) {
    const parsed = parseText(question, commands);
    expect(['command', 'group'], question).toContain(parsed.kind);
    if (parsed.kind !== 'command') continue;
    // Whole, or on its way there by further buttons.
    const { command, options } = parsed;
    const given = command.options.filter(({ name }) => name in options);
    expect(checkOptions({ ...command, options: given }, options), question).toHaveProperty('args');
    if (!isChoosable(command)) expect(checkOptions(command, options), question).toHaveProperty('args');
  }
}

/** Code spans and escaped characters out, then our own markup out: what is left is what Discord would act upon. */
function activeInDiscord(markdown: string): string {
  const text = markdown.replace(/\\[!-/:-@[-`{-~]|`[^`\n]+`/g, '.');
  return text
    .replace(/^-# as of /gm, '')
    .replace(/<t:-?\d+:[fR]>/g, '')
    .replace(/\*\*[^*]+\*\*/g, '');
}

function expectSafeOnDiscord(view: View): void {
  const { embeds, components } = renderDiscord(view);
  // The picture is drawn and attached later; without it the embed is sent as it is here.
  const body = { embeds: embeds.map(({ image: _, ...rest }) => rest), components, allowed_mentions: { parse: [] } };
  expect(judge('POST', '/channels/1/messages', body)).toEqual([]);
  const [embed] = embeds;
  const content = renderPlain(view);
  expect(judge('POST', '/channels/1/messages', { content, allowed_mentions: { parse: [] } })).toEqual([]);
  for (const text of [embed?.title ?? '', embed?.description ?? '', content]) {
    expect(activeInDiscord(text), text).not.toMatch(/[*_~`|<>[\]#]|:\/\/|^\s*[-+] /m);
    expect(text.replace(/`[^`\n]+`/g, '')).not.toMatch(/@(?!\u2060)/);
  }
  for (const text of [embed?.title ?? '', embed?.description ?? '', embed?.footer?.text ?? '']) {
    expect(text).not.toMatch(UNSEEN);
  }
}

/** Bidirectional marks, zero-width characters but our joiner, and controls but the line break. */
const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2061-\u2069\ufeff\u061c]|[^\P{Cc}\n]/u;

function expectSafeOnTelegram(view: View): void {
  const rendered = render(view, TEXT_UNITS, NOW);
  const parsed = textOf(rendered.html, 'HTML');
  expect(clickableIn(parsed.text, parsed.entities)).toEqual([]);
  expect(parsed.entities.filter(({ type }) => !['bold', 'italic', 'code', 'pre'].includes(type))).toEqual([]);
  expect(parsed.text).not.toMatch(UNSEEN);
  expect(clickableIn(textOf(rendered.plain, undefined).text, [])).toEqual([]);
  keyboardOf(rendered.keyboard);
}

const ESCAPE = String.fromCharCode(27);
const OUR_PAINT = new RegExp(`^${ESCAPE}\\[\\d\\dm(.*)${ESCAPE}\\[0m$`);

function expectSafeInTerminal(view: View): void {
  expect(renderTerminal(view, { nowMs: NOW_MS })).not.toMatch(UNSEEN);
  const coloured = renderTerminal(view, { nowMs: NOW_MS, color: true });
  // Whole lines are painted, so what is ours stands at both ends; an escape sequence elsewhere would be somebody else's.
  for (const line of coloured.split('\n')) expect(line.replace(OUR_PAINT, '$1')).not.toMatch(UNSEEN);
}

export function expectSafeEverywhere(view: View): void {
  expectSafeOnDiscord(view);
  expectSafeOnTelegram(view);
  expectSafeInTerminal(view);
}
