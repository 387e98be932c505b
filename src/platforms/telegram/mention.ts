import type { Row } from './row.ts';

const BELL = '🔔 ';
/** What a person who is called by number is called: their own name is not ours to know. */
const LABEL = 'on call';

type Mention = { kind: 'user'; id: string } | { kind: 'name'; name: string };

/** `user:<id>` or `name:<user name>`; null for anything else. */
function parseMention(mention: string): Mention | null {
  const id = /^user:(\d{1,16})$/.exec(mention)?.[1];
  if (id !== undefined) return { kind: 'user', id };
  const name = /^name:([A-Za-z0-9_]{5,32})$/.exec(mention)?.[1];
  return name === undefined ? null : { kind: 'name', name };
}

/**
 * The line that calls somebody: the only text of a message that is not neutralised. null when it names nobody. Without
 * markup a person can be called by user name only, so the plain form of `user:` is just words.
 */
export function mentionRow(mention: string): Row | null {
  const who = parseMention(mention);
  if (who === null) return null;
  const plain = `${BELL}${who.kind === 'name' ? `@${who.name}` : LABEL}`;
  const html = who.kind === 'name' ? plain : `${BELL}<a href="tg://user?id=${who.id}">${LABEL}</a>`;
  return { html, plain, units: plain.length, entities: 1 };
}

/** Why somebody cannot be called, in words; null when it reads like a call. Telegram says no more beforehand. */
export function mentionProblem(mention: string): string | null {
  return parseMention(mention) === null
    ? 'On Telegram a person is called by @username (5 to 32 letters, digits or _) or by their number.'
    : null;
}
