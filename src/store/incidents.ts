import { applyChange } from './applyChange.ts';
import { createAttention } from './attention.ts';
import type { OpenClient } from './client.ts';
import { toIncident, toRecord } from './incidentRows.ts';
import { sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { createReminders } from './reminders.ts';
import type { IncidentRepository } from './store.ts';
import { createTellLate } from './tellLate.ts';
import type { Writer } from './writer.ts';

export function createIncidents(client: OpenClient, write: Writer): IncidentRepository {
  const { prisma } = client;
  return {
    ...createReminders(client, write),
    ...createAttention(client, write),
    tellLate: createTellLate(client, write),

    async open() {
      const rows = await prisma.incident.findMany({ where: { openKey: { not: null } }, orderBy: { id: 'asc' } });
      return rows.map(toIncident);
    },

    async apply(changes, nowMs) {
      if (changes.length === 0) return;
      await write(async (db) => {
        for (const change of changes) await applyChange(db, change, nowMs);
      });
    },

    async recent({ limit, subject, sinceMs, offset = 0, destinationId }) {
      const rows = await prisma.incident.findMany({
        where: {
          state: { not: 'pending' },
          ...(subject === undefined ? {} : { subject }),
          // What began before and was still on then is part of that time.
          ...(sinceMs === undefined ? {} : { OR: [{ resolvedAtMs: null }, { resolvedAtMs: { gte: toBig(sinceMs) } }] }),
        },
        orderBy: [{ firedAtMs: 'desc' }, { id: 'desc' }],
        skip: offset,
        take: limit,
        // No chat has this id.
        include: { notices: { where: { destinationId: destinationId ?? -1 } } },
      });
      return rows.map(({ notices, ...row }) => toRecord(row, notices[0]));
    },

    async turns(sinceMs) {
      const since = toBig(sinceMs);
      const rows = await prisma.$queryRaw<{ key: string; turns: number | bigint }[]>(sql`
        SELECT "rule" || '|' || "subject" AS "key", SUM(CASE WHEN "firedAtMs" >= ${since} THEN 1 ELSE 0 END
          + CASE WHEN "resolvedAtMs" >= ${since} THEN 1 ELSE 0 END) AS "turns"
        FROM "Incident" WHERE "firedAtMs" >= ${since} OR "resolvedAtMs" >= ${since}
        GROUP BY "rule", "subject"`);
      return new Map(rows.map(({ key, turns }) => [key, Number(turns)]));
    },
  };
}
