import type { Address } from '../lib/delivery.ts';
import { applySet } from './applySet.ts';
import type { Db, OpenClient } from './client.ts';
import { addressKey, markDestinationsDead, settingColumns, toDestination, upsertDestination } from './destinations.ts';
import { HeldFacts } from './heldFacts.ts';
import { sql } from './jsonRows.ts';
import { migrateChat } from './migrateChat.ts';
import { mute, toMute, unmute } from './mutes.ts';
import { toBig } from './numbers.ts';
import { readRows } from './readRows.ts';
import type { SubscriptionRepository } from './store.ts';
import { insertSubscription, overrideColumns, toSubscription } from './subscriptionRows.ts';
import type { Writer } from './writer.ts';

/** A chat with everything in it, or one topic of it. */
const within = ({ platform, chatId, threadId }: Address) => ({
  platform,
  chatId,
  ...(threadId === null ? {} : { threadId }),
});

export function createSubscriptions({ prisma, dialect }: OpenClient, writer: Writer): SubscriptionRepository {
  /** By scope: rules ask every second. */
  const subjects = new Map<string, HeldFacts<string[]>>();

  const write: Writer = async (job) => {
    try {
      return await writer(job);
    } finally {
      for (const held of subjects.values()) held.drop();
    }
  };

  async function loadSubjects(scope: string): Promise<string[]> {
    const query = sql`SELECT DISTINCT s."subject" FROM "Subscription" s WHERE s."scope" = ${scope}`;
    const rows = await readRows<{ subject: string }>(prisma, dialect, query, { subject: 'text' }, ['subject']);
    return rows.map(({ subject }) => subject);
  }

  return {
    add({ address, title, kind, family, rule = '', scope, subject, overrides = {}, createdBy, nowMs }) {
      return write(async (db) => {
        const destinationId = await upsertDestination(db, address, { title, kind }, nowMs);
        const about = { family, rule, scope, subject, changes: overrides };
        return await insertSubscription(db, destinationId, about, { createdBy, nowMs });
      });
    },

    async list(address) {
      const row = await prisma.destination.findUnique({
        where: { platform_chatId_threadId: addressKey(address) },
        include: {
          subscriptions: { orderBy: { id: 'asc' } },
          mutes: { where: { untilMs: { gt: 0n } }, orderBy: { id: 'asc' } },
        },
      });
      if (row === null) return { destination: null, subscriptions: [], mutes: [] };
      return {
        destination: toDestination(row),
        subscriptions: row.subscriptions.map(toSubscription),
        mutes: row.mutes.map(toMute),
      };
    },

    async edit(address, subscriptionId, changes) {
      const [row] = await write((db) =>
        db.subscription.updateManyAndReturn({
          where: { id: subscriptionId, destination: addressKey(address) },
          data: overrideColumns(changes),
        }),
      );
      return row === undefined ? null : toSubscription(row);
    },

    async remove(address, subscriptionId) {
      return await write(async (db) => {
        const where = { id: subscriptionId, destination: addressKey(address) };
        if ((await db.subscription.deleteMany({ where })).count === 0) return false;
        await forgetIfUnused(db, address);
        return true;
      });
    },

    async applySet(input) {
      return await write((db) => applySet(db, input));
    },

    async configure({ address, title, kind, nowMs, ...timing }) {
      return await write(async (db) => {
        const id = await upsertDestination(db, address, { title, kind }, nowMs);
        return toDestination(await db.destination.update({ where: { id }, data: settingColumns(timing) }));
      });
    },

    async mute(input) {
      await write((db) => mute(db, input));
    },

    async unmute(address, rule) {
      return await write((db) => unmute(db, address, rule));
    },

    async destination(id) {
      const row = await prisma.destination.findUnique({ where: { id } });
      return row === null ? null : toDestination(row);
    },

    async dueDestinations(nowMs) {
      const passed = { lte: toBig(nowMs) };
      const rows = await prisma.destination.findMany({
        where: { state: 'active', OR: [{ quietToMs: passed }, { nextDigestAtMs: passed }] },
        orderBy: { id: 'asc' },
      });
      return rows.map(toDestination);
    },

    async markDead(destinationId, reason) {
      await write((db) => markDestinationsDead(db, [destinationId], reason));
    },

    async placeGone(address, reason, { wholeChat }) {
      const { platform, chatId } = address;
      const where = wholeChat ? { platform, chatId } : addressKey(address);
      await write(async (db) => {
        const gone = await db.destination.findMany({ where, select: { id: true } });
        await markDestinationsDead(
          db,
          gone.map(({ id }) => id),
          reason,
        );
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

    async subjects(scope) {
      const held = subjects.get(scope) ?? new HeldFacts(() => loadSubjects(scope));
      subjects.set(scope, held);
      return (await held.get(performance.now())) ?? [];
    },
  };
}

/** A chat that hears of nothing, waits for nothing and stands in for no other is not kept. */
async function forgetIfUnused(db: Db, address: Address): Promise<void> {
  const { platform, chatId, threadId } = addressKey(address);
  await db.$executeRaw(sql`DELETE FROM "Destination"
    WHERE "platform" = ${platform} AND "chatId" = ${chatId} AND "threadId" = ${threadId}
      AND NOT EXISTS (SELECT 1 FROM "Subscription" s WHERE s."destinationId" = "Destination"."id")
      AND NOT EXISTS (SELECT 1 FROM "Delivery" d WHERE d."destinationId" = "Destination"."id"
        AND d."state" IN ('held', 'pending', 'sending'))
      AND NOT EXISTS (SELECT 1 FROM "Notice" n JOIN "Incident" i ON i."id" = n."incidentId"
        WHERE n."destinationId" = "Destination"."id" AND n."always" AND i."state" = 'firing')
      AND NOT EXISTS (SELECT 1 FROM "Destination" other WHERE other."escalateToId" = "Destination"."id")`);
}
