import type { BlockRef } from '../lib/facts.ts';
import type { ModelUse } from '../lib/modelFacts.ts';
import { addCheckpoints, dropCheckpointsAbove, forgetCheckpoints } from './checkpoints.ts';
import type { Db, Dialect } from './client.ts';
import { readCursor, writeCursor } from './cursors.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import type { Cursor } from './store.ts';

const COLUMNS = {
  blobId: 'text',
  kind: 'text',
  blockNumber: 'bigint',
  logIndex: 'int',
  blockTimestampSeconds: 'bigint',
  txHash: 'bytes',
} as const;

/** Rows a statement. */
const PORTION = 2_000;

/** A use that was stored or taken back. */
interface Counted {
  blobId: string;
  blockTimestampSeconds: bigint | number;
}

/** Stores uses after the cursor, counts them at their blobs and moves the cursor, within the caller's transaction. */
export async function saveUseRows(
  db: Db,
  dialect: Dialect,
  uses: readonly ModelUse[],
  cursor: Cursor,
  nowMs: number,
): Promise<void> {
  const before = await readCursor(db, cursor.name);
  // What lies at or below the cursor was counted, though the row may have been purged since.
  const fresh = uses.filter(({ blockNumber }) => before === null || blockNumber > before.block.number);
  for (let at = 0; at < fresh.length; at += PORTION) {
    const rows = fresh.slice(at, at + PORTION).map((use) => ({ ...use, txHash: use.txHash.slice(2) }));
    const stored = await db.$queryRaw<Counted[]>(sql`INSERT INTO "ModelUse"
        ("blobId", "kind", "blockNumber", "logIndex", "blockTimestampSeconds", "txHash")
      SELECT r."blobId", r."kind", r."blockNumber", r."logIndex", r."blockTimestampSeconds", r."txHash"
      FROM ${jsonRows(dialect, rows, COLUMNS)} AS r WHERE true
      ON CONFLICT ("blockNumber", "logIndex") DO NOTHING
      RETURNING "blobId", "blockTimestampSeconds"`);
    await count(db, dialect, stored, nowMs);
  }
  if (before !== null && cursor.block.number <= before.block.number) return;
  await writeCursor(db, cursor);
  await addCheckpoints(db, cursor.name, [cursor.block]);
}

async function count(db: Db, dialect: Dialect, stored: readonly Counted[], nowMs: number): Promise<void> {
  if (stored.length === 0) return;
  const rows = [...Map.groupBy(stored, ({ blobId }) => blobId)].map(([blobId, some]) => {
    const times = some.map(({ blockTimestampSeconds }) => Number(blockTimestampSeconds));
    return { blobId, uses: some.length, first: Math.min(...times), last: Math.max(...times) };
  });
  const columns = { blobId: 'text', uses: 'int', first: 'bigint', last: 'bigint' } as const;
  await db.$executeRaw(sql`INSERT INTO "ModelBlob"
      ("blobId", "origin", "firstSeenAtMs", "uses", "firstUsedAtSeconds", "lastUsedAtSeconds")
    SELECT r."blobId", 'chain', ${moment(nowMs)}, r."uses", r."first", r."last"
    FROM ${jsonRows(dialect, rows, columns)} AS r WHERE true
    ON CONFLICT ("blobId") DO UPDATE SET "uses" = "ModelBlob"."uses" + excluded."uses",
      "firstUsedAtSeconds" = CASE WHEN "ModelBlob"."firstUsedAtSeconds" <= excluded."firstUsedAtSeconds"
        THEN "ModelBlob"."firstUsedAtSeconds" ELSE excluded."firstUsedAtSeconds" END,
      "lastUsedAtSeconds" = CASE WHEN "ModelBlob"."lastUsedAtSeconds" >= excluded."lastUsedAtSeconds"
        THEN "ModelBlob"."lastUsedAtSeconds" ELSE excluded."lastUsedAtSeconds" END`);
}

/** Takes back uses after a block, or all of them, with their counts, within the caller's transaction. */
export async function rewindUseRows(
  db: Db,
  dialect: Dialect,
  cursorName: string,
  block: BlockRef | null,
): Promise<void> {
  if (block === null) {
    await db.modelUse.deleteMany();
    const nothing = { uses: 0, firstUsedAtSeconds: null, lastUsedAtSeconds: null };
    await db.modelBlob.updateMany({ where: { uses: { gt: 0 } }, data: nothing });
    await db.cursor.deleteMany({ where: { name: cursorName } });
    await forgetCheckpoints(db, cursorName);
    return;
  }
  const taken = await db.$queryRaw<{ blobId: string }[]>(
    sql`DELETE FROM "ModelUse" WHERE "blockNumber" > ${block.number} RETURNING "blobId"`,
  );
  const rows = [...Map.groupBy(taken, ({ blobId }) => blobId)].map(([blobId, some]) => ({
    blobId,
    taken: some.length,
  }));
  // Older uses than are kept as rows still count: the first one is then the only moment that is known of them.
  if (rows.length > 0)
    await db.$executeRaw(sql`UPDATE "ModelBlob" SET "uses" = "uses" - r."taken",
        "firstUsedAtSeconds" = CASE WHEN "uses" > r."taken" THEN "firstUsedAtSeconds" END,
        "lastUsedAtSeconds" = CASE WHEN "uses" > r."taken" THEN coalesce(
          (SELECT max(u."blockTimestampSeconds") FROM "ModelUse" u WHERE u."blobId" = r."blobId"), "firstUsedAtSeconds") END
      FROM ${jsonRows(dialect, rows, { blobId: 'text', taken: 'int' })} AS r WHERE "ModelBlob"."blobId" = r."blobId"`);
  await writeCursor(db, { name: cursorName, block });
  await dropCheckpointsAbove(db, cursorName, block);
}
