import type { Bot } from 'grammy';
import type { CallbackQuery } from 'grammy/types';
import { type Button, decodeButton } from '../../bot/button.ts';
import type { Caller } from '../../bot/command.ts';
import type { Clock } from '../../lib/clock.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { View } from '../../lib/view.ts';
import type { Admins } from './admins.ts';
import { type Answers, UNSURE } from './answers.ts';
import { personName } from './callerName.ts';
import { LiveAnswer } from './liveAnswer.ts';
import { placeOf, type TelegramPlace, threadOf } from './place.ts';
import type { Poller } from './polling.ts';
import { popupOf } from './popup.ts';
import { PressAnswer } from './pressAnswer.ts';
import type { Rights } from './rights.ts';

const READER = 'Only administrators of this channel can press this. Ask me in a private chat.';
const TOO_OLD = 'This button is too old. Please ask again.';
const BUSY = 'Too much is asked in this chat right now. Try again in a minute.';

const idOf = ({ message }: CallbackQuery): string => String(message?.message_id);

interface PressTools {
  bot: Bot;
  poller: Poller;
  answers: Answers;
  admins: Admins;
  rights: Rights;
  clock: Clock;
  logger: Logger;
  /** Runs a job in its turn; false when too many wait already. */
  queue(lane: string, job: () => Promise<void>): boolean;
}

/** Carries out pressed buttons: in the message that carries them, below it, or in words for the one who pressed. */
export class Presses {
  readonly #tools: PressTools;

  constructor(tools: PressTools) {
    this.#tools = tools;
  }

  pressed(query: CallbackQuery): void {
    const { message } = query;
    const button = query.data === undefined ? null : decodeButton(query.data);
    const answer = new PressAnswer(this.#tools, query.id);
    if (message === undefined || button === null) {
      void answer.tell(TOO_OLD);
      return;
    }
    const there = message.date === 0 ? null : threadOf(message);
    const place = placeOf(message.chat, there, { kind: 'user', id: query.from.id }, this.#tools);
    if (place.kind !== 'channel') {
      this.#carryOut(query, button, place, answer);
      return;
    }
    // Everybody can press in a channel, but what the bot answers there is published to all: that is for those who run
    // it. Readers wait in lanes of their own, so that a crowd of them fills nobody's queue.
    this.#queue(`${message.chat.id}:${query.from.id}`, answer, async () => {
      if (await place.callerManages()) this.#carryOut(query, button, place, answer);
      else await answer.tell(place.unsure ? UNSURE : READER);
    });
  }

  #carryOut(query: CallbackQuery, button: Button, place: TelegramPlace, answer: PressAnswer): void {
    const { answers, poller } = this.#tools;
    const { backlog } = poller;
    // Words for the one who pressed need the only answer there is, so it waits for them, but not for long.
    if (place.kind === 'private' || backlog) void answer.confirm();
    else answer.confirmInTime();
    this.#queue(place.address.chatId, answer, async () => {
      if (backlog && (await answer.confirm()) === 'stale') return;
      const caller: Caller = { platform: 'telegram', userId: String(query.from.id), name: personName(query.from) };
      const live = new LiveAnswer(
        answers,
        { address: place.address, replyToMessageId: idOf(query) },
        this.#tools.clock,
      );
      const made = answers.ask(button.command, caller, place, { progress: (part) => live.show(part) });
      const carriedOut = made.then(async (view) => {
        if (live.isBegun) return await live.finish(made);
        const words = await this.#wordsFor(view, place);
        if (words !== null && (await answer.tell(words))) return;
        void answer.confirm();
        await this.#post(query, button, view, place);
      });
      await Promise.race([carriedOut, live.begun.then(() => answer.confirm())]);
      if (live.isBegun) this.#tools.queue(`${place.address.chatId}:${query.id}`, () => carriedOut);
    });
  }

  async #wordsFor(view: View, place: TelegramPlace): Promise<string | null> {
    if (place.unsure && view.tone === 'error') return UNSURE;
    const dates = await this.#tools.answers.datesOf(place.address);
    return popupOf(view, place.kind, { nowSeconds: toSeconds(this.#tools.clock.now()), dates });
  }

  async #post(query: CallbackQuery, button: Button, view: View, { address }: TelegramPlace): Promise<void> {
    const { answers } = this.#tools;
    const id = idOf(query);
    // An error is for the one who pressed; the message belongs to everybody.
    const edits = button.mode === 'edit' && query.message?.date !== 0 && view.tone !== 'error';
    const posted = await answers.post({ address, view, ...(edits ? { editMessageId: id } : { replyToMessageId: id }) });
    if (posted.kind === 'uneditable') await answers.post({ address, view, replyToMessageId: id });
  }

  #queue(lane: string, answer: PressAnswer, job: () => Promise<void>): void {
    if (!this.#tools.queue(lane, job)) void answer.tell(BUSY);
  }
}
