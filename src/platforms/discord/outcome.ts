import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import type { DeliveryOutcome } from '../../lib/delivery.ts';
import { explain } from '../../lib/errors.ts';

/** Discord's codes after which a destination stays unreachable until somebody acts, in words for that somebody. */
const GONE = new Map<number, string>([
  [10003, 'the channel does not exist any more'],
  [10004, 'the bot is not a member of that server any more'],
  [50001, 'the bot may not see this channel: grant View Channel'],
  [50007, 'this person does not accept direct messages from the bot'],
  [50013, 'the bot may not post here: grant Send Messages and Embed Links'],
  [50278, 'this person shares no server with the bot'],
  [160005, 'the thread is locked'],
]);

/** A 429 that does not say how long. */
const NO_WAIT_NAMED_MS = 5_000;

const UNKNOWN_MESSAGE = 10008;
const ARCHIVED_THREAD = 50083;

/** Before a byte was sent: nothing can have been accepted. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What became of a send that threw. */
export function outcomeOf(error: unknown, editedMessageId: string | null): DeliveryOutcome {
  if (error instanceof RateLimitError) {
    return {
      kind: 'retryAfter',
      ms: Math.max(error.retryAfter, error.sublimitTimeout) || NO_WAIT_NAMED_MS,
      global: error.global,
      detail: `limit of ${error.route}`,
    };
  }
  if (error instanceof DiscordAPIError) return fromApi(error, editedMessageId);
  if (error instanceof HTTPError) return { kind: 'failed', detail: `HTTP ${error.status}` };
  const code = codeOf(error);
  if (code !== null && NOT_SENT.has(code)) return { kind: 'failed', detail: code };
  return { kind: 'maybe', detail: explain(error) };
}

function fromApi(error: DiscordAPIError, editedMessageId: string | null): DeliveryOutcome {
  const code = Number(error.code);
  const detail = `${error.status} ${error.code}: ${error.message}`.slice(0, 300);
  // Somebody deleted the message that was to be edited: there is nothing left to say.
  if (code === UNKNOWN_MESSAGE && editedMessageId !== null) return { kind: 'sent', messageId: editedMessageId };
  // No message can be changed in an archived thread, but a new one opens it again.
  if (code === ARCHIVED_THREAD && editedMessageId !== null) return { kind: 'rejected', detail };
  const reason = GONE.get(code);
  if (reason !== undefined) return { kind: 'gone', reason };
  if (code === ARCHIVED_THREAD) return { kind: 'gone', reason: 'the thread is archived: open it again' };
  if (error.status >= 500) return { kind: 'failed', detail };
  // Without a code it was not Discord's API that spoke but something before it, and a chat is not dead for that.
  if ((error.status === 403 || error.status === 404) && code > 0)
    return { kind: 'gone', reason: `Discord says: ${error.message}`.slice(0, 200) };
  if (error.status === 403 || error.status === 404) return { kind: 'failed', detail, refused: true };
  if (error.status === 401)
    return { kind: 'failed', detail: 'Discord no longer accepts the token (DISCORD_TOKEN)', refused: true };
  return { kind: 'rejected', detail };
}

function codeOf(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return null;
}
