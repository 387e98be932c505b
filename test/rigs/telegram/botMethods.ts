import { bad } from './apiError.ts';
import type { ApiCall, Methods, Rig } from './context.ts';
import type { RigDocument } from './world.ts';

/** A press must be answered within about this time. */
const PRESS_MS = 15_000;

function menuKey({ parameters }: ApiCall): string {
  return JSON.stringify([parameters.scope ?? { type: 'default' }, parameters.language_code ?? '']);
}

/** `document:<chat>:<message>` as a path below `/file/bot<token>/`. */
const filePath = (fileId: string): string => fileId.replace('document:', 'documents/').replaceAll(':', '_');

function documentBy(rig: Rig, fileId: string): RigDocument | null {
  const [, chatId, messageId] = /^document:(-?\d+):(\d+)$/.exec(fileId) ?? [];
  const messages = rig.world.chats.get(Number(chatId))?.messages;
  return messages?.find(({ id }) => id === Number(messageId))?.document ?? null;
}

/** What stands at a path that getFile gave out; null when nothing does. */
export function fileAt(rig: Rig, path: string): Buffer | null {
  const [, chatId, messageId] = /^documents\/(-?\d+)_(\d+)$/.exec(path) ?? [];
  return documentBy(rig, `document:${chatId}:${messageId}`)?.bytes ?? null;
}

export const botMethods: Methods = {
  getMe: ({ rig }) => ({
    ...rig.world.bot,
    can_join_groups: true,
    can_read_all_group_messages: true,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
  }),

  getUpdates: ({ rig, parameters, gone }) => rig.updates.take(parameters, gone),

  deleteWebhook: () => true,

  answerCallbackQuery({ rig, parameters }) {
    const press = rig.presses.get(String(parameters.callback_query_id));
    if (press === undefined || press.answered !== null || rig.world.now() - press.atMs > PRESS_MS) {
      throw bad('query is too old and response timeout expired or query ID is invalid');
    }
    const text = parameters.text === undefined ? undefined : String(parameters.text);
    if (text !== undefined && text.length > 200) throw bad('MESSAGE_TOO_LONG');
    press.answered = { ...(text !== undefined && { text }), ...(parameters.show_alert === true && { alert: true }) };
    return true;
  },

  /** Bots may fetch up to 20 MB. */
  getFile({ rig, parameters }) {
    const found = documentBy(rig, String(parameters.file_id));
    if (found === null) throw bad('invalid file_id');
    if (found.bytes.length > 20_000_000) throw bad('file is too big');
    return {
      file_id: parameters.file_id,
      file_unique_id: 'd1',
      file_size: found.bytes.length,
      file_path: filePath(String(parameters.file_id)),
    };
  },

  setMyCommands(call) {
    const commands = call.parameters.commands as { command: string; description: string }[];
    if (!Array.isArray(commands)) throw bad('parameter "commands" is required');
    if (commands.length > 100) throw bad('BOT_COMMANDS_TOO_MUCH');
    for (const { command, description } of commands) {
      if (!/^[a-z0-9_]{1,32}$/.test(command)) throw bad('BOT_COMMAND_INVALID');
      if (description.length < 1 || description.length > 256) throw bad('BOT_COMMAND_DESCRIPTION_INVALID');
    }
    call.rig.menus.set(menuKey(call), commands);
    return true;
  },

  getMyCommands: (call) => call.rig.menus.get(menuKey(call)) ?? [],

  deleteMyCommands(call) {
    call.rig.menus.delete(menuKey(call));
    return true;
  },
};
