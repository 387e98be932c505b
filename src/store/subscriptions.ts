import type { Address, PlatformName } from '../lib/delivery.ts';
import type { Db, OpenClient } from './client.ts';
import { sql } from './jsonRows.ts';
import { fromBig, toBig } from './numbers.ts';
import type { StoredDestination, StoredSubscription, SubscriptionRepository, SubscriptionScope } from './store.ts';
import { MAX_SUBSCRIPTIONS, SubscriptionLimit } from './subscriptionLimit.ts';
import type { Writer } from './writer.ts';

/** A chat with everything in it, or one topic of it. */
const within = ({ platform, chatId, threadId }: Address) => ({
  platform,
  chatId,
  ...(threadId === null ? {} : { threadId }),
});

const addressKey = ({ platform, chatId, threadId }: Address) => ({ platform, chatId, threadId: threadId ?? '' });

interface DestinationRow {
  id: number;
  platform: string;
  chatId: string;
  threadId: string;
  title: string;
  state: string;
  deadReason: string | null;
}

export const toDestination = (row: DestinationRow): StoredDestination => ({
  id: row.id,
  address: {
    platform: row.platform as PlatformName,
    chatId: row.chatId,
    threadId: row.threadId === '' ? null : row.threadId,
  },
  title: row.title,
  state: row.state === 'dead' ? 'dead' : 'active',
  deadReason: row.deadReason,
});

const toSubscription = (row: {
  id: number;
  destinationId: number;
  family: string;
  scope: string;
  subject: string;
  createdBy: string;
  createdAtMs: bigint;
}): StoredSubscription => ({
  ...row,
  scope: row.scope as SubscriptionScope,
  createdAtMs: fromBig(row.createdAtMs),
});

/** The destination's row, made when missing and revived when dead; a null title leaves the one it has. */
export async function upsertDestination(
  db: Db,
  address: Address,
  title: string | null,
  nowMs: number,
): Promise<number> {
  const key = addressKey(address);
  const { id } = await db.destination.upsert({
    where: { platform_chatId_threadId: key },
    create: { ...key, title: title ?? '', createdAtMs: toBig(nowMs) },
    update: { ...(title === null ? {} : { title }), state: 'active', deadReason: null },
  });
  return id;
}

export async function markDestinationDead(db: Db, destinationId: number, reason: string): Promise<void> {
  await db.destination.updateMany({ where: { id: destinationId }, data: { state: 'dead', deadReason: reason } });
  await db.delivery.updateMany({
    where: { destinationId, state: { in: ['pending', 'sending'] } },
    data: { state: 'dead', error: reason },
  });
}

export function createSubscriptions({ prisma }: OpenClient, write: Writer): SubscriptionRepository {
  return {
    add({ address, title, family, scope, subject, createdBy, nowMs }) {
      return write(async (db) => {
        const destinationId = await upsertDestination(db, address, title, nowMs);
        const key = { destinationId, family, scope, subject };
        const existing = await db.subscription.findUnique({ where: { destinationId_family_scope_subject: key } });
        if (existing !== null) return { subscription: toSubscription(existing), created: false };
        // Thrown inside: nothing of the destination is changed either.
        if ((await db.subscription.count({ where: { destinationId } })) >= MAX_SUBSCRIPTIONS)
          throw new SubscriptionLimit();
        const row = await db.subscription.create({ data: { ...key, createdBy, createdAtMs: toBig(nowMs) } });
        return { subscription: toSubscription(row), created: true };
      });
    },

    async list(address) {
      const row = await prisma.destination.findUnique({
        where: { platform_chatId_threadId: addressKey(address) },
        include: { subscriptions: { orderBy: { id: 'asc' } } },
      });
      if (row === null) return { destination: null, subscriptions: [] };
      return { destination: toDestination(row), subscriptions: row.subscriptions.map(toSubscription) };
    },

    async remove(address, subscriptionId) {
      return await write(async (db) => {
        const where = { id: subscriptionId, destination: addressKey(address) };
        if ((await db.subscription.deleteMany({ where })).count === 0) return false;
        await forgetIfUnused(db, address);
        return true;
      });
    },

    async destination(id) {
      const row = await prisma.destination.findUnique({ where: { id } });
      return row === null ? null : toDestination(row);
    },

    async markDead(destinationId, reason) {
      await write((db) => markDestinationDead(db, destinationId, reason));
    },

    async placeGone(address, reason, { wholeChat }) {
      const { platform, chatId } = address;
      const where = wholeChat ? { platform, chatId } : addressKey(address);
      await write(async (db) => {
        for (const { id } of await db.destination.findMany({ where, select: { id: true } })) {
          await markDestinationDead(db, id, reason);
        }
      });
    },

    async revive(address) {
      await write((db) =>
        db.destination.updateMany({
          where: { ...within(address), state: 'dead' },
          data: { state: 'active', deadReason: null },
        }),
      );
    },

    async migrate(platform, oldChatId, newChatId) {
      await write((db) => migrateChat(db, platform, oldChatId, newChatId));
    },

    async counts() {
      const [destinations, subscriptions] = await Promise.all([
        prisma.destination.count(),
        prisma.subscription.count(),
      ]);
      return { destinations, subscriptions };
    },
  };
}

/** A chat that hears of nothing and waits for nothing is not kept. */
async function forgetIfUnused(db: Db, address: Address): Promise<void> {
  await db.destination.deleteMany({
    where: {
      ...addressKey(address),
      subscriptions: { none: {} },
      deliveries: { none: { state: { in: ['pending', 'sending'] } } },
    },
  });
}

/** Messages of the old group have other ids in the new one, so what was to change them is given up. */
async function forgetMessages(db: Db, destinationId: number): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'superseded'
    WHERE "destinationId" = ${destinationId} AND "state" IN ('pending', 'sending')
      AND "eventId" IN (SELECT "id" FROM "IncidentEvent" WHERE "kind" = 'changed')`);
  await db.$executeRaw(sql`UPDATE "Delivery" SET "messageId" = NULL, "editMessageId" = NULL, "replyToMessageId" = NULL
    WHERE "destinationId" = ${destinationId}
      AND ("messageId" IS NOT NULL OR "editMessageId" IS NOT NULL OR "replyToMessageId" IS NOT NULL)`);
}

async function migrateChat(db: Db, platform: PlatformName, oldChatId: string, newChatId: string): Promise<void> {
  // Merged with itself a chat would be deleted.
  if (oldChatId === newChatId) return;
  const moving = await db.destination.findMany({
    where: { platform, chatId: oldChatId },
    include: { subscriptions: true },
  });
  for (const old of moving) {
    await forgetMessages(db, old.id);
    const key = { platform, chatId: newChatId, threadId: old.threadId };
    const target = await db.destination.findUnique({ where: { platform_chatId_threadId: key } });
    if (target === null) {
      await db.destination.update({ where: { id: old.id }, data: { ...key, state: 'active', deadReason: null } });
      continue;
    }
    for (const { id, family, scope, subject } of old.subscriptions) {
      const there = { destinationId: target.id, family, scope, subject };
      const twin = await db.subscription.findUnique({ where: { destinationId_family_scope_subject: there } });
      if (twin === null) await db.subscription.update({ where: { id }, data: { destinationId: target.id } });
    }
    // Both may have a delivery of one event: the new chat's stays, the old one's would be a second copy.
    await db.$executeRaw(sql`UPDATE "Delivery" SET "destinationId" = ${target.id}
      WHERE "destinationId" = ${old.id}
        AND "eventId" NOT IN (SELECT "eventId" FROM "Delivery" WHERE "destinationId" = ${target.id})`);
    await db.destination.delete({ where: { id: old.id } });
    await db.destination.update({ where: { id: target.id }, data: { state: 'active', deadReason: null } });
  }
}
