import { editable } from './access.ts';
import { bad } from './apiError.ts';
import { captionOf, keyboardOf, photoOf, textOf } from './content.ts';
import type { ApiCall, Methods } from './context.ts';
import { messageToApi } from './toApi.ts';
import type { RigMessage } from './world.ts';

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current ' +
  'content and reply markup of the message';

type Change = Partial<Pick<RigMessage, 'text' | 'entities' | 'photo' | 'keyboard'>>;

function apply(message: RigMessage, change: Change): Record<string, unknown> {
  const same = (Object.keys(change) as (keyof Change)[]).every((key) =>
    key === 'photo'
      ? change.photo && message.photo?.equals(change.photo)
      : JSON.stringify(change[key]) === JSON.stringify(message[key]),
  );
  if (same) throw bad(NOT_MODIFIED);
  Object.assign(message, change);
  message.edits++;
  return messageToApi(message);
}

const keyboard = ({ parameters }: ApiCall) => keyboardOf(parameters.reply_markup);

export const editMethods: Methods = {
  editMessageText(call) {
    const message = editable(call.rig.world, call.parameters);
    const content = textOf(call.parameters.text, call.parameters.parse_mode);
    if (message.photo !== null || message.document !== null) throw bad('there is no text in the message to edit');
    return apply(message, { ...content, keyboard: keyboard(call) });
  },

  editMessageCaption(call) {
    const message = editable(call.rig.world, call.parameters);
    const content = captionOf(call.parameters.caption, call.parameters.parse_mode);
    if (message.photo === null && message.document === null) throw bad('there is no caption in the message to edit');
    return apply(message, { ...content, keyboard: keyboard(call) });
  },

  /** Works on text messages as well: they become pictures. */
  editMessageMedia(call) {
    const message = editable(call.rig.world, call.parameters);
    const media = call.parameters.media as Record<string, unknown> | undefined;
    if (media?.type !== 'photo') throw bad('the rig knows only photos as media');
    const content = captionOf(media.caption, media.parse_mode);
    return apply(message, { ...content, photo: photoOf(media.media, call.files), keyboard: keyboard(call) });
  },

  editMessageReplyMarkup(call) {
    return apply(editable(call.rig.world, call.parameters), { keyboard: keyboard(call) });
  },
};
