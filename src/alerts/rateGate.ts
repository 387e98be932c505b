import Bottleneck from 'bottleneck';
import type { Address, PlatformName } from '../lib/delivery.ts';
import { type Place, SendWindow } from './sendWindow.ts';

/** How many messages of the whole token may begin within a time, and the time between two messages of one chat. */
interface Pace {
  count: number;
  windowMs: number;
  chatMs: (address: Address) => number;
}

/** The second that platforms count by, and a little for timers that come early. */
const SECOND_MS = 1_005;

/** Telegram: 30 a second a token, 1 a second a chat, 20 a minute a group (groups have negative ids). Discord: 50 a second; its route buckets are discord.js's. */
const PACES: Record<PlatformName, Pace> = {
  telegram: { count: 30, windowMs: SECOND_MS, chatMs: ({ chatId }) => (chatId.startsWith('-') ? 3_005 : SECOND_MS) },
  discord: { count: 50, windowMs: SECOND_MS, chatMs: () => 0 },
  terminal: { count: 1, windowMs: 0, chatMs: () => 0 },
};

/** A chat's queue is forgotten when it has been idle for longer than any pace. */
const IDLE_MS = 10_000;

/** How many of the newest round trips are looked at for the fastest. */
const ROUND_TRIPS = 50;
/** How often is looked whether a message has been answered that others must wait for. */
const LOOK_MS = 20;

/** How many messages a platform takes from one token within that time; Infinity where it sets no pace. */
export function capacityOf(platform: PlatformName, withinMs: number): number {
  const { count, windowMs } = PACES[platform];
  return windowMs === 0 ? Number.POSITIVE_INFINITY : Math.floor((withinMs / windowMs) * count);
}

export interface RateGate {
  /** Runs the job when the platform's pace allows; what the platform itself asks for (`retry_after`) is the caller's. */
  run<T>(address: Address, job: () => Promise<T>): Promise<T>;
  /** Begins nothing more; what is under way is not waited for. */
  stop(): void;
}

/**
 * Bottleneck, in this one file: who is next, in each chat and of them all. When its turn comes is counted here, as its
 * `minTime` spreads out what may go at once after a silence, and lets what a busy process held up go above the limit; its
 * reservoirs lose their refill (SGrondin/bottleneck#185).
 *
 * A message counts from its answer, and one that goes now as if it were answered after the fastest round trip: however long
 * the first was on its way, the second does not arrive within the same second.
 */
export function createRateGate(platform: PlatformName): RateGate {
  const { count, windowMs, chatMs } = PACES[platform];
  const token = new SendWindow(count, windowMs);
  const chats = new Map<string, SendWindow>();
  const line = new Bottleneck({ maxConcurrent: 1 });
  const lines = new Bottleneck.Group({ maxConcurrent: 1, timeout: IDLE_MS });
  const roundTripsMs: number[] = [];
  let stopped = false;

  const untilFree = async (window: SendWindow): Promise<void> => {
    // Asked again after each pause: a timer may come a little early, and a faster round trip may be known by then.
    for (let ms = waitMs(window); ms > 0 && !stopped; ms = waitMs(window)) {
      const pauseMs = ms === Number.POSITIVE_INFINITY ? LOOK_MS : Math.ceil(ms);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const waitMs = (window: SendWindow): number => {
    const fastestMs = roundTripsMs.length === 0 ? 0 : Math.min(...roundTripsMs);
    return window.waitMs(performance.now() + fastestMs);
  };

  const begin = (place: Place): Promise<void> =>
    line.schedule(async () => {
      await untilFree(token);
      token.take(place);
    });

  const beginIn = (chatId: string, perChatMs: number, place: Place): Promise<void> =>
    lines.key(chatId).schedule(async () => {
      const chat = chats.get(chatId) ?? new SendWindow(1, perChatMs);
      await untilFree(chat);
      await begin(place);
      chat.take(place);
      forgetIdle(chats);
      chats.delete(chatId);
      chats.set(chatId, chat);
    });

  const end = (place: Place, begunAtMs: number): void => {
    place.atMs = performance.now();
    roundTripsMs.push(place.atMs - begunAtMs);
    if (roundTripsMs.length > ROUND_TRIPS) roundTripsMs.shift();
  };

  return {
    async run(address, job) {
      const place = { atMs: Number.POSITIVE_INFINITY };
      const perChatMs = chatMs(address);
      await (perChatMs === 0 ? begin(place) : beginIn(address.chatId, perChatMs, place));
      if (stopped) throw new Error('stopped before its turn came');
      const begunAtMs = performance.now();
      try {
        return await job();
      } finally {
        end(place, begunAtMs);
      }
    },
    stop() {
      stopped = true;
      // It resolves when the last job has ended, which may be after every deadline.
      void line.stop({ dropWaitingJobs: true }).catch(() => undefined);
    },
  };
}

/** Chats that would not have to wait, beginning with the one that sent longest ago. */
function forgetIdle(chats: Map<string, SendWindow>): void {
  for (const [chatId, window] of chats) {
    if (window.waitMs(performance.now()) > 0) return;
    chats.delete(chatId);
  }
}
