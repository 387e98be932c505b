import type { OutgoingMessage } from '../lib/delivery.ts';
import { datesIn } from '../lib/moment.ts';
import type { QueuedDelivery } from '../store/store.ts';
import { messageView } from './message.ts';

/** A claimed delivery as its platform's sender takes it, worded as of now. Pure. */
export function outgoingMessage(delivery: QueuedDelivery, nowMs: number): OutgoingMessage {
  const { id, createdAtMs, destination, mention, editMessageId, replyToMessageId } = delivery;
  const dates = datesIn(destination.settings);
  return {
    address: destination.address,
    view: messageView(delivery, nowMs),
    // With its time: another database begins its ids anew, in the same chat perhaps.
    idempotencyKey: `${id}-${createdAtMs.toString(36)}`,
    ...(editMessageId === null ? {} : { editMessageId }),
    ...(replyToMessageId === null ? {} : { replyToMessageId }),
    ...(mention === '' ? {} : { mention }),
    ...(dates === undefined ? {} : { dates }),
  };
}
