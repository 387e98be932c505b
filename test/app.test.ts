import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, startApp } from '../src/app.ts';
import { parseConfig, secretsOf } from '../src/config.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/logger.ts';
import { startWorld, type World } from './devnet/world.ts';
import { REFUSALS } from './rigs/telegram/faults.ts';

/** Two minutes of chain time every 200 ms, so that a heartbeat is late within seconds. */
const FAST = { secondsPerBlock: 120, everyMs: 200 };
const WAIT_MS = 15_000;

let world: World;
let app: App | null = null;

async function start(more: Record<string, string> = {}): Promise<App> {
  const { config } = parseConfig({ ...world.env, LOG_LEVEL: 'silent', ...more }, { needsPlatform: true });
  const logger = createLogger(config.logLevel, secretsOf(config));
  app = await startApp(config, { clock: systemClock, random: Math.random, logger, version: 'test' });
  return app;
}

async function stop(): Promise<void> {
  await app?.stop();
  app = null;
}

beforeEach(async () => {
  // Half a day in the past, so that the fast clock has somewhere to go.
  world = await startWorld({ startSeconds: Math.floor(Date.now() / 1000) - 43_200 });
  world.network.run(FAST.secondsPerBlock, FAST.everyMs);
});

afterEach(async () => {
  await stop();
  expect(world.discord.proxy.violations).toEqual([]);
  await world.close();
});

async function until<T>(what: string, look: () => T | Promise<T>, ms = WAIT_MS): Promise<NonNullable<Awaited<T>>> {
  for (const end = Date.now() + ms; Date.now() < end; await systemClock.sleep(20)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}

/** What each chat was told by the bot itself: not the answers. */
const discordHeard = (channel?: string) => world.discord.sent(channel);
const telegramHeard = (chatId = world.annChat.id) =>
  world.telegram.fromBot(chatId).filter(({ id }) => !answers.has(`${chatId}/${id}`));
const answers = new Set<string>();

async function telegramAsk(text: string, chat = world.annChat, user = world.ann): Promise<string> {
  const before = world.telegram.fromBot(chat.id).length;
  world.telegram.sendText(chat, user, text);
  const message = await world.telegram.until(() => world.telegram.fromBot(chat.id)[before]);
  answers.add(`${message.chatId}/${message.id}`);
  return message.text;
}

async function subscribeBoth(): Promise<void> {
  answers.clear();
  await world.discord.slash('alerts add', { kind: 'node', target: 'all' });
  await telegramAsk('/alerts add node all');
}

const bothHeard = (title: string, count = 1) => {
  const name = new RegExp(title);
  const discord = discordHeard().filter((shown) => name.test(shown.title));
  const telegram = telegramHeard().filter((message) => name.test(message.text));
  return discord.length >= count && telegram.length >= count ? { discord, telegram } : null;
};

const endpointOf = (name: string): string => new URL(world.network.find(name).endpoint).host;

describe('a node falls silent', () => {
  it('tells every subscribed chat once, keeps that message up to date, and tells it once more when the node is back', async () => {
    await start();
    await subscribeBoth();
    await world.network.stopNode('cedar');

    const { discord, telegram } = await until('the alert', () => bothHeard('Heartbeat'));
    expect(discord[0]?.title).toContain(endpointOf('cedar'));
    expect(telegram[0]?.text).toContain(endpointOf('cedar'));
    const expired = await until('the edit', () =>
      telegramHeard().find(({ text }) => text.includes('inactive on chain')),
    );
    expect(expired.id).toBe(telegram[0]?.id);
    await until('the edit on Discord', () =>
      world.discord.proxy.recorded.some(
        ({ method, path, body }) =>
          method === 'PATCH' && /\/channels\/\d+\/messages\//.test(path) && JSON.stringify(body).includes('inactive'),
      ),
    );

    await world.network.returnNode('cedar');
    const back = await until('the return', () => bothHeard('Node is back'));
    expect(back.telegram[0]?.replyTo).toBe(telegram[0]?.id);
    expect(discordHeard()).toHaveLength(2);
    expect(telegramHeard()).toHaveLength(2);
  });

  it('does not tell again after a restart, and tells of the return that happened meanwhile', async () => {
    await start();
    await subscribeBoth();
    await world.network.stopNode('cedar');
    await until('the alert', () => bothHeard('Heartbeat|silent'));
    await stop();
    await start();
    const asked = world.rpc.calls.length;
    await until('rounds after the restart', () => world.rpc.calls.length > asked + 10);
    await stop();
    expect([discordHeard().length, telegramHeard().length]).toEqual([1, 1]);

    await world.network.returnNode('cedar');
    await systemClock.sleep(600);
    await start();
    await until('the return', () => bothHeard('Node is back'));
    expect([discordHeard().length, telegramHeard().length]).toEqual([2, 2]);
  });

  it('sends what a platform refused for a while as soon as it may', async () => {
    await start();
    await subscribeBoth();
    world.telegram.inject('sendMessage', REFUSALS.flood(1));
    world.discord.proxy.inject('POST', /\/channels\/\d+\/messages$/, {
      status: 429,
      headers: { 'retry-after': '1' },
      body: { message: 'You are being rate limited.', retry_after: 1, global: false },
    });
    await world.network.stopNode('cedar');
    await until('the alert', () => bothHeard('Heartbeat|silent'));
    await world.network.returnNode('cedar');
    await until('the return', () => bothHeard('Node is back'));
    expect([discordHeard().length, telegramHeard().length]).toEqual([2, 2]);
  });
});

describe('a chat that is lost or moves', () => {
  it('shows a chat that shut the bot out as dead with the reason, and still tells the others', async () => {
    await start();
    await subscribeBoth();
    world.telegram.inject('sendMessage', REFUSALS.forbidden('bot was blocked by the user'));
    await world.network.stopNode('cedar');
    await until('the alert on Discord', () => discordHeard().length === 1);
    const reason = await until('the reason', async () => {
      const address = { platform: 'telegram', chatId: String(world.annChat.id), threadId: null } as const;
      return (await app?.store.subscriptions.list(address))?.destination?.deadReason;
    });
    expect(reason).toMatch(/block/i);
    await world.network.returnNode('cedar');
    await until('the return on Discord', () => discordHeard().length === 2);
    expect(telegramHeard()).toHaveLength(0);
    expect(await telegramAsk('/alerts list')).toMatch(/block/i);
  });

  it('moves the subscriptions of a group that became a supergroup', async () => {
    const group = world.telegram.chats.group('Node watch');
    world.telegram.member(group, world.telegram.bot, 'member');
    world.telegram.member(group, world.ann, 'creator');
    await start();
    await telegramAsk('/alerts add node all', group);
    const supergroup = world.telegram.migrate(group);
    await world.network.stopNode('cedar');
    await until('the alert in the supergroup', () => world.telegram.fromBot(supergroup.id).length > 0);
    expect(await telegramAsk('/alerts list', supergroup)).toContain('all nodes');
  });
});

describe('the registry cannot be read', () => {
  it('says so once instead of calling nodes silent, and says when it is readable again', async () => {
    await start({ SOURCE_NOTICE_AFTER_SECONDS: '2' });
    await subscribeBoth();
    world.rpc.inject('*', { kind: 'http', status: 500, body: 'no' });
    await world.network.stopNode('cedar');
    const { discord } = await until('the notice', () => bothHeard('Cannot read the node registry'));
    expect(discord[0]?.description).toContain('unknown');
    const network = await telegramAsk('/network');
    expect(network).toMatch(/unknown/i);
    expect(await telegramAsk(`/node status ${world.network.find('cedar').teeId}`)).not.toMatch(/\bDOWN\b/);
    await systemClock.sleep(2_500);
    expect([discordHeard().length, telegramHeard().length]).toEqual([1, 1]);

    world.rpc.heal();
    await until('readable again', () => bothHeard('can be read again'));
    await until('the alert that rested', () => bothHeard('Heartbeat|silent'));
  });
});

describe('what the registry and the gateway say', () => {
  it('tells of a foreign certificate, a disabled node and a revoked measurement, each once', async () => {
    await start();
    await subscribeBoth();
    await world.network.swapCertificate('birch');
    await until('the certificate', () => bothHeard('ertificate'));
    await world.network.disable('amber');
    await until('disabled', () => bothHeard('isabled'));
    await world.network.revokePcr(1);
    await until('the measurement', () => bothHeard('easurement|PCR'));
    const titles = discordHeard().map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(telegramHeard()).toHaveLength(titles.length);
  });
});
