import type { StorageAnswer } from '../lib/modelFacts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { moment } from './matching.ts';

/** Rows a statement. */
const PORTION = 1_000;

/** Makes blobs known that are not; answers how many those were. */
export async function trackRows(
  db: Db,
  dialect: Dialect,
  blobIds: readonly string[],
  origin: 'watch' | 'chain',
  nowMs: number,
): Promise<number> {
  const rows = [...new Set(blobIds)].map((blobId) => ({ blobId, origin }));
  return await db.$executeRaw(sql`INSERT INTO "ModelBlob" ("blobId", "origin", "firstSeenAtMs")
    SELECT r."blobId", r."origin", ${moment(nowMs)}
    FROM ${jsonRows(dialect, rows, { blobId: 'text', origin: 'text' })} AS r WHERE true
    ON CONFLICT ("blobId") DO NOTHING`);
}

/**
 * What storage said. `unknown` is no answer: of what was known before only the reason changes, so that `checkedAtMs` stays
 * the moment to which the state belongs.
 */
export async function saveStorageRows(
  db: Db,
  dialect: Dialect,
  answers: readonly { answer: StorageAnswer; nextCheckAtMs: number }[],
): Promise<void> {
  const columns = {
    blobId: 'text',
    state: 'text',
    reason: 'text',
    sizeBytes: 'bigint',
    atMs: 'bigint',
    nextCheckAtMs: 'bigint',
  } as const;
  for (const round of rounds(answers)) {
    await db.$executeRaw(sql`UPDATE "ModelBlob" SET
        "storageReason" = r."reason",
        "nextCheckAtMs" = r."nextCheckAtMs",
        "failures" = CASE WHEN r."state" = 'unknown' THEN "ModelBlob"."failures" + 1 ELSE 0 END,
        "storage" = CASE WHEN r."state" = 'unknown' THEN "ModelBlob"."storage" ELSE r."state" END,
        "checkedAtMs" = CASE WHEN r."state" = 'unknown' THEN "ModelBlob"."checkedAtMs" ELSE r."atMs" END,
        "sizeBytes" = coalesce(r."sizeBytes", "ModelBlob"."sizeBytes"),
        "storedAtMs" = CASE WHEN r."state" = 'readable' THEN coalesce("ModelBlob"."storedAtMs", r."atMs")
          ELSE "ModelBlob"."storedAtMs" END,
        "goneAtMs" = CASE r."state" WHEN 'readable' THEN NULL
          WHEN 'missing' THEN coalesce("ModelBlob"."goneAtMs", CASE WHEN "ModelBlob"."storedAtMs" IS NULL THEN NULL ELSE r."atMs" END)
          ELSE "ModelBlob"."goneAtMs" END
      FROM ${jsonRows(dialect, round, columns)} AS r WHERE "ModelBlob"."blobId" = r."blobId"`);
  }
}

/** Rows to store together: in the order of the answers, none with two of one blob. */
function rounds(answers: readonly { answer: StorageAnswer; nextCheckAtMs: number }[]): object[][] {
  const all: Map<string, object>[] = [new Map()];
  for (const { answer, nextCheckAtMs } of [...answers].sort((a, b) => a.answer.atMs - b.answer.atMs)) {
    const last = all.at(-1) as Map<string, object>;
    const row = { ...answer, nextCheckAtMs };
    if (last.has(answer.blobId) || last.size >= PORTION) all.push(new Map([[answer.blobId, row]]));
    else last.set(answer.blobId, row);
  }
  return all.map((round) => [...round.values()]).filter((round) => round.length > 0);
}

export async function saveCompleteRows(
  db: Db,
  dialect: Dialect,
  rows: readonly { blobId: string; completeAtMs: number | null }[],
): Promise<void> {
  const once = [...new Map(rows.map((row) => [row.blobId, row])).values()];
  for (let at = 0; at < once.length; at += PORTION) {
    const portion = jsonRows(dialect, once.slice(at, at + PORTION), { blobId: 'text', completeAtMs: 'bigint' });
    await db.$executeRaw(sql`UPDATE "ModelBlob"
      SET "completeAtMs" = CASE WHEN r."completeAtMs" IS NULL THEN NULL ELSE coalesce("ModelBlob"."completeAtMs", r."completeAtMs") END
      FROM ${portion} AS r WHERE "ModelBlob"."blobId" = r."blobId"`);
  }
}
