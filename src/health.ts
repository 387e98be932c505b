import type { LazySender } from './connect.ts';
import type { Clock } from './lib/clock.ts';
import { REGISTRY_SOURCE } from './lib/facts.ts';
import type { Store } from './store/store.ts';

/** The registry's collector is stuck when it has not even tried for this long: its longest pause is 10 minutes. */
const STUCK_MS = 20 * 60_000;

export interface Health {
  /** Is the process worth keeping? A source that fails is no reason to restart, a collector that hangs is. */
  live: boolean;
  /** Can it answer and alert right now: chats connected, every source readable? */
  ready: boolean;
  /** For operators; nothing secret. */
  detail: Record<string, unknown>;
}

/** How far this process is. */
export interface Life {
  startedAtMs: number;
  /** Until then it is alive, and not ready. */
  starting: boolean;
}

/** How the bot itself is. Throws when the store does not answer. */
export async function healthOf(
  store: Store,
  clock: Clock,
  senders: readonly LazySender[],
  { startedAtMs, starting }: Life,
): Promise<Health> {
  await store.ping();
  const [sources, backlog] = await Promise.all([store.sources.list(), store.deliveries.backlog()]);
  const now = clock.now();
  // What an earlier process tried last says nothing about this one.
  const triedAtMs = Math.max(
    startedAtMs,
    sources.find(({ source }) => source === REGISTRY_SOURCE)?.lastAttemptAtMs ?? 0,
  );
  const live = now - triedAtMs <= STUCK_MS;
  const platforms = senders.map(({ platform, connected }) => ({ platform, connected }));
  return {
    live,
    ready:
      !starting && live && sources.every(({ state }) => state === 'fresh') && platforms.every((one) => one.connected),
    detail: { starting, sources: sources.map(({ source, state }) => ({ source, state })), platforms, backlog },
  };
}
