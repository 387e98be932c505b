import type { PlatformName } from '../lib/delivery.ts';
import type { Db, Dialect } from './client.ts';
import { join, jsonRows, type Sql, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';

/** Deliveries told as one message at most. */
const GROUP_LIMIT = 200;

/** Held together for a reason of their own: whoever they would call, they are one message. */
const DIGEST_KEYS = sql`('quiet', 'backlog')`;

const PRIORITIES = [0, 1, 2, 3];

/** The row that a message begins with. */
interface Head {
  id: number;
  destinationId: number;
  mode: string;
  groupKey: string;
  groupId: number | null;
  editMessageId: string | null;
  mention: string;
}

/**
 * Marks up to `limit` messages as being sent, one a destination, each with the rows that go with it.
 * @returns their group ids.
 */
export async function claimMessages(
  db: Db,
  dialect: Dialect,
  { platform, limit, nowMs }: { platform: PlatformName; limit: number; nowMs: number },
): Promise<number[]> {
  const found = await db.$queryRaw<Head[]>(dueHeads(platform, limit, toBig(nowMs)));
  if (found.length === 0) return [];
  const heads = found.map((head) => ({
    ...head,
    id: Number(head.id),
    message: Number(head.groupId ?? head.id),
    claimedBefore: head.groupId === null ? 0 : 1,
  }));
  await db.$executeRaw(takeGroups(dialect, heads, toBig(nowMs)));
  return heads.map(({ message }) => message);
}

/**
 * The first due row of each destination that is not being sent to, critical ones first, then the longest due. A row that
 * is to be tried again keeps its place: what comes after it waits. One that only waits for others of its group lets first
 * messages pass, but neither edits nor replies, which may belong to it.
 *
 * Each priority is a statement of its own, so that an index gives its rows in order however many there are. What else is
 * asked of a row stands in scalar subqueries: no planner makes joins over the whole queue of them. (The sign before a
 * column keeps SQLite from looking for it by an index on priority.)
 */
function dueHeads(platform: PlatformName, limit: number, now: bigint): Sql {
  const each = PRIORITIES.map(
    (priority) => sql`SELECT * FROM (
      SELECT d."id", d."destinationId", d."mode", d."groupKey", d."groupId", d."editMessageId", d."mention",
        d."priority", d."nextAttemptAtMs"
      FROM "Delivery" d
      WHERE d."state" = 'pending' AND d."priority" = ${priority} AND d."nextAttemptAtMs" <= ${now}
        AND ${platformOf} = ${platform}
        AND (SELECT e."id" FROM "Delivery" e WHERE e."destinationId" = d."destinationId" AND e."state" = 'sending'
          LIMIT 1) IS NULL
        AND (SELECT e."id" FROM "Delivery" e WHERE e."destinationId" = d."destinationId" AND e."state" = 'pending'
          AND (+e."priority" < d."priority" OR (+e."priority" = d."priority" AND e."id" < d."id"))
          AND (e."nextAttemptAtMs" <= ${now} OR e."attempts" > 0 OR d."mode" <> 'send') LIMIT 1) IS NULL
      ORDER BY d."nextAttemptAtMs", d."id" LIMIT ${limit}) AS p`,
  );
  return sql`SELECT "id", "destinationId", "mode", "groupKey", "groupId", "editMessageId", "mention"
    FROM (${join(each, ' UNION ALL ')}) AS heads ORDER BY "priority", "nextAttemptAtMs", "id" LIMIT ${limit}`;
}

/** The platform of the delivery `d`, as long as its chat is alive. */
export const platformOf: Sql = sql`(SELECT x."platform" FROM "Destination" x
  WHERE x."id" = d."destinationId" AND x."state" = 'active')`;

/** There is something to claim. */
export async function anyDue(db: Pick<Db, '$queryRaw'>, platform: PlatformName, nowMs: number): Promise<boolean> {
  return (await db.$queryRaw<Head[]>(dueHeads(platform, 1, toBig(nowMs)))).length > 0;
}

/**
 * A message that was claimed before is the same set of rows again, whatever came since. A new one takes along what is due
 * in its chat under the same key and calls the same people; an edit, the other edits of its message.
 */
function takeGroups(dialect: Dialect, heads: readonly object[], now: bigint): Sql {
  const head = jsonRows(dialect, heads, {
    id: 'int',
    destinationId: 'int',
    mode: 'text',
    groupKey: 'text',
    message: 'int',
    claimedBefore: 'int',
    editMessageId: 'text',
    mention: 'text',
  });
  return sql`UPDATE "Delivery" SET "state" = 'sending', "attempts" = "Delivery"."attempts" + 1, "groupId" = taken."message"
    FROM (
      SELECT m."id", h."message", h."claimedBefore", row_number() OVER (
        PARTITION BY h."id" ORDER BY CASE WHEN m."id" = h."id" THEN 0 ELSE 1 END, m."priority", m."id") AS "place"
      FROM ${head} AS h CROSS JOIN "Delivery" m
      WHERE m."destinationId" = h."destinationId" AND m."state" = 'pending' AND (m."id" = h."id"
        OR (h."claimedBefore" = 1 AND m."groupId" = h."message")
        OR (h."claimedBefore" = 0 AND m."groupId" IS NULL AND m."nextAttemptAtMs" <= ${now} AND (
          (h."groupKey" <> '' AND m."groupKey" = h."groupKey" AND h."mode" <> 'edit' AND m."mode" <> 'edit'
            AND (m."mention" = h."mention" OR h."groupKey" IN ${DIGEST_KEYS}))
          OR (h."mode" = 'edit' AND m."mode" = 'edit' AND m."editMessageId" = h."editMessageId"))))
    ) AS taken
    WHERE "Delivery"."id" = taken."id" AND (taken."claimedBefore" = 1 OR taken."place" <= ${GROUP_LIMIT})`;
}
