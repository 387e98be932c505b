import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, fixedDispatcher, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bot: Bot;
const names: string[] = [];

beforeAll(async () => {
  rig = await startDiscordRig();
  const fixed = fixedDispatcher(() => view());
  const run: typeof fixed.run = async (path, options, caller, place) => {
    names.push(caller.name);
    return await fixed.run(path, options, caller, place);
  };
  const runText: typeof fixed.runText = async (text, caller, place) => {
    names.push(caller.name);
    return await fixed.runText(text, caller, place);
  };
  bot = await startBot(rig, { ...fixed, run, runText });
});
afterAll(async () => {
  await bot.stop();
  await rig.close();
});

let people = 0;
const person = (global_name: string | null) => {
  people += 1;
  return { id: `70000000000000000${people}`, username: 'ann_1', global_name, discriminator: '0', avatar: null };
};
const member = (nick: string | null, global_name: string | null) => ({
  member: { user: person(global_name), nick, roles: [], permissions: '0', flags: 0, joined_at: '2020-01-01T00:00:00Z' },
});

test.each([
  ['Night shift', 'Ann', 'Night shift'],
  [null, 'Ann', 'Ann'],
  [null, null, 'ann_1'],
  ['\u200b\u202e', '\u2060', 'ann_1'],
  [' a\n\u202eb ', null, 'a b'],
  ['x'.repeat(200), null, `${'x'.repeat(59)}…`],
])('known as %j here and %j elsewhere: shown as %j', async (nick, global, shown) => {
  await rig.slash('about', {}, { payload: member(nick, global) });
  expect(names.at(-1)).toBe(shown);
  await rig.press('e:about', { payload: member(nick, global) });
  expect(names.at(-1)).toBe(shown);
});

test('in direct messages, and where the bot is no member, as well', async () => {
  await rig.slash('about', {}, { payload: { member: null, guild_id: null, user: person('Ann'), context: 1 } });
  expect(names.at(-1)).toBe('Ann');
  await rig.slash('about', {}, { payload: { ...member('Night shift', 'Ann'), guild_id: '555000000000000555' } });
  expect(names.at(-1)).toBe('Night shift');
});
