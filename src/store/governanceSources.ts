import type { Db } from './client.ts';
import type { GovernanceFacts } from './governanceRepository.ts';

/** What is kept of the reading of one source, in `Meta`. */
export interface SourceRead {
  readAtMs: number;
  clockSeconds: number;
  /** Its own clock when it was read for the first time. */
  firstClockSeconds: number;
  /** So far it named nothing, and was read once. */
  isEmpty: boolean;
}

const PREFIX = 'governance:read:';

/** null: never read. */
export async function sourceRead(db: Db, source: string): Promise<SourceRead | null> {
  const row = await db.meta.findUnique({ where: { key: `${PREFIX}${source}` } });
  return row === null ? null : (JSON.parse(row.value) as SourceRead);
}

/** Notes a reading that named something, or nothing. */
export async function noteSourceRead(
  db: Db,
  before: SourceRead | null,
  { source, clockSeconds, nowMs, isEmpty }: { source: string; clockSeconds: number; nowMs: number; isEmpty: boolean },
): Promise<void> {
  const key = `${PREFIX}${source}`;
  const firstClockSeconds = before?.firstClockSeconds ?? clockSeconds;
  // A second empty answer says that there is nothing yet.
  const read: SourceRead = { readAtMs: nowMs, clockSeconds, firstClockSeconds, isEmpty: before === null && isEmpty };
  const value = JSON.stringify(read);
  await db.meta.upsert({ where: { key }, create: { key, value }, update: { value } });
}

/** By name. */
export async function readSources(db: Db): Promise<GovernanceFacts['sources']> {
  const rows = await db.meta.findMany({ where: { key: { startsWith: PREFIX } }, orderBy: { key: 'asc' } });
  return rows.map(({ key, value }) => {
    const { readAtMs, clockSeconds } = JSON.parse(value) as SourceRead;
    return { source: key.slice(PREFIX.length), readAtMs, clockSeconds };
  });
}
