import Bottleneck from 'bottleneck';
import type { Address, PlatformName } from '../lib/delivery.ts';

/** Milliseconds between two messages: of the whole token, and of one chat. */
interface Pace {
  tokenMs: number;
  chatMs: (address: Address) => number;
}

/** Telegram: 30 a second a token, 1 a second a chat, 20 a minute a group (groups have negative ids). Discord: 50 a second; its route buckets are discord.js's. */
const PACES: Record<PlatformName, Pace> = {
  telegram: { tokenMs: 34, chatMs: ({ chatId }) => (chatId.startsWith('-') ? 3_000 : 1_000) },
  discord: { tokenMs: 20, chatMs: () => 0 },
  terminal: { tokenMs: 0, chatMs: () => 0 },
};

/** A chat's limiter is forgotten when it has been idle for longer than any pace. */
const IDLE_MS = 10_000;

export interface RateGate {
  /** Runs the job when the platform's pace allows; what the platform itself asks for (`retry_after`) is the caller's. */
  run<T>(address: Address, job: () => Promise<T>): Promise<T>;
  /** Begins nothing more; what is under way is not waited for. */
  stop(): void;
}

/**
 * Bottleneck, in this one file. Only its `minTime` is used, and no settings are changed later: reservoirs lose their
 * refill then (SGrondin/bottleneck#185). A queue that is short and rebuilt often cannot stick for long (#194).
 */
export function createRateGate(platform: PlatformName): RateGate {
  const { tokenMs, chatMs } = PACES[platform];
  const token = new Bottleneck({ minTime: tokenMs });
  const groups = new Map<number, Bottleneck.Group>();
  const groupOf = (minTime: number): Bottleneck.Group => {
    const group = groups.get(minTime) ?? new Bottleneck.Group({ minTime, timeout: IDLE_MS });
    groups.set(minTime, group);
    return group;
  };
  return {
    async run(address, job) {
      const perChatMs = chatMs(address);
      if (perChatMs === 0) return await token.schedule(job);
      return await groupOf(perChatMs)
        .key(address.chatId)
        .schedule(() => token.schedule(job));
    },
    stop() {
      // It resolves when the last job has ended, which may be after every deadline.
      void token.stop({ dropWaitingJobs: true }).catch(() => undefined);
    },
  };
}
