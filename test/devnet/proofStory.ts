import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { parseConfig, secretsOf } from '../../src/config.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { Recorded } from '../rigs/discord/proxy.ts';
import type { SeenMessage } from '../rigs/telegram/seen.ts';
import type { RigChat } from '../rigs/telegram/world.ts';
import { startWorld } from './world.ts';

/** Only a test that fails, or a machine that is busy, takes as long. */
const WAIT_MS = 25_000;
/** Alerts of ten seconds become one message, and facts are at most so old. */
const APART_MS = 12_000;

/** A chat in both apps: the same is asked there, and the same should be heard. */
export interface Place {
  channelId: string;
  userId: string;
  chat: RigChat;
}

export interface Answer {
  discord: string;
  telegram: string;
  photos: { discord: number; telegram: number };
  /** Their bytes, of both apps. */
  pictures: Buffer[];
}

export type ProofStory = Awaited<ReturnType<typeof startProofStory>>;

/**
 * The whole bot on the small network and in both apps, with the chain's time in the test's hand: blocks come only by `pass` and by
 * what is sent. The bot's clock is the real one, put forward with them. `asker` and `listener` are two chats in each app.
 */
export async function startProofStory(pastSeconds: number) {
  const world = await startWorld({ gateways: 3, startSeconds: Math.floor(Date.now() / 1000) - pastSeconds });
  const { network, discord, telegram } = world;
  const group = telegram.chats.group('Proof watch');
  telegram.member(group, telegram.bot, 'member');
  telegram.member(group, world.ann, 'creator');
  const asker: Place = { channelId: discord.channelId, userId: discord.memberId, chat: world.annChat };
  const listener: Place = { channelId: discord.otherChannelId, userId: discord.managerId, chat: group };
  const answers = new Set<string>();
  const logged: string[] = [];
  let app: App | null = null;
  let aheadMs = 0;
  const clock: Clock = { now: () => Date.now() + aheadMs, sleep: systemClock.sleep };

  async function until<T>(what: string, look: () => T | Promise<T>, ms = WAIT_MS): Promise<NonNullable<Awaited<T>>> {
    for (const end = Date.now() + ms; Date.now() < end; await systemClock.sleep(20)) {
      const found = await look();
      if (found) return found;
    }
    throw new Error(`not within ${ms} ms: ${what}\n${describe()}\n${logged.slice(-5).join('')}`);
  }

  const describe = (): string =>
    [asker, listener].map((place) => JSON.stringify({ ...heard(place) }, null, 1)).join('\n');

  /** What the bot said there by itself, as it reads now on Telegram, and as it was sent on Discord. */
  function heard({ channelId, chat }: Place): { discord: string[]; telegram: string[] } {
    return {
      discord: discord.proxy.recorded
        .filter(
          ({ method, path, status }) =>
            method === 'POST' && path === `/channels/${channelId}/messages` && status === 200,
        )
        .map(discordText),
      telegram: telegram
        .fromBot(chat.id)
        .filter((message) => !answers.has(keyOf(message)))
        .map(({ text }) => text),
    };
  }

  /** How often each app was told of it there. */
  function times(place: Place, what: RegExp): [discord: number, telegram: number] {
    const { discord: inDiscord, telegram: inTelegram } = heard(place);
    const count = (texts: readonly string[]): number => texts.filter((text) => what.test(text)).length;
    return [count(inDiscord), count(inTelegram)];
  }

  async function askDiscord({ channelId, userId }: Place, command: string, options: Record<string, string>) {
    const since = discord.proxy.recorded.length;
    await discord.slash(command, options, { channelId, userId, timeoutMs: WAIT_MS });
    const last = await until(`an answer to /${command}`, () => {
      const found = discord.proxy.recorded.slice(since).filter(isAnswer).at(-1);
      return found !== undefined && !UNFINISHED.test(discordText(found)) ? found : null;
    });
    return { text: discordText(last), photos: last.files.length, picture: last.files[0]?.content ?? null };
  }

  async function askTelegram({ chat }: Place, command: string, typed: string) {
    const before = telegram.fromBot(chat.id).length;
    telegram.sendText(chat, world.ann, `/${typed}`);
    const first = await telegram.until(() => telegram.fromBot(chat.id)[before]);
    answers.add(keyOf(first));
    const last = await until(`an answer to /${command}`, () =>
      telegram.fromBot(chat.id).find((one) => one.id === first.id && !UNFINISHED.test(one.text)),
    );
    return { text: last.text, photos: last.photo === null ? 0 : 1, picture: last.photo };
  }

  return {
    world,
    network,
    asker,
    listener,
    clock,
    get app(): App {
      if (app === null) throw new Error('the bot is not running');
      return app;
    },
    until,
    heard,
    times,
    /** Only the bot's clock. */
    advance(botMs: number): void {
      aheadMs += botMs;
    },
    async start(more: Record<string, string> = {}): Promise<void> {
      const { config } = parseConfig({ ...world.env, ...more }, { needsPlatform: true });
      const logger = createLogger('debug', secretsOf(config), (line) => void logged.push(line));
      app = await startApp(config, { clock, random: Math.random, logger, version: 'test' });
    },
    async stop(): Promise<void> {
      await app?.stop();
      app = null;
    },
    /** So much of the chain's time, and enough of the bot's that what comes next is a message of its own. */
    async pass(chainSeconds: number, botMs = APART_MS): Promise<void> {
      aheadMs += botMs;
      await network.chain.mine(chainSeconds);
    },
    /** The same in both apps, on Telegram as it is typed; each answer as its reader has it in the end. */
    async ask(
      place: Place,
      command: string,
      options: Record<string, string> = {},
      typed = [command, ...Object.values(options)].join(' '),
    ): Promise<Answer> {
      const inDiscord = await askDiscord(place, command, options);
      const inTelegram = await askTelegram(place, command, typed);
      return {
        discord: inDiscord.text,
        telegram: inTelegram.text,
        photos: { discord: inDiscord.photos, telegram: inTelegram.photos },
        pictures: [inDiscord.picture, inTelegram.picture].filter((picture) => picture !== null),
      };
    },
    /** Until both apps were told of it there, and no app more than once. */
    async toldOnce(place: Place, what: RegExp): Promise<void> {
      await until(`told of ${what}`, () => times(place, what).every((count) => count > 0));
      expect(times(place, what), `told of ${what}`).toEqual([1, 1]);
    },
    /** Until everything on chain was read and looked at, and judged once more. */
    async settled(): Promise<void> {
      const { store } = app as App;
      const head = await network.chain.client.getBlockNumber({ cacheTime: 0 });
      await until('all read and checked', async () => {
        const cursor = await store.nodes.cursor(`settlements:${network.chain.chainId}`);
        return (cursor?.block.number ?? 0n) >= head && (await store.proofs.due(1, clock.now())).length === 0;
      });
      await systemClock.sleep(400);
    },
    /** Every word that left the bot: messages, log lines, and the bytes of its database. */
    everything(): string[] {
      return [
        ...discord.proxy.recorded
          .filter(({ path }) => !path.includes('/commands'))
          .map(({ body }) => JSON.stringify(body) ?? ''),
        ...telegram.calls.map((call) => JSON.stringify(call)),
        ...logged,
        ...readdirSync(world.folder).map((name) => readFileSync(join(world.folder, name)).toString('latin1')),
      ];
    },
    async close(): Promise<void> {
      await app?.stop();
      expect(discord.proxy.violations).toEqual([]);
      await world.close();
    },
  };
}

const UNFINISHED = /under way/;
const keyOf = ({ chatId, id }: SeenMessage): string => `${chatId}/${id}`;

const isAnswer = ({ method, path, status }: Recorded): boolean =>
  method !== 'DELETE' && status === 200 && /\/webhooks\/\d+\/[^/]+(\/messages\/@original)?$/.test(path);

interface Body {
  content?: string;
  embeds?: { title?: string; description?: string; fields?: { name: string; value: string }[] }[];
}

function discordText({ body }: Recorded): string {
  const { content = '', embeds = [] } = body as Body;
  const parts = embeds.flatMap(({ title, description, fields = [] }) => [
    title,
    description,
    ...fields.map(({ name, value }) => `${name}: ${value}`),
  ]);
  return [content, ...parts].join('\n').replaceAll('\u2060', '').replace(/\\(.)/g, '$1');
}
