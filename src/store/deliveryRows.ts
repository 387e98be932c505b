import type { Db } from './client.ts';
import { type Sql, sql } from './jsonRows.ts';
import { moment, quiet } from './matching.ts';
import { toBig } from './numbers.ts';
import type { IncidentEventKind } from './store.ts';

/** What is about the same rule in the same chat within this time is told together. */
const GROUP_WINDOW_MS = 10_000;

/** Rows to be queued. Each is an SQL expression over the tables of `from`, which names `i` and `d` among them. */
export interface DeliveryRows {
  eventId: Sql;
  mode: 'send' | 'reply' | 'edit';
  /** Tables and conditions: what follows FROM. */
  from: Sql;
  /** Of the group key; absent: never grouped. */
  kind?: IncidentEventKind;
  state?: Sql;
  priority?: Sql;
  mention?: Sql;
  /** Not before this moment; null for no such. */
  notBeforeMs?: Sql;
  /** The message that told of the incident, edited or answered; null while it is not sent. */
  messageId?: Sql;
}

/** Queues one delivery for each row of `from`, in one statement; what is queued already stays. How many were queued. */
export async function insertDeliveries(db: Db, rows: DeliveryRows, nowMs: number): Promise<number> {
  const { eventId, mode, from, kind, messageId = sql`NULL` } = rows;
  const now = moment(nowMs);
  const groupKey = kind === undefined ? sql`''` : sql`i."rule" || '|' || ${asText(kind)} || '|' || i."severity"`;
  const window = kind === undefined ? sql`NULL` : windowEnd(groupKey, nowMs);
  return await db.$executeRaw(sql`INSERT INTO "Delivery" ("eventId", "destinationId", "mode", "state", "priority",
      "groupKey", "mention", "attempts", "nextAttemptAtMs", "createdAtMs", "editMessageId", "replyToMessageId")
    SELECT ${eventId}, d."id", ${asText(mode)}, ${rows.state ?? heldOrPending(nowMs)},
      ${rows.priority ?? sql`2 - i."severityRank"`}, ${groupKey}, ${rows.mention ?? sql`''`}, 0,
      COALESCE(${rows.notBeforeMs ?? sql`NULL`}, ${window}, ${now}), ${now},
      ${mode === 'edit' ? messageId : sql`NULL`}, ${mode === 'reply' ? messageId : sql`NULL`}
    FROM ${from} ${ALL_READ_FIRST}
    ON CONFLICT ("eventId", "destinationId", "mode") DO NOTHING`);
}

/**
 * By chat, then by event. No row is written before the last is read, as no index gives the order of an expression. PostgreSQL plans the look-ups in
 * this very table by its size of before; one that grows meanwhile from nothing would be read whole for every row.
 */
const ALL_READ_FIRST = sql`ORDER BY d."id" + 0, 1`;

export const heldOrPending = (nowMs: number): Sql => sql`CASE WHEN ${quiet(nowMs)} THEN 'held' ELSE 'pending' END`;

/**
 * When the window of that key ends that an earlier row has opened in this chat; null when none has. Rows of this very
 * moment open none: they are due with each other.
 */
const windowEnd = (groupKey: Sql, nowMs: number): Sql => sql`(SELECT MIN(w."createdAtMs") + ${moment(GROUP_WINDOW_MS)}
  FROM "Delivery" w WHERE w."destinationId" = d."id" AND w."groupKey" = ${groupKey} AND w."state" <> 'held'
    AND w."createdAtMs" > ${toBig(nowMs - GROUP_WINDOW_MS)} AND w."createdAtMs" < ${toBig(nowMs)})`;

/** A parameter that PostgreSQL could not tell the type of in this place. */
const asText = (value: string): Sql => sql`CAST(${value} AS TEXT)`;

/**
 * The id of the delivery that first told a chat of an incident, sent or not: what edits change and answers answer; null
 * where there is none. Looked up by index for each row, as a planner without statistics would pair all with all.
 */
export const rootOf = (incidentId: Sql, destinationId: Sql): Sql => sql`(SELECT MIN(f."id")
  FROM "IncidentEvent" fe JOIN "Delivery" f ON f."eventId" = fe."id"
  WHERE fe."incidentId" = ${incidentId} AND fe."kind" IN ('fired', 'changed', 'escalated')
    AND f."destinationId" = ${destinationId} AND f."mode" = 'send')`;

/** Ids of an incident's deliveries of one kind. The events come first (SQLite keeps that order), as they are few. */
export const deliveriesOf = (incidentId: number, kind: IncidentEventKind, mode: DeliveryRows['mode']): Sql => sql`
  SELECT q."id" FROM "IncidentEvent" qe CROSS JOIN "Delivery" q
  WHERE qe."incidentId" = ${incidentId} AND qe."kind" = ${kind} AND q."eventId" = qe."id" AND q."mode" = ${mode}`;
