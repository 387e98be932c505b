import { describe, expect, test } from 'vitest';
import { checkOptions, usage } from '../../src/bot/checkOptions.ts';
import { parseText } from '../../src/bot/parse.ts';
import { commands } from '../../src/bot/registry.ts';
import { renderDiscord } from '../../src/platforms/discord/render.ts';
import { render as renderTelegram, TEXT_UNITS } from '../../src/platforms/telegram/render.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { callerOf, NOW, placeOf, REGISTRY } from './seed.ts';

test('help lists every group in a line, within one message, and every command of it behind a button', async () => {
  const { ask } = await askerOn(0);
  const view = await ask('/help');
  expect(view.private).toBe(true);
  expect(renderDiscord(view).embeds[0]?.description).not.toMatch(/\+\d+ more/);
  expect(renderTelegram(view, TEXT_UNITS, NOW).plain).not.toMatch(/\+\d+ more/);
  for (const [group, members] of Map.groupBy(commands, ({ path }) => path[0])) {
    const isGroup = members[0]?.path.length === 2;
    if (isGroup) expect(view.actions?.map(({ command }) => command)).toContain(`help ${group}`);
    const shown = isGroup ? await ask(`help ${group}`) : view;
    for (const command of members) {
      expect(wordsOf(view)).toContain(command.path.at(-1));
      expect(wordsOf(shown)).toContain(`/${command.path.join(' ')}`);
      expect(wordsOf(shown)).toContain(command.summary);
    }
  }
});

describe.each(commands)('$path', (command) => {
  const words = command.path.join(' ');

  test('help explains its options, and its examples are questions that fit', async () => {
    const { ask, bot } = await askerOn(0);
    const view = await ask(`help ${words}`);
    expect(view.title).toBe(`Help: /${words}`);
    for (const { name, summary } of command.options) expect(view.lines.join('\n')).toContain(`• ${name}: ${summary}`);
    expect(await bot.run(['help'], { command: words }, callerOf('discord'), placeOf('discord'))).toEqual(view);
    for (const example of command.examples) {
      const parsed = parseText(example, commands);
      expect(parsed).toMatchObject({ kind: 'command', command: { path: command.path } });
      if (parsed.kind === 'command') expect(checkOptions(command, parsed.options)).toHaveProperty('args');
    }
  });

  test('keeps to what Discord allows a command', () => {
    expect(command.summary.length).toBeLessThanOrEqual(100);
    expect(command.options.length).toBeLessThanOrEqual(25);
    const names = command.options.map(({ name }) => name);
    for (const name of [...command.path, ...names]) expect(name).toMatch(/^[a-z]{1,32}$/);
    expect(new Set(names).size).toBe(names.length);
    // Discord refuses a required option after an optional one.
    const required = command.options.map((option) => option.required);
    expect(required).toEqual([...required].sort((a, b) => Number(b) - Number(a)));
    for (const { summary, choices = [] } of command.options) {
      expect(summary.length).toBeLessThanOrEqual(100);
      expect(choices.length).toBeLessThanOrEqual(25);
    }
  });
});

test('help has one option, and takes every word after it', async () => {
  const help = commands.find(({ path }) => path[0] === 'help');
  expect(help && usage(help)).toBe('/help [command]');
  const { ask } = await askerOn(0);
  const wanted = 'Help: /alerts add';
  for (const line of [
    'help alerts add',
    '/help "alerts add"',
    'help command:"alerts add"',
    'help command:alerts add',
    'HELP /Alerts  ADD',
  ]) {
    expect((await ask(line)).title, line).toBe(wanted);
  }
});

test('help for a group explains all of it; for nothing known it says so', async () => {
  const { ask } = await askerOn(0);
  const group = await ask('help alerts');
  expect(group.title).toBe('Help: /alerts');
  for (const name of ['add', 'list', 'remove', 'test']) expect(wordsOf(group)).toContain(`/alerts ${name}`);
  expect(await ask('help me please')).toMatchObject({ tone: 'error', lines: ['There is no command “me please”.'] });
});

test('a bare group offers those of its commands that can be reached by buttons alone', async () => {
  const { ask } = await askerOn(6);
  const view = await ask('/alerts');
  const offered = view.actions?.map(({ command }) => command) ?? [];
  expect(offered).toEqual(
    expect.arrayContaining(['alerts setup', 'alerts add', 'alerts edit', 'alerts list', 'alerts test']),
  );
  // Nobody can know a message's number.
  expect(offered).not.toContain('alerts ack');
  expect(offered.length).toBeLessThanOrEqual(20);
  expect((await ask('node')).actions?.map(({ command }) => command)).toEqual([
    'node list',
    'node status',
    'node history',
  ]);
});

test('a command that lacks an answer offers it as buttons, step by step, until it is whole', async () => {
  const { ask } = await askerOn(6);
  const which = await ask('/node status');
  expect(which.actions).toHaveLength(6);
  const status = await ask(which.actions?.[2]?.command ?? '');
  expect(status.title).toContain('gw2');
  const kinds = await ask('/alerts add');
  expect(kinds.actions?.map(({ label }) => label)).toEqual(['node', 'model', 'proof', 'gov', 'voter']);
  const targets = await ask(kinds.actions?.[0]?.command ?? '');
  expect(targets.actions?.[0]).toEqual({ label: 'all nodes', command: 'alerts add kind:node target:all' });
  expect((await ask(targets.actions?.[0]?.command ?? '')).title).toBe('Alerts are on');
});

test('what was answered wrongly is said before anything else is asked', async () => {
  const { ask } = await askerOn(6);
  expect(wordsOf(await ask('/alerts add everything'))).toContain('kind must be one of node, model, proof');
  expect(wordsOf(await ask('/node history gw2 2d'))).toContain('window is one of 24h, 7d, 30d');
});

test('about names the network it reads, what it stores, and where to read on', async () => {
  const { ask } = await askerOn(6);
  const view = await ask('about');
  expect(view.title).toBe('Assay 0.1.0');
  expect(wordsOf(view)).toContain(`chain 10740, TEERegistry ${REGISTRY}`);
  expect(wordsOf(view)).toContain('Stored about you');
  expect(view.sources).not.toEqual([]);
  expect(wordsOf(await (await askerOn(0)).ask('about'))).toContain('not read yet');
});
