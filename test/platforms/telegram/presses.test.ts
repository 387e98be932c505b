import { afterEach, expect, test } from 'vitest';
import type { View } from '../../../src/lib/view.ts';
import type { SeenMessage } from '../../rigs/telegram/seen.ts';
import type { RigChat, RigUser } from '../../rigs/telegram/world.ts';
import { connect, type Harness, PNG, view } from './harness.ts';

let bot: Harness;
let ann: RigUser;
let group: RigChat;

afterEach(() => bot.stop());

const buttons: View['actions'] = [
  { label: 'Refresh', command: 'node list' },
  { label: 'Details', command: 'node status 0xab', mode: 'reply' },
];
const chart: View['chart'] = { title: 'Uptime', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'up' };

/** A group with one answer of the bot in it that has buttons. */
async function answered(first: Partial<View> = {}): Promise<SeenMessage> {
  bot = await connect();
  ann = bot.rig.user('Ann');
  group = bot.rig.chats.supergroup('Operators');
  bot.answerWith(() => view({ actions: buttons, ...first }));
  bot.rig.sendText(group, ann, '/node list');
  return await bot.rig.until(() => bot.rig.fromBot(group.id)[0]);
}

const now = (message: SeenMessage) => bot.rig.messages(message.chatId).find(({ id }) => id === message.id);

test('an edit button runs its command again and changes the message that carries it', async () => {
  const message = await answered();
  bot.answerWith(() => view({ lines: ['One is down.'], actions: buttons }));
  const press = bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => now(message)?.text.includes('One is down.'));
  expect(press.answered).toEqual({});
  expect(bot.asked.at(-1)).toMatchObject({ text: 'node list', caller: { userId: String(ann.id) } });
  expect(bot.rig.fromBot(group.id)).toHaveLength(1);
});

test('a reply button leaves the message and answers below it', async () => {
  const message = await answered();
  bot.rig.press(message, 'Details', ann);
  const reply = await bot.rig.until(() => bot.rig.fromBot(group.id)[1]);
  expect(reply.replyTo).toBe(message.id);
  expect(now(message)?.edits).toBe(0);
  expect(bot.asked.at(-1)?.text).toBe('node status 0xab');
});

test('the same content again is no problem', async () => {
  const message = await answered();
  bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => bot.rig.calls.some(({ method, code }) => method === 'editMessageText' && code === 400));
  bot.rig.press(message, 'Details', ann);
  await bot.rig.until(() => bot.rig.fromBot(group.id)[1]);
  expect(bot.rig.fromBot(group.id)).toHaveLength(2);
  expect(bot.log.join()).not.toContain('not delivered');
});

test('a press is confirmed at once, while the chat still waits for a slow command', async () => {
  const message = await answered();
  const { promise, resolve } = Promise.withResolvers<View>();
  bot.answerWith(() => promise);
  bot.rig.sendText(group, ann, '/node list');
  await bot.rig.until(() => bot.asked.length === 2);
  const press = bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => press.answered);
  expect(bot.asked).toHaveLength(2);
  resolve(view());
});

test('a text message becomes a picture and a picture changes in place', async () => {
  const message = await answered();
  bot.answerWith(() => view({ lines: ['24 hours'], chart, actions: buttons }));
  bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => now(message)?.photo);
  expect(now(message)?.text).toContain('24 hours');
  bot.answerWith(() => view({ lines: ['7 days'], chart, actions: buttons }));
  bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => now(message)?.text.includes('7 days'));
  expect(bot.rig.fromBot(group.id)).toHaveLength(1);
});

test('a picture cannot become text: the text comes as a new message', async () => {
  const message = await answered({ chart });
  expect(message.photo?.equals(PNG)).toBe(true);
  bot.answerWith(() => view({ lines: ['only words'] }));
  bot.rig.press(message, 'Refresh', ann);
  const next = await bot.rig.until(() => bot.rig.fromBot(group.id)[1]);
  expect(next.text).toContain('only words');
  expect(next.replyTo).toBe(message.id);
});

test.each([
  ['too old for Telegram to show', { inaccessible: true }, false],
  ['deleted meanwhile', {}, true],
])('a message that is %s is answered with a new one', async (_, how, deleted) => {
  const message = await answered();
  bot.rig.press(message, 'Refresh', ann, how);
  if (deleted) bot.rig.deleteMessage(message);
  const next = await bot.rig.until(() => bot.rig.fromBot(group.id).find(({ id }) => id !== message.id));
  expect(next.text).toContain('All is well.');
});

test('an error is shown to the one who pressed and does not replace what everybody reads', async () => {
  const message = await answered();
  bot.answerWith(() => view({ tone: 'error', title: 'Only administrators may do this' }));
  bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => bot.rig.fromBot(group.id)[1]);
  expect(now(message)?.text).toContain('All is well.');
});

test('a button that is not ours is confirmed with a word and does nothing', async () => {
  const message = await answered();
  const press = bot.rig.press(message, 'vote:7', ann, { withoutMessage: true });
  await bot.rig.until(() => press.answered);
  expect(press.answered?.text).toMatch(/too old/);
  expect(bot.asked).toHaveLength(1);
});

test('a press that cannot be confirmed is carried out all the same', async () => {
  const message = await answered();
  bot.rig.inject('answerCallbackQuery', { kind: 'refuse', code: 500, description: 'Internal Server Error' });
  bot.rig.press(message, 'Details', ann);
  await bot.rig.until(() => bot.rig.fromBot(group.id)[1]);
});
