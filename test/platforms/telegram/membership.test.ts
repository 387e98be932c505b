import { afterEach, expect, test } from 'vitest';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import { connect, type Harness } from './harness.ts';

let bot: Harness;

afterEach(() => bot.stop());

test('being blocked, removed or silenced is told with its reason, and so is coming back', async () => {
  bot = await connect();
  const { rig } = bot;
  const ann = rig.user('Ann');
  const [home, group, channel] = [rig.chats.private(ann), rig.chats.group('G'), rig.chats.channel('C')];
  rig.member(home, rig.bot, 'kicked');
  rig.member(group, rig.bot, 'left');
  rig.member(channel, rig.bot, 'kicked');
  rig.member(group, rig.bot, 'restricted', { can_send_messages: false });
  rig.member(channel, rig.bot, 'administrator', { can_post_messages: false });
  await rig.until(() => bot.gone.length === 5);
  expect(bot.gone.map(({ address, reason }) => [address.chatId, reason])).toEqual([
    [String(home.id), 'the user has blocked the bot'],
    [String(group.id), 'the bot was removed from the group'],
    [String(channel.id), 'the bot was removed from the channel'],
    [String(group.id), 'the bot may not write here'],
    [String(channel.id), 'the bot may not write here'],
  ]);
  expect(bot.gone.every(({ wholeChat }) => wholeChat)).toBe(true);
  rig.member(home, rig.bot, 'member');
  rig.member(group, rig.bot, 'member');
  rig.member(channel, rig.bot, 'administrator', { can_post_messages: true });
  await rig.until(() => bot.revived.length === 3);
  expect(bot.revived.map(({ chatId }) => chatId)).toEqual([home, group, channel].map(({ id }) => String(id)));
});

test('an answer refused in a closed General is about General, one refused by the chat is about all of it', async () => {
  bot = await connect();
  const forum = bot.rig.chats.supergroup('Operators', ['Nodes']);
  const ann = bot.rig.user('Ann');
  const general = { platform: 'telegram', chatId: String(forum.id), threadId: null };
  bot.rig.inject('sendMessage', REFUSALS.badRequest('TOPIC_CLOSED'));
  bot.rig.sendText(forum, ann, '/network');
  await bot.rig.until(() => bot.gone.length === 1);
  expect(bot.gone[0]).toEqual({ address: general, reason: 'the topic is closed', wholeChat: false });
  const thread = [...forum.topics.keys()][0] as number;
  bot.rig.inject('sendMessage', REFUSALS.forbidden('bot was kicked from the supergroup chat'));
  bot.rig.sendText(forum, ann, '/network', { thread });
  await bot.rig.until(() => bot.gone.length === 2);
  expect(bot.gone[1]).toMatchObject({ reason: 'the bot was removed from the group', wholeChat: true });
});

test('a group that became a supergroup is told, and an answer on its way moves with it', async () => {
  bot = await connect();
  const group = bot.rig.chats.group('G');
  const { promise, resolve } = Promise.withResolvers<void>();
  bot.answerWith(async () => {
    await promise;
    return { title: 'Nodes', tone: 'ok', lines: ['late'], asOf: null, sources: [] };
  });
  bot.rig.sendText(group, bot.rig.user('Ann'), '/network');
  await bot.rig.until(() => bot.asked.length);
  const next = bot.rig.migrate(group);
  resolve();
  const answer = await bot.rig.until(() => bot.rig.fromBot(next.id)[0]);
  expect(answer.text).toContain('late');
  await bot.rig.until(() => bot.migrated.length);
  expect(new Set(bot.migrated.map(String))).toEqual(new Set([`${group.id},${next.id}`]));
});

test('somebody else coming or going is not our business', async () => {
  bot = await connect();
  const group = bot.rig.chats.group('G');
  bot.rig.member(group, bot.rig.user('Ann'), 'kicked');
  bot.rig.sendText(group, bot.rig.user('Ben'), '/network');
  await bot.rig.until(() => bot.rig.fromBot(group.id)[0]);
  expect([bot.gone, bot.revived]).toEqual([[], []]);
});
