import { ApiError } from './apiError.ts';

interface Poll {
  finish(updates: Update[]): void;
  conflict(): void;
}

export type Update = { update_id: number } & Record<string, unknown>;

/** Types that are handed out unless a bot asked otherwise. */
const NOT_BY_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

/** Updates waiting for the bot, and the one long poll that may be open. */
export class Updates {
  #queue: Update[] = [];
  #next = 700_001;
  #allowed: string[] | null = null;
  #poll: Poll | null = null;
  /** A poll that another one ended. */
  conflicts = 0;

  push(type: string, payload: Record<string, unknown>): void {
    const wanted = this.#allowed === null ? !NOT_BY_DEFAULT.has(type) : this.#allowed.includes(type);
    if (!wanted) return;
    this.#queue.push({ update_id: this.#next++, [type]: payload });
    this.#poll?.finish(this.#queue);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get polled(): boolean {
    return this.#poll !== null;
  }

  /** `gone` resolves when the asker hangs up. */
  async take(parameters: Record<string, unknown>, gone: Promise<void>): Promise<Update[]> {
    const { offset, timeout, limit, allowed_updates: allowed } = parameters;
    this.#poll?.conflict();
    if (Array.isArray(allowed)) this.#allowed = allowed.length === 0 ? null : allowed.map(String);
    if (typeof offset === 'number' && offset > 0) {
      this.#queue = this.#queue.filter(({ update_id }) => update_id >= offset);
    }
    const most = typeof limit === 'number' ? Math.min(Math.max(limit, 1), 100) : 100;
    if (this.#queue.length > 0 || !timeout) return this.#queue.slice(0, most);
    return await this.#wait(Number(timeout), most, gone);
  }

  async #wait(seconds: number, most: number, gone: Promise<void>): Promise<Update[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Update[]>();
    const timer = setTimeout(() => resolve([]), seconds * 1000);
    const poll: Poll = {
      finish: (updates) => resolve(updates.slice(0, most)),
      conflict: () => {
        this.conflicts++;
        const text = 'terminated by other getUpdates request; make sure that only one bot instance is running';
        reject(new ApiError(409, `Conflict: ${text}`));
      },
    };
    this.#poll = poll;
    void gone.then(() => resolve([]));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      if (this.#poll === poll) this.#poll = null;
    }
  }

  close(): void {
    this.#poll?.finish([]);
  }
}
