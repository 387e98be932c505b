import type { View } from '../lib/view.ts';
import type { Db, OpenClient } from './client.ts';
import { sql } from './jsonRows.ts';
import { fromBig, fromBigOrNull, toBig } from './numbers.ts';
import type { DeliveryRepository, QueuedDelivery } from './store.ts';
import { markDestinationDead, toDestination } from './subscriptions.ts';
import type { Writer } from './writer.ts';

const WAITING = ['pending', 'sending'];

export function createDeliveries({ prisma }: OpenClient, write: Writer): DeliveryRepository {
  return {
    async claim(platform, limit, nowMs) {
      // Most of the time nothing is due; then there is nothing to write either.
      if ((await due(platform, nowMs)) === 0) return [];
      return await write(async (db) => {
        const ids = await db.$queryRaw<{ id: number | bigint }[]>(sql`SELECT d."id" FROM "Delivery" d
          JOIN "Destination" x ON x."id" = d."destinationId"
          WHERE d."state" = 'pending' AND d."nextAttemptAtMs" <= ${toBig(nowMs)} AND x."platform" = ${platform}
            AND x."state" = 'active' AND NOT EXISTS (
              SELECT 1 FROM "Delivery" e WHERE e."destinationId" = d."destinationId"
                AND e."state" IN ('pending', 'sending') AND e."id" < d."id")
          ORDER BY d."id" LIMIT ${limit}`);
        if (ids.length === 0) return [];
        const where = { id: { in: ids.map(({ id }) => Number(id)) } };
        await db.delivery.updateMany({ where, data: { state: 'sending', attempts: { increment: 1 } } });
        const rows = await db.delivery.findMany({
          where,
          include: { event: true, destination: true },
          orderBy: { id: 'asc' },
        });
        const told = await messagesOf(
          db,
          rows.filter((row) => row.event.kind !== 'fired' && (row.editMessageId ?? row.replyToMessageId) === null),
        );
        return rows.map((row): QueuedDelivery => {
          const message = told.get(`${row.event.incidentId}/${row.destinationId}`) ?? null;
          return {
            id: row.id,
            eventId: row.eventId,
            eventKind: row.event.kind as QueuedDelivery['eventKind'],
            attempts: row.attempts,
            createdAtMs: fromBig(row.createdAtMs),
            destination: toDestination(row.destination),
            view: JSON.parse(row.event.view) as View,
            editMessageId: row.event.kind === 'changed' ? (row.editMessageId ?? message) : null,
            replyToMessageId: row.event.kind === 'resolved' ? (row.replyToMessageId ?? message) : null,
          };
        });
      });
    },

    async markSent(id, messageId, nowMs) {
      await write(async (db) => {
        await db.delivery.update({
          where: { id },
          data: { state: 'sent', messageId, sentAtMs: toBig(nowMs), error: null },
          select: { id: true },
        });
      });
    },

    async retry(id, nextAttemptAtMs, error) {
      await write((db) =>
        db.delivery.updateMany({
          where: { id, state: 'sending' },
          data: { state: 'pending', nextAttemptAtMs: toBig(nextAttemptAtMs), error },
        }),
      );
    },

    async fail(id, state, error) {
      await write((db) => db.delivery.updateMany({ where: { id }, data: { state, error } }));
    },

    async recover(nowMs, only) {
      const { count } = await write(async (db) => {
        const dead = await db.destination.findMany({
          where: { state: 'dead', deliveries: { some: { state: { in: WAITING } } } },
        });
        for (const { id, deadReason } of dead) await markDestinationDead(db, id, deadReason ?? 'unreachable');
        return await db.delivery.updateMany({
          where: {
            state: 'sending',
            ...(only ? { id: { notIn: [...only.underWay] }, destination: { platform: only.platform } } : {}),
          },
          data: { state: 'pending', nextAttemptAtMs: toBig(nowMs) },
        });
      });
      return count;
    },

    async backlog() {
      const { _count, _min } = await prisma.delivery.aggregate({
        where: { state: { in: WAITING } },
        _count: { id: true },
        _min: { createdAtMs: true },
      });
      return { count: _count.id, oldestAtMs: fromBigOrNull(_min.createdAtMs) };
    },

    async nextDueAtMs(platform) {
      const { _min } = await prisma.delivery.aggregate({
        where: { state: 'pending', destination: { platform, state: 'active' } },
        _min: { nextAttemptAtMs: true },
      });
      return fromBigOrNull(_min.nextAttemptAtMs);
    },
  };

  async function due(platform: string, nowMs: number): Promise<number> {
    return await prisma.delivery.count({
      where: { state: 'pending', nextAttemptAtMs: { lte: toBig(nowMs) }, destination: { platform, state: 'active' } },
      take: 1,
    });
  }
}

/** The messages that told of the incidents, by incident and destination: sent after these rows were queued. */
async function messagesOf(
  db: Db,
  rows: readonly { destinationId: number; event: { incidentId: number } }[],
): Promise<Map<string, string | null>> {
  if (rows.length === 0) return new Map();
  const fired = await db.delivery.findMany({
    where: {
      destinationId: { in: rows.map(({ destinationId }) => destinationId) },
      event: { kind: 'fired', incidentId: { in: rows.map(({ event }) => event.incidentId) } },
      messageId: { not: null },
    },
    select: { destinationId: true, messageId: true, event: { select: { incidentId: true } } },
  });
  return new Map(
    fired.map(({ destinationId, messageId, event }) => [`${event.incidentId}/${destinationId}`, messageId]),
  );
}
