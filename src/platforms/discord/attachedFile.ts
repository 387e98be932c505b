import type { Attachment } from 'discord.js';
import { fetchText, MAX_FILE_BYTES, tooLarge, UnreadableFile } from '../../lib/fileText.ts';

/** Discord's own hosts for what people attach. */
const HOSTS = new Set(['cdn.discordapp.com', 'media.discordapp.net']);

/**
 * The text of an attached file, at most 64 KiB, fetched from Discord itself and nobody else. Rejects with UnreadableFile, in
 * words for whoever attached it. `apiUrl`: another API than Discord's, whose host counts as well.
 */
export async function readAttachment(
  { url, size }: Pick<Attachment, 'url' | 'size'>,
  apiUrl: string | null,
): Promise<string> {
  const address = URL.parse(url);
  if (address === null || !isDiscords(address, apiUrl)) {
    throw new UnreadableFile('The file is not where Discord keeps files.');
  }
  if (size > MAX_FILE_BYTES) throw tooLarge();
  return await fetchText(address);
}

function isDiscords({ protocol, hostname, port, username, origin }: URL, apiUrl: string | null): boolean {
  if (protocol === 'https:' && port === '' && username === '' && HOSTS.has(hostname)) return true;
  return apiUrl !== null && origin === URL.parse(apiUrl)?.origin;
}
