import { DiscordAPIError, type RawFile, type REST, Routes } from 'discord.js';
import type { RenderChart } from '../../lib/chart.ts';
import type { DeliveryOutcome, OutgoingMessage, Sender } from '../../lib/delivery.ts';
import type { Logger } from '../../lib/logger.ts';
import { bodyOf } from './body.ts';
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
      const outcome = await attempt(message, await richBody(message, tools), tools, until);
      if (outcome.kind !== 'rejected') return outcome;
      tools.logger.error({ detail: outcome.detail }, 'Discord refused a message; it goes again as plain text');
      return await attempt(
        message,
        { body: { content: renderPlain(message.view), embeds: [], components: [] } },
        tools,
        until,
      );
    },
  };
}

interface Payload {
  body: Record<string, unknown>;
  files?: RawFile[];
}

async function richBody({ view }: OutgoingMessage, tools: SenderTools): Promise<Payload> {
  const { embeds, components, files } = await bodyOf(view, tools);
  return {
    body: {
      embeds,
      components,
      ...(files.length > 0
        ? { attachments: files.map(({ description, name }, id) => ({ id: String(id), description, filename: name })) }
        : {}),
    },
    files: files.map(({ attachment, name }) => ({ data: attachment, name })),
  };
}

async function attempt(
  message: OutgoingMessage,
  payload: Payload,
  { rest, token }: SenderTools,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { address, editMessageId, replyToMessageId, idempotencyKey } = message;
  const shared = { ...payload.body, allowed_mentions: { parse: [] } };
  const files = payload.files?.length ? { files: payload.files } : {};
  try {
    const answer = editMessageId
      ? await rest.patch(Routes.channelMessage(address.chatId, editMessageId), { body: shared, ...files, signal })
      : await rest.post(Routes.channelMessages(address.chatId), {
          body: {
            ...shared,
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
