import type { DeliveryOutcome, OutgoingMessage } from '../../lib/delivery.ts';
import type { Gone, Problem } from './problem.ts';

/** `uneditable` is only for callers that can answer with a new message instead. */
export type Posted =
  | Exclude<DeliveryOutcome, { kind: 'gone' }>
  | Gone
  | { kind: 'uneditable'; vanished: boolean; detail: string };

/** What became of one call that posts. */
export type Attempt = { kind: 'sent'; messageId: string } | Problem;

/** What an attempt means for its message, when nothing more is tried. */
export function outcomeOf(attempt: Attempt, message: OutgoingMessage): Posted {
  switch (attempt.kind) {
    case 'unchanged':
      return { kind: 'sent', messageId: message.editMessageId ?? '' };
    case 'bad-markup':
    case 'no-attachment':
      return { kind: 'rejected', detail: attempt.detail };
    case 'stale-press':
      return { kind: 'rejected', detail: 'not a press' };
    default:
      return attempt;
  }
}
