import { errorView } from '../../bot/answers.ts';
import type { Caller } from '../../bot/command.ts';
import type { Dispatcher, Progress } from '../../bot/dispatch.ts';
import { parseText } from '../../bot/parse.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Address, Dates, OutgoingMessage } from '../../lib/delivery.ts';
import { explain } from '../../lib/errors.ts';
import { UnreadableFile } from '../../lib/fileText.ts';
import type { Logger } from '../../lib/logger.ts';
import type { View } from '../../lib/view.ts';
import { type Attached, type FileTools, readDocument } from './document.ts';
import type { TelegramPlace } from './place.ts';
import type { Poller } from './polling.ts';
import type { Posted } from './posted.ts';
import type { TelegramSender } from './sender.ts';
import { welcome } from './welcome.ts';

/** An answer waits out a flood limit up to this; alerts have their own queue. */
const MAX_WAIT_MS = 30_000;
const ATTEMPTS = 3;

/** Said instead of a refusal that nobody could justify. */
export const UNSURE = 'Telegram did not say who administers this chat. Try again in a minute.';

export interface AnswerTools {
  poller: Poller;
  sender: TelegramSender;
  dispatcher: Dispatcher;
  files: FileTools;
  clock: Clock;
  logger: Logger;
  /** How dates read in a chat; absent, or undefined as its answer: UTC. */
  datesOf?(address: Address): Promise<Dates | undefined>;
  onPlaceGone?(address: Address, reason: string, extent: { wholeChat: boolean }): void;
  onMigrated?(oldChatId: string, newChatId: string): void;
}

/** Takes questions to the dispatcher and brings its answers into the chat. */
export class Answers {
  readonly #tools: AnswerTools;
  #count = 0;

  constructor(tools: AnswerTools) {
    this.#tools = tools;
  }

  async ask(
    text: string,
    caller: Caller,
    place: TelegramPlace,
    { attached = null, progress }: { attached?: Attached | null; progress?: Progress } = {},
  ): Promise<View> {
    const { dispatcher } = this.#tools;
    if (/^start( |$)/.test(text)) return welcome(await dispatcher.runText('help', caller, place));
    const view = await this.#withFile(text, caller, place, attached, progress);
    if (!place.unsure) return view;
    return { ...view, lines: [...view.lines, UNSURE] };
  }

  /** How dates read there; a chat whose settings cannot be read gets its answer all the same. */
  async datesOf(address: Address): Promise<Dates | undefined> {
    try {
      return await this.#tools.datesOf?.(address);
    } catch (error) {
      this.#tools.logger.warn({ cause: explain(error) }, 'the dates of a chat are not known');
      return undefined;
    }
  }

  /** Posts an answer; waits out short limits, follows a group that moved. */
  async post(message: Omit<OutgoingMessage, 'idempotencyKey' | 'dates'>): Promise<Posted> {
    const { sender, clock, logger, poller } = this.#tools;
    const dates = await this.datesOf(message.address);
    let outgoing: OutgoingMessage = { ...message, ...(dates && { dates }), idempotencyKey: `answer-${++this.#count}` };
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

  /** A command that takes a file gets the text of the document that came along. */
  async #withFile(
    text: string,
    caller: Caller,
    place: TelegramPlace,
    attached: Attached | null,
    progress: Progress | undefined,
  ): Promise<View> {
    const { dispatcher, files } = this.#tools;
    const parsed = attached === null ? null : parseText(text, dispatcher.commands);
    const option = parsed?.kind === 'command' ? parsed.command.options.find(({ type }) => type === 'file') : undefined;
    if (attached === null || parsed?.kind !== 'command' || option === undefined) {
      return await dispatcher.runText(text, caller, place, progress);
    }
    try {
      const options = { ...parsed.options, [option.name]: await readDocument(attached, files) };
      return await dispatcher.run(parsed.command.path, options, caller, place);
    } catch (error) {
      if (error instanceof UnreadableFile) return errorView('That file cannot be read', [error.message]);
      throw error;
    }
  }
}
