import { PermissionFlagsBits as Flags } from 'discord.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './harness.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld(3);
});
afterEach(() => expect(world.rig.proxy.violations.splice(0)).toEqual([]));
afterAll(() => world.close());

const ALL = { kind: 'node', target: 'all' };
const address = (chatId: string) => ({ platform: 'discord', chatId, threadId: null }) as const;
const stored = async (chatId: string) => (await world.store.store.subscriptions.list(address(chatId))).subscriptions;
const bits = (...flags: bigint[]) => flags.reduce((sum, flag) => sum | flag, 0n).toString();
const POSTING = [Flags.ViewChannel, Flags.SendMessages, Flags.EmbedLinks, Flags.AttachFiles];
const member = (...flags: bigint[]) => ({
  member: {
    user: { id: world.rig.memberId, username: 'member', discriminator: '0', avatar: null },
    roles: [],
    permissions: bits(...flags),
    flags: 0,
    joined_at: '2020-01-01T00:00:00Z',
  },
});

test.each(['alerts add', 'alerts remove', 'alerts test'])(
  '/%s is refused without Manage Server, in private',
  async (name) => {
    const options: Record<string, Record<string, string>> = { 'alerts add': ALL, 'alerts remove': { number: '1' } };
    const before = world.rig.sent(world.rig.otherChannelId).length;
    const where = { userId: world.rig.memberId, channelId: world.rig.otherChannelId };
    const shown = await world.rig.slash(name, options[name] ?? {}, where);
    expect(shown).toMatchObject({ title: expect.stringContaining('Not allowed'), ephemeral: true });
    expect(shown.description).toContain('Manage Server');
    expect(await stored(world.rig.otherChannelId)).toEqual([]);
    expect(world.rig.sent(world.rig.otherChannelId)).toHaveLength(before);
  },
);

test('reading is for everybody', async () => {
  const where = { userId: world.rig.memberId };
  expect((await world.rig.slash('alerts list', {}, where)).title).toContain('Alerts of this chat');
  expect((await world.rig.slash('network', {}, where)).title).toContain('OpenGradient network');
});

test('Manage Server is enough, and so is Administrator; other rights of moderators are not', async () => {
  const attempt = async (...flags: bigint[]) =>
    (await world.rig.slash('alerts add', ALL, { userId: world.rig.memberId, payload: member(...flags) })).title;
  expect(await attempt(Flags.ManageChannels, Flags.ManageMessages, Flags.BanMembers)).toContain('Not allowed');
  expect(await attempt(Flags.ManageGuild)).toContain('Alerts are on');
  expect(await attempt(Flags.Administrator)).toContain('Already on');
});

test('a button is judged by who presses it, not by who asked', async () => {
  await world.rig.slash('alerts list', {}, { channelId: world.rig.otherChannelId });
  const where = { channelId: world.rig.otherChannelId, userId: world.rig.memberId };
  expect((await world.rig.press('e:alerts add node all', where)).title).toContain('Not allowed');
  expect(await stored(world.rig.otherChannelId)).toEqual([]);
});

test.each<[string, bigint]>([
  ['View Channel', Flags.ViewChannel],
  ['Send Messages', Flags.SendMessages],
  ['Embed Links', Flags.EmbedLinks],
  ['Attach Files', Flags.AttachFiles],
])('subscribing where the bot lacks %s names it and stores nothing', async (name, lacking) => {
  const payload = { app_permissions: bits(...POSTING.filter((flag) => flag !== lacking)) };
  const shown = await world.rig.slash('alerts add', ALL, { channelId: world.rig.otherChannelId, payload });
  expect(shown).toMatchObject({ title: expect.stringContaining('I cannot post here'), ephemeral: true });
  expect(shown.description).toContain(`Missing here: ${name}.`);
  expect(await stored(world.rig.otherChannelId)).toEqual([]);
});

test('all that is missing is named at once; with everything it works', async () => {
  const channelId = world.rig.otherChannelId;
  const shown = await world.rig.slash('alerts add', ALL, { channelId, payload: { app_permissions: '0' } });
  expect(shown.description).toContain('Missing here: View Channel, Send Messages, Embed Links, Attach Files.');
  const payload = { app_permissions: bits(...POSTING) };
  expect((await world.rig.slash('alerts add', ALL, { channelId, payload })).title).toContain('Alerts are on');
  expect(await stored(channelId)).toHaveLength(1);
});

test('in a thread another right is needed, and the thread itself is subscribed', async () => {
  const { twin, gateway } = world.rig;
  const threadId = '300000000000000077';
  const thread = { id: threadId, guildId: twin.guildId, parentId: world.rig.channelId, name: 'nodes', type: 11 };
  await twin.prisma.channel.create({ data: thread });
  const metadata = {
    archived: false,
    auto_archive_duration: 60,
    archive_timestamp: '2026-01-01T00:00:00Z',
    locked: false,
  };
  const json = {
    id: threadId,
    guild_id: twin.guildId,
    parent_id: world.rig.channelId,
    name: 'nodes',
    type: 11,
    owner_id: '1',
    message_count: 0,
    member_count: 1,
    thread_metadata: metadata,
  };
  gateway.dispatch('THREAD_CREATE', json);
  const channelId = threadId;
  const refused = await world.rig.slash('alerts add', ALL, {
    channelId,
    payload: { app_permissions: bits(...POSTING) },
  });
  expect(refused.description).toContain('Missing here: Send Messages in Threads.');
  const payload = { app_permissions: bits(...POSTING, Flags.SendMessagesInThreads) };
  expect((await world.rig.slash('alerts add', ALL, { channelId, payload })).title).toContain('Alerts are on');
  expect(await stored(threadId)).toHaveLength(1);
});

const alone = () => ({
  member: null,
  guild_id: null,
  user: { id: world.rig.memberId, username: 'member', discriminator: '0', avatar: null },
});

test('in direct messages with the bot everybody manages their own', async () => {
  const channelId = '300000000000000088';
  await world.rig.twin.prisma.channel.create({ data: { id: channelId, type: 1, name: 'dm' } });
  const payload = { ...alone(), context: 1, app_permissions: '0' };
  const shown = await world.rig.slash('alerts add', ALL, { channelId, payload });
  expect(shown.title).toContain('Alerts are on');
  const { destination } = await world.store.store.subscriptions.list(address(channelId));
  expect(destination).toMatchObject({ title: 'direct messages' });
});

test('where somebody only brought the app along, it answers, but says that it cannot come back by itself', async () => {
  const group = '300000000000000099';
  await world.rig.twin.prisma.channel.create({ data: { id: group, type: 3, name: 'friends' } });
  const inGroup = { ...alone(), context: 2, app_permissions: bits(...POSTING) };
  expect((await world.rig.slash('network', {}, { channelId: group, payload: inGroup })).title).toContain('network');
  const shown = await world.rig.slash('alerts add', ALL, { channelId: group, payload: inGroup });
  expect(shown.description).toContain('not part of this conversation');
  expect(await stored(group)).toEqual([]);

  const elsewhere = '300000000000000100';
  await world.rig.twin.prisma.channel.create({ data: { id: elsewhere, type: 0, name: 'far' } });
  const inServer = { ...member(Flags.ManageGuild), guild_id: '555', app_permissions: bits(...POSTING) };
  const far = await world.rig.slash('alerts add', ALL, { channelId: elsewhere, payload: inServer });
  expect(far.description).toContain('not a member of this server');
  expect(await stored(elsewhere)).toEqual([]);
});
