import { anyDue, claimMessages, platformOf } from './claimDeliveries.ts';
import type { OpenClient } from './client.ts';
import { sql } from './jsonRows.ts';
import { fromBig, fromBigOrNull, toBig } from './numbers.ts';
import { readMessages } from './queuedMessages.ts';
import type { DeliveryRepository } from './store.ts';
import type { Writer } from './writer.ts';

const WAITING = ['pending', 'sending'];

export function createDeliveries({ prisma, dialect }: OpenClient, write: Writer): DeliveryRepository {
  return {
    async claim(platform, limit, nowMs) {
      // Most of the time nothing is due; then there is nothing to write either.
      if (!(await anyDue(prisma, platform, nowMs))) return [];
      return await write(async (db) => {
        for (;;) {
          const claimed = await claimMessages(db, dialect, { platform, limit, nowMs });
          const messages = await readMessages(db, claimed);
          // Where all were edits without a message, others may be due behind them.
          if (messages.length > 0 || claimed.length === 0) return messages;
        }
      });
    },

    async markSent(id, messageId, nowMs) {
      await write((db) =>
        db.delivery.updateMany({
          where: { groupId: id },
          data: { state: 'sent', messageId, sentAtMs: toBig(nowMs), error: null },
        }),
      );
    },

    async retry(id, nextAttemptAtMs, error) {
      await write((db) =>
        db.delivery.updateMany({
          where: { groupId: id, state: 'sending' },
          data: { state: 'pending', nextAttemptAtMs: toBig(nextAttemptAtMs), error },
        }),
      );
    },

    async fail(id, state, error) {
      await write((db) => db.delivery.updateMany({ where: { groupId: id }, data: { state, error } }));
    },

    async recover(nowMs, only) {
      const { count } = await write(async (db) => {
        await db.$executeRaw(sql`UPDATE "Delivery" SET "state" = 'dead', "error" = (
            SELECT COALESCE(x."deadReason", 'unreachable') FROM "Destination" x WHERE x."id" = "Delivery"."destinationId")
          WHERE "state" IN ('held', 'pending', 'sending')
            AND "destinationId" IN (SELECT "id" FROM "Destination" WHERE "state" = 'dead')`);
        return await db.delivery.updateMany({
          where: {
            state: 'sending',
            ...(only ? { groupId: { notIn: [...only.underWay] }, destination: { platform: only.platform } } : {}),
          },
          data: { state: 'pending', nextAttemptAtMs: toBig(nowMs) },
        });
      });
      return count;
    },

    async queue(destinationId, view, nowMs) {
      const now = toBig(nowMs);
      // To a dead chat it would wait for ever.
      await write((db) =>
        db.$executeRaw(sql`INSERT INTO "Delivery" ("view", "destinationId", "mode", "priority", "nextAttemptAtMs",
            "createdAtMs")
          SELECT CAST(${JSON.stringify(view)} AS TEXT), "id", 'send', 3, CAST(${now} AS BIGINT), CAST(${now} AS BIGINT)
          FROM "Destination" WHERE "id" = ${destinationId} AND "state" = 'active'`),
      );
    },

    async backlog() {
      const { _count, _min } = await prisma.delivery.aggregate({
        where: { state: { in: WAITING } },
        _count: { id: true },
        _min: { createdAtMs: true },
      });
      return { count: _count.id, oldestAtMs: fromBigOrNull(_min.createdAtMs) };
    },

    async lastSentAtMs() {
      const newest = await prisma.delivery.findFirst({
        where: { state: 'sent' },
        orderBy: { id: 'desc' },
        select: { sentAtMs: true },
      });
      return fromBigOrNull(newest?.sentAtMs ?? null);
    },

    async due(platform, nowMs) {
      const [found] = await prisma.$queryRaw<{ count: number | bigint }[]>(sql`SELECT COUNT(*) AS "count"
        FROM "Delivery" d
        WHERE d."state" = 'pending' AND d."nextAttemptAtMs" <= ${toBig(nowMs)} AND ${platformOf} = ${platform}`);
      return Number(found?.count ?? 0);
    },

    async collapse(platform, nowMs) {
      // What was tried keeps its message, which may have arrived; an edit keeps its own; one alone is no digest.
      const collapsible = sql`d."state" = 'pending' AND d."priority" IN (1, 2) AND d."nextAttemptAtMs" <= ${toBig(nowMs)}
        AND d."groupId" IS NULL AND d."mode" <> 'edit'`;
      return await write((db) =>
        db.$executeRaw(sql`UPDATE "Delivery" SET "groupKey" = 'backlog' WHERE "groupKey" <> 'backlog' AND "id" IN (
          SELECT d."id" FROM "Delivery" d WHERE ${collapsible} AND d."destinationId" IN (
            SELECT d."destinationId" FROM "Delivery" d JOIN "Destination" x ON x."id" = d."destinationId"
            WHERE ${collapsible} AND x."platform" = ${platform} AND x."state" = 'active'
            GROUP BY d."destinationId" HAVING COUNT(*) > 1))`),
      );
    },

    async counts() {
      const groups = await prisma.delivery.groupBy({
        by: ['state'],
        _count: { id: true },
        orderBy: { state: 'asc' },
      });
      return groups.map(({ state, _count }) => ({ state, count: _count.id }));
    },

    async nextDueAtMs(platform, afterMs) {
      const [next] = await prisma.$queryRaw<{ atMs: bigint }[]>(sql`SELECT d."nextAttemptAtMs" AS "atMs"
        FROM "Delivery" d WHERE d."state" = 'pending' AND ${platformOf} = ${platform}
          AND d."nextAttemptAtMs" > ${toBig(afterMs)}
        ORDER BY d."nextAttemptAtMs" LIMIT 1`);
      return next === undefined ? null : fromBig(next.atMs);
    },
  };
}
