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

test('a press is confirmed within three seconds, while the chat still waits for a slow command', async () => {
  const message = await answered();
  const { promise, resolve } = Promise.withResolvers<View>();
  bot.answerWith(() => promise);
  bot.rig.sendText(group, ann, '/node list');
  await bot.rig.until(() => bot.asked.length === 2);
  const press = bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => bot.clock.sleeping.includes(3_000));
  expect(press.answered).toBeNull();
  bot.clock.advance(3_000);
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

test('an error is shown to the one who pressed and to nobody else', async () => {
  const message = await answered();
  const lines: View['lines'] = [['Ask ', { code: 'gw1.example' }], 'x'.repeat(300)];
  bot.answerWith(() => view({ tone: 'error', title: 'Only administrators may do this', lines, private: true }));
  const presses = ['Refresh', 'Details'].map((button) => bot.rig.press(message, button, ann));
  await bot.rig.until(() => presses.every(({ answered }) => answered));
  for (const { answered } of presses) {
    expect(answered).toMatchObject({
      alert: true,
      text: expect.stringMatching(/^Only administrators may do this\nAsk gw1/),
    });
    expect(answered?.text).toHaveLength(200);
  }
  await bot.bot.stop();
  expect(bot.rig.fromBot(group.id)).toMatchObject([{ id: message.id, edits: 0 }]);
});

test('private words are a pop-up in a group; in a private chat they are a message as ever', async () => {
  const message = await answered();
  const said = (): View => view({ title: 'Already acknowledged', lines: ['by Ben'], private: true });
  bot.answerWith(said);
  const press = bot.rig.press(message, 'Refresh', ann);
  await bot.rig.until(() => press.answered);
  expect(press.answered).toEqual({ alert: true, text: 'Already acknowledged\nby Ben' });
  const chat = bot.rig.chats.private(ann);
  bot.answerWith(() => view({ actions: buttons }));
  bot.rig.sendText(chat, ann, '/node list');
  const own = await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]);
  bot.answerWith(said);
  const alone = bot.rig.press(own, 'Refresh', ann);
  await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]?.text.includes('by Ben'));
  expect(alone.answered).toEqual({});
  expect(bot.rig.fromBot(group.id)).toHaveLength(1);
});

test.each<[string, Partial<View>]>([
  ['has buttons', { actions: buttons }],
  ['is longer than a pop-up', { lines: ['x'.repeat(200)] }],
  ['has a file', { file: { name: 'set.json', text: '{}' } }],
])('a private answer that %s is a message, so that nothing of it is lost', async (_, more) => {
  const message = await answered();
  bot.answerWith(() => view({ title: 'Alerts of this chat', private: true, ...more }));
  const press = bot.rig.press(message, 'Details', ann);
  await bot.rig.until(() => bot.rig.fromBot(group.id)[1]?.text.includes('Alerts of this chat'));
  expect(press.answered).toEqual({});
});

test('an explanation that comes too late for a pop-up, or that Telegram does not take as one, comes below', async () => {
  const message = await answered();
  const { promise, resolve } = Promise.withResolvers<View>();
  bot.answerWith(() => promise);
  bot.rig.press(message, 'Details', ann);
  await bot.rig.until(() => bot.clock.sleeping.includes(3_000));
  bot.clock.advance(3_000);
  resolve(view({ tone: 'error', title: 'Too late' }));
  await bot.rig.until(() => bot.rig.fromBot(group.id)[1]?.text.includes('Too late'));
  bot.rig.inject('answerCallbackQuery', { kind: 'refuse', code: 500, description: 'Internal Server Error' });
  bot.answerWith(() => view({ tone: 'error', title: 'Not heard' }));
  bot.rig.press(message, 'Details', ann);
  await bot.rig.until(() => bot.rig.fromBot(group.id)[2]?.text.includes('Not heard'));
});

test('a press that changes an alert leaves it in its topic, with the buttons that the new words have', async () => {
  bot = await connect();
  ann = bot.rig.user('Ann');
  group = bot.rig.chats.supergroup('Operators', ['Nodes']);
  const topic = [...group.topics.keys()][0] as number;
  const actions: View['actions'] = [
    { label: 'Acknowledge', command: 'alerts ack 7' },
    { label: 'Details', command: 'node status 1', mode: 'reply' },
  ];
  const address = { platform: 'telegram', chatId: String(group.id), threadId: String(topic) } as const;
  await bot.bot.sender.send({ address, view: view({ title: 'Heartbeat late', actions }), idempotencyKey: 'k' });
  const [alert] = bot.rig.fromBot(group.id);
  if (!alert) throw new Error('no alert');
  const lines: View['lines'] = ['Acknowledged by Ann'];
  bot.answerWith(() => view({ title: 'Heartbeat late', lines, actions: actions.slice(1) }));
  const press = bot.rig.press(alert, 'Acknowledge', ann);
  await bot.rig.until(() => press.answered && now(alert)?.text.includes('Acknowledged by Ann'));
  expect(bot.rig.fromBot(group.id)).toMatchObject([{ id: alert.id, thread: topic, edits: 1 }]);
  expect(
    now(alert)
      ?.keyboard.flat()
      .map(({ text }) => text),
  ).toEqual(['Details']);
  bot.answerWith(() => view({ title: 'Not allowed', tone: 'error' }));
  bot.rig.press(alert, 'Details', bot.rig.user('Ben'));
  await bot.bot.stop();
  expect(now(alert)).toMatchObject({ edits: 1, keyboard: [[{ text: 'Details' }]] });
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
