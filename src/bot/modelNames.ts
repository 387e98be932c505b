import { cleanText } from '../lib/units.ts';

/** As long as the hub's source keeps a name or an author. */
const MAX_NAME = 120;

/** As the hub's source cleans names, and one character more than may be, so that what is too long is refused and not cut. */
const clean = (text: string, max: number): string => cleanText(text, max + 1);

// Topics of an incident are stored with bars between them.
const isPart = (text: string): boolean => text !== '' && text.length <= MAX_NAME && !text.includes('|');

/** `author/name` as subscriptions keep it: in lower case, without what cannot be seen. null: it is no such thing. */
export function readModelKey(typed: string): string | null {
  const text = clean(typed, 2 * MAX_NAME + 1);
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const [author, name] = [text.slice(0, slash).trim(), text.slice(slash + 1).trim()];
  return isPart(author) && isPart(name) ? clean(`${author}/${name}`.toLowerCase(), 4 * MAX_NAME) : null;
}

/** The author of models as subscriptions keep it, in lower case; null: nobody could be called that. */
export function readAuthor(typed: string): string | null {
  const text = clean(typed, MAX_NAME);
  return isPart(text) && !text.includes('/') ? clean(text.toLowerCase(), 2 * MAX_NAME) : null;
}

/** A text as one word of a typed command, in quotes where it needs them; null when typing it would ask for something else. */
export function asWord(text: string): string | null {
  // Quotes inside end it, `name:` at its start is read as an option, and what is cleaned away would be missing.
  if (text === '' || text.includes('"') || /^[a-z]+:/.test(text) || cleanText(text, 190) !== text) return null;
  return /\s/.test(text) ? `"${text}"` : text;
}
