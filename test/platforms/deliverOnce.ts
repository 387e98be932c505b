import { createDeliverer } from '../../src/alerts/deliverer.ts';
import type { Address, DeliveryOutcome, Sender } from '../../src/lib/delivery.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { ChatKind, Store } from '../../src/store/store.ts';
import { temporaryStore } from '../rigs/store.ts';
import { subscribeAndFire } from './subscribeAndFire.ts';
import type { ManualClock } from './telegram/manualClock.ts';

/** What became of one alert: what the platform's sender made of the answer, and what the store holds after that. */
export interface Delivered {
  outcomes: DeliveryOutcome[];
  /** State of the delivery's row. */
  row: string;
  /** Milliseconds until it goes again; null when it does not. */
  againInMs: number | null;
  destination: 'active' | 'dead' | 'elsewhere';
  deadReason: string | null;
}

/**
 * One alert from the store through the real queue and a real sender, until its outcome is recorded. The clock stands, so
 * nothing is tried again. `meanwhile` runs once the sender has been called.
 */
export async function deliverOnce(
  sender: Sender,
  { address, kind, clock }: { address: Address; kind: ChatKind; clock: ManualClock },
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<Delivered> {
  const { store, cleanup } = await temporaryStore();
  const outcomes: DeliveryOutcome[] = [];
  const recording: Sender = {
    platform: sender.platform,
    async send(message, signal) {
      const outcome = await sender.send(message, signal);
      outcomes.push(outcome);
      return outcome;
    },
  };
  const logger = createLogger('silent');
  const random = (): number => 0.5;
  const deliverer = createDeliverer({ store, senders: [recording], clock, random, logger, notice: () => undefined });
  try {
    await subscribeAndFire(store, address, kind, clock.now());
    await deliverer.start();
    await meanwhile();
    const row = await settled(store, outcomes);
    const { destination } = await store.subscriptions.list(address);
    const dueAtMs = row === 'pending' ? await store.deliveries.nextDueAtMs(sender.platform, 0) : null;
    return {
      outcomes,
      row,
      againInMs: dueAtMs === null ? null : dueAtMs - clock.now(),
      destination: destination?.state ?? 'elsewhere',
      deadReason: destination?.deadReason ?? null,
    };
  } finally {
    await deliverer.stop(1_000);
    await cleanup();
  }
}

/** The row's state once the last outcome is recorded; a group that moved is sent to once more. */
async function settled({ deliveries }: Store, outcomes: readonly DeliveryOutcome[]): Promise<string> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const row = (await deliveries.counts()).find(({ count }) => count > 0)?.state;
    const last = outcomes.at(-1);
    if (last !== undefined && last.kind !== 'migrated' && row !== undefined && row !== 'sending') return row;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`the delivery was not settled: ${JSON.stringify(outcomes)}`);
}
