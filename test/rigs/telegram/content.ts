import { bad } from './apiError.ts';
import type { UploadedFile } from './body.ts';
import { type Parsed, parseHtml } from './html.ts';
import type { RigButton, RigDocument } from './world.ts';

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_DATA_BYTES = 64;
const MAX_BUTTONS = 100;
const MAX_ROW = 8;

export function textOf(text: unknown, parseMode: unknown): Parsed {
  const parsed = parse(text, parseMode);
  if (parsed.text === '') throw bad('message text is empty');
  if (parsed.text.length > MAX_TEXT) throw bad('message is too long');
  return parsed;
}

export function captionOf(text: unknown, parseMode: unknown): Parsed {
  const parsed = parse(text, parseMode);
  if (parsed.text.length > MAX_CAPTION) throw bad('message caption is too long');
  return parsed;
}

function parse(text: unknown, parseMode: unknown): Parsed {
  const source = text === undefined || text === null ? '' : String(text);
  if (parseMode === undefined || parseMode === '') return { text: source.trim(), entities: [] };
  if (String(parseMode).toLowerCase() === 'html') return parseHtml(source);
  throw bad('unsupported parse_mode');
}

/** The inline keyboard of a call: null when there is none. */
export function keyboardOf(markup: unknown): RigButton[][] | null {
  if (markup === undefined || markup === null) return null;
  const rows = (markup as { inline_keyboard?: unknown }).inline_keyboard;
  if (!Array.isArray(rows)) throw bad('object expected as reply markup');
  let count = 0;
  for (const row of rows as unknown[]) {
    if (!Array.isArray(row)) throw bad("can't parse inline keyboard button: expected an Array");
    if (row.length > MAX_ROW) throw bad('BUTTON_COUNT_INVALID');
    for (const button of row as RigButton[]) checkButton(button);
    count += row.length;
  }
  if (count > MAX_BUTTONS) throw bad('reply markup is too long');
  return count === 0 ? null : (rows as RigButton[][]);
}

function checkButton(button: RigButton): void {
  if (typeof button.text !== 'string' || button.text.trim() === '') {
    throw bad('can\'t parse inline keyboard button: Field "text" must be of type String');
  }
  if (button.url === undefined && button.callback_data === undefined) {
    throw bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  }
  const bytes = Buffer.byteLength(button.callback_data ?? 'x');
  if (bytes < 1 || bytes > MAX_DATA_BYTES) throw bad('BUTTON_DATA_INVALID');
  if (button.style !== undefined && !['danger', 'success', 'primary'].includes(button.style)) {
    throw bad('BUTTON_STYLE_INVALID');
  }
}

/** The file that `attach://name` (or the parameter itself) stands for: not empty, at most 50 MB. */
export function documentOf(reference: unknown, files: Map<string, UploadedFile>): RigDocument {
  const name = /^attach:\/\/(.+)$/.exec(String(reference ?? ''))?.[1] ?? 'document';
  const file = files.get(name);
  if (file === undefined) throw bad('there is no document in the request');
  if (file.bytes.length === 0) throw bad('file must be non-empty');
  if (file.bytes.length > 50_000_000) throw bad('file is too big');
  return file;
}

/** The picture that `attach://name` (or the parameter itself) stands for: PNG or JPEG, at most 10 MB. */
export function photoOf(reference: unknown, files: Map<string, UploadedFile>): Buffer {
  const name = /^attach:\/\/(.+)$/.exec(String(reference ?? ''))?.[1] ?? 'photo';
  const bytes = files.get(name)?.bytes;
  if (bytes === undefined) throw bad('there is no photo in the request');
  if (bytes.length > 10_000_000) throw bad('file is too big');
  const png = bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!png && !jpeg) throw bad('IMAGE_PROCESS_FAILED');
  return bytes;
}
