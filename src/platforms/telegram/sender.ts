import type { Api } from 'grammy';
import type { ReplyParameters } from 'grammy/types';
import type { RenderChart } from '../../lib/chart.ts';
import { type Clock, toSeconds } from '../../lib/clock.ts';
import type { OutgoingMessage, Sender } from '../../lib/delivery.ts';
import { explain } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Attachment, documentOf, inputFile, photo } from './attachment.ts';
import { bounded, type CallSignal, REQUEST_MS } from './bounded.ts';
import { type Attempt, outcomeOf, type Posted } from './posted.ts';
import { problemOf } from './problem.ts';
import { CAPTION_UNITS, type Rendered, render, renderTitle, TEXT_UNITS } from './render.ts';

export interface SenderTools {
  api: Api;
  renderChart: RenderChart;
  clock: Clock;
  logger: Logger;
}

export interface TelegramSender extends Sender {
  /** Like `send`, but tells when the message to edit cannot be edited. */
  post(message: OutgoingMessage, signal?: AbortSignal): Promise<Posted>;
}

type Content = { html: string; plain: string; keyboard: Rendered['keyboard'] };

/**
 * Sends Views to Telegram. A chart goes out as a picture with the text below it, a file as a document; where the text
 * is longer than a caption may be, the text (with its buttons) is the message and what goes along follows as a reply,
 * so that the outcome is the text's and a picture that fails costs no second text.
 */
export function createSender(tools: SenderTools): TelegramSender {
  const post = async (message: OutgoingMessage, signal?: AbortSignal): Promise<Posted> => {
    if (signal?.aborted) return { kind: 'failed', detail: 'stopped before sending' };
    try {
      return await new Post(tools, message, signal).run();
    } catch (error) {
      tools.logger.error({ cause: explain(error) }, 'a message could not be built');
      return { kind: 'rejected', detail: 'this message could not be built' };
    }
  };
  return {
    platform: 'telegram',
    post,
    async send(message, signal) {
      const posted = await post(message, signal);
      if (posted.kind !== 'uneditable') return posted;
      // A message that somebody deleted needs no correction any more.
      if (posted.vanished) return { kind: 'sent', messageId: message.editMessageId ?? '' };
      return { kind: 'rejected', detail: posted.detail };
    },
  };
}

class Post {
  readonly #tools: SenderTools;
  readonly #message: OutgoingMessage;
  readonly #outer: AbortSignal | undefined;

  constructor(tools: SenderTools, message: OutgoingMessage, outer: AbortSignal | undefined) {
    this.#tools = tools;
    this.#message = message;
    this.#outer = outer;
  }

  async run(): Promise<Posted> {
    const [first, ...others] = await this.#attachments();
    const caption = first === undefined ? null : this.#rendered(CAPTION_UNITS);
    // A text cannot become a document, so what an edit brings along always follows.
    const edits = this.#message.editMessageId !== undefined;
    if (first !== undefined && caption?.fits && !(edits && first.kind === 'document')) {
      const attempt = await this.#withPlainFallback(caption, (text) => this.#attached(first, text));
      if (attempt.kind !== 'no-attachment') return await this.#followed(attempt, others);
      this.#tools.logger.info({ cause: attempt.detail }, `sent without its ${first.kind}`);
      return await this.#followed(await this.#textAlone(), others);
    }
    return await this.#followed(await this.#textAlone(), first === undefined ? [] : [first, ...others]);
  }

  #textAlone(): Promise<Attempt> {
    return this.#withPlainFallback(this.#rendered(TEXT_UNITS), (one) => this.#text(one));
  }

  /** Whom a message calls it calls once: an edit of it does not. */
  #rendered(limitUnits: number): Rendered {
    const { view, dates, mention, editMessageId } = this.#message;
    const nowSeconds = toSeconds(this.#tools.clock.now());
    return render(view, limitUnits, nowSeconds, { dates, ...(editMessageId === undefined && { mention }) });
  }

  async #attachments(): Promise<Attachment[]> {
    const picture = await this.#picture();
    const { file } = this.#message.view;
    return [...(picture === null ? [] : [photo(picture)]), ...(file === undefined ? [] : [documentOf(file)])];
  }

  async #picture(): Promise<Uint8Array | null> {
    const { chart } = this.#message.view;
    if (chart === undefined) return null;
    try {
      return await this.#tools.renderChart(chart);
    } catch (error) {
      this.#tools.logger.error({ cause: explain(error) }, 'a chart could not be drawn');
      return null;
    }
  }

  /** With markup first; if Telegram cannot read it, once more without. */
  async #withPlainFallback(
    content: Content,
    send: (text: { text: string; parse_mode?: 'HTML'; keyboard: Content['keyboard'] }) => Promise<Attempt>,
  ): Promise<Attempt> {
    const first = await send({ text: content.html, parse_mode: 'HTML', keyboard: content.keyboard });
    if (first.kind !== 'bad-markup') return first;
    this.#tools.logger.error({ cause: first.detail }, 'Telegram could not read our markup');
    const second = await send({ text: content.plain, keyboard: content.keyboard });
    return second.kind === 'bad-markup' ? { kind: 'rejected', detail: second.detail } : second;
  }

  #text(content: { text: string; parse_mode?: 'HTML'; keyboard: Content['keyboard'] }): Promise<Attempt> {
    const { api } = this.#tools;
    const { address, editMessageId } = this.#message;
    const options = {
      ...(content.parse_mode && { parse_mode: content.parse_mode }),
      link_preview_options: { is_disabled: true },
      ...(content.keyboard && { reply_markup: content.keyboard }),
    };
    return this.#call(async (signal) => {
      if (editMessageId !== undefined) {
        await api.editMessageText(address.chatId, Number(editMessageId), content.text, options, signal);
        return editMessageId;
      }
      const sent = await api.sendMessage(address.chatId, content.text, { ...options, ...this.#where() }, signal);
      return String(sent.message_id);
    });
  }

  #attached(
    attachment: Attachment,
    content: { text: string; parse_mode?: 'HTML'; keyboard?: Content['keyboard'] },
    edit: string | null = this.#message.editMessageId ?? null,
    where = this.#where(),
  ): Promise<Attempt> {
    const { api } = this.#tools;
    const { chatId } = this.#message.address;
    const caption = { caption: content.text, ...(content.parse_mode && { parse_mode: content.parse_mode }) };
    const markup = content.keyboard && { reply_markup: content.keyboard };
    const file = inputFile(attachment);
    return this.#call(async (signal) => {
      if (edit !== null) {
        const media = { type: attachment.kind, media: file, ...caption };
        await api.editMessageMedia(chatId, Number(edit), media, { ...markup }, signal);
        return edit;
      }
      const options = { ...caption, ...markup, ...where };
      const sent =
        attachment.kind === 'photo'
          ? await api.sendPhoto(chatId, file, options, signal)
          : await api.sendDocument(chatId, file, options, signal);
      return String(sent.message_id);
    });
  }

  /** What did not go with the text, below it. The text has been delivered, so a failure there is only logged. */
  async #followed(attempt: Attempt, attachments: readonly Attachment[]): Promise<Posted> {
    const posted = outcomeOf(attempt, this.#message);
    if (posted.kind !== 'sent') return posted;
    const title = renderTitle(this.#message.view);
    const where = { ...this.#thread(), ...replyTo(posted.messageId) };
    for (const attachment of attachments) {
      const follower = await this.#attached(attachment, { text: title.html, parse_mode: 'HTML' }, null, where);
      if (follower.kind !== 'sent') {
        this.#tools.logger.warn({ outcome: follower }, `the ${attachment.kind} did not follow its text`);
      }
    }
    return posted;
  }

  #where() {
    return { ...this.#thread(), ...replyTo(this.#message.replyToMessageId) };
  }

  #thread(): { message_thread_id?: number } {
    const { threadId } = this.#message.address;
    return threadId === null ? {} : { message_thread_id: Number(threadId) };
  }

  async #call(run: (signal: CallSignal) => Promise<string>): Promise<Attempt> {
    let used: CallSignal | undefined;
    try {
      const messageId = await bounded(this.#tools.clock, REQUEST_MS, this.#outer, (signal) => {
        used = signal;
        return run(signal);
      });
      return { kind: 'sent', messageId };
    } catch (error) {
      return problemOf(error, used);
    }
  }
}

function replyTo(messageId: string | undefined): { reply_parameters?: ReplyParameters } {
  const id = Number(messageId);
  if (messageId === undefined || !Number.isSafeInteger(id) || id <= 0) return {};
  return { reply_parameters: { message_id: id, allow_sending_without_reply: true } };
}
