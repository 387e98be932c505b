import { GrammyError, HttpError } from 'grammy';
import type { DeliveryOutcome } from '../../lib/delivery.ts';

/** Nothing can be posted to one topic (`wholeChat` false; General has no id of its own), or to none of the chat. */
export interface Gone {
  kind: 'gone';
  reason: string;
  wholeChat: boolean;
}

/** What a failed call means to us. */
export type Problem =
  | Exclude<DeliveryOutcome, { kind: 'sent' | 'gone' }>
  | Gone
  /** Telegram could not read our markup: the text goes out once more without it. */
  | { kind: 'bad-markup'; detail: string }
  /** The message is as we want it already. */
  | { kind: 'unchanged' }
  /** That message cannot be edited (any more). `vanished`: it is not there. */
  | { kind: 'uneditable'; vanished: boolean; detail: string }
  /** The picture or the file was refused, the chat was not. */
  | { kind: 'no-attachment'; detail: string }
  /** A pressed button waited too long for us. */
  | { kind: 'stale-press' };

/** Nothing was sent yet when these happened. */
const BEFORE_SENDING = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** 403 texts of the Bot API (tucnak/telebot#659 lists them) and what people may read about them. */
const FORBIDDEN: [RegExp, string][] = [
  [/blocked by the user/i, 'the user has blocked the bot'],
  [/user is deactivated/i, 'the user’s account no longer exists'],
  [/can't initiate conversation/i, 'the user has not started a chat with the bot'],
  [/kicked from the channel/i, 'the bot was removed from the channel'],
  [/kicked from the (super)?group/i, 'the bot was removed from the group'],
  [/not a member/i, 'the bot is not a member of the chat'],
  [/(group|chat) (chat )?was (deleted|deactivated)/i, 'the group was deleted'],
  [/send messages to (the )?bots?/i, 'the other side is a bot'],
];

/** 400 texts about one topic: the others of its chat may be open. */
const TOPIC: [RegExp, string][] = [
  [/TOPIC_CLOSED/, 'the topic is closed'],
  [/TOPIC_DELETED|message thread not found/i, 'the topic was deleted'],
];

/** 400 texts that mean: nothing can be posted there until somebody changes something. */
const UNREACHABLE: [RegExp, string][] = [
  [/chat not found|PEER_ID_INVALID|chat_id is empty/i, 'Telegram does not know this chat'],
  [/rights to send|CHAT_WRITE_FORBIDDEN|SEND_PLAIN_FORBIDDEN|write access/i, 'the bot may not write here'],
  [/need administrator rights/i, 'the bot is not an administrator of the channel'],
  [/CHAT_RESTRICTED|CHANNEL_PRIVATE/, 'the chat is closed to the bot'],
  [/(group|chat) (chat )?was (deleted|deactivated)/i, 'the group was deleted'],
];

/** 400 texts about what goes along with a text. */
const NO_ATTACHMENT =
  /rights to send (photos|documents)|SEND_(PHOTOS|DOCS|MEDIA)_FORBIDDEN|PHOTO_|IMAGE_PROCESS|wrong file|file must be non-empty/i;

/** Turns whatever a Bot API call threw into what to do about it. Never contains the token or the URL. */
export function problemOf(error: unknown, signal?: { readonly aborted: boolean }): Problem {
  if (error instanceof GrammyError) return answered(error);
  const code = networkCode(error);
  if (code !== null && BEFORE_SENDING.has(code)) return { kind: 'failed', detail: `Telegram is out of reach: ${code}` };
  if (signal?.aborted) return { kind: 'maybe', detail: 'no answer from Telegram in time' };
  return { kind: 'maybe', detail: `the connection to Telegram broke: ${code ?? 'no details'}` };
}

function answered(error: GrammyError): Problem {
  const { error_code: code, description, parameters } = error;
  const detail = `Telegram ${code}: ${description}`;
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: 'migrated', newChatId: String(parameters.migrate_to_chat_id) };
  }
  if (code === 429) {
    return { kind: 'retryAfter', ms: (parameters.retry_after ?? 1) * 1000, global: false, detail };
  }
  // 409 is about a second instance, not about what was sent.
  if (code >= 500 || code === 409) return { kind: 'failed', detail };
  if (code === 403)
    return gone(wordsFor(FORBIDDEN, description) ?? 'Telegram refuses the bot there', { wholeChat: true });
  if (code === 401 || code === 404)
    return { kind: 'failed', detail: `${detail}: TELEGRAM_TOKEN is not accepted`, refused: true };
  return code === 400 ? badRequest(description, detail) : { kind: 'rejected', detail };
}

function badRequest(description: string, detail: string): Problem {
  if (/message is not modified/i.test(description)) return { kind: 'unchanged' };
  if (/can't parse entities/i.test(description)) return { kind: 'bad-markup', detail };
  if (/message to edit not found|MESSAGE_ID_INVALID/i.test(description)) {
    return { kind: 'uneditable', vanished: true, detail };
  }
  if (/message can't be edited|there is no (text|caption|media) in the message|MESSAGE_EDIT/i.test(description)) {
    return { kind: 'uneditable', vanished: false, detail };
  }
  if (NO_ATTACHMENT.test(description)) return { kind: 'no-attachment', detail };
  if (/query is too old|QUERY_ID_INVALID/i.test(description)) return { kind: 'stale-press' };
  const topic = wordsFor(TOPIC, description);
  if (topic !== null) return gone(topic, { wholeChat: false });
  const reason = wordsFor(UNREACHABLE, description);
  return reason === null ? { kind: 'rejected', detail } : gone(reason, { wholeChat: true });
}

const gone = (reason: string, { wholeChat }: { wholeChat: boolean }): Gone => ({ kind: 'gone', reason, wholeChat });

function wordsFor(list: readonly [RegExp, string][], description: string): string | null {
  return list.find(([pattern]) => pattern.test(description))?.[1] ?? null;
}

/** `ECONNREFUSED` and the like. Only the code is taken: the message holds the URL, and the URL holds the token. */
function networkCode(error: unknown): string | null {
  const inner = error instanceof HttpError ? error.error : error;
  const code = typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]{1,40}$/.test(code) ? code : null;
}

/** A failed call in a few words for the log, without the token. */
export function describe(error: unknown): string {
  const problem = problemOf(error);
  return 'detail' in problem ? problem.detail : 'reason' in problem ? problem.reason : problem.kind;
}
