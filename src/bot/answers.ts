import { cleanText } from '../lib/units.ts';
import type { Action, Line, View } from '../lib/view.ts';

/** An answer that says what was wrong with the question. Never stored, no internals. */
export function errorView(title: string, lines: Line[], actions: Action[] = []): View {
  return { title, tone: 'error', lines, actions, asOf: null, sources: [], private: true };
}

/** What somebody typed, fit to be repeated. */
export function echo(typed: unknown): string {
  const text = typeof typed === 'string' || typeof typed === 'number' ? cleanText(String(typed), 60) : '';
  return text === '' ? '(nothing readable)' : `“${text}”`;
}
