import { duration } from '../lib/units.ts';
import type { Inline } from '../lib/view.ts';
import { FOREVER_MS } from '../store/store.ts';
import { echo } from './answers.ts';
import type { Option } from './command.ts';

const UNITS: Record<string, number> = { s: 1, sec: 1, m: 60, min: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `10m`, `2h`, `1d 12h`, `90 min` as whole seconds; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  const typed = text.trim().toLowerCase();
  if (!/^(?:\d{1,6}\s*(?:sec|min|[smhdw])\s*)+$/.test(typed)) return null;
  return [...typed.matchAll(/(\d+)\s*([a-z]+)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number),
    0,
  );
}

export interface DurationRange {
  minSeconds: number;
  maxSeconds: number;
  /** What may stand there instead: `forever`, `none`, `off`. */
  words: readonly string[];
}

/** An option that takes a time within a range, or one of some words. */
export function durationOption(name: string, summary: string, range: DurationRange): Option {
  return {
    name,
    summary,
    type: 'text',
    required: false,
    maxLength: 30,
    check: (typed) => problemOf(name, typed, range),
  };
}

/** Seconds of a checked option; null for a word. */
export const secondsOf = (checked: string | number): number | null => parseDuration(String(checked));

function problemOf(name: string, typed: string, { minSeconds, maxSeconds, words }: DurationRange): string | null {
  if (words.includes(typed.trim().toLowerCase())) return null;
  const seconds = parseDuration(typed);
  if (seconds !== null && seconds >= minSeconds && seconds <= maxSeconds) return null;
  const range = `from ${duration(minSeconds)} to ${duration(maxSeconds)}`;
  return `${name} must be a time like 10m, 2h or 3d, ${[range, ...words].join(', or ')}, not ${echo(typed)}.`;
}

/** The moment at which a mute or pause that begins now ends; `forever` never does. */
export function untilMs(checked: string | number, nowMs: number): number {
  const seconds = secondsOf(checked);
  return seconds === null ? FOREVER_MS : nowMs + seconds * 1000;
}

/** `until <moment>`, or that somebody has to end it. */
export const untilWords = (atMs: number): Inline[] =>
  atMs >= FOREVER_MS ? ['until somebody ends it'] : ['until ', { time: Math.floor(atMs / 1000) }];
