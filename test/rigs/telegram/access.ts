import { ApiError, bad, forbidden } from './apiError.ts';
import type { RigChat, RigMessage, World } from './world.ts';

/** The chat that `chat_id` names. */
export function chatOf(world: World, chatId: unknown): RigChat {
  if (chatId === undefined || chatId === '') throw bad('chat_id is empty');
  const chat = world.chats.get(Number(chatId));
  if (chat === undefined) throw bad('chat not found');
  return chat;
}

/** Throws unless the bot may read that chat. */
export function requireMember(world: World, chat: RigChat): void {
  if (chat.migratedTo !== null) {
    throw new ApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: chat.migratedTo,
    });
  }
  if (chat.type === 'private') {
    if (chat.deactivated) throw forbidden('user is deactivated');
    const me = chat.members.get(world.bot.id);
    if (me?.status === 'kicked') throw forbidden('bot was blocked by the user');
    if (!chat.started) throw forbidden("bot can't initiate conversation with a user");
    return;
  }
  const { status } = world.membership(chat, world.bot.id);
  if (status === 'kicked') throw forbidden(`bot was kicked from the ${chat.type} chat`);
  if (status === 'left') throw forbidden(`bot is not a member of the ${chat.type} chat`);
}

/** Throws unless the bot may post what it wants to, there. */
export function requireWrite(world: World, chat: RigChat, what: 'text messages' | 'photos' | 'documents'): void {
  requireMember(world, chat);
  if (chat.type === 'private') return;
  const me = world.membership(chat, world.bot.id);
  if (chat.type === 'channel') {
    if (me.status === 'creator' || me.rights.can_post_messages) return;
    throw bad('need administrator rights in the channel chat');
  }
  if (me.status === 'administrator' || me.status === 'creator') return;
  const may = me.status === 'restricted' ? me.rights : chat.permissions;
  const right = what === 'text messages' ? 'can_send_messages' : `can_send_${what}`;
  if (may[right] === false) throw bad(`not enough rights to send ${what} to the chat`);
}

/** The topic that a send goes to; null is General or a chat without topics. */
export function threadOf(world: World, chat: RigChat, threadId: unknown): number | null {
  if (threadId === undefined || threadId === null) return null;
  const topic = chat.topics.get(Number(threadId));
  if (!chat.isForum || topic === undefined) throw bad('message thread not found');
  if (topic.deleted) throw bad('TOPIC_DELETED');
  const me = world.membership(chat, world.bot.id);
  if (topic.closed && !(me.status === 'administrator' && me.rights.can_manage_topics)) throw bad('TOPIC_CLOSED');
  return Number(threadId);
}

/** The bot's own message that an edit names. */
export function editable(world: World, parameters: Record<string, unknown>): RigMessage {
  const chat = chatOf(world, parameters.chat_id);
  requireMember(world, chat);
  const message = chat.messages.find(({ id }) => id === Number(parameters.message_id));
  if (message === undefined) throw bad('message to edit not found');
  const own = message.from?.id === world.bot.id || (chat.type === 'channel' && message.extra.byBot === true);
  if (!own) throw bad("message can't be edited");
  return message;
}
