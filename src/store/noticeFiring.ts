import type { Db } from './client.ts';
import { sql } from './jsonRows.ts';
import { hears, matches, moment } from './matching.ts';
import { FIRST_REMINDER_MS } from './reminders.ts';

/**
 * A new subscription's chat learns what fires already from the answer to its command, so that counts as told: the end is
 * told too, and reminders come. Nothing escalates: there was no message to acknowledge. What the chat has muted, or what
 * has not lasted long enough for it, is told when its time comes.
 */
export async function noticeFiring(db: Db, subscriptionId: number, nowMs: number): Promise<void> {
  await db.$executeRaw(sql`INSERT INTO "Notice" ("incidentId", "destinationId", "toldAtMs", "nextReminderAtMs")
    SELECT i."id", d."id", ${moment(nowMs)},
      CASE WHEN i."severityRank" >= 1 THEN ${moment(nowMs + FIRST_REMINDER_MS)} END
    FROM "Subscription" s JOIN "Destination" d ON d."id" = s."destinationId" JOIN "Incident" i ON i."family" = s."family"
    WHERE s."id" = ${subscriptionId} AND i."state" = 'firing'
      AND ${matches(nowMs)} AND ${hears(nowMs)}
    ON CONFLICT ("incidentId", "destinationId") DO NOTHING`);
}
