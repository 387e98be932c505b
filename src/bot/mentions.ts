import type { View } from '../lib/view.ts';
import { echo, errorView } from './answers.ts';
import type { Call, Option } from './command.ts';

/** Discord's ids of today; Telegram's are shorter. */
const ID = String.raw`\d{1,20}`;
const ROLE = new RegExp(`^(?:<@&(${ID})>|role:(${ID}))$`, 'i');
const USER = new RegExp(`^(?:<@!?(${ID})>|user:(${ID}))$`, 'i');
/** Telegram: letters, digits and underscores, 4 to 32. */
const NAME = /^(?:@|name:)([a-z]\w{3,31})$/i;

const form = 'a role or a person (Discord: pick it after typing @), @name (Telegram), me, or none';

/** Whom an alert calls. */
export const mentionOption: Option = {
  name: 'mention',
  summary: 'Whom it calls: a role, a person, me, or none',
  type: 'text',
  required: false,
  maxLength: 60,
  check: (typed) => (isMention(typed.trim()) ? null : `mention must be ${form}, not ${echo(typed)}.`),
  async suggest(_, typed) {
    return ['me', 'none']
      .filter((word) => word.startsWith(typed.toLowerCase()))
      .map((value) => ({ label: value, value }));
  },
};

const isMention = (text: string): boolean =>
  /^(me|none)$/i.test(text) || [ROLE, USER, NAME].some((pattern) => pattern.test(text));

/**
 * A checked mention as it is stored (`role:<id>`, `user:<id>`, `name:<user name>`, empty for none), or why it cannot be
 * called in this chat.
 */
export async function readMention(
  typed: string,
  { caller, place }: Pick<Call, 'caller' | 'place'>,
): Promise<string | { instead: View }> {
  const mention = canonical(typed.trim(), caller.userId);
  if (mention === '') return '';
  const problem = wrongPlatform(mention, place.platform) ?? (await place.mentionProblem?.(mention)) ?? null;
  return problem === null ? mention : { instead: errorView('That cannot be called here', [problem]) };
}

function canonical(text: string, userId: string): string {
  if (/^none$/i.test(text)) return '';
  if (/^me$/i.test(text)) return `user:${userId}`;
  const id = (pattern: RegExp): string | undefined => pattern.exec(text)?.slice(1).find(Boolean);
  const role = id(ROLE);
  if (role !== undefined) return `role:${role}`;
  const user = id(USER);
  return user === undefined ? `name:${id(NAME) ?? ''}` : `user:${user}`;
}

function wrongPlatform(mention: string, platform: Call['place']['platform']): string | null {
  if (platform === 'discord' && mention.startsWith('name:'))
    return 'On Discord pick a role or a person from the list that opens after @; everyone and here are not called.';
  if (platform === 'telegram' && mention.startsWith('role:')) return 'Telegram has no roles; call a person by @name.';
  return null;
}

/** `calls role 5`, `calls @name`. */
export function mentionWords(mention: string): string {
  const [kind = '', ...rest] = mention.split(':');
  const who = rest.join(':');
  return kind === 'name' ? `calls @${who}` : `calls ${kind} ${who}`;
}
