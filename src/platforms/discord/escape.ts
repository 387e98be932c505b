import { cleanText } from '../../lib/units.ts';

/** U+2060 WORD JOINER: invisible, and part of no mention and no URL. */
const JOINER = '\u2060';

/**
 * Text as text: no formatting, no mention, no link, whatever it says. Discord takes a backslash before any ASCII
 * punctuation as "this character"; addresses, invites and mentions, which it finds without markup, get an invisible joiner.
 */
export function escapeText(text: string): string {
  return text
    .replace(/[\\*_~`|<>[\]()#+-]/g, '\\$&')
    .replace(/:\/\//g, `:${JOINER}//`)
    .replace(/(discord(?:app)?)\.(?=gg|com|gift|new)/gi, `$1.${JOINER}`)
    .replace(/@/g, `@${JOINER}`);
}

/** Text in a code span. Nothing in it can end the span: backticks become a look-alike. */
export function codeSpan(text: string): string {
  const inner = cleanText(text, 300).replaceAll('`', 'ˋ');
  return inner === '' ? '' : `\`${inner}\``;
}

/** One piece of a line without control, bidirectional and zero-width characters; spaces at its ends stay. */
export function tidy(text: string, max: number): string {
  const lead = /^\s/.test(text) ? ' ' : '';
  const tail = /\S\s+$/.test(text) ? ' ' : '';
  return `${lead}${cleanText(text, max)}${tail}`;
}
