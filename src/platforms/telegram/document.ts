import type { Api } from 'grammy';
import type { Message } from 'grammy/types';
import type { Clock } from '../../lib/clock.ts';
import { fetchText, MAX_FILE_BYTES, tooLarge, UnreadableFile } from '../../lib/fileText.ts';
import { bounded, REQUEST_MS } from './bounded.ts';

/** A document that came with a question. */
export interface Attached {
  fileId: string;
  /** As Telegram says; null when it does not. */
  bytes: number | null;
}

/** The document of a message itself, else of the one it answers. */
export function attachedTo({ document, reply_to_message: answered }: Message): Attached | null {
  const found = document ?? answered?.document;
  return found === undefined ? null : { fileId: found.file_id, bytes: found.file_size ?? null };
}

/** Where the Bot API hands out files: the one way in which a document's text comes to the bot. */
export interface FileTools {
  api: Api;
  /** `https://api.telegram.org`, or another Bot API server. */
  apiRoot: string;
  token: string;
  clock: Clock;
}

/** The text of a document, at most 64 KiB. Rejects with UnreadableFile, in words for whoever sent it. */
export async function readDocument({ fileId, bytes }: Attached, tools: FileTools): Promise<string> {
  if ((bytes ?? 0) > MAX_FILE_BYTES) throw tooLarge();
  const path = await filePath(fileId, tools);
  return await fetchText(new URL(`${tools.apiRoot}/file/bot${tools.token}/${path}`));
}

async function filePath(fileId: string, { api, clock }: FileTools): Promise<string> {
  try {
    const file = await bounded(clock, REQUEST_MS, undefined, (signal) => api.getFile(fileId, signal));
    // Telegram's own names have nothing in them that would lead elsewhere.
    if (file.file_path !== undefined && /^[\w-]+(?:[/.][\w-]+)*$/.test(file.file_path)) return file.file_path;
  } catch {
    // The same words: whoever sent it can only send it again.
  }
  throw new UnreadableFile('Telegram did not hand out the file. Try to send it again.');
}
