import { GatewayCloseCodes } from 'discord.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, fixedDispatcher, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bots: Bot[];

beforeEach(async () => {
  rig = await startDiscordRig();
  bots = [];
});
afterEach(async () => {
  await Promise.all(bots.map((bot) => bot.stop()));
  await rig.close();
  expect(rig.proxy.violations).toEqual([]);
});

const start = async (from: Pick<DiscordRig, 'apiUrl' | 'token'> = rig): Promise<Bot> => {
  const bot = await startBot(
    from,
    fixedDispatcher((text) => view({ title: text })),
  );
  bots.push(bot);
  return bot;
};
const failure = async (from?: Pick<DiscordRig, 'apiUrl' | 'token'>): Promise<AssayError> => {
  const error = await start(from).then(
    () => new Error('it started'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AssayError);
  return error as AssayError;
};
const logged = (bot: Bot, text: string) => vi.waitFor(() => expect(bot.log.join()).toContain(text), { timeout: 5_000 });

test('a connection that breaks is resumed, and what was asked meanwhile is answered', { timeout: 30_000 }, async () => {
  const bot = await start();
  rig.gateway.disconnect();
  await logged(bot, 'disconnected');
  const shown = await rig.slash('network', {}, { timeoutMs: 10_000 });
  expect(shown.title).toContain('network');
  expect(rig.gateway.seen).toEqual({ identified: 1, resumed: 1 });
  await logged(bot, 'resumed');
  expect(bot.fatal).toEqual([]);
});

test('Discord asking to reconnect (4000) is resumed as well', { timeout: 30_000 }, async () => {
  const bot = await start();
  rig.gateway.disconnect(GatewayCloseCodes.UnknownError);
  await logged(bot, 'resumed');
  expect(rig.gateway.seen).toEqual({ identified: 1, resumed: 1 });
});

test('a session that is lost is opened anew; the commands are not registered again', { timeout: 30_000 }, async () => {
  const bot = await start();
  rig.gateway.disconnect();
  await logged(bot, 'disconnected');
  rig.gateway.forgetSessions();
  await vi.waitFor(() => expect(rig.gateway.seen.identified).toBe(2), { timeout: 15_000 });
  await vi.waitFor(async () => expect((await rig.slash('about', {}, { timeoutMs: 500 })).title).toContain('about'), {
    timeout: 10_000,
  });
  expect(rig.proxy.recorded.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  expect(bot.fatal).toEqual([]);
});

test('messages can be sent while the gateway is away', { timeout: 30_000 }, async () => {
  const bot = await start();
  rig.gateway.disconnect();
  const address = { platform: 'discord', chatId: rig.channelId, threadId: null } as const;
  expect(await bot.sender.send({ address, view: view(), idempotencyKey: 'k' })).toMatchObject({ kind: 'sent' });
  await logged(bot, 'resumed');
});

test('a token that is reset while the bot runs ends it, with what to do', async () => {
  const bot = await start();
  rig.gateway.disconnect(GatewayCloseCodes.AuthenticationFailed);
  await vi.waitFor(() => expect(bot.fatal).toHaveLength(1));
  expect(bot.fatal[0]).toMatchObject({ retryable: false, message: expect.stringContaining('DISCORD_TOKEN') });
});

test('another end without return names its code', async () => {
  const bot = await start();
  rig.gateway.disconnect(GatewayCloseCodes.ShardingRequired);
  await vi.waitFor(() => expect(bot.fatal).toHaveLength(1));
  expect(bot.fatal[0]?.message).toContain('ShardingRequired');
});

test('stopping is no failure', async () => {
  const bot = await start();
  await bot.stop();
  expect(bot.fatal).toEqual([]);
});

test('a token that the gateway refuses is final and names the key, not the token', async () => {
  const token = 'WrongBotTokenForTheTwin00.AAAAAA.CCCCCCCCCCCCCCCCCCCCCCCCCCC';
  const error = await failure({ apiUrl: rig.apiUrl, token });
  expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('DISCORD_TOKEN') });
  expect(`${error.message} ${error.detail}`).not.toContain(token);
});

test('a token that the API refuses is final, too', async () => {
  rig.proxy.inject('GET', /gateway\/bot/, { status: 401, body: { code: 0, message: '401: Unauthorized' } });
  expect(await failure()).toMatchObject({ retryable: false, message: expect.stringContaining('DISCORD_TOKEN') });
});

test.each([500, 503])('Discord answering %i at the start may pass', async (status) => {
  rig.proxy.inject('GET', /gateway\/bot/, { status, body: {} }, 5);
  expect(await failure()).toMatchObject({ retryable: true, message: 'Discord cannot be reached' });
});

test('Discord not being there may pass', async () => {
  expect(await failure({ apiUrl: 'http://127.0.0.1:9/api', token: rig.token })).toMatchObject({ retryable: true });
});

test('when the commands cannot be registered, the start fails as a whole and leaves no connection', async () => {
  rig.proxy.inject('PUT', /commands$/, { status: 500, body: {} });
  expect(await failure()).toMatchObject({ retryable: true });
  const since = rig.proxy.recorded.length;
  await rig.twin.simulateSlashCommand({ channelId: rig.channelId, userId: rig.managerId, name: 'about' });
  await start();
  expect((await rig.slash('about')).title).toContain('about');
  expect(
    rig.proxy.recorded.slice(since).filter(({ path }) => path.endsWith('/callback')),
    'one bot answers',
  ).toHaveLength(1);
});
