import { afterEach, expect, test } from 'vitest';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import { type Asked, connect, type Harness, view } from './harness.ts';

let bot: Harness;

afterEach(() => bot.stop());

const mayManage = async ({ place }: Asked) =>
  view({
    lines: [`manages: ${await place.callerManages()}`],
    actions: [{ label: 'Remove', command: 'alerts remove 1', mode: 'reply' }],
  });
const missing = async ({ place }: Asked) =>
  view({ lines: [`missing: [${(await place.missingPermissions()).join()}]`] });
const said = (chatId: number, count: number) =>
  bot.rig.until(
    () => bot.rig.fromBot(chatId).length >= count && bot.rig.fromBot(chatId)[count - 1]?.text.split('\n')[1],
  );

test('administrators and the creator manage a group, members and strangers do not', async () => {
  bot = await connect();
  bot.answerWith(mayManage);
  const group = bot.rig.chats.supergroup('Operators');
  const expected = { creator: true, administrator: true, member: false, restricted: false, left: false } as const;
  let count = 0;
  for (const [status, manages] of Object.entries(expected) as [keyof typeof expected, boolean][]) {
    const user = bot.rig.user(status);
    bot.rig.member(group, user, status);
    bot.rig.sendText(group, user, '/alerts list');
    expect(await said(group.id, ++count), status).toBe(`manages: ${manages}`);
  }
});

test('an anonymous administrator manages, somebody who writes as a channel does not', async () => {
  bot = await connect();
  bot.answerWith(mayManage);
  const group = bot.rig.chats.supergroup('Operators');
  const ann = bot.rig.user('Ann');
  bot.rig.sendText(group, ann, '/alerts list', { anonymous: true });
  expect(await said(group.id, 1)).toBe('manages: true');
  bot.rig.member(group, ann, 'creator');
  bot.rig.sendText(group, ann, '/alerts list', { asChannel: bot.rig.chats.channel('News') });
  expect(await said(group.id, 2)).toBe('manages: false');
});

test('a press is judged by who presses, in channels too', async () => {
  bot = await connect();
  bot.answerWith(mayManage);
  const channel = bot.rig.chats.channel('News');
  const [reader, editor] = [bot.rig.user('Reader'), bot.rig.user('Editor')];
  bot.rig.member(channel, reader, 'member');
  bot.rig.member(channel, editor, 'administrator', { can_post_messages: true });
  bot.rig.sendText(channel, editor, '/alerts list');
  expect(await said(channel.id, 1)).toBe('manages: true');
  const message = bot.rig.fromBot(channel.id)[0];
  if (!message) throw new Error('no message');
  bot.rig.press(message, 'Remove', reader);
  bot.rig.press(message, 'Remove', editor);
  expect(await said(channel.id, 2)).toBe('manages: true');
});

test('a reader of a channel cannot make the bot post or edit there, and is told so alone', async () => {
  bot = await connect();
  bot.answerWith(async ({ place }) =>
    view({
      lines: [`manages: ${await place.callerManages()}`],
      actions: [
        { label: 'History', command: 'node history 0xab', mode: 'reply' },
        { label: 'Refresh', command: 'node list' },
      ],
    }),
  );
  const channel = bot.rig.chats.channel('News');
  const reader = bot.rig.user('Reader');
  bot.rig.member(channel, reader, 'member');
  bot.rig.sendText(channel, bot.rig.user('Editor'), '/node list');
  await said(channel.id, 1);
  const message = bot.rig.fromBot(channel.id)[0];
  if (!message) throw new Error('no message');
  const presses = ['History', 'Refresh', 'History'].map((button) => bot.rig.press(message, button, reader));
  presses.push(bot.rig.press(message, 'History', reader, { inaccessible: true }));
  await bot.rig.until(() => presses.every(({ answered }) => answered));
  for (const { answered } of presses) expect(answered?.text).toMatch(/private chat/);
  await bot.bot.stop();
  expect(bot.asked).toHaveLength(1);
  expect(bot.rig.fromBot(channel.id).map(({ edits }) => edits)).toEqual([0]);
});

test('when Telegram does not say who runs a channel, nothing is posted there and the reason is given', async () => {
  bot = await connect();
  bot.answerWith(mayManage);
  const channel = bot.rig.chats.channel('News');
  const editor = bot.rig.user('Editor');
  bot.rig.member(channel, editor, 'administrator', { can_post_messages: true });
  bot.rig.sendText(channel, editor, '/alerts list');
  await said(channel.id, 1);
  const message = bot.rig.fromBot(channel.id)[0];
  if (!message) throw new Error('no message');
  bot.rig.inject('getChatMember', REFUSALS.server());
  const press = bot.rig.press(message, 'Remove', editor);
  await bot.rig.until(() => press.answered);
  expect(press.answered?.text).toMatch(/did not say who administers/);
  expect(bot.rig.fromBot(channel.id)).toHaveLength(1);
  bot.rig.press(message, 'Remove', editor);
  expect(await said(channel.id, 2)).toBe('manages: true');
});

test('what Telegram said about a member is good for a minute', async () => {
  bot = await connect();
  bot.answerWith(mayManage);
  const group = bot.rig.chats.supergroup('Operators');
  const ann = bot.rig.user('Ann');
  bot.rig.member(group, ann, 'administrator');
  bot.rig.sendText(group, ann, '/alerts list');
  await said(group.id, 1);
  bot.rig.member(group, ann, 'member');
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 2)).toBe('manages: true');
  bot.clock.advance(60_001);
  // The long poll was given up meanwhile.
  await bot.rig.until(() => bot.clock.sleeping.includes(500));
  bot.clock.advance(500);
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 3)).toBe('manages: false');
  expect(bot.rig.calls.filter(({ method }) => method === 'getChatMember')).toHaveLength(2);
});

test('when Telegram does not say, the answer is no, with a word, and is asked again next time', async () => {
  bot = await connect();
  bot.answerWith(mayManage);
  const group = bot.rig.chats.supergroup('Operators');
  const ann = bot.rig.user('Ann');
  bot.rig.member(group, ann, 'administrator');
  bot.rig.inject('getChatMember', REFUSALS.server());
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 1)).toBe('manages: false');
  expect(bot.rig.fromBot(group.id)[0]?.text).toContain('did not say who administers this chat');
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 2)).toBe('manages: true');
});

test('missing permissions are named: group switches, own restrictions, channel rights, closed topics', async () => {
  bot = await connect();
  bot.answerWith(missing);
  const ann = bot.rig.user('Ann');
  const me = bot.rig.bot;

  const group = bot.rig.chats.supergroup('Operators', ['Nodes']);
  const topic = [...group.topics.keys()][0] as number;
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 1)).toBe('missing: []');
  group.permissions = { can_send_messages: true, can_send_photos: false };
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 2)).toBe('missing: [Send Photos]');
  bot.rig.member(group, me, 'administrator');
  bot.rig.sendText(group, ann, '/alerts list');
  expect(await said(group.id, 3)).toBe('missing: []');

  const asked = bot.asked.length;
  bot.rig.closeTopic(group, topic, true);
  bot.rig.sendText(group, ann, '/alerts list', { thread: topic });
  await bot.rig.until(() => bot.asked.length > asked);
  expect(await bot.asked.at(-1)?.place.missingPermissions()).toEqual(['an open topic']);
  await bot.rig.until(() => bot.gone.length);
  expect(bot.gone[0]).toEqual({
    address: { platform: 'telegram', chatId: String(group.id), threadId: String(topic) },
    reason: 'the topic is closed',
    wholeChat: false,
  });
  bot.rig.closeTopic(group, topic, false);
  bot.rig.sendText(group, ann, '/alerts list', { thread: topic });
  expect(await said(group.id, 4)).toBe('missing: []');
  bot.rig.member(group, me, 'restricted', { can_send_messages: false, can_send_photos: false });
  expect(await bot.asked.at(-1)?.place.missingPermissions()).toEqual(['Send Messages', 'Send Photos']);

  const channel = bot.rig.chats.channel('News');
  bot.rig.sendText(channel, ann, '/alerts list');
  expect(await said(channel.id, 1)).toBe('missing: []');
  bot.rig.member(channel, me, 'administrator', { can_post_messages: false });
  expect(await bot.asked.at(-1)?.place.missingPermissions()).toEqual(['Post Messages']);
  bot.rig.member(channel, me, 'left');
  expect(await bot.asked.at(-1)?.place.missingPermissions()).toEqual(['membership (add the bot to this chat)']);
});
