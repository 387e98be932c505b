import { DiscordAPIError, type RawFile, type REST, Routes } from 'discord.js';
import type { RenderChart } from '../../lib/chart.ts';
import type { DeliveryOutcome, OutgoingMessage, Sender } from '../../lib/delivery.ts';
import type { Logger } from '../../lib/logger.ts';
import { bodyOf } from './body.ts';
import { type Call, callOf } from './mention.ts';
import { outcomeOf } from './outcome.ts';
import { renderPlain } from './render.ts';

export interface SenderTools {
  rest: REST;
  token: string;
  renderChart: RenderChart;
  logger: Logger;
}

/** The whole send, picture included, is over within this. */
const DEADLINE_MS = 10_000;

/**
 * Sends alerts to channels and threads. The nonce with `enforce_nonce` makes a second copy of the same message come
 * back as the first one, for a few minutes. A refused body goes once more as plain text.
 */
export function createDiscordSender(tools: SenderTools): Sender {
  return {
    platform: 'discord',
    async send(message, signal) {
      const deadline = AbortSignal.timeout(DEADLINE_MS);
      const until = signal ? AbortSignal.any([deadline, signal]) : deadline;
      const call = callIn(message);
      const outcome = await attempt(message, await richBody(message, call, tools), tools, until);
      if (outcome.kind !== 'rejected') return outcome;
      tools.logger.error({ detail: outcome.detail }, 'Discord refused a message; it goes again as plain text');
      return await attempt(message, plainBody(message, call), tools, until);
    },
  };
}

interface Payload {
  body: Record<string, unknown>;
  files?: RawFile[];
}

/** Whom a message calls it calls once: an edit of it leaves what stands there. */
const callIn = ({ mention, editMessageId }: OutgoingMessage): Call | null =>
  mention === undefined || editMessageId !== undefined ? null : callOf(mention);

const NOBODY: Call['allowed'] = { parse: [] };

async function richBody({ view }: OutgoingMessage, call: Call | null, tools: SenderTools): Promise<Payload> {
  const { embeds, components, files } = await bodyOf(view, tools);
  return {
    body: {
      ...(call === null ? {} : { content: call.content }),
      embeds,
      components,
      allowed_mentions: call?.allowed ?? NOBODY,
      ...(files.length > 0
        ? { attachments: files.map(({ description, name }, id) => ({ id: String(id), description, filename: name })) }
        : {}),
    },
    files: files.map(({ attachment, name }) => ({ data: attachment, name })),
  };
}

function plainBody({ view }: OutgoingMessage, call: Call | null): Payload {
  const content = [...(call === null ? [] : [call.content]), renderPlain(view)].join('\n');
  return { body: { content, embeds: [], components: [], allowed_mentions: call?.allowed ?? NOBODY } };
}

async function attempt(
  message: OutgoingMessage,
  payload: Payload,
  { rest, token }: SenderTools,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { address, editMessageId, replyToMessageId, idempotencyKey } = message;
  const files = payload.files?.length ? { files: payload.files } : {};
  try {
    const answer = editMessageId
      ? await rest.patch(Routes.channelMessage(address.chatId, editMessageId), { body: payload.body, ...files, signal })
      : await rest.post(Routes.channelMessages(address.chatId), {
          body: {
            ...payload.body,
            nonce: idempotencyKey.slice(-25),
            enforce_nonce: true,
            ...(replyToMessageId
              ? { message_reference: { message_id: replyToMessageId, fail_if_not_exists: false } }
              : {}),
          },
          ...files,
          signal,
        });
    return { kind: 'sent', messageId: String((answer as { id?: unknown }).id ?? editMessageId ?? '') };
  } catch (error) {
    // After one 401 discord.js forgets its token, and nothing could be sent until a restart.
    if (error instanceof DiscordAPIError && error.status === 401) rest.setToken(token);
    return outcomeOf(error, editMessageId ?? null);
  }
}
