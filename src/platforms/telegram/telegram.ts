import { Bot } from 'grammy';
import type { Dispatcher } from '../../bot/dispatch.ts';
import type { RenderChart } from '../../lib/chart.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Address, Dates, Sender } from '../../lib/delivery.ts';
import { AssayError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { MetaStore } from '../../lib/metaStore.ts';
import { bounded, REQUEST_MS } from './bounded.ts';
import { Conversation } from './conversation.ts';
import { syncMenu } from './menu.ts';
import { Poller, tokenProblem } from './polling.ts';
import { describe, problemOf } from './problem.ts';
import { createSender } from './sender.ts';

export interface TelegramOptions {
  token: string;
  /** Without a slash at its end. null: Telegram's own. */
  apiRoot: string | null;
  dispatcher: Dispatcher;
  renderChart: RenderChart;
  store: { meta: MetaStore };
  clock: Clock;
  logger: Logger;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** How dates read in a chat, for the answers to its questions; absent: UTC. */
  datesOf?(address: Address): Promise<Dates | undefined>;
  onPlaceRevived?(address: Address): void;
  /** `reason` is for people. `wholeChat`: every topic of the chat, else exactly this address (General is one too). */
  onPlaceGone?(address: Address, reason: string, extent: { wholeChat: boolean }): void;
  onMigrated?(oldChatId: string, newChatId: string): void;
  /** Polling has ended for good: the token was revoked, or another instance uses it. */
  onFatal?(error: AssayError): void;
}

/** grammY's own limit per request, above every bound of ours. */
const CLIENT_SECONDS = 60;

/**
 * Connects the bot to Telegram by long polling. Resolves when the token is known to be good; the command menu is
 * registered behind that. Throws AssayError: not retryable for a wrong token, retryable when Telegram cannot be
 * reached. From then on lost networks are waited out and never end the polling.
 */
export async function startTelegram(
  options: TelegramOptions,
): Promise<{ sender: Sender; stop(): Promise<void>; username: string }> {
  const { token, apiRoot, dispatcher, clock, logger } = options;
  const bot = new Bot(token, { client: { ...(apiRoot && { apiRoot }), timeoutSeconds: CLIENT_SECONDS } });
  bot.botInfo = await whoAmI(bot, options);

  const poller = new Poller(bot, { clock, logger, onFatal: (error) => options.onFatal?.(error) });
  const sender = createSender({ api: bot.api, renderChart: options.renderChart, clock, logger });
  const files = { api: bot.api, apiRoot: apiRoot ?? 'https://api.telegram.org', token, clock };
  const conversation = new Conversation({ bot, poller, sender, files, ...options });
  bot.catch((error) => logger.error({ cause: describe(error.error) }, 'an update could not be handled'));
  poller.start();
  const menu = syncMenu(dispatcher.commands, {
    api: bot.api,
    meta: options.store.meta,
    clock,
    botId: bot.botInfo.id,
    signal: poller.signal,
  }).catch((error: unknown) => {
    if (!poller.signal.aborted) logger.warn({ cause: describe(error) }, 'the command menu could not be registered');
  });

  return {
    sender,
    username: bot.botInfo.username,
    async stop() {
      await poller.stop();
      await Promise.all([menu, conversation.idle()]);
    },
  };
}

async function whoAmI(bot: Bot, options: TelegramOptions): Promise<Bot['botInfo']> {
  try {
    return await bounded(options.clock, REQUEST_MS, options.signal, (signal) => bot.api.getMe(signal));
  } catch (error) {
    const problem = problemOf(error);
    throw (
      tokenProblem(error) ??
      new AssayError('Telegram cannot be reached', {
        retryable: true,
        retryAfterMs: problem.kind === 'retryAfter' ? problem.ms : 0,
        detail: `getMe: ${describe(error)}`,
      })
    );
  }
}
