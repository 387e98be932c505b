import type { PlatformName } from '../lib/delivery.ts';
import type { DeliveryRepository } from '../store/store.ts';

const CHECK_EVERY_MS = 30_000;

export interface BacklogOptions {
  deliveries: Pick<DeliveryRepository, 'due' | 'collapse'>;
  platform: PlatformName;
  /** How many messages can be sent in the time that alerts may wait. */
  capacity: number;
  /** Tells the operator; called once an episode. */
  onBacklog: (found: { due: number; collapsed: number }) => void;
}

/** When more is due than can be sent in time, what is not critical is told together, one message a chat. */
export class Backlog {
  readonly #options: BacklogOptions;
  #nextCheckAtMs = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Looks at most every 30 s. An episode ends when the queue is found short enough. */
  async check(nowMs: number): Promise<void> {
    const { deliveries, platform, capacity, onBacklog } = this.#options;
    if (nowMs < this.#nextCheckAtMs) return;
    this.#nextCheckAtMs = nowMs + CHECK_EVERY_MS;
    const due = await deliveries.due(platform, nowMs);
    if (due <= capacity) {
      this.#told = false;
      return;
    }
    const collapsed = await deliveries.collapse(platform, nowMs);
    if (this.#told) return;
    this.#told = true;
    onBacklog({ due, collapsed });
  }
}
