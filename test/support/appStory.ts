import { expect } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { parseConfig, secretsOf } from '../../src/config.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { World } from '../devnet/world.ts';
import type { Shown } from '../rigs/discord/rig.ts';
import type { SeenMessage } from '../rigs/telegram/seen.ts';

/** The time of day, which a story may set forward. */
class StoryClock implements Clock {
  #aheadMs = 0;

  now = (): number => Date.now() + this.#aheadMs;
  sleep = systemClock.sleep;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  ms = 15_000,
): Promise<NonNullable<Awaited<T>>> {
  for (const end = Date.now() + ms; Date.now() < end; await systemClock.sleep(20)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}

/** A message as a chat has it now, after all edits. */
export interface Heard {
  title: string;
  /** Everything in it, the title too. */
  text: string;
  edits: number;
}

/** The bot at work in a world whose clock can be set forward, asked and listened to on both platforms. */
export class Story {
  readonly clock = new StoryClock();
  readonly world: World;
  app: App | null = null;
  /** Someone who only asks, so that no alert comes between a question and its answer. */
  readonly #bob;
  readonly #bobChat;
  #answered = new Set<number>();

  constructor(world: World) {
    this.world = world;
    this.#bob = world.telegram.user('Bob');
    this.#bobChat = world.telegram.chats.private(this.#bob);
  }

  /** The Telegram chat where questions are asked. */
  get asker(): number {
    return this.#bobChat.id;
  }

  async start(more: Record<string, string> = {}): Promise<App> {
    const { config } = parseConfig({ ...this.world.env, LOG_LEVEL: 'silent', ...more }, { needsPlatform: true });
    const logger = createLogger(config.logLevel, secretsOf(config));
    this.app = await startApp(config, { clock: this.clock, random: Math.random, logger, version: 'test' });
    return this.app;
  }

  async stop(): Promise<void> {
    await this.app?.stop();
    this.app = null;
  }

  /** What is answered on Discord, and how long it took. */
  async discordAsk(
    command: string,
    options: Parameters<World['discord']['slash']>[1] = {},
  ): Promise<Shown & { ms: number }> {
    const since = Date.now();
    const shown = await this.world.discord.slash(command, options, { timeoutMs: 10_000 });
    return { ...shown, ms: Date.now() - since };
  }

  /** What is answered on Telegram, in a chat that hears nothing, and how long it took. */
  async telegramAsk(text: string): Promise<{ text: string; message: SeenMessage; ms: number }> {
    const { telegram } = this.world;
    const since = Date.now();
    const before = telegram.fromBot(this.#bobChat.id).length;
    telegram.sendText(this.#bobChat, this.#bob, text);
    const message = await telegram.until(() => telegram.fromBot(this.#bobChat.id)[before], 10_000);
    return { text: message.text, message, ms: Date.now() - since };
  }

  /** A command in the chat that hears alerts; `answer` tells its answer from them. */
  async telegramSubscribe(
    text: string,
    answer = /Watching|Subscribed|Following/,
    document?: { name: string; bytes: Buffer },
  ) {
    const { telegram, ann, annChat } = this.world;
    const before = telegram.fromBot(annChat.id).length;
    telegram.sendText(annChat, ann, text, document === undefined ? {} : { document });
    const message = await telegram.until(
      () =>
        telegram
          .fromBot(annChat.id)
          .slice(before)
          .find((one) => answer.test(one.text)),
      10_000,
    );
    this.#answered.add(message.id);
    return message.text;
  }

  /** A command that makes the first chat of each platform hear something. */
  async bothSubscribe(command: string, options: Record<string, string>): Promise<void> {
    const answer = /Watching|Subscribed|Following|Already|Told|hear/;
    const { title, description } = await this.discordAsk(command, options);
    expect(`${title} ${description}`).toMatch(answer);
    await this.telegramSubscribe(`/${command} ${Object.values(options).join(' ')}`, answer);
  }

  /** What the bot said by itself on Discord, as it reads now. */
  discordHeard(title = /./, channel = this.world.discord.channelId): Heard[] {
    const path = `/channels/${channel}/messages`;
    const found = new Map<string, Heard>();
    for (const { method, path: at, status, response, body } of this.world.discord.proxy.recorded) {
      if (status !== 200) continue;
      const id = method === 'POST' && at === path ? (response as { id: string }).id : at.slice(path.length + 1);
      if (!(method === 'POST' && at === path) && !(method === 'PATCH' && at.startsWith(`${path}/`))) continue;
      const { embeds = [], content = '' } = body as { embeds?: { title?: string }[]; content?: string };
      const edits = found.has(id) ? (found.get(id) as Heard).edits + 1 : 0;
      found.set(id, {
        title: plain(embeds[0]?.title ?? ''),
        text: plain(`${content}\n${JSON.stringify(embeds)}`),
        edits,
      });
    }
    return [...found.values()].filter((heard) => title.test(heard.title));
  }

  /** The same on Telegram, in the chat that subscribed. */
  telegramHeard(title = /./): Heard[] {
    return this.world.telegram
      .fromBot(this.world.annChat.id)
      .filter(({ id }) => !this.#answered.has(id))
      .map(({ text, edits }) => ({ title: text.split('\n')[0] ?? '', text, edits }))
      .filter((heard) => title.test(heard.title));
  }

  /** Waits until both chats have `count` messages with that title. */
  async bothHear(title: RegExp, count = 1, ms?: number): Promise<{ discord: Heard[]; telegram: Heard[] }> {
    const look = () => {
      const [discord, telegram] = [this.discordHeard(title), this.telegramHeard(title)];
      return discord.length >= count && telegram.length >= count ? { discord, telegram } : null;
    };
    const found = await until(`${count} of ${title} in both chats`, look, ms).catch((error: Error) => {
      const all = JSON.stringify({
        discord: this.discordHeard().map((one) => one.title),
        telegram: this.telegramHeard().map((one) => one.title),
      });
      throw new Error(`${error.message}; there are ${all}`);
    });
    expect(found.discord).toHaveLength(count);
    expect(found.telegram).toHaveLength(count);
    return found;
  }

  /** How many messages each chat was sent by the bot itself. */
  counts(): [discord: number, telegram: number] {
    return [this.discordHeard().length, this.telegramHeard().length];
  }

  /** The answer to a question on both platforms, once it says `wanted` on both. */
  async bothAnswer(command: string, option: { name: string; value: string } | null, wanted: RegExp, ms = 15_000) {
    const typed = option === null ? command : `${command} ${option.value}`;
    const options = option === null ? {} : { [option.name]: option.value };
    let last = '';
    return await until(
      `an answer to ${typed} with ${wanted}`,
      async () => {
        const shown = await this.discordAsk(command, options);
        const discord = `${shown.title}\n${shown.description}`;
        last = discord;
        if (!wanted.test(plain(discord))) return null;
        const { text: telegram } = await this.telegramAsk(`/${typed}`);
        last = telegram;
        return wanted.test(telegram) ? { discord: plain(discord), telegram } : null;
      },
      ms,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; the last was: ${last}`);
    });
  }

  /** Rounds of the hub that begin after now: what they found has been judged. */
  async hubRounds(count = 2): Promise<void> {
    const { requests } = this.world.network.hub;
    const from = requests.length;
    const sweeps = () => requests.slice(from).filter((url) => url.includes('/models/?page=0')).length;
    await until(`${count} looks at the hub`, () => sweeps() > count, 40_000);
  }
}

/** Without the marks by which Discord shows text bold, and those that keep it from being read as a mark. */
const plain = (text: string): string =>
  text.replaceAll('**', '').replaceAll('\\', '').replaceAll('\u2060', '').replaceAll('\u200b', '');
