import type { Address } from '../lib/delivery.ts';
import type { Db } from './client.ts';
import { sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { upsertDestination } from './subscriptions.ts';

interface NewEvent {
  eventId: number;
  incidentId: number;
  kind: 'fired' | 'changed' | 'resolved';
  /** JSON of the View. */
  view: string;
  family: string;
  nodeId: number | null;
  owner: string | null;
  alsoTo: readonly Address[];
  nowMs: number;
}

/**
 * Writes the deliveries of one event: one statement however many destinations there are. The statements are plain
 * SQL that both dialects read alike.
 */
export async function queueDeliveries(db: Db, event: NewEvent): Promise<void> {
  if (event.kind === 'changed') {
    await queueEdits(db, event);
    return;
  }
  if (event.kind === 'resolved') await supersedeEdits(db, event.incidentId);
  await queueMessages(db, event);
  for (const address of event.alsoTo) await queueAlso(db, event, address);
}

/** An incident of no particular node concerns every subscriber of its family. */
async function queueMessages(db: Db, event: NewEvent): Promise<void> {
  const { eventId, incidentId, family } = event;
  const now = toBig(event.nowMs);
  const nodeId = event.nodeId === null ? '' : String(event.nodeId);
  const owner = event.owner?.toLowerCase() ?? '';
  const everyone = event.nodeId === null && event.owner === null ? 1 : 0;
  await db.$executeRaw(sql`INSERT INTO "Delivery" ("eventId", "destinationId", "state", "attempts", "nextAttemptAtMs",
      "createdAtMs", "replyToMessageId")
    SELECT ${eventId}, d."id", 'pending', 0, ${now}, ${now},
      (SELECT f."messageId" FROM "Delivery" f JOIN "IncidentEvent" e ON e."id" = f."eventId"
       WHERE e."incidentId" = ${incidentId} AND e."kind" = 'fired' AND f."destinationId" = d."id" LIMIT 1)
    FROM "Destination" d
    WHERE d."state" = 'active' AND EXISTS (
      SELECT 1 FROM "Subscription" s WHERE s."destinationId" = d."id" AND s."family" = ${family}
        AND (${everyone} = 1 OR s."scope" = 'all' OR (s."scope" = 'node' AND s."subject" = ${nodeId})
          OR (s."scope" = 'owner' AND s."subject" = ${owner})))
    ON CONFLICT ("eventId", "destinationId") DO NOTHING`);
}

async function queueAlso(db: Db, event: NewEvent, address: Address): Promise<void> {
  const destinationId = await upsertDestination(db, address, null, event.nowMs);
  const now = toBig(event.nowMs);
  await db.$executeRaw(sql`INSERT INTO "Delivery" ("eventId", "destinationId", "state", "attempts", "nextAttemptAtMs",
      "createdAtMs")
    VALUES (${event.eventId}, ${destinationId}, 'pending', 0, ${now}, ${now})
    ON CONFLICT ("eventId", "destinationId") DO NOTHING`);
}

/**
 * A message already sent is edited; one still waiting says the newest words when its turn comes; one under way may
 * be either, so both is done: which message to edit is then known when the edit is claimed.
 */
async function queueEdits(db: Db, { eventId, incidentId, view, nowMs }: NewEvent): Promise<void> {
  const now = toBig(nowMs);
  await supersedeEdits(db, incidentId);
  await db.$executeRaw(sql`UPDATE "IncidentEvent" SET "view" = ${view}
    WHERE "incidentId" = ${incidentId} AND "kind" = 'fired'
      AND EXISTS (SELECT 1 FROM "Delivery" d WHERE d."eventId" = "IncidentEvent"."id"
        AND d."state" IN ('pending', 'sending'))`);
  await db.$executeRaw(sql`INSERT INTO "Delivery" ("eventId", "destinationId", "state", "attempts", "nextAttemptAtMs",
      "createdAtMs", "editMessageId")
    SELECT ${eventId}, f."destinationId", 'pending', 0, ${now}, ${now}, f."messageId"
    FROM "Delivery" f JOIN "IncidentEvent" e ON e."id" = f."eventId" JOIN "Destination" d ON d."id" = f."destinationId"
    WHERE e."incidentId" = ${incidentId} AND e."kind" = 'fired' AND d."state" = 'active'
      AND ((f."state" = 'sent' AND f."messageId" IS NOT NULL) OR f."state" = 'sending')
    ON CONFLICT ("eventId", "destinationId") DO NOTHING`);
}

async function supersedeEdits(db: Db, incidentId: number): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'superseded'
    WHERE "state" = 'pending' AND "eventId" IN (
      SELECT "id" FROM "IncidentEvent" WHERE "incidentId" = ${incidentId} AND "kind" = 'changed')`);
}
