import { type Bot, GrammyError, type Transformer } from 'grammy';
import type { Clock } from '../../lib/clock.ts';
import { AssayError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded } from './bounded.ts';
import { describe } from './problem.ts';

const POLL_SECONDS = 30;
/** Telegram holds a poll for POLL_SECONDS; this much more is allowed for the way there and back. */
const POLL_GRACE_MS = 15_000;
const POLL_BATCH = 100;
const LAST_POLL_MS = 3_000;

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

/** A restart may meet the poll of the process before it: this often within this time is no second instance yet. */
const CONFLICT_PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const CONFLICT_WINDOW_MS = 120_000;

const ALLOWED_UPDATES = ['message', 'channel_post', 'callback_query', 'my_chat_member'] as const;

interface PollerTools {
  clock: Clock;
  logger: Logger;
  onFatal: (error: AssayError) => void;
}

/** Keeps grammY's long polling going: through lost networks, and through short conflicts. */
export class Poller {
  readonly #bot: Bot;
  readonly #tools: PollerTools;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The updates being handed out waited at Telegram. */
  #backlog = true;
  /** The last batch was not full, so the next one is new. */
  #drained = false;

  constructor(bot: Bot, tools: PollerTools) {
    this.#bot = bot;
    this.#tools = tools;
    bot.api.config.use(this.#patience());
  }

  /** Aborts when the poller stops. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether the updates being handed out now waited at Telegram: after a start or a lost network. */
  get backlog(): boolean {
    return this.#backlog;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends polling; what was handed out is confirmed to Telegram so that it is not handed out again. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#bot.stop().catch((error: unknown) => {
      this.#tools.logger.info({ cause: describe(error) }, 'the last updates could not be confirmed');
    });
    await this.#running;
  }

  /** grammY throws 401 and 409 from `start`, past `bot.catch` (grammyjs/grammY#503). */
  async #run(): Promise<void> {
    const { clock, logger, onFatal } = this.#tools;
    const conflicts: number[] = [];
    while (!this.#stop.signal.aborted) {
      try {
        await this.#bot.start({ timeout: POLL_SECONDS, limit: POLL_BATCH, allowed_updates: ALLOWED_UPDATES });
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const fatal = tokenProblem(error);
        if (fatal !== null) return onFatal(fatal);
        const now = clock.now();
        conflicts.push(now);
        while (conflicts[0] !== undefined && conflicts[0] < now - CONFLICT_WINDOW_MS) conflicts.shift();
        const pause = CONFLICT_PAUSES_MS[conflicts.length - 1];
        if (pause === undefined) return onFatal(endOf(error));
        const what = isConflict(error)
          ? 'another instance is running with this token, or was a moment ago; will poll again'
          : 'polling was interrupted, will go on';
        logger.warn({ cause: describe(error), pauseMs: pause }, what);
        this.#drained = false;
        await clock.sleep(pause, this.#stop.signal);
      }
    }
  }

  /**
   * What may pass is waited for here, with growing pauses that end at once on stop: grammY's own loops wait by the
   * wall clock, up to 20 minutes and not interruptible.
   */
  #patience(): Transformer {
    const { clock, logger } = this.#tools;
    return async (prev, method, payload, signal) => {
      if (method !== 'getUpdates' && method !== 'deleteWebhook') return await prev(method, payload, signal);
      // What waits is fetched without waiting for more: what comes after that is new.
      const asked = (): typeof payload =>
        method === 'getUpdates' && !this.#drained ? { ...payload, timeout: 0 } : payload;
      const once = (ms: number, outer: AbortSignal | undefined) =>
        bounded(clock, ms, outer, (limit) => prev(method, asked(), limit));
      if (this.#stop.signal.aborted) return await once(LAST_POLL_MS, undefined);

      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
        let wait = pause;
        try {
          const answer = await once(POLL_SECONDS * 1000 + POLL_GRACE_MS, this.#stop.signal);
          if (answer.ok) {
            if (pause > FIRST_PAUSE_MS) logger.info('Telegram answers again');
            if (method === 'getUpdates') this.#received(answer.result);
            return answer;
          }
          if (answer.error_code !== 429 && answer.error_code < 500) return answer;
          wait = Math.max(pause, (answer.parameters?.retry_after ?? 0) * 1000);
          this.#lost(pause, answer.description);
        } catch (error) {
          if (this.#stop.signal.aborted) throw error;
          this.#lost(pause, describe(error));
        }
        await clock.sleep(wait, this.#stop.signal);
        if (this.#stop.signal.aborted) throw new Error('stopped');
      }
    };
  }

  #lost(pauseMs: number, cause: string): void {
    if (pauseMs === FIRST_PAUSE_MS) this.#tools.logger.warn({ cause }, 'Telegram does not answer, will keep asking');
    this.#drained = false;
  }

  #received(updates: unknown): void {
    this.#backlog = !this.#drained;
    this.#drained = !Array.isArray(updates) || updates.length < POLL_BATCH;
  }
}

/** An AssayError that names the key, when Telegram does not know the token; else null. Telegram says 401 or 404. */
export function tokenProblem(error: unknown): AssayError | null {
  if (!(error instanceof GrammyError) || (error.error_code !== 401 && error.error_code !== 404)) return null;
  return new AssayError(
    'TELEGRAM_TOKEN is not a valid bot token: Telegram does not accept it. ' +
      'Copy the token of your bot from @BotFather (/mybots, API Token), or make a bot there with /newbot.',
    { detail: describe(error) },
  );
}

const isConflict = (error: unknown): boolean => error instanceof GrammyError && error.error_code === 409;

function endOf(error: unknown): AssayError {
  if (isConflict(error)) {
    return new AssayError(
      'Telegram: another instance is running with this token. Stop it, or give this one a token of its own ' +
        '(TELEGRAM_TOKEN).',
      { detail: describe(error) },
    );
  }
  return new AssayError('Telegram: polling keeps failing', { detail: describe(error), retryable: true });
}
