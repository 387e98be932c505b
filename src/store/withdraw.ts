import type { Db } from './client.ts';
import { type Sql, sql } from './jsonRows.ts';

/**
 * Takes back what waits to be told of an incident from chats that were told of the larger one which now speaks for it:
 * the message and the notice, so that it can be told once nothing speaks for it any more. What was tried to be sent may
 * have arrived, and stays; so does what is told in any case.
 * @param speaker `rule|subject` of the larger incident.
 */
export async function withdraw(db: Db, incidentId: number, speaker: string): Promise<void> {
  await db.$executeRaw(sql`DELETE FROM "Notice" WHERE "incidentId" = ${incidentId} AND NOT "always"
    AND "destinationId" IN (SELECT f."destinationId" FROM "Delivery" f WHERE ${waiting(incidentId, sql`f`)})
    AND "destinationId" IN (SELECT q."destinationId" FROM "Incident" p JOIN "Notice" q ON q."incidentId" = p."id"
      WHERE p."openKey" = ${speaker})`);
  await db.$executeRaw(sql`DELETE FROM "Delivery" WHERE ${waiting(incidentId, sql`"Delivery"`)}
    AND NOT EXISTS (SELECT 1 FROM "Notice" n
      WHERE n."incidentId" = ${incidentId} AND n."destinationId" = "Delivery"."destinationId")`);
}

/** Takes back what waits to be told of an incident from every chat, with the notice. */
export async function lapse(db: Db, incidentId: number): Promise<void> {
  await db.$executeRaw(sql`DELETE FROM "Notice" WHERE "incidentId" = ${incidentId}
    AND "destinationId" IN (SELECT f."destinationId" FROM "Delivery" f WHERE ${waiting(incidentId, sql`f`)})`);
  await db.$executeRaw(sql`DELETE FROM "Delivery" WHERE ${waiting(incidentId, sql`"Delivery"`)}`);
}

/** A first message that no attempt was made to send. */
const waiting = (incidentId: number, delivery: Sql): Sql => sql`${delivery}."state" IN ('held', 'pending')
  AND ${delivery}."groupId" IS NULL AND ${delivery}."mode" = 'send'
  AND ${delivery}."eventId" IN (SELECT "id" FROM "IncidentEvent" WHERE "incidentId" = ${incidentId})`;
