import type { DeliveryOutcome, Sender } from '../lib/delivery.ts';
import { explain } from '../lib/errors.ts';
import type { QueuedDelivery } from '../store/store.ts';
import { Backlog } from './backlog.ts';
import { BREAK_MS, Breaker } from './breaker.ts';
import type { DelivererOptions } from './deliverer.ts';
import { backlogNotice, IN_TIME_MS, refusalNotice } from './operatorNotices.ts';
import { outgoingMessage } from './outgoingMessage.ts';
import { capacityOf, type RateGate } from './rateGate.ts';
import { Settlement } from './settlement.ts';

const MAX_IN_FLIGHT = 16;
/** Looked at even without a wake-up, in case another process queued something. */
const IDLE_MS = 5_000;
/** While the store does not take an outcome it is offered again at least this often. */
const FIRST_RECORD_PAUSE_MS = 1_000;
const MAX_RECORD_PAUSE_MS = 30_000;

/** 401, 403 and the like: what a platform counts as an invalid request. */
const isRefusal = (outcome: DeliveryOutcome): boolean =>
  outcome.kind === 'gone' || (outcome.kind === 'failed' && outcome.refused === true);

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
  readonly #breaker = new Breaker();
  readonly #backlog: Backlog;
  readonly #settlement: Settlement;
  #pausedUntilMs = 0;
  #stopping = false;
  #ring: AbortController | null = null;
  #rung = false;
  #done: Promise<void> | null = null;

  constructor(sender: Sender, gate: RateGate, options: DelivererOptions) {
    this.#sender = sender;
    this.#gate = gate;
    this.#options = options;
    this.#settlement = new Settlement(sender.platform, options);
    this.#backlog = new Backlog({
      deliveries: options.store.deliveries,
      platform: sender.platform,
      capacity: capacityOf(sender.platform, IN_TIME_MS),
      onBacklog: (found) => this.#tellBacklog(found),
    });
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
        await this.#backlog.check(now);
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
    const due = await store.deliveries.nextDueAtMs(this.#sender.platform, lookedAtMs).catch(() => null);
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
    if (outcome.kind === 'retryAfter' && outcome.global) this.#pauseUntil(clock.now() + outcome.ms);
    if (isRefusal(outcome) && this.#breaker.refused(clock.now())) this.#break();
    const sentBefore = this.#settlement.wasUnanswered(delivery.id);
    // What the platform said is recorded again and again, but never sent again: it may have arrived.
    for (let pauseMs = FIRST_RECORD_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_RECORD_PAUSE_MS)) {
      try {
        const retryAtMs = await this.#settlement.settle(delivery, outcome, sentBefore);
        if (retryAtMs !== null) this.#retriesAtMs.add(retryAtMs);
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
        this.#sender.send(outgoingMessage(delivery, this.#options.clock.now())),
      );
    } catch (error) {
      return this.#stopping ? null : { kind: 'failed', detail: explain(error) };
    }
  }

  /** Too many refusals: stops before the platform does. */
  #break(): void {
    const { clock, logger, notice } = this.#options;
    const { platform } = this.#sender;
    this.#pauseUntil(clock.now() + BREAK_MS);
    logger.error({ platform, forMs: BREAK_MS }, 'too many refusals in a minute: nothing is sent there for a while');
    notice(refusalNotice(platform));
  }

  #tellBacklog(found: { due: number; collapsed: number }): void {
    const { platform } = this.#sender;
    this.#options.logger.warn({ platform, ...found }, 'more is queued than can be sent in time');
    this.#options.notice(backlogNotice(platform, found));
  }

  #pauseUntil(atMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, atMs);
  }
}
