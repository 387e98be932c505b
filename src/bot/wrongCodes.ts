import type { Store } from '../store/store.ts';

const WINDOW_MS = 10 * 60_000;
const MAX_WRONG = 5;

/** Moments of wrong codes by account, oldest first. In memory: a restart is not for guessers to have. */
const wrongByStore = new WeakMap<Store, Map<string, number[]>>();

function recent(store: Store, nowMs: number): Map<string, number[]> {
  const all = wrongByStore.get(store) ?? new Map<string, number[]>();
  wrongByStore.set(store, all);
  for (const [account, moments] of all) {
    const left = moments.filter((atMs) => atMs > nowMs - WINDOW_MS);
    if (left.length === 0) all.delete(account);
    else all.set(account, left);
  }
  return all;
}

/** When the account may try the next code; null: now. */
export function triesAgainAtMs(store: Store, accountId: string, nowMs: number): number | null {
  const moments = recent(store, nowMs).get(accountId) ?? [];
  const [oldest] = moments;
  return oldest === undefined || moments.length < MAX_WRONG ? null : oldest + WINDOW_MS;
}

export function noteWrong(store: Store, accountId: string, nowMs: number): void {
  const all = recent(store, nowMs);
  all.set(accountId, [...(all.get(accountId) ?? []), nowMs]);
}
