import type { Rig } from './context.ts';
import { chatToApi, memberToApi, messageToApi } from './toApi.ts';
import {
  ANONYMOUS_BOT,
  type MemberStatus,
  type RigChat,
  type RigDocument,
  type RigMessage,
  type RigUser,
} from './world.ts';

export interface TextOptions {
  /** Topic id. */
  thread?: number;
  replyTo?: number;
  /** Written by an administrator in the group's own name. */
  anonymous?: boolean;
  /** Written in the name of this channel. */
  asChannel?: RigChat;
  /** Unix seconds. */
  date?: number;
  forwarded?: boolean;
  /** Attached; the text is its caption. */
  document?: RigDocument;
  /** The copy that a linked channel leaves in its discussion group. */
  automaticForward?: boolean;
}

/** A person (or, in a channel, whoever may post) writes; the bot gets the update. */
export function sendText(rig: Rig, chat: RigChat, user: RigUser, text: string, options: TextOptions = {}): RigMessage {
  const command = /^\/[A-Za-z0-9_]+(?:@\w+)?/.exec(text)?.[0];
  chat.started = true;
  const senderChat = chat.type === 'channel' || options.anonymous ? chat : (options.asChannel ?? null);
  const origin = { type: 'user', sender_user: user, date: 1 };
  const message = rig.world.post(chat, {
    from: chat.type === 'channel' ? null : options.anonymous ? ANONYMOUS_BOT : user,
    senderChat,
    text,
    entities: command ? [{ type: 'bot_command', offset: 0, length: command.length }] : [],
    thread: options.thread ?? null,
    replyTo: options.replyTo ?? null,
    document: options.document ?? null,
    ...(options.date !== undefined && { date: options.date }),
    extra: {
      ...(options.forwarded && { forward_origin: origin }),
      ...(options.automaticForward && { is_automatic_forward: true, forward_origin: origin }),
    },
  });
  rig.updates.push(chat.type === 'channel' ? 'channel_post' : 'message', messageToApi(message));
  return message;
}

/** Somebody presses a button of a message, by its text or its data. Returns the callback query's id. */
export function press(
  rig: Rig,
  message: RigMessage,
  button: string,
  user: RigUser,
  options: { inaccessible?: boolean; withoutMessage?: boolean; atMs?: number } = {},
): string {
  const found = message.keyboard?.flat().find(({ text, callback_data: data }) => text === button || data === button);
  if (found?.callback_data === undefined && !options.withoutMessage) {
    throw new Error(`message ${message.id} has no button ${JSON.stringify(button)}`);
  }
  const id = `${rig.presses.size + 1}00${message.id}`;
  rig.presses.set(id, { atMs: options.atMs ?? rig.world.now(), answered: null });
  const shown = options.inaccessible
    ? { chat: chatToApi(message.chat), message_id: message.id, date: 0 }
    : messageToApi(message);
  rig.updates.push('callback_query', {
    id,
    from: user,
    chat_instance: String(message.chat.id),
    data: found?.callback_data ?? button,
    ...(!options.withoutMessage && { message: shown }),
  });
  return id;
}

/** Changes somebody's membership. The bot hears of its own as `my_chat_member`. */
export function member(
  rig: Rig,
  chat: RigChat,
  user: RigUser,
  status: MemberStatus,
  rights: Record<string, boolean> = {},
): void {
  const before = chat.members.get(user.id) ?? { status: chat.type === 'private' ? 'member' : 'left', rights: {} };
  chat.members.set(user.id, { status, rights });
  if (user.id !== rig.world.bot.id) return;
  rig.updates.push('my_chat_member', {
    chat: chatToApi(chat),
    from: chat.user ?? ANONYMOUS_BOT,
    date: Math.floor(rig.world.now() / 1000),
    old_chat_member: memberToApi(rig.world, user, before),
    new_chat_member: memberToApi(rig.world, user, { status, rights }),
  });
}

/** A group becomes a supergroup: both chats say so, and the old one refuses from then on. */
export function migrate(rig: Rig, group: RigChat): RigChat {
  const next = rig.world.chat('supergroup', group.title, null);
  for (const [id, membership] of group.members) next.members.set(id, membership);
  const old = rig.world.post(group, { from: ANONYMOUS_BOT, extra: { migrate_to_chat_id: next.id } });
  const fresh = rig.world.post(next, { from: ANONYMOUS_BOT, extra: { migrate_from_chat_id: group.id } });
  group.migratedTo = next.id;
  rig.updates.push('message', messageToApi(old));
  rig.updates.push('message', messageToApi(fresh));
  return next;
}

/** Closes or opens a topic; the bot hears of it as a service message. */
export function closeTopic(rig: Rig, chat: RigChat, thread: number, closed: boolean): void {
  const topic = chat.topics.get(thread);
  if (topic === undefined) throw new Error(`no topic ${thread}`);
  topic.closed = closed;
  const extra = closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
  const notice = rig.world.post(chat, { from: ANONYMOUS_BOT, thread, extra });
  rig.updates.push('message', messageToApi(notice));
}
