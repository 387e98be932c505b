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
  /** Who is called: `role:<id>`, `user:<id>` (with the platform's ids) or `name:<user name>` on Telegram. */
  mention?: string;
  /** How dates read where the platform does not show the reader's own; absent: UTC as numbers. */
  dates?: Dates;
}

export interface Dates {
  /** BCP 47 tag; empty: as numbers. */
  locale: string;
  /** IANA zone. */
  timeZone: string;
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
  /** It answered an error that may pass (5xx), nothing was accepted. `refused`: it does not take the bot's word (401, 403). */
  | { kind: 'failed'; detail: string; refused?: true }
  /** No answer came: it may or may not have arrived. */
  | { kind: 'maybe'; detail: string };

export interface Sender {
  platform: PlatformName;
  /** Sends or edits one message. Never throws, bounded in time. */
  send(message: OutgoingMessage, signal?: AbortSignal): Promise<DeliveryOutcome>;
}
