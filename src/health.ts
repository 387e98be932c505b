import type { LazySender } from './connect.ts';
import type { Clock } from './lib/clock.ts';
import { REGISTRY_SOURCE } from './lib/facts.ts';
import type { Store } from './store/store.ts';

/** The registry's collector is stuck when it has not even tried for this long: its longest pause is 10 minutes. */
const STUCK_MS = 20 * 60_000;

/** A message has waited for longer than any platform asks to wait, and none was sent for as long: nobody sends. */
const UNSENT_MS = 15 * 60_000;

export interface Health {
  /** Is the process worth keeping? A source that fails is no reason to restart, a collector that hangs is. */
  live: boolean;
  /** Can it answer and alert right now: chats connected, every source readable? */
  ready: boolean;
  /** Do collectors and senders work? Then, and only then, a watcher outside hears from this bot. */
  working: boolean;
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
  const connected = platforms.every((one) => one.connected);
  const waitsLong = now - (backlog.oldestAtMs ?? now) > UNSENT_MS;
  const sends = !waitsLong || now - ((await store.deliveries.lastSentAtMs()) ?? 0) <= UNSENT_MS;
  return {
    live,
    working: !starting && live && connected && sends,
    ready: !starting && live && sources.every(({ state }) => state === 'fresh') && connected,
    detail: { starting, sources: sources.map(({ source, state }) => ({ source, state })), platforms, backlog },
  };
}
