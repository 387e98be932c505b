import { moment, type Reading } from '../../lib/moment.ts';
import { JOINER, tidy } from '../../lib/units.ts';
import type { Inline, Line } from '../../lib/view.ts';
import { breakPoints, neutralise } from './neutralise.ts';

/** One line of a message, ready to be placed; it is kept or dropped as a whole. */
export interface Row {
  html: string;
  /** The same without markup, for the case that Telegram refuses the markup. */
  plain: string;
  /** Length after entities parsing, in UTF-16 units, of the longer of the two: never less than Telegram counts. */
  units: number;
  entities: number;
}

type Style = 'text' | 'strong' | 'italic' | 'code' | 'link';

export interface Segment {
  text: string;
  style: Style;
  url?: string;
}

/** One string of a View is shortened to this many characters, so that a single hostile one cannot use up a message. */
const MAX_PIECE = 1000;

/** The pieces of a line, cleaned, empty ones left out. */
export function segmentsOf(line: Line, reading: Reading): Segment[] {
  const inlines = Array.isArray(line) ? line : [line];
  return inlines.map((inline) => segmentOf(inline, reading)).filter(({ text }) => text !== '');
}

function segmentOf(inline: Inline, reading: Reading): Segment {
  if (typeof inline === 'string') return { text: tidy(inline, MAX_PIECE), style: 'text' };
  if ('code' in inline) return { text: tidy(inline.code, MAX_PIECE), style: 'code' };
  if ('strong' in inline) return { text: tidy(inline.strong, MAX_PIECE), style: 'strong' };
  if ('time' in inline) return { text: moment(inline.time, reading), style: 'text' };
  const url = webUrl(inline.url);
  const text = tidy(inline.link, MAX_PIECE);
  return url === null ? { text, style: 'text' } : { text, style: 'link', url };
}

/** Only the web may be linked: `tg:`, `javascript:` and addresses with a user name in them are shown as text. */
function webUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null;
  return url.href;
}

/** A line as a Row. Joiners are placed over the whole line, so a name split over two pieces is broken as well. */
export function toRow(segments: readonly Segment[]): Row {
  const points = breakPoints(segments.map(({ text }) => text).join(''));
  let html = '';
  let units = 0;
  let entities = 0;
  let start = 0;
  let owed = '';
  for (const { text, style, url } of segments) {
    const inside = points.filter((at) => at > start && at <= start + text.length).map((at) => at - start);
    // Code is exact; a joiner due at its end stands at the beginning of what follows.
    const shown = style === 'code' ? text : owed + joined(text, inside);
    owed = style === 'code' && inside.includes(text.length) ? JOINER : '';
    html += wrap(escapeHtml(shown), style, url);
    units += shown.length;
    entities += style === 'text' ? 0 : 1;
    start += text.length;
  }
  const plain = neutralise(segments.map(({ text }) => text).join(''));
  return { html, plain, units: Math.max(units, plain.length), entities };
}

function joined(text: string, points: readonly number[]): string {
  let out = '';
  let from = 0;
  for (const at of points) {
    out += text.slice(from, at) + JOINER;
    from = at;
  }
  return out + text.slice(from);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function wrap(html: string, style: Style, url: string | undefined): string {
  switch (style) {
    case 'text':
      return html;
    case 'strong':
      return `<b>${html}</b>`;
    case 'italic':
      return `<i>${html}</i>`;
    case 'code':
      return `<code>${html}</code>`;
    case 'link':
      return `<a href="${escapeHtml(url ?? '')}">${html}</a>`;
  }
}
