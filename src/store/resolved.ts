import { type NewEvent, supersedeEdits } from './changed.ts';
import type { Db } from './client.ts';
import { deliveriesOf, heldOrPending, insertDeliveries, rootOf } from './deliveryRows.ts';
import { type Sql, sql } from './jsonRows.ts';
import { listens, stillAsks } from './matching.ts';
import { toBig } from './numbers.ts';

/**
 * Tells the end to those who heard the beginning and still want to, in the style of their chat. Where the beginning
 * waits in quiet hours the end waits with it, as an answer: there is no message yet that could be edited.
 */
export async function queueResolved(db: Db, { eventId, incidentId, nowMs }: NewEvent): Promise<void> {
  await supersedeEdits(db, incidentId);
  await supersedeReminders(db, incidentId);
  const common = {
    eventId: sql`CAST(${eventId} AS INTEGER)`,
    priority: sql`COALESCE(r."priority", 2 - i."severityRank")`,
    messageId: sql`r."messageId"`,
    // It never overtakes its beginning, which may wait for its group or for another attempt.
    notBeforeMs: sql`CASE WHEN r."state" = 'pending' AND r."nextAttemptAtMs" > ${toBig(nowMs)}
      THEN r."nextAttemptAtMs" END`,
  };
  await insertDeliveries(
    db,
    {
      ...common,
      mode: 'reply',
      kind: 'resolved',
      state: sql`CASE WHEN r."state" = 'held' THEN 'held' ELSE ${heldOrPending(nowMs)} END`,
      from: sql`${told(incidentId, nowMs)} AND (d."resolveStyle" IN ('reply', 'both')
        OR (d."resolveStyle" = 'edit' AND NOT ${EDITABLE}))`,
    },
    nowMs,
  );
  await insertDeliveries(
    db,
    {
      ...common,
      mode: 'edit',
      state: sql`'pending'`,
      from: sql`${told(incidentId, nowMs)} AND d."resolveStyle" IN ('edit', 'both') AND ${EDITABLE}`,
    },
    nowMs,
  );
}

/** There is a message to edit, or will be when its turn comes. A chat that subscribed later was told by the answer alone. */
const EDITABLE = sql`COALESCE(r."state" IN ('pending', 'sending')
  OR (r."state" = 'sent' AND r."messageId" IS NOT NULL), false)`;

/** Notices of chats that want to hear the end, with what told them of the beginning. */
const told = (incidentId: number, nowMs: number): Sql => sql`"Notice" n JOIN "Incident" i ON i."id" = n."incidentId"
  JOIN "Destination" d ON d."id" = n."destinationId"
  LEFT JOIN "Delivery" r ON r."id" = ${rootOf(sql`n."incidentId"`, sql`n."destinationId"`)}
  WHERE n."incidentId" = ${incidentId} AND ${listens(nowMs)} AND ${stillAsks(nowMs)}`;

/** Nobody is reminded of what is over. What was tried to be sent may have arrived, and goes on. */
async function supersedeReminders(db: Db, incidentId: number): Promise<void> {
  for (const kind of ['reminder', 'escalated'] as const) {
    await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'superseded'
      WHERE "state" IN ('pending', 'held') AND "groupId" IS NULL
        AND "id" IN (${deliveriesOf(incidentId, kind, 'reply')})`);
  }
}
