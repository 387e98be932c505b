import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RigUser } from '../../rigs/telegram/world.ts';
import { connect, type Harness, view } from './harness.ts';

let bot: Harness;

beforeAll(async () => {
  bot = await connect();
  bot.answerWith(() => view({ actions: [{ label: 'Again', command: 'network', mode: 'reply' }] }));
});
afterAll(() => bot.stop());

/** Who it was that asked, as the bot's commands hear it. */
async function nameAfter(ask: () => void): Promise<string | undefined> {
  const { length } = bot.asked;
  ask();
  await bot.rig.until(() => bot.asked.length > length);
  return bot.asked.at(-1)?.caller.name;
}

test.each([
  ['Ann', 'Ann'],
  ['  Ann \u202e\n B. ', 'Ann B.'],
  ['x'.repeat(200), `${'x'.repeat(59)}…`],
])('the first name %j is shown as %j, typed and pressed', async (first, shown) => {
  const user = bot.rig.user(first);
  const group = bot.rig.chats.supergroup('Operators');
  expect(await nameAfter(() => bot.rig.sendText(group, user, '/network'))).toBe(shown);
  const message = await bot.rig.until(() => bot.rig.fromBot(group.id)[0]);
  expect(await nameAfter(() => bot.rig.press(message, 'Again', user))).toBe(shown);
});

test('a first name with nothing to read in it gives way to the user name, and that to a word', async () => {
  const chat = bot.rig.chats.group('Operators');
  const blank: RigUser = { ...bot.rig.user('x'), first_name: '\u2060\u200b' };
  expect(await nameAfter(() => bot.rig.sendText(chat, blank, '/network'))).toBe(`@${blank.username}`);
  const { username, ...nameless } = blank;
  expect(await nameAfter(() => bot.rig.sendText(chat, nameless, '/network'))).toBe('somebody');
});

test('anonymous administrators are one of them, channels speak under their title', async () => {
  const group = bot.rig.chats.supergroup('Operators');
  const channel = bot.rig.chats.channel(' News\u202e of nodes ');
  const ann = bot.rig.user('Ann');
  expect(await nameAfter(() => bot.rig.sendText(group, ann, '/network', { anonymous: true }))).toBe('an administrator');
  expect(await nameAfter(() => bot.rig.sendText(channel, ann, '/network'))).toBe('News of nodes');
  expect(await nameAfter(() => bot.rig.sendText(group, ann, '/network', { asChannel: channel }))).toBe('News of nodes');
});
