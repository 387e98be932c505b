import { createHash } from 'node:crypto';
import type { Api } from 'grammy';
import type { BotCommand, BotCommandScope } from 'grammy/types';
import type { Command } from '../../bot/command.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MetaStore } from '../../lib/metaStore.ts';
import { cleanText } from '../../lib/units.ts';
import { bounded, REQUEST_MS } from './bounded.ts';

/** Bot API, BotCommand: description of 1-256 characters, at most 100 commands. */
const MAX_DESCRIPTION = 256;
const MAX_COMMANDS = 100;
const META_KEY = 'telegram.menu';

type Audience = 'everyone' | 'managers';

/** The most specific scope wins, so each one of the four is set or cleared. Narrower ones (a chat, a member) are not ours. */
const SCOPES: { scope: BotCommandScope; audience: Audience }[] = [
  { scope: { type: 'default' }, audience: 'everyone' },
  { scope: { type: 'all_private_chats' }, audience: 'managers' },
  { scope: { type: 'all_group_chats' }, audience: 'everyone' },
  { scope: { type: 'all_chat_administrators' }, audience: 'managers' },
];

/**
 * The command menu: one entry a group (`node`), because Telegram knows no subcommands. `everyone` leaves out what
 * only administrators may do.
 */
function menuFor(commands: readonly Command[], audience: Audience): BotCommand[] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    if (audience === 'everyone' && command.permission === 'manage-alerts') continue;
    groups.set(command.path[0], [...(groups.get(command.path[0]) ?? []), command]);
  }
  return [...groups].slice(0, MAX_COMMANDS).map(([name, members]) => ({ command: name, description: about(members) }));
}

function about(members: readonly Command[]): string {
  const single = members.length === 1 && members[0]?.path.length === 1;
  const text = single
    ? (members[0]?.summary ?? '')
    : members.map(({ path, summary }) => (path.length === 2 ? `${path[1]}: ${summary}` : summary)).join('; ');
  return cleanText(text, MAX_DESCRIPTION) || '…';
}

/**
 * Registers the menu in every scope, if it (or the bot) is another than at the last time. Returns whether it did.
 * Rejects when Telegram does; then the next start tries again.
 */
export async function syncMenu(
  commands: readonly Command[],
  tools: { api: Api; meta: MetaStore; clock: Clock; botId: number; signal: AbortSignal },
): Promise<boolean> {
  const wanted = SCOPES.map(({ scope, audience }) => ({ scope, menu: menuFor(commands, audience) }));
  const hash = createHash('sha256')
    .update(JSON.stringify([tools.botId, wanted]))
    .digest('hex');
  if ((await tools.meta.get(META_KEY)) === hash) return false;
  for (const { scope, menu } of wanted) {
    await bounded(tools.clock, REQUEST_MS, tools.signal, (signal) =>
      menu.length > 0
        ? tools.api.setMyCommands(menu, { scope }, signal)
        : tools.api.deleteMyCommands({ scope }, signal),
    );
  }
  await tools.meta.set(META_KEY, hash);
  return true;
}
