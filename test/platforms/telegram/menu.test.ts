import { afterEach, expect, test } from 'vitest';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import { COMMANDS, command, connect, type Harness } from './harness.ts';

const SCOPES = ['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators'];
let bot: Harness;

afterEach(() => bot.stop());

const menu = (scope: string) => bot.rig.menu(scope);
const describe = (scope: string, name: string) => menu(scope).find((entry) => entry.command === name)?.description;

test('one entry a group, in every scope; members of groups do not see what only administrators may do', async () => {
  bot = await connect();
  await bot.rig.until(() => bot.meta.size);
  for (const scope of SCOPES) {
    expect(menu(scope).map((entry) => entry.command)).toEqual(['network', 'node', 'alerts', 'help', 'about']);
  }
  expect(describe('all_group_chats', 'alerts')).toBe('list: About alerts list');
  expect(describe('all_chat_administrators', 'alerts')).toMatch(/add: .*; list: .*; remove: /);
  expect(describe('default', 'alerts')).toBe(describe('all_group_chats', 'alerts'));
});

test('a group of commands that only administrators have is hidden from members', async () => {
  bot = await connect({ commands: [command(['network']), command(['alerts', 'add'], 'manage-alerts')] });
  await bot.rig.until(() => bot.meta.size);
  expect(menu('all_group_chats').map((entry) => entry.command)).toEqual(['network']);
  expect(menu('all_private_chats').map((entry) => entry.command)).toEqual(['network', 'alerts']);
});

test('the same menu is not registered twice, another one is, and what it lacks is cleared', async () => {
  const meta = new Map<string, string>();
  const first = await connect({ meta });
  await first.rig.until(() => meta.size);
  await first.stop();

  bot = await connect({ meta });
  await bot.rig.until(() => bot.rig.polling().open);
  expect(bot.rig.calls.some(({ method }) => method === 'setMyCommands')).toBe(false);
  await bot.stop();

  const before = [...meta.values()][0];
  bot = await connect({ meta, commands: [command(['alerts', 'add'], 'manage-alerts')] });
  await bot.rig.until(() => [...meta.values()][0] !== before);
  expect(menu('all_group_chats')).toEqual([]);
  expect(bot.rig.calls.filter(({ method }) => method === 'deleteMyCommands')).toHaveLength(2);
  expect(menu('all_private_chats')).toHaveLength(1);
});

test('a menu that Telegram refuses is tried again at the next start and keeps nobody from asking', async () => {
  const meta = new Map<string, string>();
  bot = await connect({ meta, prepare: (rig) => rig.inject('setMyCommands', REFUSALS.flood(5)) });
  await bot.rig.until(() => bot.log.some((line) => line.includes('command menu')));
  expect(meta.size).toBe(0);
  const ann = bot.rig.user('Ann');
  const chat = bot.rig.chats.private(ann);
  bot.rig.sendText(chat, ann, '/network');
  await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]);
});

test('long descriptions are shortened to what Telegram takes', async () => {
  const many = Array.from({ length: 30 }, (_, index) => command(['node', `history${index}`]));
  bot = await connect({ commands: [...COMMANDS, ...many] });
  await bot.rig.until(() => bot.meta.size);
  expect(describe('default', 'node')?.length).toBeLessThanOrEqual(256);
});
