import { AssayError } from '../../lib/errors.ts';

/** The hub refuses a larger skip (snapshot-hub, helpers.ts). */
const MAX_SKIP = 5_000;

interface Row {
  id: string;
  /** Unix seconds. */
  created: number;
}

/**
 * Everything from `createdFrom` on, oldest first and each once, page by page: by time rather than by skip, which the hub limits.
 * Only rows of one and the same second that fill a page are skipped over. `readPage` answers what is at or after that
 * time, in order of time; `hasMore`: it was a full page. Throws what `readPage` does; AssayError when more of one second cannot be read.
 */
export async function* byCreated<T extends Row>(
  readPage: (createdFrom: number, skip: number) => Promise<{ rows: readonly T[]; hasMore: boolean; count: number }>,
  createdFrom: number,
): AsyncGenerator<T[]> {
  let cursor = createdFrom;
  let skip = 0;
  /** Ids of that second that were seen. */
  let seen = new Set<string>();
  for (;;) {
    const { rows, hasMore, count } = await readPage(cursor, skip);
    const fresh = rows.filter(({ id }) => !seen.has(id));
    yield fresh;
    if (!hasMore) return;
    const last = rows.at(-1)?.created ?? cursor;
    if (last > cursor) {
      cursor = last;
      skip = 0;
      seen = new Set();
    } else {
      skip += count;
    }
    for (const { id, created } of rows) if (created === cursor) seen.add(id);
    if (skip > MAX_SKIP || last < cursor) {
      throw new AssayError('Snapshot does not list all that there is of one second', { retryable: true });
    }
  }
}
