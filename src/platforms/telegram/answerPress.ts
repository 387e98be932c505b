import type { Bot } from 'grammy';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded, REQUEST_MS } from './bounded.ts';
import { describe, problemOf } from './problem.ts';

/** `stale`: the press waited so long that nobody looks at it any more. */
export type Press = 'heard' | 'stale';

/** Tells Telegram that a press was heard, with words for the one who pressed or without any. */
export async function answerPress(
  tools: { bot: Bot; clock: Clock; logger: Logger },
  queryId: string,
  text: string | null,
): Promise<Press> {
  try {
    await bounded(tools.clock, REQUEST_MS, undefined, (signal) =>
      tools.bot.api.answerCallbackQuery(queryId, text === null ? {} : { text }, signal),
    );
    return 'heard';
  } catch (error) {
    if (problemOf(error).kind === 'stale-press') return 'stale';
    tools.logger.warn({ cause: describe(error) }, 'a press could not be confirmed');
    return 'heard';
  }
}
