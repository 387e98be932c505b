import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, fixedDispatcher, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bot: Bot;

beforeEach(async () => {
  rig = await startDiscordRig();
  bot = await startBot(
    rig,
    fixedDispatcher(() => view()),
  );
});
afterEach(async () => {
  await bot.stop();
  await rig.close();
  expect(rig.proxy.violations).toEqual([]);
});

const address = (chatId: string) => ({ platform: 'discord', chatId, threadId: null });
/** Events arrive in order: when a later question has been answered, what came before it has been seen. */
const settled = () => rig.slash('about');

test('a deleted channel is gone, the others are not', async () => {
  rig.gateway.dispatch('CHANNEL_DELETE', {
    id: rig.otherChannelId,
    guild_id: rig.twin.guildId,
    type: 0,
    name: 'other',
  });
  await settled();
  expect(bot.gone).toEqual([{ address: address(rig.otherChannelId), reason: 'the channel was deleted' }]);
});

test('a deleted thread is gone', async () => {
  const ids = { id: '300000000000000077', guild_id: rig.twin.guildId, parent_id: rig.channelId, type: 11 };
  const metadata = {
    archived: false,
    auto_archive_duration: 60,
    archive_timestamp: '2026-01-01T00:00:00Z',
    locked: false,
  };
  rig.gateway.dispatch('THREAD_CREATE', { ...ids, name: 'nodes', owner_id: '1', thread_metadata: metadata });
  rig.gateway.dispatch('THREAD_DELETE', ids);
  await settled();
  expect(bot.gone).toEqual([{ address: address(ids.id), reason: 'the thread was deleted' }]);
});

test('when the bot is removed from a server, all of its channels are gone', async () => {
  rig.gateway.dispatch('GUILD_DELETE', { id: rig.twin.guildId });
  await vi.waitFor(() => expect(bot.gone.length).toBeGreaterThan(1));
  expect(bot.gone.map((one) => one.address.chatId).sort()).toEqual([rig.channelId, rig.otherChannelId]);
  expect(new Set(bot.gone.map(({ reason }) => reason))).toEqual(new Set(['the bot was removed from this server']));
});

test('an outage of Discord is no removal', async () => {
  rig.gateway.dispatch('GUILD_DELETE', { id: rig.twin.guildId, unavailable: true });
  await settled();
  expect(bot.gone).toEqual([]);
});

test('when the bot is added to a server, its channels are alive again; those of the start are no news', async () => {
  expect(bot.revived).toEqual([]);
  const channels = ['400000000000000001', '400000000000000002'].map((id) => ({
    id,
    type: 0,
    name: 'a',
    permission_overwrites: [],
  }));
  const empty = {
    roles: [],
    emojis: [],
    members: [],
    threads: [],
    voice_states: [],
    presences: [],
    stickers: [],
    features: [],
  };
  rig.gateway.dispatch('GUILD_CREATE', {
    id: '400000000000000000',
    name: 'New',
    owner_id: '1',
    unavailable: false,
    channels,
    ...empty,
  });
  await vi.waitFor(() => expect(bot.revived).toHaveLength(2));
  expect(bot.revived).toEqual([address('400000000000000001'), address('400000000000000002')]);
});

test('removed and added again: gone, then revived, the same places', async () => {
  const { apiGuild, channels } = (await guildState()) as { apiGuild: object; channels: object[] };
  rig.gateway.dispatch('GUILD_DELETE', { id: rig.twin.guildId });
  await vi.waitFor(() => expect(bot.gone).toHaveLength(2));
  const empty = { members: [], threads: [], voice_states: [], presences: [] };
  rig.gateway.dispatch('GUILD_CREATE', { ...apiGuild, unavailable: false, channels, ...empty });
  await vi.waitFor(() => expect(bot.revived).toHaveLength(2));
  expect(bot.revived).toEqual(bot.gone.map((one) => one.address));
});

async function guildState(): Promise<unknown> {
  const { guilds } = await (
    rig.twin as unknown as { loadGatewayState(): Promise<{ guilds: unknown[] }> }
  ).loadGatewayState();
  return guilds[0];
}
