import type { InlineKeyboardMarkup } from 'grammy/types';
import type { Dates } from '../../lib/delivery.ts';
import { moment, type Reading } from '../../lib/moment.ts';
import { tidy } from '../../lib/units.ts';
import type { Line, Tone, View } from '../../lib/view.ts';
import { keyboardOf, pagesNeedWords } from './keyboard.ts';
import { mentionRow } from './mention.ts';
import { type Row, segmentsOf, toRow } from './row.ts';
import { tableRows } from './tableRows.ts';

/** Bot API, sendMessage: 1-4096 characters after entities parsing. */
export const TEXT_UNITS = 4096;
/** Bot API, sendPhoto: caption of 0-1024 characters after entities parsing. */
export const CAPTION_UNITS = 1024;
/** The Bot API server refuses longer markup (2^15 bytes) before it looks at it. */
const MARKUP_BYTES = 30_000;
/** Telegram forgets entities after the 100th of a message (one is ours, for `+N more`): forgotten `<code>` would let what is inside be tapped. */
const MAX_ENTITIES = 99;

const MAX_TITLE = 200;
const MAX_SOURCE = 120;
const MAX_SOURCES = 5;
/** Room kept for the line that counts what was dropped. */
const MORE_UNITS = 24;

const EMOJI: Record<Tone, string> = {
  ok: '✅',
  degraded: '🟡',
  down: '🔴',
  unknown: '❔',
  info: 'ℹ️',
  error: '⚠️',
};

export interface Rendered {
  html: string;
  /** Without markup, safe to send without parse_mode. */
  plain: string;
  keyboard: InlineKeyboardMarkup | undefined;
  /** Lines that did not fit; the text says so as `+N more`. */
  dropped: number;
  /** Nothing was dropped and the whole is within the limit. */
  fits: boolean;
}

interface Placed extends Row {
  pre: boolean;
  /** An empty line before it. */
  gap: boolean;
  /** Not content of its own: goes when nothing follows, and is not counted. */
  header: boolean;
}

/** What a message says besides its View. */
interface Extra {
  /** How dates read in this chat; absent: UTC. */
  dates?: Dates | undefined;
  /** Who is called, as in OutgoingMessage. */
  mention?: string | undefined;
}

/**
 * A View as one Telegram message of at most `limitUnits` UTF-16 units after entities parsing. Lines that do not fit
 * are dropped whole, from the end; title, page hint, the last line (age and sources) and who is called always stay.
 */
export function render(view: View, limitUnits: number, nowSeconds: number, { dates, mention }: Extra = {}): Rendered {
  const reading: Reading = { nowSeconds, dates };
  const head = placed(titleRow(view));
  const call = mention === undefined ? null : mentionRow(mention);
  const tail = [...pageWords(view), ...lastLine(view, reading), ...(call === null ? [] : [placed(call)])];
  const body = bodyRows(view, reading);
  let size = sizeOf([head, ...tail]);
  const kept: Placed[] = [];
  for (const row of body) {
    const next = add(size, sizeOf([row]));
    const reserve = kept.length + 1 < body.length ? MORE_UNITS : 0;
    if (next.units + reserve > limitUnits || next.bytes > MARKUP_BYTES || next.entities > MAX_ENTITIES) break;
    size = next;
    kept.push(row);
  }
  if (kept.at(-1)?.header) kept.pop();
  const dropped = count(body) - count(kept);
  const more = dropped > 0 ? [placed(toRow([{ text: `+${dropped} more`, style: 'italic' }]))] : [];
  return {
    ...assemble([head, ...kept, ...more, ...tail]),
    keyboard: keyboardOf(view),
    dropped,
    fits: dropped === 0 && size.units <= limitUnits,
  };
}

/** Title alone: what stands below a picture whose text goes into a message of its own. */
export function renderTitle(view: View): { html: string; plain: string } {
  return assemble([placed(titleRow(view))]);
}

function titleRow(view: View): Row {
  return toRow([
    { text: `${EMOJI[view.tone]} `, style: 'text' },
    { text: tidy(view.title, MAX_TITLE), style: 'strong' },
  ]);
}

function bodyRows(view: View, reading: Reading): Placed[] {
  const row = (line: Line): Row => toRow(segmentsOf(line, reading));
  const rows: Placed[] = view.lines.map((line) => placed(row(line)));
  for (const [index, { name, value }] of (view.fields ?? []).entries()) {
    const segments = [
      { text: tidy(name, MAX_TITLE), style: 'strong' as const },
      { text: ': ', style: 'text' as const },
      ...segmentsOf(value, reading),
    ];
    rows.push(placed(toRow(segments), { gap: index === 0 }));
  }
  if (view.table && view.table.rows.length > 0 && view.table.columns.length > 0) {
    const { pre, header, rows: inside } = tableRows(view.table, reading);
    if (header) rows.push(placed(header, { pre, gap: true, header: true }));
    for (const [index, one] of inside.entries()) rows.push(placed(one, { pre, gap: index === 0 && header === null }));
  }
  return rows;
}

/** Only where buttons cannot carry the page command. */
function pageWords(view: View): Placed[] {
  if (!pagesNeedWords(view) || view.page === undefined) return [];
  const { number, of, command } = view.page;
  const example = { code: tidy(`/${command} page:${number < of ? number + 1 : number - 1}`, MAX_TITLE) };
  return [placed(toRow(segmentsOf([`Page ${number} of ${of}, the others: `, example], { nowSeconds: 0 })))];
}

function lastLine(view: View, reading: Reading): Placed[] {
  const parts = view.sources.slice(0, MAX_SOURCES).map((source) => tidy(source, MAX_SOURCE));
  const sources = parts.filter((part) => part !== '').join('; ');
  const age = view.asOf === null ? '' : `as of ${moment(view.asOf, reading)}`;
  const text = [age, sources].filter((part) => part !== '').join(' · ');
  return text === '' ? [] : [placed(toRow([{ text, style: 'italic' }]), { gap: true })];
}

function placed(row: Row, extra: Partial<Omit<Placed, keyof Row>> = {}): Placed {
  return { ...row, pre: false, gap: false, header: false, ...extra };
}

interface Size {
  units: number;
  bytes: number;
  entities: number;
}

const add = (a: Size, b: Size): Size => ({
  units: a.units + b.units,
  bytes: a.bytes + b.bytes,
  entities: a.entities + b.entities,
});

/** What rows take, counted generously: two line breaks each, and a `pre` of its own for every table line. */
function sizeOf(rows: readonly Placed[]): Size {
  return rows
    .map((row) => ({
      units: row.units + 2,
      bytes: Buffer.byteLength(row.html) + (row.pre ? 13 : 2),
      entities: row.entities + (row.header ? 1 : 0),
    }))
    .reduce(add, { units: 0, bytes: 0, entities: 0 });
}

const count = (rows: readonly Placed[]): number => rows.filter((row) => !row.header).length;

function assemble(rows: readonly Placed[]): { html: string; plain: string } {
  let html = '';
  let plain = '';
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    const lineBreak = before === undefined ? '' : row.gap ? '\n\n' : '\n';
    const opens = row.pre && !before?.pre ? '<pre>' : '';
    const closes = row.pre && !rows[index + 1]?.pre ? '</pre>' : '';
    html += `${lineBreak}${opens}${row.html}${closes}`;
    plain += `${lineBreak}${row.plain}`;
  }
  return { html, plain };
}
