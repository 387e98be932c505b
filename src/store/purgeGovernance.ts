import { sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { dayOf } from './thinSets.ts';
import type { Writer } from './writer.ts';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 800;

/** Proposals a transaction: each takes its votes with it. */
const PORTION = 20;

/** Forgets what is older than docs/operating.md says. What its source still names stays: named again, it would be news. */
export async function purgeGovernance(write: Writer, nowMs: number): Promise<void> {
  const beforeMs = nowMs - KEEP_DAYS * DAY_MS;
  await write((db) => db.setDay.deleteMany({ where: { day: { lt: dayOf(beforeMs) } } }));
  const before = toBig(beforeMs);
  for (let gone = PORTION; gone === PORTION; ) {
    gone = await write((db) =>
      db.$executeRaw(sql`DELETE FROM "Proposal" WHERE "id" IN (SELECT "id" FROM "Proposal"
        WHERE "closedAtMs" < ${before} AND "lastReadAtMs" < ${before} LIMIT ${PORTION})`),
    );
  }
}
