import type { DeliveryOutcome, PlatformName } from '../lib/delivery.ts';
import type { QueuedDelivery } from '../store/store.ts';
import type { DelivererOptions } from './deliverer.ts';
import { tellOwners } from './ownersNotice.ts';

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;
const GIVE_UP_MS = 24 * 3_600_000;
/** After a send without an answer: long enough for the platform to have forgotten a request under way. */
const MAYBE_RETRY_MS = 10_000;
/** After these a delivery is not sent again. */
const ENDS: ReadonlySet<DeliveryOutcome['kind']> = new Set(['sent', 'gone', 'rejected']);

/** Records what became of attempts to send to one platform. */
export class Settlement {
  readonly #platform: PlatformName;
  readonly #options: DelivererOptions;
  /** Deliveries that were sent without an answer. */
  readonly #unanswered = new Set<number>();

  constructor(platform: PlatformName, options: DelivererOptions) {
    this.#platform = platform;
    this.#options = options;
  }

  /** Was it sent before without an answer? To be asked once an attempt, before it is settled. */
  wasUnanswered(deliveryId: number): boolean {
    return this.#unanswered.has(deliveryId);
  }

  /**
   * Resolves with when the message goes again; null: never. Rejects when the store does not take the outcome; it may then
   * be called again for the same attempt.
   */
  async settle(delivery: QueuedDelivery, outcome: DeliveryOutcome, sentBefore: boolean): Promise<number | null> {
    const { store, clock, logger } = this.#options;
    const { id, destination } = delivery;
    const about = { delivery: id, platform: this.#platform, chat: destination.address.chatId };
    if (ENDS.has(outcome.kind)) this.#unanswered.delete(id);
    switch (outcome.kind) {
      case 'sent':
        await store.deliveries.markSent(id, outcome.messageId, clock.now());
        return null;
      case 'retryAfter':
        logger.debug({ ...about, ms: outcome.ms, global: outcome.global }, 'the platform asks to wait');
        return await this.#retry(delivery, outcome.ms, outcome.detail);
      case 'gone':
        logger.warn({ ...about, reason: outcome.reason }, 'destination is dead');
        await store.subscriptions.markDead(destination.id, outcome.reason);
        await tellOwners(store, destination, outcome.reason, clock.now());
        return null;
      case 'migrated': {
        logger.info({ ...about, newChat: outcome.newChatId }, 'group has moved');
        const retryAtMs = await this.#retry(delivery, 0, 'the group has moved');
        await store.subscriptions.migrate(this.#platform, destination.address.chatId, outcome.newChatId);
        return retryAtMs;
      }
      case 'rejected':
        logger.error({ ...about, detail: outcome.detail }, 'the platform refuses this message');
        await store.deliveries.fail(id, 'rejected', outcome.detail);
        return null;
      case 'maybe':
        return await this.#maybe(delivery, sentBefore, outcome.detail);
      case 'failed':
        return await this.#retry(delivery, this.#backoffMs(delivery.attempts), outcome.detail);
    }
  }

  /**
   * No answer: it may have arrived. Discord drops a second copy by its nonce; Telegram cannot, so it is tried once
   * more (one possible duplicate against one possible loss) and then left.
   */
  async #maybe(delivery: QueuedDelivery, sentBefore: boolean, detail: string): Promise<number | null> {
    const { store, logger } = this.#options;
    logger.warn({ delivery: delivery.id, detail }, 'no answer: the message may or may not have arrived');
    if (this.#platform === 'telegram' && sentBefore) {
      this.#unanswered.delete(delivery.id);
      await store.deliveries.fail(delivery.id, 'rejected', `sent twice without an answer: ${detail}`);
      return null;
    }
    this.#unanswered.add(delivery.id);
    return await this.#retry(delivery, MAYBE_RETRY_MS, detail);
  }

  async #retry(delivery: QueuedDelivery, ms: number, detail: string): Promise<number | null> {
    const { store, clock } = this.#options;
    if (clock.now() - delivery.createdAtMs > GIVE_UP_MS) {
      this.#unanswered.delete(delivery.id);
      await store.deliveries.fail(delivery.id, 'rejected', `given up after a day: ${detail}`);
      return null;
    }
    const retryAtMs = clock.now() + ms;
    await store.deliveries.retry(delivery.id, retryAtMs, detail);
    return retryAtMs;
  }

  #backoffMs(attempts: number): number {
    const base = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 9));
    return base * (0.75 + this.#options.random() / 2);
  }
}
