import { chatOf, requireWrite, threadOf } from './access.ts';
import { bad } from './apiError.ts';
import { captionOf, documentOf, keyboardOf, photoOf, textOf } from './content.ts';
import type { ApiCall, Methods } from './context.ts';
import { messageToApi } from './toApi.ts';
import type { RigChat, RigMessage } from './world.ts';

/** Who the bot writes as, there. */
function author(call: ApiCall, chat: RigChat): Partial<RigMessage> {
  return chat.type === 'channel' ? { senderChat: chat, extra: { byBot: true } } : { from: call.rig.world.bot };
}

function replyTarget(call: ApiCall, chat: RigChat): number | null {
  const wanted = call.parameters.reply_parameters as
    | { message_id?: number; allow_sending_without_reply?: boolean }
    | undefined;
  if (wanted?.message_id === undefined) return null;
  const there = chat.messages.some(({ id }) => id === Number(wanted.message_id));
  if (there) return Number(wanted.message_id);
  if (wanted.allow_sending_without_reply) return null;
  throw bad('message to be replied not found');
}

/** `disable_web_page_preview` is the old name. */
function preview(parameters: Record<string, unknown>): boolean {
  const options = parameters.link_preview_options as { is_disabled?: boolean } | undefined;
  return options?.is_disabled !== true && parameters.disable_web_page_preview !== true;
}

export const sendMethods: Methods = {
  sendMessage(call) {
    const { rig, parameters } = call;
    const chat = chatOf(rig.world, parameters.chat_id);
    requireWrite(rig.world, chat, 'text messages');
    const content = textOf(parameters.text, parameters.parse_mode);
    const keyboard = keyboardOf(parameters.reply_markup);
    const thread = threadOf(rig.world, chat, parameters.message_thread_id);
    const replyTo = replyTarget(call, chat);
    rig.flood.check(chat);
    const linkPreview = preview(parameters);
    return messageToApi(
      rig.world.post(chat, { ...author(call, chat), ...content, keyboard, thread, replyTo, linkPreview }),
    );
  },

  sendPhoto(call) {
    const { rig, parameters, files } = call;
    const chat = chatOf(rig.world, parameters.chat_id);
    requireWrite(rig.world, chat, 'photos');
    const content = captionOf(parameters.caption, parameters.parse_mode);
    const photo = photoOf(parameters.photo, files);
    const keyboard = keyboardOf(parameters.reply_markup);
    const thread = threadOf(rig.world, chat, parameters.message_thread_id);
    const replyTo = replyTarget(call, chat);
    rig.flood.check(chat);
    return messageToApi(
      rig.world.post(chat, { ...author(call, chat), ...content, photo, keyboard, thread, replyTo, linkPreview: false }),
    );
  },

  sendDocument(call) {
    const { rig, parameters, files } = call;
    const chat = chatOf(rig.world, parameters.chat_id);
    requireWrite(rig.world, chat, 'documents');
    const content = captionOf(parameters.caption, parameters.parse_mode);
    const document = documentOf(parameters.document, files);
    const keyboard = keyboardOf(parameters.reply_markup);
    const thread = threadOf(rig.world, chat, parameters.message_thread_id);
    const replyTo = replyTarget(call, chat);
    rig.flood.check(chat);
    const linkPreview = false;
    return messageToApi(
      rig.world.post(chat, { ...author(call, chat), ...content, document, keyboard, thread, replyTo, linkPreview }),
    );
  },
};
