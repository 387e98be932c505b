import type { Bot } from 'grammy';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded, REQUEST_MS } from './bounded.ts';
import { describe, problemOf } from './problem.ts';

/** `stale`: the press waited so long that nobody looks at it any more. `unheard`: Telegram did not take the answer. */
type Press = 'heard' | 'stale' | 'unheard';

/** The app shows a spinner until a press is answered; so long its own answer may take before it is confirmed without. */
const PATIENCE_MS = 3_000;

interface PressTools {
  bot: Bot;
  clock: Clock;
  logger: Logger;
}

/** The one answer that Telegram takes to a press: with words that only the one who pressed sees, or without any. */
export class PressAnswer {
  readonly #tools: PressTools;
  readonly #queryId: string;
  readonly #done = new AbortController();
  #given: Promise<Press> | null = null;

  constructor(tools: PressTools, queryId: string) {
    this.#tools = tools;
    this.#queryId = queryId;
  }

  /** Ends the spinner; later calls tell how the first one ended. */
  confirm(): Promise<Press> {
    return this.#give(null);
  }

  /** Ends the spinner when nothing else has within `PATIENCE_MS`. */
  confirmInTime(): void {
    void this.#tools.clock.sleep(PATIENCE_MS, this.#done.signal).then(() => this.confirm());
  }

  /** Shows words (at most 200 characters) that have to be closed; false when it is too late for them. */
  async tell(words: string): Promise<boolean> {
    if (this.#given !== null) return false;
    return (await this.#give(words)) === 'heard';
  }

  #give(words: string | null): Promise<Press> {
    this.#given ??= this.#answer(words);
    this.#done.abort();
    return this.#given;
  }

  async #answer(words: string | null): Promise<Press> {
    const { bot, clock, logger } = this.#tools;
    try {
      await bounded(clock, REQUEST_MS, undefined, (signal) =>
        bot.api.answerCallbackQuery(this.#queryId, words === null ? {} : { text: words, show_alert: true }, signal),
      );
      return 'heard';
    } catch (error) {
      if (problemOf(error).kind === 'stale-press') return 'stale';
      logger.warn({ cause: describe(error) }, 'a press could not be confirmed');
      return 'unheard';
    }
  }
}
