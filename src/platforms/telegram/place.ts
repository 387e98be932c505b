import type { Chat } from 'grammy/types';
import type { Place } from '../../bot/command.ts';
import type { Address } from '../../lib/delivery.ts';
import { cleanText } from '../../lib/units.ts';
import type { Admins } from './admins.ts';
import { mentionProblem } from './mention.ts';
import type { Rights } from './rights.ts';

const MAX_TITLE = 80;

/** Who asks, as far as rights go. */
export type Asker =
  | { kind: 'user'; id: number }
  /** The group itself (an anonymous administrator), or whoever may post in a channel. */
  | { kind: 'chat' }
  /** Another channel's name: nobody we could ask about. */
  | { kind: 'stranger' };

export interface TelegramPlace extends Place {
  /** Telegram was asked who manages this chat and did not answer. */
  readonly unsure: boolean;
}

export function addressOf(chat: Chat, threadId: string | null): Address {
  return { platform: 'telegram', chatId: String(chat.id), threadId };
}

/** Bot API: General has no thread id, and a reply may carry one that is no topic; only `is_topic_message` counts. */
export function threadOf(message: { is_topic_message?: boolean; message_thread_id?: number }): string | null {
  return message.is_topic_message && message.message_thread_id !== undefined ? String(message.message_thread_id) : null;
}

/** The chat as the bot's commands see it, for one asker. */
export function placeOf(
  chat: Chat,
  threadId: string | null,
  asker: Asker,
  tools: { admins: Admins; rights: Rights },
): TelegramPlace {
  const kind = chat.type === 'private' ? 'private' : chat.type === 'channel' ? 'channel' : 'group';
  let unsure = false;
  return {
    platform: 'telegram',
    kind,
    address: addressOf(chat, threadId),
    title: cleanText(chat.title ?? chat.first_name ?? chat.username ?? '', MAX_TITLE),
    get unsure() {
      return unsure;
    },
    async callerManages() {
      if (kind === 'private' || asker.kind === 'chat') return true;
      if (asker.kind === 'stranger') return false;
      const admin = await tools.admins.isAdmin(chat.id, asker.id);
      unsure = admin === null;
      return admin === true;
    },
    async missingPermissions() {
      return kind === 'private' ? [] : await tools.rights.missing(chat.id, kind, threadId);
    },
    mentionProblem: async (mention) => mentionProblem(mention),
  };
}
