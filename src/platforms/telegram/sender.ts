import { type Api, InputFile } from 'grammy';
import type { ReplyParameters } from 'grammy/types';
import type { RenderChart } from '../../lib/chart.ts';
import { type Clock, toSeconds } from '../../lib/clock.ts';
import type { DeliveryOutcome, OutgoingMessage, Sender } from '../../lib/delivery.ts';
import { explain } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded, type CallSignal, REQUEST_MS } from './bounded.ts';
import { type Gone, type Problem, problemOf } from './problem.ts';
import { CAPTION_UNITS, type Rendered, render, renderTitle, TEXT_UNITS } from './render.ts';

export interface SenderTools {
  api: Api;
  renderChart: RenderChart;
  clock: Clock;
  logger: Logger;
}

/** `uneditable` is only for callers that can answer with a new message instead. */
export type Posted =
  | Exclude<DeliveryOutcome, { kind: 'gone' }>
  | Gone
  | { kind: 'uneditable'; vanished: boolean; detail: string };

export interface TelegramSender extends Sender {
  /** Like `send`, but tells when the message to edit cannot be edited. */
  post(message: OutgoingMessage, signal?: AbortSignal): Promise<Posted>;
}

type Content = { html: string; plain: string; keyboard: Rendered['keyboard'] };
type Attempt = { kind: 'sent'; messageId: string } | Problem;

/**
 * Sends Views to Telegram. A chart goes out as a picture with the text below it; where the text is longer than a
 * caption may be, the text (with its buttons) is the message and the picture follows as a reply, so that the
 * outcome is the text's and a picture that fails costs no second text.
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
    const { view } = this.#message;
    const nowSeconds = toSeconds(this.#tools.clock.now());
    const picture = await this.#picture();
    const caption = picture === null ? null : render(view, CAPTION_UNITS, nowSeconds);
    if (picture !== null && caption?.fits) {
      const attempt = await this.#withPlainFallback(caption, (text) => this.#photo(picture, text));
      if (attempt.kind !== 'no-photo') return outcomeOf(attempt, this.#message);
      this.#tools.logger.info({ cause: attempt.detail }, 'sent without its chart');
    }
    const text = render(view, TEXT_UNITS, nowSeconds);
    const posted = outcomeOf(await this.#withPlainFallback(text, (one) => this.#text(one)), this.#message);
    if (posted.kind === 'sent' && picture !== null && !caption?.fits) await this.#follow(picture, posted.messageId);
    return posted;
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

  #photo(
    picture: Uint8Array,
    content: { text: string; parse_mode?: 'HTML'; keyboard?: Content['keyboard'] },
    edit = this.#message.editMessageId,
    where = this.#where(),
  ): Promise<Attempt> {
    const { api } = this.#tools;
    const { address } = this.#message;
    const caption = { caption: content.text, ...(content.parse_mode && { parse_mode: content.parse_mode }) };
    const markup = content.keyboard && { reply_markup: content.keyboard };
    const file = new InputFile(picture, 'chart.png');
    return this.#call(async (signal) => {
      if (edit !== undefined) {
        const media = { type: 'photo' as const, media: file, ...caption };
        await api.editMessageMedia(address.chatId, Number(edit), media, { ...markup }, signal);
        return edit;
      }
      const sent = await api.sendPhoto(address.chatId, file, { ...caption, ...markup, ...where }, signal);
      return String(sent.message_id);
    });
  }

  /** The picture below its text. The text has been delivered, so a failure here is only logged. */
  async #follow(picture: Uint8Array, messageId: string): Promise<void> {
    const title = renderTitle(this.#message.view);
    const where = { ...this.#thread(), ...replyTo(messageId) };
    const attempt = await this.#photo(picture, { text: title.html, parse_mode: 'HTML' }, undefined, where);
    if (attempt.kind !== 'sent') this.#tools.logger.warn({ outcome: attempt }, 'the chart did not follow its text');
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

function outcomeOf(attempt: Attempt, message: OutgoingMessage): Posted {
  switch (attempt.kind) {
    case 'unchanged':
      return { kind: 'sent', messageId: message.editMessageId ?? '' };
    case 'bad-markup':
    case 'no-photo':
      return { kind: 'rejected', detail: attempt.detail };
    case 'stale-press':
      return { kind: 'rejected', detail: 'not a press' };
    default:
      return attempt;
  }
}
