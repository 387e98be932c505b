import type { Press, Rig } from './context.ts';
import { type Fault, Faults } from './faults.ts';
import { Flood } from './flood.ts';
import * as people from './people.ts';
import { type SeenMessage, seen } from './seen.ts';
import { type RecordedCall, serve } from './server.ts';
import { Updates } from './updates.ts';
import { type MemberStatus, type RigChat, type RigUser, World } from './world.ts';

const WAIT_MS = 5_000;

export interface TelegramRigOptions {
  /** 0 (default): any free one. */
  port?: number;
  token?: string;
  /** Unix milliseconds, for message dates, flood limits and the age of presses. */
  now?: () => number;
}

export interface TelegramRig {
  /** For TELEGRAM_API_ROOT. */
  apiRoot: string;
  /** For TELEGRAM_TOKEN. */
  token: string;
  bot: RigUser;
  user(name: string): RigUser;
  chats: {
    private(user: RigUser): RigChat;
    group(title: string): RigChat;
    /** With topics when names are given; their ids are in `topics`, in that order. */
    supergroup(title: string, topics?: string[]): RigChat;
    channel(title: string): RigChat;
  };
  sendText(chat: RigChat, user: RigUser, text: string, options?: people.TextOptions): SeenMessage;
  /** Returns the record of the press: `answered` once the bot has confirmed it. */
  press(message: SeenMessage, button: string, user: RigUser, options?: Parameters<typeof people.press>[4]): Press;
  member(chat: RigChat, user: RigUser, status: MemberStatus, rights?: Record<string, boolean>): void;
  migrate(group: RigChat): RigChat;
  closeTopic(chat: RigChat, thread: number, closed: boolean): void;
  /** Everything in a chat, oldest first. */
  messages(chatId: number): SeenMessage[];
  /** What the bot has written there. */
  fromBot(chatId: number): SeenMessage[];
  deleteMessage(message: SeenMessage): void;
  /** The registered command menu of a scope type. */
  menu(scope: string): { command: string; description: string }[];
  faults: Faults;
  inject(method: string, fault: Fault, times?: number): void;
  flood: { enabled: boolean };
  /** Every call with the right token, in order. */
  calls: RecordedCall[];
  /** Whether a long poll is open, and how many ended because another came. */
  polling(): { open: boolean; conflicts: number; waiting: number };
  /** Resolves with the first truthy value; looks again after every change. */
  until<T>(what: () => T, ms?: number): Promise<NonNullable<T>>;
  close(): Promise<void>;
}

/**
 * A Bot API server on loopback, after the Bot API's documentation: it holds chats, people and messages, hands out
 * updates by long polling, and refuses what Telegram refuses in Telegram's words. Any client that takes an API root
 * can use it, in this process or another.
 */
export async function startTelegramRig(options: TelegramRigOptions = {}): Promise<TelegramRig> {
  const now = options.now ?? (() => Date.now());
  const token = options.token ?? '7000001:AAE-rig-token-of-the-loopback-bot-api_0';
  const id = Number(token.split(':')[0]);
  const bot: RigUser = { id, is_bot: true, first_name: 'Assay', username: 'assay_rig_bot' };
  const world = new World(bot, now);
  const rig: Rig = { world, updates: new Updates(), flood: new Flood(now), presses: new Map(), menus: new Map() };
  const faults = new Faults();
  const calls: RecordedCall[] = [];
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...waiting]) look();
  };
  const server = await serve({ rig, token, faults, calls, changed }, options.port ?? 0);
  const chatOf = (chatId: number): RigChat => {
    const chat = world.chats.get(chatId);
    if (chat === undefined) throw new Error(`the rig has no chat ${chatId}`);
    return chat;
  };
  const stored = (message: SeenMessage) => {
    const found = chatOf(message.chatId).messages.find((one) => one.id === message.id);
    if (found === undefined) throw new Error(`the rig has no message ${message.id}`);
    return found;
  };
  const messages = (chatId: number) => chatOf(chatId).messages.map((message) => seen(message, bot.id));

  return {
    apiRoot: `http://127.0.0.1:${server.port}`,
    token,
    bot,
    user: (name) => world.user(name),
    chats: {
      private: (user) => world.chat('private', null, user),
      group: (title) => world.chat('group', title, null),
      supergroup(title, topics = []) {
        const chat = world.chat('supergroup', title, null, topics.length > 0);
        for (const name of topics) chat.topics.set(chat.nextId++, { name, closed: false, deleted: false });
        return chat;
      },
      channel: (title) => world.chat('channel', title, null),
    },
    sendText: (chat, user, text, extra) => seen(people.sendText(rig, chat, user, text, extra), bot.id),
    press(message, button, user, extra) {
      const pressed = rig.presses.get(people.press(rig, stored(message), button, user, extra));
      if (pressed === undefined) throw new Error('unreachable: the press was just recorded');
      return pressed;
    },
    member: (chat, user, status, rights) => people.member(rig, chat, user, status, rights),
    migrate: (group) => people.migrate(rig, group),
    closeTopic: (chat, thread, closed) => people.closeTopic(rig, chat, thread, closed),
    messages,
    fromBot: (chatId) => messages(chatId).filter(({ fromBot }) => fromBot),
    deleteMessage(message) {
      const chat = chatOf(message.chatId);
      chat.messages = chat.messages.filter((one) => one.id !== message.id);
    },
    menu: (scope) => rig.menus.get(JSON.stringify([{ type: scope }, ''])) ?? [],
    faults,
    inject: (method, fault, times) => faults.inject(method, fault, times),
    flood: rig.flood,
    calls,
    polling: () => ({ open: rig.updates.polled, conflicts: rig.updates.conflicts, waiting: rig.updates.waiting }),
    until: (what, ms = WAIT_MS) => until(waiting, what, ms),
    async close() {
      rig.updates.close();
      await server.close();
    },
  };
}

async function until<T>(waiting: Set<() => void>, what: () => T, ms: number): Promise<NonNullable<T>> {
  const { promise, resolve, reject } = Promise.withResolvers<NonNullable<T>>();
  const look = (): void => {
    const value = what();
    if (value) resolve(value);
  };
  // Not everything that a test waits for happens at the rig, so it is also looked at now and then.
  const often = setInterval(look, 5);
  const limit = setTimeout(() => reject(new Error(`nothing came within ${ms} ms: ${what}`)), ms);
  waiting.add(look);
  try {
    look();
    return await promise;
  } finally {
    waiting.delete(look);
    clearInterval(often);
    clearTimeout(limit);
  }
}
