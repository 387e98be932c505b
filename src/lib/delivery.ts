import type { View } from './view.ts';

/** Where a message goes. `chatId` and `threadId` are the platform's own ids, as text. */
export interface Address {
  platform: PlatformName;
  /** Discord: channel id (a thread is a channel too). Telegram: chat id. Terminal: `terminal`. */
  chatId: string;
  /** Telegram topic id; null elsewhere. */
  threadId: string | null;
}

export type PlatformName = 'discord' | 'telegram' | 'terminal';

export interface OutgoingMessage {
  address: Address;
  view: View;
  /** Same key, same message: Discord's nonce (<= 25 characters). */
  idempotencyKey: string;
  /** Replace this message instead of sending a new one. */
  editMessageId?: string;
  /** Answer below this message where the platform can; a vanished one is no error. */
  replyToMessageId?: string;
}

/** What became of one attempt to send. Never thrown: a sender turns every error into one of these. */
export type DeliveryOutcome =
  | { kind: 'sent'; messageId: string }
  /** The platform asked us to wait. `global`: the whole token, not only this chat. */
  | { kind: 'retryAfter'; ms: number; global: boolean; detail: string }
  /** The destination cannot be reached any more (blocked, deleted, no permission). `reason` is for people. */
  | { kind: 'gone'; reason: string }
  /** A Telegram group became a supergroup. */
  | { kind: 'migrated'; newChatId: string }
  /** The platform refuses this body; sending it again is pointless. */
  | { kind: 'rejected'; detail: string }
  /** It answered an error that may pass (5xx), nothing was accepted. */
  | { kind: 'failed'; detail: string }
  /** No answer came: it may or may not have arrived. */
  | { kind: 'maybe'; detail: string };

export interface Sender {
  platform: PlatformName;
  /** Sends or edits one message. Never throws, bounded in time. */
  send(message: OutgoingMessage, signal?: AbortSignal): Promise<DeliveryOutcome>;
}
