import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types';
import { encodeButton } from '../../bot/button.ts';
import { tidy } from '../../lib/units.ts';
import type { Action, View } from '../../lib/view.ts';

/** Bot API, InlineKeyboardButton: callback_data has 1 to 64 bytes. */
const CALLBACK_DATA_BYTES = 64;

const MAX_BUTTONS = 60;
const MAX_LABEL = 48;
/** Buttons share a row of the phone equally; longer labels would be cut by the app. */
const ROW_LABELS = 26;
const ROW_BUTTONS = 4;

/**
 * The buttons of a View, or undefined when it has none. A command that does not fit into callback_data gets no button.
 */
export function keyboardOf(view: View): InlineKeyboardMarkup | undefined {
  const rows = packed((view.actions ?? []).flatMap((action) => button(action) ?? []).slice(0, MAX_BUTTONS));
  const pages = pageButtons(view);
  if (pages.length > 0) rows.push(pages);
  return rows.length === 0 ? undefined : { inline_keyboard: rows };
}

/** Whether the View has pages that no button can reach, so that the text must say how. */
export function pagesNeedWords(view: View): boolean {
  return view.page !== undefined && view.page.of > 1 && pageButtons(view).length === 0;
}

function button(action: Action): InlineKeyboardButton | null {
  const data = encodeButton(action, CALLBACK_DATA_BYTES);
  const text = tidy(action.label, MAX_LABEL).trim();
  if (data === null || text === '') return null;
  return { text, callback_data: data, ...(action.style === 'danger' ? { style: 'danger' } : {}) };
}

function packed(buttons: readonly InlineKeyboardButton[]): InlineKeyboardButton[][] {
  const rows: InlineKeyboardButton[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const one of buttons) {
    const row = rows.at(-1);
    if (row === undefined || row.length >= ROW_BUTTONS || used + one.text.length > ROW_LABELS) {
      rows.push([one]);
      used = one.text.length;
    } else {
      row.push(one);
      used += one.text.length;
    }
  }
  return rows;
}

/** `‹` `2/3` `›`: all or nothing, a lone page number helps nobody. */
function pageButtons(view: View): InlineKeyboardButton[] {
  const { page } = view;
  if (page === undefined || page.of <= 1) return [];
  const wanted: Action[] = [];
  if (page.number > 1) wanted.push({ label: '‹ prev', command: `${page.command} page:${page.number - 1}` });
  wanted.push({ label: `${page.number}/${page.of}`, command: `${page.command} page:${page.number}` });
  if (page.number < page.of) wanted.push({ label: 'next ›', command: `${page.command} page:${page.number + 1}` });
  const buttons = wanted.flatMap((action) => button(action) ?? []);
  return buttons.length === wanted.length ? buttons : [];
}
