import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Clock } from '../lib/clock.ts';
import type { DeliveryOutcome, OutgoingMessage } from '../lib/delivery.ts';
import type { Store } from '../store/store.ts';

/** What commands work with. They read the store and nothing else. */
export interface BotContext {
  store: Store;
  clock: Clock;
  version: string;
  thresholds: NodeThresholds;
  /** Sends a message at once, outside the queue (`/alerts test`). */
  sendNow(message: OutgoingMessage): Promise<DeliveryOutcome>;
}
