import type { Api } from 'grammy';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded, REQUEST_MS } from './bounded.ts';
import { describe } from './problem.ts';

const CACHE_MS = 60_000;
const CACHE_SIZE = 2_000;

/** Asks Telegram who administers a chat; answers are good for a minute. */
export class Admins {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, { admin: boolean; untilMs: number }>();

  constructor(api: Api, clock: Clock, logger: Logger) {
    this.#api = api;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** null: Telegram did not say. That is not remembered. */
  async isAdmin(chatId: number, userId: number): Promise<boolean | null> {
    const key = `${chatId}:${userId}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#clock.now()) return known.admin;
    try {
      const member = await bounded(this.#clock, REQUEST_MS, undefined, (signal) =>
        this.#api.getChatMember(chatId, userId, signal),
      );
      const admin = member.status === 'creator' || member.status === 'administrator';
      if (this.#known.size >= CACHE_SIZE) this.#known.clear();
      this.#known.set(key, { admin, untilMs: this.#clock.now() + CACHE_MS });
      return admin;
    } catch (error) {
      this.#logger.warn(
        { chatId, cause: describe(error) },
        'Telegram did not say whether a member is an administrator',
      );
      return null;
    }
  }
}
