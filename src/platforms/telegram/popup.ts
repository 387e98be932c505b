import type { Place } from '../../bot/command.ts';
import type { Reading } from '../../lib/moment.ts';
import type { View } from '../../lib/view.ts';
import { segmentsOf } from './row.ts';

/** Bot API, answerCallbackQuery: text of 0-200 characters. */
const POPUP_UNITS = 200;

/**
 * What is shown to nobody but the one who pressed, where others would read an answer below; null: the answer is a
 * message. Errors are always shown so, cut if need be. What is private fits if it needs no more than words: a list with
 * buttons would lose them.
 */
export function popupOf(view: View, kind: Place['kind'], reading: Reading): string | null {
  if (kind === 'private') return null;
  if (view.tone === 'error') return cut(wordsOf(view, reading));
  if (!view.private || hasMore(view)) return null;
  const words = wordsOf(view, reading);
  return words.length <= POPUP_UNITS ? words : null;
}

const hasMore = ({ actions, fields, table, chart, page, file }: View): boolean =>
  [actions, fields].some((list) => (list?.length ?? 0) > 0) ||
  [table, chart, page, file].some((one) => one !== undefined);

function wordsOf({ title, lines }: View, reading: Reading): string {
  return [title, ...lines]
    .map((line) =>
      segmentsOf(line, reading)
        .map(({ text }) => text)
        .join(''),
    )
    .join('\n');
}

/** By whole characters: half of one is refused. */
function cut(text: string): string {
  if (text.length <= POPUP_UNITS) return text;
  let out = '';
  for (const character of text) {
    if (out.length + character.length > POPUP_UNITS - 1) break;
    out += character;
  }
  return `${out}…`;
}
