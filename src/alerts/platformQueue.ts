import type { DeliveryOutcome, Sender } from '../lib/delivery.ts';
import { explain } from '../lib/errors.ts';
import type { QueuedDelivery } from '../store/store.ts';
import type { DelivererOptions } from './deliverer.ts';
import type { RateGate } from './rateGate.ts';

const MAX_IN_FLIGHT = 16;
/** Looked at even without a wake-up, in case another process queued something. */
const IDLE_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;
const GIVE_UP_MS = 24 * 3_600_000;
/** After a send without an answer: long enough for the platform to have forgotten a request under way. */
const MAYBE_RETRY_MS = 10_000;
/** While the store does not take an outcome it is offered again at least this often. */
const MAX_RECORD_PAUSE_MS = 30_000;
/** After these a delivery is not sent again. */
const ENDS: ReadonlySet<DeliveryOutcome['kind']> = new Set(['sent', 'gone', 'rejected']);

/** One platform's queue: claim, send, mark. At most one message of a chat is under way, so its order is kept. */
export class PlatformQueue {
  readonly #sender: Sender;
  readonly #gate: RateGate;
  readonly #options: DelivererOptions;
  readonly #inFlight = new Map<number, Promise<void>>();
  /** A claim failed: it may have been stored all the same, with nobody to send what it claimed. */
  #claimInDoubt = false;
  /** When ours go again: what the store names as due next may be one that waits behind such a one. */
  readonly #retriesAtMs = new Set<number>();
  /** Deliveries that were sent without an answer. */
  readonly #unanswered = new Set<number>();
  #pausedUntilMs = 0;
  #stopping = false;
  #ring: AbortController | null = null;
  #rung = false;
  #done: Promise<void> | null = null;

  constructor(sender: Sender, gate: RateGate, options: DelivererOptions) {
    this.#sender = sender;
    this.#gate = gate;
    this.#options = options;
  }

  wake(): void {
    this.#rung = true;
    this.#ring?.abort();
  }

  run(): Promise<void> {
    this.#done ??= this.#loop();
    return this.#done;
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.wake();
    const drained = new AbortController();
    await Promise.race([this.#done ?? Promise.resolve(), this.#options.clock.sleep(deadlineMs, drained.signal)]);
    drained.abort();
    this.#gate.stop();
  }

  async #loop(): Promise<void> {
    const { store, clock, logger } = this.#options;
    for (;;) {
      let claimed: QueuedDelivery[] = [];
      this.#rung = false;
      const now = clock.now();
      try {
        if (this.#claimInDoubt) {
          await store.deliveries.recover(now, {
            platform: this.#sender.platform,
            underWay: [...this.#inFlight.keys()],
          });
          this.#claimInDoubt = false;
        }
        const room = MAX_IN_FLIGHT - this.#inFlight.size;
        if (room > 0 && now >= this.#pausedUntilMs) {
          claimed = await store.deliveries.claim(this.#sender.platform, room, now);
        }
      } catch (error) {
        this.#claimInDoubt = true;
        logger.error({ platform: this.#sender.platform, cause: explain(error) }, 'deliveries could not be claimed');
      }
      for (const delivery of claimed) this.#begin(delivery);
      if (claimed.length > 0) continue;
      // Stopping means: nothing is due any more and nothing is under way.
      if (this.#stopping && this.#inFlight.size === 0) return;
      await this.#rest(now);
    }
  }

  #begin(delivery: QueuedDelivery): void {
    const job = this.#deliver(delivery).finally(() => {
      this.#inFlight.delete(delivery.id);
      this.wake();
    });
    this.#inFlight.set(delivery.id, job);
  }

  /** Waits for a ring or for the next moment at which something is due, seen from the last look at the queue. */
  async #rest(lookedAtMs: number): Promise<void> {
    if (this.#rung) return;
    const { store, clock } = this.#options;
    const due = await store.deliveries.nextDueAtMs(this.#sender.platform).catch(() => null);
    if (this.#rung) return;
    this.#ring = new AbortController();
    const untilMs = this.#nextLookAtMs(lookedAtMs, due);
    await clock.sleep(Math.max(0, untilMs - clock.now()), this.#ring.signal);
    this.#ring = null;
  }

  #nextLookAtMs(lookedAtMs: number, dueAtMs: number | null): number {
    const idle = lookedAtMs + IDLE_MS;
    if (this.#pausedUntilMs > lookedAtMs) return Math.min(idle, this.#pausedUntilMs);
    for (const at of this.#retriesAtMs) if (at <= lookedAtMs) this.#retriesAtMs.delete(at);
    // What was due then but was not claimed waits for one of its chat: one under way will ring, one that goes again is known.
    return Math.min(idle, ...this.#retriesAtMs, dueAtMs !== null && dueAtMs > lookedAtMs ? dueAtMs : idle);
  }

  async #deliver(delivery: QueuedDelivery): Promise<void> {
    const { clock, logger } = this.#options;
    const outcome = await this.#send(delivery);
    if (outcome === null) return;
    const sentBefore = this.#unanswered.has(delivery.id);
    // What the platform said is recorded again and again, but never sent again: it may have arrived.
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_RECORD_PAUSE_MS)) {
      try {
        await this.#settle(delivery, outcome, sentBefore);
        return;
      } catch (error) {
        logger.error(
          { delivery: delivery.id, cause: explain(error) },
          'the outcome of a delivery could not be recorded, will try again',
        );
        if (this.#stopping) return;
        await clock.sleep(pauseMs);
      }
    }
  }

  /** null: its turn did not come before the bot stopped; `recover` takes it up at the next start. */
  async #send(delivery: QueuedDelivery): Promise<DeliveryOutcome | null> {
    try {
      return await this.#gate.run(delivery.destination.address, () =>
        this.#sender.send({
          address: delivery.destination.address,
          view: delivery.view,
          // With its time: another database begins its ids anew, in the same chat perhaps.
          idempotencyKey: `${delivery.id}-${delivery.createdAtMs.toString(36)}`,
          ...(delivery.editMessageId === null ? {} : { editMessageId: delivery.editMessageId }),
          ...(delivery.replyToMessageId === null ? {} : { replyToMessageId: delivery.replyToMessageId }),
        }),
      );
    } catch (error) {
      return this.#stopping ? null : { kind: 'failed', detail: explain(error) };
    }
  }

  async #settle(delivery: QueuedDelivery, outcome: DeliveryOutcome, sentBefore: boolean): Promise<void> {
    const { store, clock, logger } = this.#options;
    const { id, destination } = delivery;
    const about = { delivery: id, platform: this.#sender.platform, chat: destination.address.chatId };
    if (ENDS.has(outcome.kind)) this.#unanswered.delete(id);
    switch (outcome.kind) {
      case 'sent':
        return await store.deliveries.markSent(id, outcome.messageId, clock.now());
      case 'retryAfter':
        if (outcome.global) this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.now() + outcome.ms);
        logger.debug({ ...about, ms: outcome.ms, global: outcome.global }, 'the platform asks to wait');
        return await this.#retry(delivery, outcome.ms, outcome.detail);
      case 'gone':
        logger.warn({ ...about, reason: outcome.reason }, 'destination is dead');
        return await store.subscriptions.markDead(destination.id, outcome.reason);
      case 'migrated':
        logger.info({ ...about, newChat: outcome.newChatId }, 'group has moved');
        await this.#retry(delivery, 0, 'the group has moved');
        return await store.subscriptions.migrate(this.#sender.platform, destination.address.chatId, outcome.newChatId);
      case 'rejected':
        logger.error({ ...about, detail: outcome.detail }, 'the platform refuses this message');
        return await store.deliveries.fail(id, 'rejected', outcome.detail);
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
  async #maybe(delivery: QueuedDelivery, sentBefore: boolean, detail: string): Promise<void> {
    const { store, logger } = this.#options;
    logger.warn({ delivery: delivery.id, detail }, 'no answer: the message may or may not have arrived');
    if (this.#sender.platform === 'telegram' && sentBefore) {
      this.#unanswered.delete(delivery.id);
      await store.deliveries.fail(delivery.id, 'rejected', `sent twice without an answer: ${detail}`);
      return;
    }
    this.#unanswered.add(delivery.id);
    await this.#retry(delivery, MAYBE_RETRY_MS, detail);
  }

  async #retry(delivery: QueuedDelivery, ms: number, detail: string): Promise<void> {
    const { store, clock } = this.#options;
    if (clock.now() - delivery.createdAtMs > GIVE_UP_MS) {
      await store.deliveries.fail(delivery.id, 'rejected', `given up after a day: ${detail}`);
      return;
    }
    const atMs = clock.now() + ms;
    await store.deliveries.retry(delivery.id, atMs, detail);
    this.#retriesAtMs.add(atMs);
  }

  #backoffMs(attempts: number): number {
    const base = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 9));
    return base * (0.75 + this.#options.random() / 2);
  }
}
