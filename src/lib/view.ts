import type { Chart } from './chart.ts';

/**
 * A View is what a command or an alert says, before any platform has a say. It is plain JSON.
 * Platforms own escaping, limits and layout; a plain string in a View is always text, never markup.
 */

/** Unix seconds. */
export type UnixSeconds = number;

export type Inline =
  | string
  | { code: string }
  | { strong: string }
  /** A moment: Discord shows it in the reader's zone, the others as UTC plus "3 min ago". */
  | { time: UnixSeconds }
  | { link: string; url: string };

export type Line = Inline | Inline[];

/** Colour and emoji of the whole message. */
export type Tone = 'ok' | 'degraded' | 'down' | 'unknown' | 'info' | 'error';

export interface Field {
  name: string;
  value: Line;
}

export interface Table {
  columns: string[];
  rows: Line[][];
}

/**
 * A button. `command` is what a person would type without the slash, e.g. `node status 0x12ab`;
 * pressing it runs that command again, so old buttons survive a restart.
 */
export interface Action {
  label: string;
  command: string;
  /** `edit` (default) replaces the message that carries the button; `reply` answers below it. */
  mode?: 'edit' | 'reply';
  style?: 'normal' | 'danger';
}

export interface Page {
  /** From 1. */
  number: number;
  of: number;
  /** The command without its page, e.g. `node list degraded`; ` page:N` is appended. */
  command: string;
}

export interface View {
  title: string;
  /** The title without its subject ("Heartbeat late"), for several such messages told as one. */
  headline?: string;
  tone: Tone;
  /** The first line is the point. */
  lines: Line[];
  fields?: Field[];
  table?: Table;
  chart?: Chart;
  actions?: Action[];
  page?: Page;
  /** When the facts behind it were true; null when there are none. */
  asOf: UnixSeconds | null;
  /** Where they came from, in words: `TEERegistry 0x703c… on chain 10740`. */
  sources: string[];
  /** Only the asker should see it (Discord: ephemeral). */
  private?: boolean;
  /** Something to take along. */
  file?: { name: string; text: string };
}
