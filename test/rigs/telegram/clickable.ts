import type { Entity } from './html.ts';

/**
 * What Telegram and its apps would make tappable in a text by themselves, apart from explicit links. Wider than the
 * real rules (any ending counts as a domain, any length as a name), so that passing here means passing there. Code and pre are left
 * alone, as the server does.
 */
const FINDERS: [string, RegExp][] = [
  ['mention', /(?<![A-Za-z0-9_])@[A-Za-z0-9_]+/g],
  ['bot_command', /(?<![A-Za-z0-9_/<>])\/[A-Za-z0-9_]{1,64}/g],
  ['hashtag', /(?<![\p{L}\p{N}_])#[\p{L}\p{N}_]+/gu],
  ['cashtag', /(?<![\p{L}\p{N}_])\$[A-Z]{1,8}(?![\p{L}\p{N}_])/gu],
  ['email', /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu],
  ['url', /(?:[a-z][a-z0-9+-]*:\/\/)[^\s\u2060]+/gi],
  ['url', /[\p{L}\p{N}_~-]+(?:[.。．｡][\p{L}\p{N}_~-]+)*[.。．｡]\p{L}[\p{L}\p{N}-]+/gu],
  ['url', /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g],
  ['phone_number', /\+\d[\d ()-]{5,}/g],
];

export interface Clickable {
  type: string;
  text: string;
}

export function clickableIn(text: string, entities: readonly Entity[]): Clickable[] {
  const shields = entities.filter(({ type }) => ['code', 'pre', 'text_link'].includes(type));
  const shielded = (from: number, to: number): boolean =>
    shields.some(({ offset, length }) => from < offset + length && to > offset);
  return FINDERS.flatMap(([type, pattern]) =>
    [...text.matchAll(pattern)]
      .filter((match) => !shielded(match.index, match.index + match[0].length))
      .map((match) => ({ type, text: match[0] })),
  );
}
