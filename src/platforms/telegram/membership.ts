import type { ChatMember, ChatMemberUpdated } from 'grammy/types';

/** What a change of the bot's own membership means: the chat can be posted to again, or no longer and why. */
export function membershipChange(update: ChatMemberUpdated): { kind: 'revived' } | { kind: 'gone'; reason: string } {
  const { chat, new_chat_member: me } = update;
  if (me.status === 'left' || me.status === 'kicked' || (me.status === 'restricted' && !me.is_member)) {
    if (chat.type === 'private') return { kind: 'gone', reason: 'the user has blocked the bot' };
    const place = chat.type === 'channel' ? 'channel' : 'group';
    return { kind: 'gone', reason: `the bot was removed from the ${place}` };
  }
  return maySend(me, chat.type) ? { kind: 'revived' } : { kind: 'gone', reason: 'the bot may not write here' };
}

function maySend(me: ChatMember, chat: ChatMemberUpdated['chat']['type']): boolean {
  if (me.status === 'restricted') return me.can_send_messages;
  if (chat !== 'channel') return true;
  return me.status === 'creator' || (me.status === 'administrator' && me.can_post_messages === true);
}
