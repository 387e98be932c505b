import type { Bot } from 'grammy';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded, REQUEST_MS } from './bounded.ts';
import { describe, problemOf } from './problem.ts';

/** Tells Telegram that a press was heard. `stale`: the press waited so long that nobody looks at it any more. */
export async function answerPress(
  tools: { bot: Bot; clock: Clock; logger: Logger },
  queryId: string,
  meaningless: boolean,
): Promise<'heard' | 'stale'> {
  const words = meaningless ? { text: 'This button is too old. Please ask again.' } : {};
  try {
    await bounded(tools.clock, REQUEST_MS, undefined, (signal) =>
      tools.bot.api.answerCallbackQuery(queryId, words, signal),
    );
    return 'heard';
  } catch (error) {
    if (problemOf(error).kind === 'stale-press') return 'stale';
    tools.logger.warn({ cause: describe(error) }, 'a press could not be confirmed');
    return 'heard';
  }
}
