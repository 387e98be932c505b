import type { Message } from 'grammy/types';
import { cleanText } from '../../lib/units.ts';
import { ANONYMOUS_ADMIN, chatName, personName } from './callerName.ts';
import { type Attached, attachedTo } from './document.ts';
import type { Asker } from './place.ts';

/** Longer than any call of ours. */
const MAX_TEXT = 500;

/** A message that asks the bot something. `text` is the call without the slash. */
export interface Question {
  text: string;
  asker: Asker;
  userId: string;
  /** As shown to others. */
  name: string;
  attached: Attached | null;
}

export interface Listening {
  username: string;
  /** First words of our commands: `node`, `alerts`, … */
  roots: ReadonlySet<string>;
}

/**
 * What a message asks, or null when it asks us nothing: plain text in a group, another bot's command, a command
 * nobody here knows (unless it names us), messages of bots, and forwarded ones (such as a channel's automatic copies
 * in its group). What stands below a document counts when it is a command.
 */
export function questionOf(message: Message, listening: Listening): Question | null {
  const { chat } = message;
  const text = message.text ?? (message.document === undefined ? undefined : message.caption);
  if (text === undefined || message.forward_origin !== undefined) return null;
  const who = askerOf(message);
  if (who === null) return null;
  const asked = { ...who, attached: attachedTo(message) };

  const match = /^\/([A-Za-z0-9_]{1,64})(?:@(\w{1,64}))?(?:\s+([\s\S]*))?$/.exec(text.trim());
  if (match === null) {
    return chat.type === 'private' && message.text !== undefined ? { ...asked, text: folded(text) } : null;
  }
  const [, name = '', target, rest = ''] = match;
  if (target !== undefined && target.toLowerCase() !== listening.username.toLowerCase()) return null;
  const root = name.toLowerCase();
  const known = root === 'start' || listening.roots.has(root);
  if (!known && target === undefined && chat.type !== 'private') return null;
  return { ...asked, text: folded(`${root} ${rest}`) };
}

function askerOf(message: Message): Omit<Question, 'text' | 'attached'> | null {
  const { chat, from, sender_chat: senderChat } = message;
  // Whoever can post in a channel administers it; the person behind a post is not told.
  if (chat.type === 'channel') return { asker: { kind: 'chat' }, userId: String(chat.id), name: chatName(chat) };
  if (senderChat?.id === chat.id) return { asker: { kind: 'chat' }, userId: String(chat.id), name: ANONYMOUS_ADMIN };
  if (senderChat !== undefined) {
    return { asker: { kind: 'stranger' }, userId: String(senderChat.id), name: chatName(senderChat) };
  }
  if (from === undefined || from.is_bot) return null;
  return { asker: { kind: 'user', id: from.id }, userId: String(from.id), name: personName(from) };
}

const folded = (text: string): string => cleanText(text, MAX_TEXT);
