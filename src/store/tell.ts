import type { Db } from './client.ts';
import { insertDeliveries } from './deliveryRows.ts';
import { type Sql, sql } from './jsonRows.ts';
import { hears, matches, moment } from './matching.ts';
import { FIRST_REMINDER_MS } from './reminders.ts';

/** The incidents and subscriptions to look at, as conditions on `i` and `s`. */
export interface Candidates {
  incidents: Sql;
  /** May only leave out what does not match anyway, or was told already. */
  subscriptions: Sql;
  /** Which of both narrows more. */
  first: 'incidents' | 'subscriptions';
}

/**
 * Tells every matching chat that was not told yet: a notice, and with it the delivery of the newest words. Done again it
 * does nothing. Two statements, however many incidents and chats.
 * @param alwaysIds chats that are told whatever they subscribed to, of `incidentId`.
 * @returns how many deliveries were queued.
 */
export async function tell(
  db: Db,
  candidates: Candidates,
  nowMs: number,
  always?: { incidentId: number; destinationIds: readonly number[] },
): Promise<number> {
  const lastId = await newestNotice(db);
  for (const id of always?.destinationIds ?? []) await noticeAlways(db, always?.incidentId ?? 0, id, nowMs);
  await noticeMatching(db, candidates, nowMs);
  return await deliverNotices(db, lastId, nowMs);
}

/** What makes a new notice, beside its chat and incident, in the order of the columns of `NOTICE`. */
const NOTICE = sql`"incidentId", "destinationId", "toldAtMs", "nextReminderAtMs", "escalateAtMs", "always"`;

const noticeValues = (nowMs: number): Sql => sql`i."id", d."id", ${moment(nowMs)},
  CASE WHEN i."severityRank" >= 1 THEN ${moment(nowMs + FIRST_REMINDER_MS)} END,
  CASE WHEN i."severityRank" = 2 THEN ${moment(nowMs)} + CAST(d."escalateSeconds" AS BIGINT) * 1000 END`;

async function noticeMatching(db: Db, { incidents, subscriptions, first }: Candidates, nowMs: number): Promise<void> {
  // SQLite joins in the written order where it says CROSS.
  const tables =
    first === 'incidents'
      ? sql`"Incident" i CROSS JOIN "Subscription" s`
      : sql`"Subscription" s CROSS JOIN "Incident" i`;
  await db.$executeRaw(sql`INSERT INTO "Notice" (${NOTICE})
    SELECT DISTINCT ${noticeValues(nowMs)}, false
    FROM ${tables} CROSS JOIN "Destination" d
    WHERE ${incidents} AND ${subscriptions} AND ${matches(nowMs)} AND d."id" = s."destinationId" AND ${hears(nowMs)}
      AND NOT EXISTS (SELECT 1 FROM "Notice" o WHERE o."incidentId" = i."id" AND o."destinationId" = d."id")
    ORDER BY 1, 2
    ON CONFLICT ("incidentId", "destinationId") DO NOTHING`);
}

/** A notice that was there by subscription is one for always from now on. */
async function noticeAlways(db: Db, incidentId: number, destinationId: number, nowMs: number): Promise<void> {
  await db.$executeRaw(sql`INSERT INTO "Notice" (${NOTICE})
    SELECT ${noticeValues(nowMs)}, true FROM "Incident" i CROSS JOIN "Destination" d
    WHERE i."id" = ${incidentId} AND d."id" = ${destinationId}
    ON CONFLICT ("incidentId", "destinationId") DO UPDATE SET "always" = true`);
}

/** Notices are written by one process, one transaction after the other: what is newer was made in this one. */
async function newestNotice(db: Db): Promise<number> {
  const { _max } = await db.notice.aggregate({ _max: { id: true } });
  return _max.id ?? 0;
}

async function deliverNotices(db: Db, lastId: number, nowMs: number): Promise<number> {
  return await insertDeliveries(
    db,
    {
      eventId: sql`(SELECT MAX(e."id") FROM "IncidentEvent" e
        WHERE e."incidentId" = i."id" AND e."kind" IN ('fired', 'changed'))`,
      mode: 'send',
      kind: 'fired',
      // Few chats call anybody: only those are looked at one by one.
      mention: sql`CASE WHEN d."id" IN (SELECT c."destinationId" FROM "Subscription" c WHERE c."mention" <> '')
        THEN COALESCE((SELECT MAX(s."mention") FROM "Subscription" s
          WHERE s."destinationId" = d."id" AND ${matches(nowMs)}), '') ELSE '' END`,
      from: sql`"Notice" n JOIN "Incident" i ON i."id" = n."incidentId" JOIN "Destination" d ON d."id" = n."destinationId"
        WHERE n."id" > ${lastId}`,
    },
    nowMs,
  );
}
