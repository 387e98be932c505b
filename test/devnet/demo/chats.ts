import { systemClock } from '../../../src/lib/clock.ts';
import type { DiscordRig, Shown } from '../../rigs/discord/rig.ts';
import type { TelegramRig } from '../../rigs/telegram/rig.ts';
import type { SeenMessage } from '../../rigs/telegram/seen.ts';

/** A message that a chat heard, and how long after it was waited for. */
export interface Heard {
  discord: string;
  telegram: string;
  /** As it was then. */
  message: SeenMessage;
  afterMs: number;
}

/** An answer, and the texts that it went through before it was complete. */
export interface InParts {
  text: string;
  parts: number;
  first: string;
}

const ALERT_WAIT_MS = 60_000;
const ANSWER_WAIT_MS = 15_000;
const LOOK_MS = 20;

export type Chats = ReturnType<typeof openChats>;

/** One chat in each app, and Ann who asks there. What is asked resolves with the answer as text. */
export function openChats({ discord, telegram }: { discord: DiscordRig; telegram: TelegramRig }, signal: AbortSignal) {
  const ann = telegram.user('Ann');
  const chat = telegram.chats.private(ann);

  async function until<T>(what: string, look: () => T | undefined, limitMs: number): Promise<T> {
    for (const end = performance.now() + limitMs; performance.now() < end; ) {
      signal.throwIfAborted();
      const found = look();
      if (found !== undefined) return found;
      await systemClock.sleep(LOOK_MS, signal);
    }
    throw new Error(`not within ${limitMs / 1000} s: ${what}`);
  }

  async function telegramInParts(text: string, isDone: (text: string) => boolean): Promise<InParts> {
    const before = telegram.fromBot(chat.id).length;
    telegram.sendText(chat, ann, text);
    const seen: string[] = [];
    const done = await until(
      `the answer to ${text}`,
      () => {
        const message = telegram.fromBot(chat.id)[before];
        if (message === undefined) return undefined;
        const now = telegramText(message);
        if (seen.at(-1) !== now) seen.push(now);
        return isDone(message.text) ? now : undefined;
      },
      ANSWER_WAIT_MS,
    );
    return { text: done, parts: seen.length, first: seen[0] as string };
  }

  return {
    discord: async (command: string, options: Record<string, string> = {}): Promise<Shown> =>
      await discord.slash(command, options, { timeoutMs: ANSWER_WAIT_MS }),
    telegram: async (text: string): Promise<string> => (await telegramInParts(text, () => true)).text,
    /** An answer that changes until `isDone` says so. */
    telegramInParts,
    /** What both chats are told next under such a title. */
    async heard(title: RegExp): Promise<Heard> {
      const startedAt = performance.now();
      const [sent, written] = [discord.sent().length, telegram.fromBot(chat.id).length];
      const [shown, message] = await Promise.all([
        until(
          `${title} in Discord`,
          () =>
            discord
              .sent()
              .slice(sent)
              .find((one) => title.test(one.title)),
          ALERT_WAIT_MS,
        ),
        until(
          `${title} in Telegram`,
          () =>
            telegram
              .fromBot(chat.id)
              .slice(written)
              .find(({ text }) => title.test(firstLine(text))),
          ALERT_WAIT_MS,
        ),
      ]);
      return {
        discord: discordText(shown),
        telegram: telegramText(message),
        message,
        afterMs: performance.now() - startedAt,
      };
    },
    /** A message of the bot's in Telegram, once it reads like that. */
    telegramEdited: ({ id }: SeenMessage, to: RegExp): Promise<SeenMessage> =>
      until(
        `${to} in the message`,
        () => telegram.fromBot(chat.id).find((one) => one.id === id && to.test(one.text)),
        ALERT_WAIT_MS,
      ),
    press: (message: SeenMessage, button: string): void => void telegram.press(message, button, ann),
  };
}

const firstLine = (text: string): string => text.split('\n', 1)[0] as string;

/** A Discord message as it reads there. */
export const discordText = ({ title, description, footer, buttons, files }: Shown): string =>
  [
    title.replaceAll(/\\([^\w\s])/g, '$1'),
    description
      .replaceAll(/^-# /gm, '')
      .replaceAll('**', '')
      .replaceAll(/`([^`\n]*)`/g, '$1')
      .replaceAll(/\\([^\w\s])/g, '$1')
      .replaceAll(/<t:(\d+):f>/g, (_, at: string) => utcMinutes(Number(at)))
      .replaceAll(/ \(<t:\d+:R>\)/g, ''),
    footer,
    ...files.map(({ name, bytes, alt }) => `[picture ${name}, ${Math.round(bytes / 1024)} KiB: ${alt}]`),
    buttons.map(({ label }) => `[${label}]`).join(' '),
  ]
    .filter((line) => line !== '')
    .join('\n');

const utcMinutes = (atSeconds: number): string =>
  `${new Date(atSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The same of Telegram. */
export const telegramText = ({ text, photo, keyboard }: SeenMessage): string =>
  [
    text,
    ...(photo ? ['[picture]'] : []),
    ...keyboard.map((row) => row.map((button) => `[${button.text}]`).join(' ')),
  ].join('\n');
