import type { Reading } from '../../lib/moment.ts';
import { relativeTime, utc } from '../../lib/units.ts';
import type { Line, Table } from '../../lib/view.ts';
import { neutralise } from './neutralise.ts';
import { escapeHtml, type Row, type Segment, segmentsOf, toRow } from './row.ts';

/** About as many monospaced columns as a phone shows without wrapping. */
const PHONE_COLUMNS = 34;
const GAP = 2;

export interface TableRows {
  /** Rows of a `pre` block are joined into one by the caller. */
  pre: boolean;
  /** Column names; null for bullets, which carry them in every line. */
  header: Row | null;
  rows: Row[];
}

/**
 * A table as monospaced lines where it fits a phone, else as one bullet a row with the column names in it.
 * Monospaced cells show moments as relative only (the last line of a message has the absolute time); bullets show both.
 */
export function tableRows(table: Table, reading: Reading): TableRows {
  const cells = [table.columns, ...table.rows].map((row) =>
    table.columns.map((_, column) => cellText(row[column] ?? '', reading)),
  );
  const widths = table.columns.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ''))));
  const total = widths.reduce((sum, one) => sum + one, 0) + GAP * (widths.length - 1);
  if (total > PHONE_COLUMNS) {
    return { pre: false, header: null, rows: table.rows.map((row) => bullet(table.columns, row, reading)) };
  }
  const [header, ...rows] = cells.map((row) => preRow(row, widths));
  return { pre: true, header: header ?? null, rows };
}

function cellText(cell: Line, reading: Reading): string {
  const parts = (Array.isArray(cell) ? cell : [cell]).map((inline) => {
    if (typeof inline === 'object' && 'time' in inline) {
      return utc(inline.time) === '?' ? '?' : relativeTime(inline.time, reading.nowSeconds);
    }
    return segmentsOf(inline, reading)
      .map(({ text }) => text)
      .join('');
  });
  return parts.join('').trim();
}

function preRow(cells: readonly string[], widths: readonly number[]): Row {
  const text = cells
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell) + GAP))
    .join('')
    .trimEnd();
  const plain = neutralise(text);
  return { html: escapeHtml(text), plain, units: plain.length, entities: 0 };
}

function bullet(columns: readonly string[], cells: readonly Line[], reading: Reading): Row {
  const segments: Segment[] = [{ text: '• ', style: 'text' }];
  for (const [column, cell] of cells.slice(0, columns.length).entries()) {
    if (column > 0) segments.push(...segmentsOf(` · ${columns[column]}: `, reading));
    segments.push(...segmentsOf(cell, reading));
  }
  return toRow(segments);
}

const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\uff01-\uff60]/u;

/** Monospaced columns that a text takes: East Asian letters and emoji take two, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const point of text) columns += /\p{M}/u.test(point) ? 0 : WIDE.test(point) ? 2 : 1;
  return columns;
}
