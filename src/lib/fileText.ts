import { cleanText } from './units.ts';

/** What a person may hand to the bot as a file. */
export const MAX_FILE_BYTES = 64 * 1024;

const FETCH_MS = 5_000;

/** Why a file was not taken, in words for whoever attached it. */
export class UnreadableFile extends Error {}

/**
 * The text of a file at `url`, which the caller has found to be the platform's own: at most 64 KiB of UTF-8, within 5 s,
 * no redirect followed. Rejects with UnreadableFile; its text never holds the address, which may hold a token.
 */
export async function fetchText(url: URL, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(FETCH_MS);
  try {
    const answer = await fetch(url, {
      redirect: 'error',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new UnreadableFile(`The file could not be fetched (HTTP ${answer.status}). Try to attach it again.`);
    }
    return decoded(await boundedBody(answer));
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile('The file could not be fetched. Try to attach it again.');
  }
}

export const tooLarge = (): UnreadableFile =>
  new UnreadableFile(`The file is too large: at most ${MAX_FILE_BYTES / 1024} KiB are read.`);

async function boundedBody({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_FILE_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile('The file is not text (UTF-8).');
  }
}

/** A name that every platform shows as it is. */
export function fileName(name: string): string {
  return cleanText(name, 64).replace(/[^A-Za-z0-9_.-]+/g, '_') || 'file.txt';
}
