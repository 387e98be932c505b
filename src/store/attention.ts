import type { OpenClient } from './client.ts';
import { type IncidentRow, toRecord } from './incidentRows.ts';
import { toBig } from './numbers.ts';
import { FIRST_REMINDER_MS } from './reminders.ts';
import { FOREVER_MS, type IncidentRecord, type IncidentRepository } from './store.ts';
import type { Writer } from './writer.ts';

/** What one chat does about its incidents: which of them a message is about, and who takes care of them there. */
export function createAttention(
  { prisma }: OpenClient,
  write: Writer,
): Pick<IncidentRepository, 'release' | 'ofMessage' | 'attend'> {
  return {
    async release(destinationId, nowMs) {
      return await write(async (db) => {
        const held = { destinationId, state: 'held' };
        // It is told only now: reminders begin to count.
        await db.notice.updateMany({
          where: {
            destinationId,
            nextReminderAtMs: { not: null },
            incident: { events: { some: { deliveries: { some: held } } } },
          },
          data: { nextReminderAtMs: toBig(nowMs + FIRST_REMINDER_MS) },
        });
        const { count } = await db.delivery.updateMany({
          where: held,
          // The queue is not behind with it: it could not be sent before.
          data: { state: 'pending', createdAtMs: toBig(nowMs), nextAttemptAtMs: toBig(nowMs), groupKey: 'quiet' },
        });
        return count;
      });
    },

    async ofMessage(address, deliveryId) {
      const delivery = await prisma.delivery.findFirst({
        where: { id: deliveryId, destination: { ...address, threadId: address.threadId ?? '' } },
        include: { event: true },
      });
      if (delivery === null) return [];
      const { destinationId } = delivery;
      // An edit changed the message of another delivery, which may tell of more.
      const message =
        delivery.mode === 'edit' && delivery.event !== null
          ? ((await firstMessage(delivery.event.incidentId, destinationId)) ?? delivery)
          : delivery;
      const together = await prisma.delivery.findMany({
        where:
          message.groupId === null
            ? { id: message.id }
            : { destinationId, OR: [{ id: message.id }, { groupId: message.groupId }] },
        include: { event: { include: { incident: { include: { notices: { where: { destinationId } } } } } } },
        orderBy: { id: 'asc' },
      });
      const records = new Map<number, IncidentRecord>();
      for (const { event } of together) {
        if (event !== null) records.set(event.incidentId, recordOf(event.incident));
      }
      return [...records.values()];
    },

    async attend({ address, incidentIds, by, byId, nowMs, snoozedUntilMs }) {
      const where = {
        incidentId: { in: incidentIds },
        destination: { ...address, threadId: address.threadId ?? '' },
        incident: { state: 'firing' },
      };
      const who = { acknowledgedBy: by, acknowledgedById: byId };
      if (snoozedUntilMs !== null) {
        const wakes = snoozedUntilMs < FOREVER_MS;
        const { count } = await write((db) =>
          db.notice.updateMany({
            where,
            data: {
              ...who,
              snoozedUntilMs: toBig(snoozedUntilMs),
              nextReminderAtMs: wakes ? toBig(snoozedUntilMs) : null,
              ...(wakes ? {} : { escalateAtMs: null }),
            },
          }),
        );
        return count;
      }
      return await write(async (db) => {
        const count = await db.notice.count({ where });
        // Who came first keeps it, unless a snooze came in between: then nobody was in charge.
        await db.notice.updateMany({
          where: { ...where, OR: [{ acknowledgedAtMs: null }, { snoozedUntilMs: { not: null } }] },
          data: who,
        });
        await db.notice.updateMany({
          where: { ...where, acknowledgedAtMs: null },
          data: { acknowledgedAtMs: toBig(nowMs) },
        });
        await db.notice.updateMany({
          where,
          data: { snoozedUntilMs: null, nextReminderAtMs: null, escalateAtMs: null },
        });
        return count;
      });
    },
  };

  async function firstMessage(incidentId: number, destinationId: number) {
    return await prisma.delivery.findFirst({
      where: { destinationId, mode: 'send', event: { incidentId } },
      orderBy: { id: 'asc' },
    });
  }
}

const recordOf = (incident: IncidentRow & { notices: Parameters<typeof toRecord>[1][] }): IncidentRecord =>
  toRecord(incident, incident.notices[0]);
