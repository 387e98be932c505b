import { type APIEmbed, ButtonStyle, ComponentType } from 'discord.js';
import { encodeButton } from '../../bot/button.ts';
import type { Chart } from '../../lib/chart.ts';
import { cleanText, tidy } from '../../lib/units.ts';
import type { Action, Inline, Line, Tone, View } from '../../lib/view.ts';
import { codeSpan, escapeText } from './escape.ts';

/** Discord's limits, from its documentation of embeds and components. */
const TITLE = 256;
const DESCRIPTION = 4096;
const FOOTER = 2048;
const CUSTOM_ID = 100;
const LABEL = 80;
const ROWS = 5;
const BUTTONS_A_ROW = 5;

const PIECE = 1_000;

/** The end of time as JavaScript, and so Discord's app, counts it. */
const LAST_SECOND = 8_640_000_000_000;

const TONES: Record<Tone, { color: number; mark: string }> = {
  ok: { color: 0x2e9e5b, mark: '🟢' },
  degraded: { color: 0xe0a100, mark: '🟡' },
  down: { color: 0xd13438, mark: '🔴' },
  unknown: { color: 0x8a9099, mark: '⚪' },
  info: { color: 0x3b82c4, mark: '🔹' },
  error: { color: 0x8a9099, mark: '⚠️' },
};

interface ButtonComponent {
  type: ComponentType.Button;
  style: ButtonStyle.Secondary | ButtonStyle.Danger;
  label: string;
  custom_id: string;
}

interface Row {
  type: ComponentType.ActionRow;
  components: ButtonComponent[];
}

export interface Rendered {
  embeds: APIEmbed[];
  components: Row[];
  /** To be drawn and attached as chart.png, which the embed shows. */
  chart: Chart | null;
}

/**
 * A View as one embed and its buttons, within Discord's limits: whole lines are left out with "+N more", markup is
 * never cut. Fields are lines too: side by side they would be three unreadable columns on a phone.
 */
export function renderDiscord(view: View): Rendered {
  const { color, mark } = TONES[view.tone];
  const sources = cleanText(view.sources.join('; '), FOOTER / 4);
  const embed: APIEmbed = {
    title: `${mark} ${cutTitle(view.title)}`,
    color,
    description: describe(view),
    ...(view.chart ? { image: { url: 'attachment://chart.png' } } : {}),
    ...(sources === '' ? {} : { footer: { text: sources } }),
  };
  return { embeds: [embed], components: rows(view), chart: view.chart ?? null };
}

/** The same words without embed and buttons, for a body that was refused. */
export function renderPlain(view: View): string {
  const text = `${cutTitle(view.title)}\n${describe(view)}`;
  return fitLines(text.split('\n'), 1_900);
}

function cutTitle(title: string): string {
  for (let max = TITLE - 8; ; max = Math.floor(max / 2)) {
    const text = escapeText(cleanText(title, max));
    if (text.length <= TITLE - 4) return text;
  }
}

function describe(view: View): string {
  const lines = view.lines.map(renderLine);
  const fields = (view.fields ?? []).map(({ name, value }) => `${strong(name, 60)} ${renderLine(value)}`);
  const table = view.table
    ? [
        view.table.columns.map((name) => strong(name, 40)).join(' · '),
        ...view.table.rows.map((cells) => cells.map(renderLine).join(' · ')),
      ]
    : [];
  const page = view.page && view.page.of > 1 ? [`Page ${view.page.number} of ${view.page.of}`] : [];
  const stamp = view.asOf === null ? [] : [`-# as of ${renderTime(view.asOf)}`];
  const body = [...lines, ...(lines.length > 0 && fields.length > 0 ? [''] : []), ...fields, ...table];
  const tail = [...page, ...stamp].join('\n');
  const room = DESCRIPTION - tail.length - 1;
  return [fitLines(body, room), tail].filter((part) => part !== '').join('\n');
}

/** As many whole lines as fit, and how many do not. */
function fitLines(lines: readonly string[], room: number): string {
  const reserve = '+99999 more'.length + 1;
  let used = 0;
  for (const [index, line] of lines.entries()) {
    const left = index === lines.length - 1 ? room : room - reserve;
    if (used + line.length + 1 > left) {
      return [...lines.slice(0, index), `+${lines.length - index} more`].join('\n');
    }
    used += line.length + 1;
  }
  return lines.join('\n');
}

function renderLine(line: Line): string {
  return (Array.isArray(line) ? line : [line]).map(renderInline).join('');
}

function renderInline(part: Inline): string {
  if (typeof part === 'string') return escapeText(tidy(part, PIECE));
  if ('code' in part) return codeSpan(part.code);
  if ('strong' in part) return strong(part.strong, PIECE);
  if ('time' in part) return renderTime(part.time);
  const label = escapeText(cleanText(part.link, 100));
  const href = webAddress(part.url);
  return label !== '' && href !== null ? `[${label}](${href})` : label;
}

/** Percent-encoded, so that nothing in it can end the link; null for what is no plain https address. */
function webAddress(url: string): string | null {
  const { protocol, username, href } = URL.parse(url) ?? {};
  return protocol === 'https:' && username === '' && href && /^[^\s()<>]+$/.test(href) ? href : null;
}

/** Marks around nothing would be read as marks of what follows. */
function strong(text: string, max: number): string {
  const inner = escapeText(cleanText(text, max));
  return inner === '' ? '' : `**${inner}**`;
}

/** Shown in the reader's own zone. */
function renderTime(time: number): string {
  const seconds = Math.floor(time);
  return Math.abs(seconds) <= LAST_SECOND ? `<t:${seconds}:f> (<t:${seconds}:R>)` : 'an unknown time';
}

function rows(view: View): Row[] {
  const pages = pageActions(view);
  const actions = (view.actions ?? []).slice(0, (ROWS - 1) * BUTTONS_A_ROW);
  const taken = new Set<string>();
  const toButtons = (wanted: readonly Action[]): ButtonComponent[] =>
    wanted.flatMap((action) => {
      const id = encodeButton(action, CUSTOM_ID);
      const label = cleanText(action.label, LABEL);
      // Two buttons of one message may not share an id, even if they do the same.
      if (id === null || label === '' || taken.has(id)) return [];
      taken.add(id);
      const style = action.style === 'danger' ? ButtonStyle.Danger : ButtonStyle.Secondary;
      return [{ type: ComponentType.Button, style, label, custom_id: id }];
    });
  const paging = toButtons(pages);
  const buttons = toButtons(actions);
  const result: Row[] = [];
  if (paging.length > 0) result.push({ type: ComponentType.ActionRow, components: paging });
  for (let at = 0; at < buttons.length; at += BUTTONS_A_ROW) {
    result.push({ type: ComponentType.ActionRow, components: buttons.slice(at, at + BUTTONS_A_ROW) });
  }
  return result.slice(0, ROWS);
}

function pageActions({ page }: View): Action[] {
  if (page === undefined || page.of <= 1) return [];
  return [
    ...(page.number > 1 ? [{ label: '◀ Previous', command: `${page.command} page:${page.number - 1}` }] : []),
    ...(page.number < page.of ? [{ label: 'Next ▶', command: `${page.command} page:${page.number + 1}` }] : []),
  ];
}
