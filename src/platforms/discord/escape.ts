import { cleanText, JOINER } from '../../lib/units.ts';

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
