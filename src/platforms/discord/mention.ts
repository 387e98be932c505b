import type { Guild } from 'discord.js';
import { cleanText } from '../../lib/units.ts';

interface Called {
  kind: 'role' | 'user';
  id: string;
}

/** `role:<id>` or `user:<id>`; null for anything else. */
function parseMention(mention: string): Called | null {
  const [, kind, id] = /^(role|user):(\d{15,20})$/.exec(mention) ?? [];
  return id === undefined ? null : { kind: kind as Called['kind'], id };
}

/** The words that call somebody, and the permission that lets exactly them be called and nobody else. */
export interface Call {
  content: string;
  allowed: { parse: []; roles?: [string]; users?: [string] };
}

/** null when the mention names nobody. */
export function callOf(mention: string): Call | null {
  const called = parseMention(mention);
  if (called === null) return null;
  return called.kind === 'role'
    ? { content: `<@&${called.id}>`, allowed: { parse: [], roles: [called.id] } }
    : { content: `<@${called.id}>`, allowed: { parse: [], users: [called.id] } };
}

/** Where somebody is to be called; `guild` is null outside servers and where the bot is no member. */
interface Where {
  guild: Guild | null;
  /** Whether the bot has Mention Everyone in that channel, which opens every role to it. */
  mayMentionEveryone: boolean;
}

/** Why somebody cannot be called there, in words; null when they can. */
export function mentionProblem(mention: string, { guild, mayMentionEveryone }: Where): string | null {
  const called = parseMention(mention);
  if (called === null) return 'On Discord a role or a person of this server can be mentioned.';
  if (called.kind === 'user') return null;
  if (guild === null) return 'Roles can be mentioned only in servers that the bot has joined.';
  if (called.id === guild.id) return '@everyone cannot be mentioned by alerts. Choose a role.';
  const role = guild.roles.cache.get(called.id);
  if (role === undefined) return 'There is no such role in this server.';
  if (role.mentionable || mayMentionEveryone) return null;
  return `The role ${cleanText(role.name, 60)} cannot be mentioned: allow anyone to mention it (Server Settings, Roles), or grant the bot Mention Everyone here.`;
}
