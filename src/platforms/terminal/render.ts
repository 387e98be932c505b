import type { Chart, ChartUnit, Series } from '../../lib/chart.ts';
import type { Dates } from '../../lib/delivery.ts';
import { moment, type Reading } from '../../lib/moment.ts';
import { cleanText } from '../../lib/units.ts';
import type { Inline, Line, Tone, View } from '../../lib/view.ts';

export interface RenderOptions {
  nowMs: number;
  /** ANSI colours; only where a terminal shows them. */
  color?: boolean;
  /** How dates read; absent: UTC. */
  dates?: Dates;
}

const COLORS: Record<Tone, number> = { ok: 32, degraded: 33, down: 31, unknown: 90, info: 36, error: 31 };
const MAX_LINE = 2_000;

/** A View as text for a terminal. Nothing in it can move the cursor or change colours: control characters are gone. */
export function renderTerminal(view: View, { nowMs, color = false, dates }: RenderOptions): string {
  const reading: Reading = { nowSeconds: nowMs / 1000, dates };
  const paint = (text: string, code: number): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (value: Line): string =>
    cleanText((Array.isArray(value) ? value : [value]).map((part) => inline(part, reading)).join(''), MAX_LINE);
  const out = [paint(`== ${cleanText(view.title, 200)}`, COLORS[view.tone])];
  out.push(...view.lines.map((value) => `  ${line(value)}`));
  const width = Math.max(0, ...(view.fields ?? []).map(({ name }) => name.length));
  out.push(...(view.fields ?? []).map(({ name, value }) => `  ${cleanText(name, 60).padEnd(width)}  ${line(value)}`));
  if (view.table) {
    out.push(`  ${view.table.columns.map((name) => cleanText(name, 40)).join(' | ')}`);
    out.push(...view.table.rows.map((cells) => `  ${cells.map(line).join(' | ')}`));
  }
  if (view.chart) out.push(...chartLines(view.chart));
  if (view.page)
    out.push(
      `  page ${view.page.number} of ${view.page.of}: ${cleanText(view.page.command, 200)} page:${Math.min(view.page.number + 1, view.page.of)}`,
    );
  if (view.actions?.length)
    out.push(paint(`  next: ${view.actions.map(({ command }) => `/${cleanText(command, 100)}`).join('  ')}`, 90));
  if (view.file) out.push(`  ${cleanText(view.file.name, 100)}:`, ...view.file.text.split(/\r?\n/).map(fileLine));
  if (view.asOf !== null) out.push(paint(`  as of ${moment(view.asOf, reading)}`, 90));
  if (view.sources.length > 0)
    out.push(paint(`  from ${view.sources.map((source) => cleanText(source, 200)).join('; ')}`, 90));
  return out.join('\n');
}

/** As it is, apart from what would move the cursor. */
const fileLine = (text: string): string => text.replace(/[^\P{Cc}\t]/gu, '');

function inline(part: Inline, reading: Reading): string {
  if (typeof part === 'string') return part;
  if ('code' in part) return part.code;
  if ('strong' in part) return part.strong;
  if ('time' in part) return moment(part.time, reading);
  return `${part.link} <${part.url}>`;
}

const BARS = '▁▂▃▄▅▆▇█';

function chartLines({ panels, alt }: Chart): string[] {
  const rows = panels.flatMap(({ title, unit, series }) =>
    series.map((one) => `  ${cleanText(`${title}, ${one.name}`, 40).padEnd(32)} ${sparkline(one)} ${range(one, unit)}`),
  );
  return [...rows, `  (${cleanText(alt, 200)})`];
}

/** A dot is a time without data. */
function sparkline({ points }: Series): string {
  const max = Math.max(0, ...points.map(([, value]) => value ?? 0));
  return points
    .map(([, value]) =>
      value === null ? '·' : (BARS[max === 0 ? 0 : Math.round((value / max) * (BARS.length - 1))] as string),
    )
    .join('');
}

function range({ points }: Series, unit: ChartUnit): string {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length === 0) return 'no data';
  const words = { percent: ' %', ms: ' ms', s: ' s', min: ' min', count: '', ratio: '' }[unit];
  const parts = unit === 'ratio' ? 100 : 10;
  const text = (value: number): string => `${Math.round(value * parts) / parts}${words}`;
  return `${text(Math.min(...values))} to ${text(Math.max(...values))}`;
}
