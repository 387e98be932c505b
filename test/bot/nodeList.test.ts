import { describe, expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { NOW_MS, placeOf, recordOf, registryIsFresh, snapshotOf, stateOf } from './seed.ts';

/** The nodes of an answer, in its order. */
const shown = (view: View): number[] =>
  view.lines.flatMap((line) => {
    const strong = Array.isArray(line) ? line.find((part) => typeof part === 'object' && 'strong' in part) : undefined;
    const index = /^gw(\d+)\./.exec(
      strong && typeof strong === 'object' && 'strong' in strong ? strong.strong : '',
    )?.[1];
    return index === undefined ? [] : [Number(index)];
  });

const ORDER = ['down', 'degraded', 'unknown', 'ok'];

const expected = (count: number, keep: (index: number) => boolean = () => true): number[] =>
  Array.from({ length: count }, (_, index) => index)
    .filter(keep)
    .sort((a, b) => ORDER.indexOf(stateOf(a)) - ORDER.indexOf(stateOf(b)) || a - b);

/** Follows the button that leads on, as a person would. */
async function allPages({ ask }: Asker, first: string): Promise<View[]> {
  const views = [await ask(first)];
  for (let view = views[0]; view?.page && view.page.number < view.page.of; view = views.at(-1)) {
    views.push(await ask(`${view.page.command} page:${view.page.number + 1}`));
  }
  return views;
}

describe.each([7, 30, 1_000])('with %i nodes', (count) => {
  test.each([
    ['node list', () => true],
    ['node list down', (index: number) => stateOf(index) === 'down'],
    ['node list type:validator', (index: number) => index % 4 === 3],
    ['node list degraded LLMProxy', (index: number) => stateOf(index) === 'degraded' && index % 4 !== 3],
  ] as const)(
    '%s: every page together holds each node that fits once, worst first',
    async (question, keep) => {
      const asker = await askerOn(count);
      const views = await allPages(asker, question);
      const wanted = expected(count, keep);
      expect(views.flatMap(shown)).toEqual(wanted);
      expect(views).toHaveLength(Math.max(1, Math.ceil(wanted.length / 10)));
      for (const view of views) expect(shown(view).length).toBeLessThanOrEqual(10);
    },
    60_000,
  );
});

test('a page beyond the last one is the last one, and says so', async () => {
  const { ask } = await askerOn(30);
  const last = await ask('node list page:3');
  const beyond = await ask('node list page:9999');
  expect(beyond).toEqual(last);
  expect(beyond.page).toEqual({ number: 3, of: 3, command: 'node list' });
  expect(shown(beyond)).toEqual(expected(30).slice(20));
});

test.each(['0', '-1', '1.5', '10001', 'two', '99999999999999999999'])('page %s is refused in words', async (page) => {
  const view = await (await askerOn(7)).ask(`node list page:${page}`);
  expect(view.tone).toBe('error');
  expect(view.lines).toEqual([`page must be a whole number from 1 to 10000, not “${page}”.`]);
});

test('one page has no page buttons; refresh asks for the same again', async () => {
  const { ask } = await askerOn(30);
  const one = await ask('node list down');
  expect(one.page).toBeUndefined();
  expect(one.actions?.[0]).toEqual({ label: 'Refresh', command: 'node list down' });
  const paged = await ask('node list page:2');
  expect(paged.actions?.[0]).toEqual({ label: 'Refresh', command: 'node list page:2' });
});

test('the first five nodes have a button to their status', async () => {
  const { ask } = await askerOn(30);
  const view = await ask('node list');
  const [first] = shown(view);
  const buttons = view.actions?.filter(({ command }) => command.startsWith('node status')) ?? [];
  expect(buttons).toHaveLength(5);
  const status = await ask(buttons[0]?.command ?? '');
  expect(status.title).toBe(`gw${first}.og-nodes.example:8443: Down`);
});

test('nothing that fits is an answer, not an error', async () => {
  const view = await (await askerOn(7)).ask('node list unknown');
  expect(view.lines).toContain('None of the 7 nodes fits.');
  expect(view.tone).toBe('info');
});

test('a state that does not exist, given as an option, names those that do', async () => {
  const { bot } = await askerOn(7);
  const view = await bot.run(
    ['node', 'list'],
    { state: 'asleep' },
    { platform: 'discord', userId: '1', name: 'Ann' },
    placeOf('discord'),
  );
  expect(view.lines).toEqual(['state must be one of ok, degraded, down, unknown, not “asleep”.']);
});

test('a type name of several words, and one with quotes, can be paged through', async () => {
  const asker = await askerOn(0);
  const types = [{ id: 0, name: 'LLM "fast" proxy' }];
  const records = Array.from({ length: 12 }, (_, index) => recordOf(index, { teeType: 0 }));
  await asker.store.nodes.saveSnapshot(snapshotOf(records, { types }), NOW_MS);
  await registryIsFresh(asker.store);
  const [suggestion] = await asker.bot.suggest(['node', 'list'], 'type', 'fast');
  expect(suggestion).toEqual({ label: 'LLM fast proxy', value: 'LLM fast proxy' });
  const views = await allPages(asker, `node list type:"${suggestion?.value}"`);
  expect(views.flatMap(shown)).toHaveLength(12);
  expect(views[1]?.page?.command).toBe('node list type:"LLM fast proxy"');
});

test('a word that is neither a state nor a type is an error with both as buttons, never an empty list', async () => {
  const { ask } = await askerOn(6);
  const view = await ask('/node list donw');
  expect(view.tone).toBe('error');
  expect(view.actions?.map(({ label }) => label)).toEqual([
    'ok',
    'degraded',
    'down',
    'unknown',
    'LLMProxy',
    'Validator',
  ]);
  expect(view.asOf).not.toBeNull();
});
