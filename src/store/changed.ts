import type { Db } from './client.ts';
import { deliveriesOf, insertDeliveries, rootOf } from './deliveryRows.ts';
import { type Sql, sql } from './jsonRows.ts';
import { moment, quiet } from './matching.ts';
import { FIRST_REMINDER_MS } from './reminders.ts';

/** An event that is being told: its row and the JSON of its view. */
export interface NewEvent {
  eventId: number;
  incidentId: number;
  view: string;
  nowMs: number;
}

/**
 * A message already sent is edited; one still waiting says the newest words when its turn comes; one under way may
 * be either, so both is done: which message to edit is then known when the edit is claimed. An edit rings nowhere, so
 * that neither quiet hours nor a mute hold it.
 */
export async function queueEdits(db: Db, { eventId, incidentId, view, nowMs }: NewEvent): Promise<void> {
  await supersedeEdits(db, incidentId);
  await db.$executeRaw(sql`UPDATE "IncidentEvent" SET "view" = ${view}
    WHERE "incidentId" = ${incidentId} AND "kind" IN ('fired', 'changed') AND EXISTS (SELECT 1 FROM "Delivery" f
      WHERE f."eventId" = "IncidentEvent"."id" AND f."mode" = 'send' AND f."state" IN ('held', 'pending', 'sending'))`);
  await insertDeliveries(
    db,
    {
      eventId: sql`CAST(${eventId} AS INTEGER)`,
      mode: 'edit',
      state: sql`'pending'`,
      priority: sql`r."priority"`,
      messageId: sql`r."messageId"`,
      from: sql`"Notice" n JOIN "Destination" d ON d."id" = n."destinationId"
        JOIN "Delivery" r ON r."id" = ${rootOf(sql`n."incidentId"`, sql`n."destinationId"`)}
        WHERE n."incidentId" = ${incidentId} AND d."state" = 'active'
          AND ((r."state" = 'sent' AND r."messageId" IS NOT NULL) OR r."state" = 'sending')`,
    },
    nowMs,
  );
}

/** Edits that wait are overtaken by what is said now. */
export async function supersedeEdits(db: Db, incidentId: number): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'superseded'
    WHERE "state" = 'pending' AND "id" IN (${deliveriesOf(incidentId, 'changed', 'edit')})`);
}

/**
 * The incident has become graver: what waits goes earlier, and out of quiet hours where that is passed now; those who
 * were told are reminded, and escalation begins where there was none.
 */
export async function raise(db: Db, incidentId: number, nowMs: number): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Delivery" SET "priority" = (SELECT 2 - i."severityRank" FROM ${one(incidentId)} i)
    WHERE ${waitingRoot(incidentId)}`);
  await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'pending', "createdAtMs" = ${moment(nowMs)},
      "nextAttemptAtMs" = ${moment(nowMs)}
    WHERE ${waitingRoot(incidentId)} AND "state" = 'held' AND NOT EXISTS (
      SELECT 1 FROM "Destination" d JOIN ${one(incidentId)} i ON i."id" = ${incidentId}
      WHERE d."id" = "Delivery"."destinationId" AND ${quiet(nowMs)})`);
  await db.$executeRaw(sql`UPDATE "Notice" SET "nextReminderAtMs" = ${moment(nowMs + FIRST_REMINDER_MS)}
    WHERE "incidentId" = ${incidentId} AND "nextReminderAtMs" IS NULL AND "acknowledgedAtMs" IS NULL
      AND "snoozedUntilMs" IS NULL AND EXISTS (SELECT 1 FROM ${one(incidentId)} i WHERE i."severityRank" >= 1)`);
  await db.$executeRaw(sql`UPDATE "Notice" SET "escalateAtMs" = (
      SELECT ${moment(nowMs)} + CAST(d."escalateSeconds" AS BIGINT) * 1000 FROM "Destination" d
      WHERE d."id" = "Notice"."destinationId")
    WHERE "incidentId" = ${incidentId} AND "acknowledgedAtMs" IS NULL
      AND EXISTS (SELECT 1 FROM ${one(incidentId)} i WHERE i."severityRank" = 2)
      AND NOT EXISTS (SELECT 1 FROM "IncidentEvent" e JOIN "Delivery" t ON t."eventId" = e."id"
        WHERE e."incidentId" = ${incidentId} AND e."kind" = 'escalated'
          AND t."destinationId" = "Notice"."destinationId")`);
}

const one = (incidentId: number): Sql => sql`(SELECT * FROM "Incident" WHERE "id" = ${incidentId})`;

/** A first message that no attempt was made to send: one that has a group keeps the company it was sent in. */
const waitingRoot = (incidentId: number): Sql => sql`"state" IN ('held', 'pending') AND "groupId" IS NULL
  AND "mode" = 'send' AND "eventId" IN (SELECT "id" FROM "IncidentEvent" WHERE "incidentId" = ${incidentId})`;

/** The incident is critical no more: an escalation that was due later is off, until it is critical again. */
export async function lower(db: Db, incidentId: number): Promise<void> {
  await db.notice.updateMany({ where: { incidentId }, data: { escalateAtMs: null } });
}
