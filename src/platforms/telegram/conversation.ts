import type { Bot } from 'grammy';
import type { CallbackQuery, ChatMemberUpdated, Message } from 'grammy/types';
import { type Button, decodeButton } from '../../bot/button.ts';
import type { Caller } from '../../bot/command.ts';
import type { Dispatcher } from '../../bot/dispatch.ts';
import type { Clock } from '../../lib/clock.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { Address, OutgoingMessage } from '../../lib/delivery.ts';
import { explain } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { View } from '../../lib/view.ts';
import { Admins } from './admins.ts';
import { answerPress, type Press } from './answerPress.ts';
import { questionOf } from './incoming.ts';
import { Lanes } from './lanes.ts';
import { membershipChange } from './membership.ts';
import { addressOf, placeOf, type TelegramPlace, threadOf } from './place.ts';
import type { Poller } from './polling.ts';
import { Rights } from './rights.ts';
import type { Posted, TelegramSender } from './sender.ts';
import { welcome } from './welcome.ts';

/** Questions that waited longer than this while nobody was here are not answered any more. */
const STALE_SECONDS = 300;
/** An answer waits out a flood limit up to this; alerts have their own queue. */
const MAX_WAIT_MS = 30_000;
const ATTEMPTS = 3;
const UNSURE = 'Telegram did not say who administers this chat. Try again in a minute.';
const READER = 'Only administrators of this channel can press this. Ask me in a private chat.';

interface ConversationTools {
  bot: Bot;
  poller: Poller;
  sender: TelegramSender;
  dispatcher: Dispatcher;
  clock: Clock;
  logger: Logger;
  onPlaceRevived?(address: Address): void;
  onPlaceGone?(address: Address, reason: string, extent: { wholeChat: boolean }): void;
  onMigrated?(oldChatId: string, newChatId: string): void;
}

/** Hears what Telegram hands out and answers it: in order within a chat, chats side by side. */
export class Conversation {
  readonly #tools: ConversationTools;
  readonly #lanes: Lanes;
  readonly #admins: Admins;
  readonly #rights: Rights;
  readonly #roots: ReadonlySet<string>;
  #answers = 0;

  constructor(tools: ConversationTools) {
    this.#tools = tools;
    const { bot, clock, logger } = tools;
    this.#lanes = new Lanes((error) => logger.error({ cause: explain(error) }, 'a Telegram update failed'));
    this.#admins = new Admins(bot.api, clock, logger);
    this.#rights = new Rights(bot.api, clock, logger, bot.botInfo.id);
    this.#roots = new Set(tools.dispatcher.commands.map(({ path }) => path[0]));
    bot.on(['message', 'channel_post'], (context) => this.#heard(context.msg));
    bot.on('callback_query', (context) => this.#pressed(context.callbackQuery));
    bot.on('my_chat_member', (context) => this.#moved(context.myChatMember));
  }

  /** Resolves when everything that was heard has been answered. */
  async idle(): Promise<void> {
    await this.#lanes.idle();
  }

  #heard(message: Message): void {
    const { chat } = message;
    const threadId = threadOf(message);
    if (message.migrate_to_chat_id !== undefined) {
      this.#tools.onMigrated?.(String(chat.id), String(message.migrate_to_chat_id));
    }
    if (threadId !== null && (message.forum_topic_closed || message.forum_topic_reopened)) {
      this.#rights.topicClosed(chat.id, threadId, message.forum_topic_closed !== undefined);
    }
    const question = questionOf(message, { username: this.#tools.bot.botInfo.username, roots: this.#roots });
    if (question === null || this.#isStale(message.date)) return;
    this.#queue(String(chat.id), async () => {
      const place = placeOf(chat, threadId, question.asker, { admins: this.#admins, rights: this.#rights });
      const caller: Caller = { platform: 'telegram', userId: question.userId };
      const view = await this.#ask(question.text, caller, place);
      const reply = chat.type === 'private' ? {} : { replyToMessageId: String(message.message_id) };
      await this.#answer({ address: place.address, view, ...reply });
    });
  }

  #pressed(query: CallbackQuery): void {
    const { message } = query;
    const button = query.data === undefined ? null : decodeButton(query.data);
    if (message === undefined || button === null) {
      void this.#confirm(query, 'This button is too old. Please ask again.');
      return;
    }
    const there = message.date === 0 ? null : threadOf(message);
    const asker = { kind: 'user' as const, id: query.from.id };
    const place = placeOf(message.chat, there, asker, { admins: this.#admins, rights: this.#rights });
    if (place.kind !== 'channel') {
      this.#carryOut(query, button, place);
      return;
    }
    // Everybody can press in a channel, but what the bot answers there is published to all: that is for those who run
    // it. Readers wait in lanes of their own, so that a crowd of them fills nobody's queue.
    this.#queue(`${message.chat.id}:${query.from.id}`, async () => {
      if (await place.callerManages()) this.#carryOut(query, button, place);
      else await this.#confirm(query, place.unsure ? UNSURE : READER);
    });
  }

  #carryOut(query: CallbackQuery, button: Button, place: TelegramPlace): void {
    // The app shows a spinner until this arrives, so it does not wait for its turn.
    const heard = this.#confirm(query, null);
    const { backlog } = this.#tools.poller;
    this.#queue(place.address.chatId, async () => {
      if ((await heard) === 'stale' && backlog) return;
      const view = await this.#ask(button.command, { platform: 'telegram', userId: String(query.from.id) }, place);
      const id = String(query.message?.message_id);
      // An error is for the one who pressed; the message belongs to everybody.
      const edits = button.mode === 'edit' && query.message?.date !== 0 && view.tone !== 'error';
      const { address } = place;
      const posted = await this.#answer({
        address,
        view,
        ...(edits ? { editMessageId: id } : { replyToMessageId: id }),
      });
      if (posted.kind === 'uneditable') await this.#answer({ address, view, replyToMessageId: id });
    });
  }

  #confirm(query: CallbackQuery, words: string | null): Promise<Press> {
    return answerPress(this.#tools, query.id, words);
  }

  #moved(update: ChatMemberUpdated): void {
    const change = membershipChange(update);
    const address = addressOf(update.chat, null);
    if (change.kind === 'gone') this.#tools.onPlaceGone?.(address, change.reason, { wholeChat: true });
    else this.#tools.onPlaceRevived?.(address);
  }

  async #ask(text: string, caller: Caller, place: TelegramPlace): Promise<View> {
    const { dispatcher } = this.#tools;
    if (/^start( |$)/.test(text)) return welcome(await dispatcher.runText('help', caller, place));
    const view = await dispatcher.runText(text, caller, place);
    if (!place.unsure) return view;
    return { ...view, lines: [...view.lines, UNSURE] };
  }

  async #answer(message: Omit<OutgoingMessage, 'idempotencyKey'>): Promise<Posted> {
    const { sender, clock, logger, poller } = this.#tools;
    let outgoing: OutgoingMessage = { ...message, idempotencyKey: `answer-${++this.#answers}` };
    for (let attempt = 1; ; attempt++) {
      const posted = await sender.post(outgoing);
      if (posted.kind === 'retryAfter' && posted.ms <= MAX_WAIT_MS && attempt < ATTEMPTS && !poller.signal.aborted) {
        await clock.sleep(posted.ms, poller.signal);
        continue;
      }
      if (posted.kind === 'migrated' && attempt < ATTEMPTS) {
        this.#tools.onMigrated?.(outgoing.address.chatId, posted.newChatId);
        // Message ids of the old group mean nothing in the new one.
        const { editMessageId, replyToMessageId, ...rest } = outgoing;
        outgoing = { ...rest, address: { ...rest.address, chatId: posted.newChatId } };
        continue;
      }
      if (posted.kind === 'gone') {
        this.#tools.onPlaceGone?.(outgoing.address, posted.reason, { wholeChat: posted.wholeChat });
      }
      if (posted.kind !== 'sent' && posted.kind !== 'uneditable') {
        logger.warn({ chatId: outgoing.address.chatId, outcome: posted }, 'an answer was not delivered');
      }
      return posted;
    }
  }

  #isStale(dateSeconds: number): boolean {
    return this.#tools.poller.backlog && toSeconds(this.#tools.clock.now()) - dateSeconds > STALE_SECONDS;
  }

  #queue(lane: string, job: () => Promise<void>): void {
    if (this.#lanes.add(lane, job)) return;
    this.#tools.logger.warn({ lane }, 'too many questions at once, one was dropped');
  }
}
