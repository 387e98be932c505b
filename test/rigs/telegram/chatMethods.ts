import { chatOf, requireMember } from './access.ts';
import { bad } from './apiError.ts';
import type { Methods } from './context.ts';
import { chatToApi, memberToApi } from './toApi.ts';

export const chatMethods: Methods = {
  getChat({ rig, parameters }) {
    const chat = chatOf(rig.world, parameters.chat_id);
    requireMember(rig.world, chat);
    const group = chat.type === 'group' || chat.type === 'supergroup';
    return {
      ...chatToApi(chat),
      accent_color_id: 0,
      max_reaction_count: 11,
      ...(group && { permissions: chat.permissions }),
    };
  },

  getChatMember({ rig, parameters }) {
    const chat = chatOf(rig.world, parameters.chat_id);
    const user = rig.world.users.get(Number(parameters.user_id));
    if (user === undefined) throw bad('user not found');
    if (user.id !== rig.world.bot.id) requireMember(rig.world, chat);
    return memberToApi(rig.world, user, rig.world.membership(chat, user.id));
  },

  getChatAdministrators({ rig, parameters }) {
    const chat = chatOf(rig.world, parameters.chat_id);
    requireMember(rig.world, chat);
    if (chat.type === 'private') throw bad('there are no administrators in the private chat');
    return [...chat.members].flatMap(([id, membership]) => {
      const user = rig.world.users.get(id);
      const admin = membership.status === 'administrator' || membership.status === 'creator';
      return user && admin ? [memberToApi(rig.world, user, membership)] : [];
    });
  },

  leaveChat({ rig, parameters }) {
    const chat = chatOf(rig.world, parameters.chat_id);
    requireMember(rig.world, chat);
    chat.members.set(rig.world.bot.id, { status: 'left', rights: {} });
    return true;
  },
};
