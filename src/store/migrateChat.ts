import type { PlatformName } from '../lib/delivery.ts';
import type { Db } from './client.ts';
import { sql } from './jsonRows.ts';
import { dropTwinWatches } from './proofWatches.ts';

/**
 * A chat has another id now. Each of its destinations takes it, or is merged into the one that is there: that one's
 * settings, and what it has of its own (a subscription, a mute, a notice, a delivery of one event), stay as they are.
 */
export async function migrateChat(db: Db, platform: PlatformName, oldChatId: string, newChatId: string): Promise<void> {
  // Merged with itself a chat would be deleted.
  if (oldChatId === newChatId) return;
  const alive = { state: 'active', deadReason: null };
  const moving = await db.destination.findMany({ where: { platform, chatId: oldChatId } });
  for (const { id, threadId } of moving) {
    await forgetMessages(db, id);
    const key = { platform, chatId: newChatId, threadId };
    const target = await db.destination.findUnique({ where: { platform_chatId_threadId: key } });
    if (target === null) {
      await db.destination.update({ where: { id }, data: { ...key, ...alive } });
      continue;
    }
    await dropTwinWatches(db, id, target.id);
    await moveAll(db, id, target.id);
    await db.destination.updateMany({ where: { escalateToId: id }, data: { escalateToId: target.id } });
    await db.destination.delete({ where: { id } });
    await db.destination.update({ where: { id: target.id }, data: alive });
  }
}

/**
 * Messages of the old group have other ids in the new one, so what was to change them is given up; an end that was to be
 * written into one is told anew.
 */
async function forgetMessages(db: Db, destinationId: number): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Delivery" SET "mode" = 'reply'
    WHERE "destinationId" = ${destinationId} AND "mode" = 'edit' AND "state" IN ('held', 'pending', 'sending')
      AND "eventId" IN (SELECT "id" FROM "IncidentEvent" WHERE "kind" = 'resolved')
      AND NOT EXISTS (SELECT 1 FROM "Delivery" twin WHERE twin."eventId" = "Delivery"."eventId"
        AND twin."destinationId" = "Delivery"."destinationId" AND twin."mode" = 'reply')`);
  await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'superseded'
    WHERE "destinationId" = ${destinationId} AND "mode" = 'edit' AND "state" IN ('held', 'pending', 'sending')`);
  await db.$executeRaw(sql`UPDATE "Delivery" SET "messageId" = NULL, "editMessageId" = NULL, "replyToMessageId" = NULL
    WHERE "destinationId" = ${destinationId}
      AND ("messageId" IS NOT NULL OR "editMessageId" IS NOT NULL OR "replyToMessageId" IS NOT NULL)`);
}

/** One statement a table: a chat may have more deliveries than a statement takes parameters. */
async function moveAll(db: Db, from: number, to: number): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Subscription" SET "destinationId" = ${to}
    WHERE "destinationId" = ${from} AND NOT EXISTS (SELECT 1 FROM "Subscription" twin
      WHERE twin."destinationId" = ${to} AND twin."family" = "Subscription"."family"
        AND twin."rule" = "Subscription"."rule" AND twin."scope" = "Subscription"."scope"
        AND twin."subject" = "Subscription"."subject")`);
  await db.$executeRaw(sql`UPDATE "Mute" SET "destinationId" = ${to}
    WHERE "destinationId" = ${from} AND NOT EXISTS (SELECT 1 FROM "Mute" twin
      WHERE twin."destinationId" = ${to} AND twin."rule" = "Mute"."rule")`);
  await db.$executeRaw(sql`UPDATE "Notice" SET "destinationId" = ${to}
    WHERE "destinationId" = ${from} AND NOT EXISTS (SELECT 1 FROM "Notice" twin
      WHERE twin."destinationId" = ${to} AND twin."incidentId" = "Notice"."incidentId")`);
  await db.$executeRaw(sql`UPDATE "Delivery" SET "destinationId" = ${to}
    WHERE "destinationId" = ${from} AND NOT EXISTS (SELECT 1 FROM "Delivery" twin
      WHERE twin."destinationId" = ${to} AND twin."eventId" = "Delivery"."eventId"
        AND twin."mode" = "Delivery"."mode")`);
}
