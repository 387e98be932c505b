import { bad } from './apiError.ts';

export interface Entity {
  type: string;
  /** UTF-16 units. */
  offset: number;
  length: number;
  url?: string;
  /** Id of a person who is called. */
  user?: number;
  language?: string;
}

export interface Parsed {
  text: string;
  entities: Entity[];
}

const TAGS: Record<string, string> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  span: 'spoiler',
  'tg-spoiler': 'spoiler',
  'tg-emoji': 'custom_emoji',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
};

const REFERENCES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };
/** The server drops what comes after the 100th. */
const MAX_ENTITIES = 100;
const MAX_MARKUP_BYTES = 1 << 15;

const refuse = (text: string) => bad(`can't parse entities: ${text}`);

interface Open {
  tag: string;
  start: number;
  attributes: Map<string, string>;
}

/**
 * Bot API "HTML style": text and entities, or the Bot API's refusal (ApiError). A bare `>`, `"` or `&` is text, a
 * bare `<` never is. Nesting follows the documentation: nothing stands inside code and pre (but code right in pre).
 */
export function parseHtml(html: string): Parsed {
  if (Buffer.byteLength(html) > MAX_MARKUP_BYTES) throw bad('message is too long');
  const entities: Entity[] = [];
  const open: Open[] = [];
  let text = '';
  let at = 0;
  const byteOffset = (index: number): number => Buffer.byteLength(html.slice(0, index));

  while (at < html.length) {
    const char = html[at] as string;
    if (char === '&') {
      const [shown, length] = reference(html.slice(at, at + 12));
      text += shown;
      at += length;
    } else if (char !== '<') {
      text += char;
      at++;
    } else if (html[at + 1] === '/') {
      const closing = /^<\/([^\s>]*)\s*>/.exec(html.slice(at));
      const last = open.pop();
      if (last === undefined) throw refuse(`Unexpected end tag at byte offset ${byteOffset(at)}`);
      if (closing === null) throw refuse(`Unclosed end tag at byte offset ${byteOffset(at)}`);
      const name = (closing[1] ?? '').toLowerCase();
      if (name !== '' && name !== last.tag) {
        const found = `expected "</${last.tag}>", found "</${name}>"`;
        throw refuse(`Unmatched end tag at byte offset ${byteOffset(at)}, ${found}`);
      }
      close(last, text, entities, open);
      at += closing[0].length;
    } else {
      const [tag, length] = startTag(html.slice(at), byteOffset(at));
      open.push({ ...tag, start: text.length });
      at += length;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw refuse(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  return trimmed(text, entities);
}

function reference(text: string): [string, number] {
  const named = /^&(lt|gt|amp|quot);/.exec(text);
  if (named) return [REFERENCES[named[1] as string] as string, named[0].length];
  const numeric = /^&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));/.exec(text);
  const point = numeric?.[1] ? Number.parseInt(numeric[1], 16) : Number(numeric?.[2] ?? 0);
  if (numeric === null || point === 0 || point > 0x10ffff) return ['&', 1];
  return [String.fromCodePoint(point), numeric[0].length];
}

function startTag(text: string, offset: number): [Omit<Open, 'start'>, number] {
  const name = /^<([^\s>]*)/.exec(text)?.[1] ?? '';
  const tag = name.toLowerCase();
  if (text.indexOf('>') === -1) throw refuse(`Unclosed start tag at byte offset ${offset}`);
  if (TAGS[tag] === undefined) throw refuse(`Unsupported start tag "${name}" at byte offset ${offset}`);
  const attributes = new Map<string, string>();
  let at = 1 + name.length;
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (text[at] === '>') break;
    if (at >= text.length) throw refuse(`Unclosed start tag "${tag}" at byte offset ${offset}`);
    const attribute = /^([^\s=>"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.-]+))?/.exec(text.slice(at));
    if (attribute === null) throw refuse(`Empty attribute name in the tag "${tag}" at byte offset ${offset}`);
    if (text[at + attribute[0].length] === '=') throw refuse(`Unexpected end of name token at byte offset ${offset}`);
    const value = (attribute[2] ?? '').replace(/^["']|["']$/g, '');
    attributes.set(
      (attribute[1] as string).toLowerCase(),
      value.replace(/&[^;]{1,8};/g, (one) => reference(one)[0]),
    );
    at += attribute[0].length;
  }
  if (tag === 'span' && attributes.get('class') !== 'tg-spoiler') {
    throw refuse(`Tag "span" must have class "tg-spoiler" at byte offset ${offset}`);
  }
  return [{ tag, attributes }, at + 1];
}

function close(tag: Open, text: string, entities: Entity[], around: readonly Open[]): void {
  const length = text.length - tag.start;
  const inCode = around.some(({ tag: outer }) => outer === 'code' || outer === 'pre');
  if (length === 0 || inCode) return;
  // Code cannot share characters with anything else: the server takes the others away.
  if (tag.tag === 'code' || tag.tag === 'pre') {
    for (let i = entities.length - 1; i >= 0; i--) if ((entities[i]?.offset ?? 0) >= tag.start) entities.splice(i, 1);
  }
  const url = tag.attributes.get('href');
  if (tag.tag === 'a') {
    const parsed = URL.parse(url ?? text.slice(tag.start));
    if (parsed === null || !['http:', 'https:', 'tg:', 'ton:', 'mailto:', 'tel:'].includes(parsed.protocol)) return;
    const user = parsed.protocol === 'tg:' ? /^tg:\/\/user\/?\?id=(\d+)$/.exec(parsed.href)?.[1] : undefined;
    if (user !== undefined) entities.push({ type: 'text_mention', offset: tag.start, length, user: Number(user) });
    else entities.push({ type: 'text_link', offset: tag.start, length, url: parsed.href });
  } else entities.push({ type: TAGS[tag.tag] as string, offset: tag.start, length });
}

/** White space at both ends is taken away, and entities beyond the hundredth are. */
function trimmed(text: string, entities: Entity[]): Parsed {
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  const moved = entities
    .map((entity) => {
      const from = Math.max(0, entity.offset - lead);
      return { ...entity, offset: from, length: Math.min(shown.length, entity.offset - lead + entity.length) - from };
    })
    .filter(({ length }) => length > 0)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text: shown, entities: moved.slice(0, MAX_ENTITIES) };
}
