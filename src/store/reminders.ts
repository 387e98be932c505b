import type { Db, OpenClient } from './client.ts';
import { insertDeliveries, rootOf } from './deliveryRows.ts';
import { type IncidentRow, toIncident } from './incidentRows.ts';
import { type Sql, sql } from './jsonRows.ts';
import { hears, moment, quiet, stillAsks } from './matching.ts';
import { toBig } from './numbers.ts';
import type { IncidentRepository, StoredIncident } from './store.ts';
import type { Writer } from './writer.ts';

const HOUR_MS = 3_600_000;

/** Gaps between what a chat hears of an incident that nobody takes care of: since it was told, then between reminders. */
export const FIRST_REMINDER_MS = HOUR_MS;
const SECOND_REMINDER_MS = 4 * HOUR_MS;
const LATER_REMINDER_MS = 24 * HOUR_MS;

type Reminders = Pick<IncidentRepository, 'remind' | 'escalate'>;
type ViewOf = Parameters<Reminders['remind']>[1];

/** What is told again while nobody takes care. One event an incident and round, set-based over its chats. */
export function createReminders({ prisma }: OpenClient, write: Writer): Reminders {
  /** Most of the time nothing is due; then there is nothing to write either. */
  async function round(due: Sql, each: (db: Db, incident: StoredIncident) => Promise<number>): Promise<number> {
    if ((await incidentsOf(prisma, due)).length === 0) return 0;
    return await write(async (db) => {
      let queued = 0;
      for (const row of await incidentsOf(db, due)) queued += await each(db, toIncident(row));
      return queued;
    });
  }

  return {
    remind: (nowMs, view) => round(dueReminders(nowMs), (db, incident) => remindOf(db, incident, nowMs, view)),
    escalate: (nowMs, view) => round(dueEscalations(nowMs), (db, incident) => escalateOf(db, incident, nowMs, view)),
  };
}

/** A snooze takes the place of an acknowledgement while it lasts, and leaves none behind. */
const unattended = (nowMs: number): Sql => sql`(n."acknowledgedAtMs" IS NULL OR n."snoozedUntilMs" IS NOT NULL)
  AND (n."snoozedUntilMs" IS NULL OR n."snoozedUntilMs" <= ${toBig(nowMs)})`;

const NOTICES = sql`"Notice" n JOIN "Incident" i ON i."id" = n."incidentId"
  JOIN "Destination" d ON d."id" = n."destinationId"`;

/** In quiet hours nobody is reminded; it is due when they are over. */
const dueReminders = (nowMs: number): Sql => sql`n."nextReminderAtMs" <= ${toBig(nowMs)} AND i."state" = 'firing'
  AND i."severityRank" >= 1 AND ${unattended(nowMs)} AND ${hears(nowMs)} AND ${stillAsks(nowMs)}
  AND CASE WHEN ${quiet(nowMs)} THEN 0 ELSE 1 END = 1`;

const dueEscalations = (nowMs: number): Sql => sql`n."escalateAtMs" <= ${toBig(nowMs)} AND i."state" = 'firing'
  AND i."severityRank" = 2 AND ${unattended(nowMs)} AND ${hears(nowMs)} AND ${stillAsks(nowMs)}`;

async function incidentsOf(db: Pick<Db, '$queryRaw' | 'incident'>, due: Sql): Promise<IncidentRow[]> {
  const ids = await db.$queryRaw<{ id: number | bigint }[]>(sql`SELECT DISTINCT i."id" FROM ${NOTICES} WHERE ${due}`);
  if (ids.length === 0) return [];
  return await db.incident.findMany({ where: { id: { in: ids.map(({ id }) => Number(id)) } }, orderBy: { id: 'asc' } });
}

async function eventOf(db: Db, incident: StoredIncident, kind: string, nowMs: number, view: ViewOf): Promise<Sql> {
  const { id } = await db.incidentEvent.create({
    data: { incidentId: incident.id, kind, atMs: toBig(nowMs), view: JSON.stringify(view(incident)) },
  });
  return sql`CAST(${id} AS INTEGER)`;
}

/** The notices of one incident that are due, with the message that told of it. */
const dueOf = (incidentId: number, due: Sql): Sql => sql`${NOTICES}
  LEFT JOIN "Delivery" r ON r."id" = ${rootOf(sql`n."incidentId"`, sql`n."destinationId"`)}
  WHERE n."incidentId" = ${incidentId} AND ${due}`;

async function remindOf(db: Db, incident: StoredIncident, nowMs: number, view: ViewOf): Promise<number> {
  const due = dueReminders(nowMs);
  const queued = await insertDeliveries(
    db,
    {
      eventId: await eventOf(db, incident, 'reminder', nowMs, view),
      mode: 'reply',
      kind: 'reminder',
      messageId: sql`r."messageId"`,
      from: dueOf(incident.id, due),
    },
    nowMs,
  );
  await db.$executeRaw(sql`UPDATE "Notice" SET "reminders" = "reminders" + 1, "nextReminderAtMs" =
      CASE WHEN "reminders" = 0 THEN ${moment(nowMs + SECOND_REMINDER_MS)} ELSE ${moment(nowMs + LATER_REMINDER_MS)} END
    WHERE "id" IN (SELECT n."id" FROM ${NOTICES} WHERE n."incidentId" = ${incident.id} AND ${due})`);
  return queued;
}

async function escalateOf(db: Db, incident: StoredIncident, nowMs: number, view: ViewOf): Promise<number> {
  const due = dueEscalations(nowMs);
  const eventId = await eventOf(db, incident, 'escalated', nowMs, view);
  const here = await insertDeliveries(
    db,
    {
      eventId,
      mode: 'reply',
      kind: 'escalated',
      mention: sql`d."escalateMention"`,
      messageId: sql`r."messageId"`,
      from: dueOf(incident.id, due),
    },
    nowMs,
  );
  const elsewhere = sql`"Incident" i CROSS JOIN "Destination" d WHERE i."id" = ${incident.id} AND d."state" = 'active'
    AND d."id" IN (SELECT o."escalateToId" FROM "Destination" o WHERE o."id" <> o."escalateToId" AND o."id" IN (
      SELECT n."destinationId" FROM ${NOTICES} WHERE n."incidentId" = ${incident.id} AND ${due}))`;
  // There it is not escalated further; a chat that was told by its own subscription hears the end whatever becomes of it.
  await db.$executeRaw(sql`INSERT INTO "Notice" ("incidentId", "destinationId", "toldAtMs", "always",
      "nextReminderAtMs")
    SELECT i."id", d."id", ${moment(nowMs)}, true, ${moment(nowMs + FIRST_REMINDER_MS)} FROM ${elsewhere}
    ON CONFLICT ("incidentId", "destinationId") DO UPDATE SET "always" = true`);
  const there = await insertDeliveries(db, { eventId, mode: 'send', kind: 'escalated', from: elsewhere }, nowMs);
  await db.$executeRaw(sql`UPDATE "Notice" SET "escalateAtMs" = NULL
    WHERE "id" IN (SELECT n."id" FROM ${NOTICES} WHERE n."incidentId" = ${incident.id} AND ${due})`);
  return here + there;
}
