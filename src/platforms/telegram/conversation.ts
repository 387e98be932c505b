import type { Bot } from 'grammy';
import type { ChatMemberUpdated, Message } from 'grammy/types';
import type { Caller } from '../../bot/command.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { Address } from '../../lib/delivery.ts';
import { explain } from '../../lib/errors.ts';
import { Admins } from './admins.ts';
import { Answers, type AnswerTools } from './answers.ts';
import { questionOf } from './incoming.ts';
import { Lanes } from './lanes.ts';
import { LiveAnswer } from './liveAnswer.ts';
import { membershipChange } from './membership.ts';
import { addressOf, placeOf, threadOf } from './place.ts';
import { Presses } from './presses.ts';
import { Rights } from './rights.ts';

/** Questions that waited longer than this while nobody was here are not answered any more. */
const STALE_SECONDS = 300;

interface ConversationTools extends AnswerTools {
  bot: Bot;
  onPlaceRevived?(address: Address): void;
}

/** Hears what Telegram hands out and answers it: in order within a chat, chats side by side. */
export class Conversation {
  readonly #tools: ConversationTools;
  readonly #answers: Answers;
  readonly #lanes: Lanes;
  readonly #admins: Admins;
  readonly #rights: Rights;
  readonly #roots: ReadonlySet<string>;

  constructor(tools: ConversationTools) {
    this.#tools = tools;
    const { bot, poller, clock, logger } = tools;
    this.#lanes = new Lanes((error) => logger.error({ cause: explain(error) }, 'a Telegram update failed'));
    this.#answers = new Answers(tools);
    this.#admins = new Admins(bot.api, clock, logger);
    this.#rights = new Rights(bot.api, clock, logger, bot.botInfo.id);
    this.#roots = new Set(tools.dispatcher.commands.map(({ path }) => path[0]));
    const [answers, admins, rights] = [this.#answers, this.#admins, this.#rights];
    const queue = this.#queue.bind(this);
    const presses = new Presses({ bot, poller, answers, admins, rights, clock, logger, queue });
    bot.on(['message', 'channel_post'], (context) => this.#heard(context.msg));
    bot.on('callback_query', (context) => presses.pressed(context.callbackQuery));
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
      const { text, asker, userId, name, attached } = question;
      const place = placeOf(chat, threadId, asker, { admins: this.#admins, rights: this.#rights });
      const caller: Caller = { platform: 'telegram', userId, name };
      const reply = chat.type === 'private' ? {} : { replyToMessageId: String(message.message_id) };
      const live = new LiveAnswer(this.#answers, { address: place.address, ...reply }, this.#tools.clock);
      const answered = live.finish(
        this.#answers.ask(text, caller, place, { attached, progress: (part) => live.show(part) }),
      );
      // An answer that is made in steps keeps nobody waiting who asks something else.
      await Promise.race([answered, live.begun]);
      if (live.isBegun) this.#lanes.add(`${chat.id}:${message.message_id}`, () => answered);
    });
  }

  #moved(update: ChatMemberUpdated): void {
    const change = membershipChange(update);
    const address = addressOf(update.chat, null);
    if (change.kind === 'gone') this.#tools.onPlaceGone?.(address, change.reason, { wholeChat: true });
    else this.#tools.onPlaceRevived?.(address);
  }

  #isStale(dateSeconds: number): boolean {
    return this.#tools.poller.backlog && toSeconds(this.#tools.clock.now()) - dateSeconds > STALE_SECONDS;
  }

  #queue(lane: string, job: () => Promise<void>): boolean {
    const taken = this.#lanes.add(lane, job);
    if (!taken) this.#tools.logger.warn({ lane }, 'too many questions at once, one was dropped');
    return taken;
  }
}
