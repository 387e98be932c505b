import { sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { forgetDecidedWatches, forgetOrphanWatches } from './proofWatches.ts';
import type { Writer } from './writer.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const USAGE_SAMPLE_HOURS = 48;
const ROLLUP_DAYS = 400;
const DETAIL_DAYS = 90;
const WATCH_DAYS = 7;

/** Settlements a transaction: each takes its leaves with it. */
const PORTION = 200;

/** Forgets what is older than docs/operating.md says. Settlements go by chain time, some at a time. */
export async function purgeProofs(write: Writer, nowMs: number): Promise<void> {
  await write(async (db) => {
    await db.usageSample.deleteMany({ where: { atMs: { lt: toBig(nowMs - USAGE_SAMPLE_HOURS * HOUR_MS) } } });
    await db.usageDay.deleteMany({
      where: { day: { lt: new Date(nowMs - ROLLUP_DAYS * DAY_MS).toISOString().slice(0, 10) } },
    });
    await db.proofHour.deleteMany({ where: { hour: { lt: Math.floor(nowMs / HOUR_MS) - ROLLUP_DAYS * 24 } } });
    await forgetDecidedWatches(db, nowMs - WATCH_DAYS * DAY_MS);
    await forgetOrphanWatches(db);
  });
  const before = toBig((nowMs - DETAIL_DAYS * DAY_MS) / 1000);
  for (let gone = PORTION; gone === PORTION; ) {
    gone = await write((db) =>
      db.$executeRaw(sql`DELETE FROM "Settlement" WHERE "id" IN (
        SELECT "id" FROM "Settlement" WHERE "blockTimestampSeconds" < ${before} LIMIT ${PORTION})`),
    );
  }
}
