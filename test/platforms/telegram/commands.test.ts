import { afterEach, expect, test } from 'vitest';
import { connect, type Harness, view } from './harness.ts';

let bot: Harness;

afterEach(() => bot.stop());

test('a command in a private chat is answered there, with everything the asker wrote', async () => {
  bot = await connect();
  const ann = bot.rig.user('Ann');
  const chat = bot.rig.chats.private(ann);
  bot.rig.sendText(chat, ann, '/node status 0xAB12');
  const answer = await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]);
  expect(answer.text).toContain('you asked: node status 0xAB12');
  expect(answer.linkPreview).toBe(false);
  expect(bot.asked[0]?.caller).toEqual({ platform: 'telegram', userId: String(ann.id), name: 'Ann' });
  expect(bot.asked[0]?.place).toMatchObject({
    kind: 'private',
    title: 'Ann',
    address: { platform: 'telegram', chatId: String(chat.id), threadId: null },
  });
});

test('in a group our commands are heard with and without our name, and everything else is left alone', async () => {
  bot = await connect();
  const ann = bot.rig.user('Ann');
  const group = bot.rig.chats.group('Operators');
  const channel = bot.rig.chats.channel('News');
  for (const text of [
    'hello all',
    'node list',
    '/weather',
    '/node@other_bot list',
    'see /node list',
    '/Node status 1',
  ]) {
    bot.rig.sendText(group, ann, text);
  }
  bot.rig.sendText(group, ann, '/node list', { forwarded: true });
  bot.rig.sendText(group, ann, '/node list', { asChannel: channel, automaticForward: true });
  bot.rig.sendText(group, ann, '/NETWORK');
  const last = bot.rig.sendText(group, ann, `/node@${bot.bot.username.toUpperCase()} list`);
  await bot.rig.until(() => bot.rig.fromBot(group.id).length === 3);
  expect(bot.asked.map(({ text }) => text)).toEqual(['node status 1', 'network', 'node list']);
  expect(bot.rig.fromBot(group.id).at(-1)?.replyTo).toBe(last.id);
});

test('a command that names us is answered even if nobody knows it', async () => {
  bot = await connect();
  const group = bot.rig.chats.group('Operators');
  bot.rig.sendText(group, bot.rig.user('Ann'), `/weather@${bot.bot.username} today`);
  await bot.rig.until(() => bot.asked.length);
  expect(bot.asked[0]?.text).toBe('weather today');
});

test('plain text in a private chat is a question', async () => {
  bot = await connect();
  const ann = bot.rig.user('Ann');
  bot.rig.sendText(bot.rig.chats.private(ann), ann, 'node   list\ndegraded');
  await bot.rig.until(() => bot.asked.length);
  expect(bot.asked[0]?.text).toBe('node list degraded');
});

test('/start welcomes and helps', async () => {
  bot = await connect();
  bot.answerWith(() => view({ title: 'Help', lines: ['what to ask'] }));
  const ann = bot.rig.user('Ann');
  const chat = bot.rig.chats.private(ann);
  bot.rig.sendText(chat, ann, '/start ref123');
  const answer = await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]);
  expect(answer.text).toContain('Welcome to Assay');
  expect(answer.text).toContain('what to ask');
  expect(bot.asked.map(({ text }) => text)).toEqual(['help']);
});

test('topics: the answer goes where the question was, and General has no topic even below a reply', async () => {
  bot = await connect();
  const ann = bot.rig.user('Ann');
  const forum = bot.rig.chats.supergroup('Forum', ['Nodes']);
  const topic = [...forum.topics.keys()][0] as number;
  bot.rig.sendText(forum, ann, '/network', { thread: topic });
  const first = await bot.rig.until(() => bot.rig.fromBot(forum.id)[0]);
  expect(first.thread).toBe(topic);

  const inGeneral = bot.rig.sendText(forum, ann, 'just talk');
  bot.rig.sendText(forum, ann, '/network', { replyTo: inGeneral.id });
  const second = await bot.rig.until(() => bot.rig.fromBot(forum.id)[1]);
  expect(second.thread).toBeNull();
  expect(bot.asked.map(({ place }) => place.address.threadId)).toEqual([String(topic), null]);
});

test('a channel post is a question by somebody who manages the channel', async () => {
  bot = await connect();
  const channel = bot.rig.chats.channel('News');
  bot.answerWith(async ({ place }) => view({ lines: [`manages: ${await place.callerManages()}`] }));
  bot.rig.sendText(channel, bot.rig.user('Ann'), '/alerts add node all');
  const answer = await bot.rig.until(() => bot.rig.fromBot(channel.id)[0]);
  expect(answer.text).toContain('manages: true');
  expect(bot.asked[0]?.place.kind).toBe('channel');
});

test('one slow command keeps its own chat in order and no other chat waiting', async () => {
  bot = await connect();
  const { promise, resolve } = Promise.withResolvers<void>();
  bot.answerWith(async ({ text }) => {
    if (text === 'node list') await promise;
    return view({ lines: [text] });
  });
  const [ann, ben] = [bot.rig.user('Ann'), bot.rig.user('Ben')];
  const [slow, quick] = [bot.rig.chats.private(ann), bot.rig.chats.private(ben)];
  bot.rig.sendText(slow, ann, '/node list');
  bot.rig.sendText(slow, ann, '/about');
  bot.rig.sendText(quick, ben, '/network');
  await bot.rig.until(() => bot.rig.fromBot(quick.id)[0]);
  expect(bot.rig.fromBot(slow.id)).toEqual([]);
  resolve();
  await bot.rig.until(() => bot.rig.fromBot(slow.id).length === 2);
  expect(bot.rig.fromBot(slow.id).map(({ text }) => text.split('\n')[1])).toEqual(['node list', 'about']);
});

test('a flood of questions in one chat is bounded and does not end the bot', async () => {
  bot = await connect();
  const { promise, resolve } = Promise.withResolvers<void>();
  bot.answerWith(async () => {
    await promise;
    return view();
  });
  const ann = bot.rig.user('Ann');
  const chat = bot.rig.chats.private(ann);
  for (let count = 0; count < 60; count++) bot.rig.sendText(chat, ann, `/node status ${count}`);
  await bot.rig.until(
    () => bot.log.some((line) => line.includes('too many questions')) && bot.rig.polling().waiting === 0,
  );
  resolve();
  await bot.rig.until(() => bot.rig.fromBot(chat.id).length === 20);
  bot.rig.sendText(chat, ann, '/about');
  await bot.rig.until(() => bot.rig.fromBot(chat.id).length === 21);
});

test('an answer waits out a flood limit', async () => {
  bot = await connect();
  const ann = bot.rig.user('Ann');
  const chat = bot.rig.chats.private(ann);
  bot.rig.flood.enabled = true;
  bot.rig.sendText(chat, ann, '/network');
  bot.rig.sendText(chat, ann, '/about');
  await bot.rig.until(() => bot.clock.sleeping.includes(1_000));
  expect(bot.rig.fromBot(chat.id)).toHaveLength(1);
  bot.clock.advance(1_000);
  await bot.rig.until(() => bot.rig.fromBot(chat.id).length === 2);
});

test('answers have the dates of their chat; one whose settings cannot be read gets UTC', async () => {
  const at = Date.UTC(2026, 10, 21, 4) / 1000;
  bot = await connect({
    datesOf: async ({ threadId }) => {
      if (threadId === null) throw new Error('the store is down');
      return { locale: 'de', timeZone: 'Europe/Berlin' };
    },
  });
  bot.answerWith(() => view({ asOf: at }));
  const ann = bot.rig.user('Ann');
  const forum = bot.rig.chats.supergroup('Forum', ['Nodes']);
  bot.rig.sendText(forum, ann, '/network', { thread: [...forum.topics.keys()][0] as number });
  bot.rig.sendText(forum, ann, '/network');
  await bot.rig.until(() => bot.rig.fromBot(forum.id).length === 2);
  const [topic, general] = bot.rig.fromBot(forum.id).map(({ text }) => text);
  expect(topic).toContain('as of 21. Nov. 2026, 05:00:00 MEZ');
  expect(general).toContain('as of 2026-11-21 04:00:00 UTC');
});
