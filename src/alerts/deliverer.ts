import type { Clock } from '../lib/clock.ts';
import type { Sender } from '../lib/delivery.ts';
import { explain } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store } from '../store/store.ts';
import { PlatformQueue } from './platformQueue.ts';
import { createRateGate } from './rateGate.ts';

export interface DelivererOptions {
  store: Store;
  senders: readonly Sender[];
  clock: Clock;
  /** 0 <= n < 1, for the jitter of retries. */
  random: () => number;
  logger: Logger;
  /** Tells the operator something, in words for people. */
  notice: (text: string) => void;
}

export interface Deliverer {
  /** Starts sending; what a killed process left half-sent goes first. */
  start(): Promise<void>;
  /** Something new is queued. */
  wake(): void;
  /** Stops claiming, waits for what is under way and for what is due, at most `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

/** Brings queued deliveries to the platforms, one queue a platform. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { store, clock, logger } = options;
  const queues = options.senders.map((sender) => new PlatformQueue(sender, createRateGate(sender.platform), options));
  return {
    async start() {
      const recovered = await store.deliveries.recover(clock.now());
      if (recovered > 0)
        logger.warn({ recovered }, 'deliveries were under way when the bot last stopped; they go again');
      for (const queue of queues) {
        void queue.run().catch((error: unknown) => logger.error({ cause: explain(error) }, 'a delivery queue ended'));
      }
    },
    wake() {
      for (const queue of queues) queue.wake();
    },
    async stop(deadlineMs) {
      await Promise.all(queues.map((queue) => queue.stop(deadlineMs)));
    },
  };
}
