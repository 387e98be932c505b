import { ApiError } from './apiError.ts';
import type { RigChat } from './world.ts';

/** The limits of Telegram's FAQ for bots: about one message a second a chat, 20 a minute a group, 30 a second in all. */
const LIMITS = {
  chat: { count: 1, windowMs: 1_000 },
  group: { count: 20, windowMs: 60_000 },
  all: { count: 30, windowMs: 1_000 },
};

/** Refuses sends above the limits, once switched on. */
export class Flood {
  enabled = false;
  readonly #now: () => number;
  readonly #sent = new Map<string, number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one send, or throws 429 with the seconds until it would be let through. */
  check(chat: RigChat): void {
    if (!this.enabled) return;
    const keys: [string, { count: number; windowMs: number }][] = [
      [`chat ${chat.id}`, LIMITS.chat],
      ['all', LIMITS.all],
    ];
    if (chat.type === 'group' || chat.type === 'supergroup') keys.push([`group ${chat.id}`, LIMITS.group]);
    const now = this.#now();
    const waits = keys.map(([key, limit]) => {
      const recent = (this.#sent.get(key) ?? []).filter((at) => at > now - limit.windowMs);
      this.#sent.set(key, recent);
      return recent.length < limit.count ? 0 : (recent[0] ?? now) + limit.windowMs - now;
    });
    const wait = Math.max(...waits);
    if (wait > 0) {
      const retry_after = Math.ceil(wait / 1000);
      throw new ApiError(429, `Too Many Requests: retry after ${retry_after}`, { retry_after });
    }
    for (const [key] of keys) this.#sent.get(key)?.push(now);
  }
}
