/** So many refusals within so long are no longer single dead chats. */
export const MAX_REFUSALS = 30;
const WINDOW_MS = 60_000;
/** How long nothing is sent then. */
export const BREAK_MS = 600_000;

/**
 * Stops a platform's queue before the platform does: Discord bans an address for 10,000 requests answered 401, 403 or
 * 429 within ten minutes. At 30 a minute, with a break of ten, a bot stays two orders of magnitude below that.
 */
export class Breaker {
  #refusalsAtMs: number[] = [];

  /** Notes a refusal. True when it was one too many, once for all that led to it: nothing is to be sent for BREAK_MS. */
  refused(nowMs: number): boolean {
    // A clock set back must not keep refusals of the future.
    this.#refusalsAtMs = this.#refusalsAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS && atMs <= nowMs);
    this.#refusalsAtMs.push(nowMs);
    if (this.#refusalsAtMs.length <= MAX_REFUSALS) return false;
    this.#refusalsAtMs = [];
    return true;
  }
}
