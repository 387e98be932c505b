import { afterEach, beforeEach, expect, test } from 'vitest';
import type { View } from '../../../src/lib/view.ts';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import type { RigChat, RigUser } from '../../rigs/telegram/world.ts';
import { connect, type Harness, view } from './harness.ts';

let bot: Harness;
let ann: RigUser;
let group: RigChat;
/** The long answer that is being made: what it shows, and how it ends. */
let making: { show(text: string): void; end(view: View): void } | null;

beforeEach(async () => {
  bot = await connect();
  ann = bot.rig.user('Ann');
  group = bot.rig.chats.supergroup('Operators');
  making = null;
  bot.answerWith(({ text, progress }) => {
    if (text !== 'network') return view({ lines: [`short answer to ${text}`] });
    const { promise, resolve } = Promise.withResolvers<View>();
    making = { show: (line) => progress?.(view({ title: 'Checking', lines: [line] })), end: resolve };
    return promise;
  });
});
afterEach(() => bot.stop());

const texts = (): string[] => bot.rig.fromBot(group.id).map(({ text }) => text);
const shows = (text: string) => bot.rig.until(() => texts().some((one) => one.includes(text)));
const whole = (line: string): View => view({ title: 'Done', lines: [line] });

async function asked() {
  const question = bot.rig.sendText(group, ann, '/network');
  return { question, making: await bot.rig.until(() => making) };
}

test('parts are one message, which is edited; the whole answer is its last text', async () => {
  const { question, making } = await asked();
  making.show('first step');
  await shows('first step');
  making.show('second step');
  await bot.rig.until(() => bot.clock.sleeping.includes(2_000));
  bot.clock.advance(2_000);
  await shows('second step');
  making.end(whole('all done'));
  await shows('all done');
  const [message, ...others] = bot.rig.fromBot(group.id);
  expect(others).toEqual([]);
  expect(message?.replyTo).toBe(question.id);
  expect(message?.edits).toBe(2);
});

test('of many parts at once the newest are shown, at most one in two seconds, and none after the end', async () => {
  const { making } = await asked();
  for (let step = 1; step <= 50; step += 1) making.show(`step ${step}`);
  await shows('step');
  making.end(whole('all done'));
  await shows('all done');
  making.show('too late');
  bot.clock.advance(10_000);
  bot.rig.sendText(group, ann, '/about');
  await shows('short answer to about');
  expect(texts()[0]).toContain('all done');
  const posted = bot.rig.calls.filter(({ method }) => /sendMessage|editMessageText/.test(method));
  expect(posted.length).toBeLessThanOrEqual(4);
});

test('other questions of the chat are answered meanwhile, below', async () => {
  const { making } = await asked();
  making.show('first step');
  await shows('first step');
  bot.rig.sendText(group, ann, '/node list');
  await shows('short answer to node list');
  expect(texts()[0]).toContain('first step');
  making.end(whole('all done'));
  await shows('all done');
  expect(texts()).toHaveLength(2);
  expect(texts()[0]).toContain('all done');
});

test('an answer without parts keeps its turn: what is asked next is answered next', async () => {
  const { making } = await asked();
  bot.rig.sendText(group, ann, '/node list');
  await bot.rig.until(() => bot.rig.polling().open);
  expect(texts()).toEqual([]);
  making.end(whole('all done'));
  await shows('short answer to node list');
  expect(texts()[0]).toContain('all done');
});

test('somebody deletes the message meanwhile: the whole answer comes as a new one', async () => {
  const { question, making } = await asked();
  making.show('first step');
  await shows('first step');
  bot.rig.deleteMessage(bot.rig.fromBot(group.id)[0] as never);
  making.end(whole('all done'));
  await shows('all done');
  expect(bot.rig.fromBot(group.id)).toHaveLength(1);
  expect(bot.rig.fromBot(group.id)[0]?.replyTo).toBe(question.id);
});

test('a first part that is refused: the whole answer is posted all the same', async () => {
  const { making } = await asked();
  bot.rig.inject('sendMessage', REFUSALS.badRequest('TOPIC_CLOSED_FOR_NOW'));
  making.show('first step');
  await bot.rig.until(() => bot.rig.calls.some(({ method, code }) => method === 'sendMessage' && code === 400));
  making.end(whole('all done'));
  await shows('all done');
  expect(texts()).toHaveLength(1);
});

test('an edit that has to wait waits, and the whole answer comes after it', async () => {
  const { making } = await asked();
  making.show('first step');
  await shows('first step');
  bot.rig.inject('editMessageText', REFUSALS.flood(7));
  making.end(whole('all done'));
  await bot.rig.until(() => bot.clock.sleeping.includes(7_000));
  bot.clock.advance(7_000);
  await shows('all done');
  expect(texts()).toHaveLength(1);
});

test('what comes of a button is confirmed at once and stands below the message that carries it', async () => {
  bot.rig.sendText(group, ann, '/about');
  await shows('short answer to about');
  bot.answerWith(({ progress }) => {
    const { promise, resolve } = Promise.withResolvers<View>();
    making = { show: (line) => progress?.(view({ lines: [line] })), end: resolve };
    return promise;
  });
  const { making: first } = await asked();
  first.end(view({ lines: ['with a button'], actions: [{ label: 'Again', command: 'network' }] }));
  await shows('with a button');
  making = null;
  const carrier = bot.rig.fromBot(group.id).at(-1);
  if (carrier === undefined) throw new Error('no message carries the button');
  const press = bot.rig.press(carrier, 'Again', ann);
  const again = await bot.rig.until(() => making);
  again.show('first step');
  await shows('first step');
  await bot.rig.until(() => press.answered);
  again.end(view({ tone: 'error', lines: ['it failed'], private: true }));
  await shows('it failed');
  expect(texts()).toHaveLength(3);
  expect(texts()[1]).toContain('with a button');
  expect(bot.rig.fromBot(group.id)[2]?.replyTo).toBe(carrier.id);
});

test('many long answers of one chat at once: all come to their end', async () => {
  const ends: ((view: View) => void)[] = [];
  bot.answerWith(({ text, progress }) => {
    const { promise, resolve } = Promise.withResolvers<View>();
    progress?.(view({ lines: [`part of ${text}`] }));
    ends.push(resolve);
    return promise;
  });
  for (let number = 0; number < 12; number += 1) bot.rig.sendText(group, ann, `/network ${number}`);
  await bot.rig.until(() => ends.length === 12);
  for (const [number, end] of ends.entries()) end(whole(`end ${number}.`));
  await bot.rig.until(() => texts().filter((text) => text.includes('end ')).length === 12);
  expect(texts()).toHaveLength(12);
});
