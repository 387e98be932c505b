import type { Membership, RigChat, RigDocument, RigMessage, RigUser, World } from './world.ts';

/** Chats, messages and members as the Bot API writes them. */
export function chatToApi(chat: RigChat): Record<string, unknown> {
  const base = { id: chat.id, type: chat.type };
  if (chat.user !== null) return { ...base, first_name: chat.user.first_name, username: chat.user.username };
  return { ...base, title: chat.title, ...(chat.isForum && { is_forum: true }) };
}

function documentToApi({ chat, id }: RigMessage, { name, bytes }: RigDocument): Record<string, unknown> {
  return {
    file_id: `document:${chat.id}:${id}`,
    file_unique_id: `d${id}`,
    file_name: name,
    mime_type: 'application/json',
    file_size: bytes.length,
  };
}

export function messageToApi(message: RigMessage): Record<string, unknown> {
  const { chat, thread, photo, document } = message;
  const written = message.text !== '';
  const content =
    photo === null && document === null
      ? { ...(written && { text: message.text, entities: message.entities }) }
      : {
          ...(photo !== null && {
            photo: [
              { file_id: `photo-${chat.id}-${message.id}`, file_unique_id: `p${message.id}`, width: 800, height: 400 },
            ],
          }),
          ...(document !== null && { document: documentToApi(message, document) }),
          ...(written && { caption: message.text, caption_entities: message.entities }),
        };
  const target = chat.messages.find(({ id }) => id === message.replyTo);
  return {
    message_id: message.id,
    ...(message.from !== null && { from: message.from }),
    ...(message.senderChat !== null && { sender_chat: chatToApi(message.senderChat) }),
    chat: chatToApi(chat),
    date: message.date,
    ...(thread !== null && { message_thread_id: thread, is_topic_message: true }),
    // In General a reply carries the id of what it answers as if it were a topic.
    ...(thread === null && chat.isForum && target && { message_thread_id: target.id }),
    ...(target && {
      reply_to_message: {
        message_id: target.id,
        date: target.date,
        chat: chatToApi(chat),
        ...(target.document !== null && { document: documentToApi(target, target.document) }),
      },
    }),
    ...(message.edits > 0 && { edit_date: message.date }),
    ...(message.keyboard !== null && { reply_markup: { inline_keyboard: message.keyboard } }),
    ...content,
    ...message.extra,
  };
}

export function memberToApi(world: World, user: RigUser, membership: Membership): Record<string, unknown> {
  const base = { user, status: membership.status };
  switch (membership.status) {
    case 'creator':
      return { ...base, is_anonymous: false };
    case 'administrator':
      return { ...base, can_be_edited: false, is_anonymous: false, ...membership.rights };
    case 'restricted':
      return { ...base, is_member: true, can_send_messages: true, until_date: 0, ...membership.rights };
    case 'kicked':
      return { ...base, until_date: 0 };
    default:
      return { ...base, ...(user.id === world.bot.id && membership.rights) };
  }
}
