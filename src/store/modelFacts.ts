import type { OpenClient } from './client.ts';
import { type ColumnType, jsonArrays, raw, type Sql, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { FIRST_SWEEP } from './modelList.ts';
import type { ModelFacts } from './modelRepository.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const HOURS = 24;
const LIMIT = raw('LIMIT 1000');

/** Where the blob `n` is or was listed. Conditions in these joins would mislead PostgreSQL before it has statistics. */
const PLACES: Sql = sql`JOIN "HubFile" f ON f."blobId" = n."blobId" JOIN "HubVersion" v ON v."id" = f."versionId"
  JOIN "HubModel" h ON h."id" = v."modelId"`;

/** The first of these places that is there by now: the id of a HubFile, or null. */
const CURRENT_FILE: Sql = sql`min(CASE WHEN f."goneAtMs" IS NULL AND v."goneAtMs" IS NULL AND h."goneAtMs" IS NULL
  THEN f."id" END)`;

/** The model of the file with that id, as `m`. */
const joinModel = (fileId: Sql): Sql => sql`JOIN "HubFile" pf ON pf."id" = ${fileId}
  JOIN "HubVersion" pv ON pv."id" = pf."versionId" JOIN "HubModel" m ON m."id" = pv."modelId"`;

export const WAITING: Sql = sql`"listedAtMs" IS NULL AND "storedAtMs" IS NOT NULL`;

/** A chat follows the blob by its id. */
const FOLLOWED: Sql = sql`EXISTS (SELECT 1 FROM "Subscription" s
  WHERE s."family" = 'model' AND s."scope" = 'blob' AND s."subject" = "ModelBlob"."blobId")`;

const USED: Sql = sql`n."blobId", n."uses", n."lastUsedAtSeconds", n."firstSeenAtMs"`;

const MODEL_COLUMNS = { modelKey: 'text', modelName: 'text', author: 'text' } as const;
const MODEL: Sql = sql`m."key" AS "modelKey", m."name" AS "modelName", m."author" AS "author"`;

/** Reads the facts as they are now; null before the hub or storage answered for the first time. */
export async function loadModelFacts(client: OpenClient, nowMs: number): Promise<ModelFacts | null> {
  const { prisma, dialect } = client;
  const [asked] = await prisma.$queryRaw<{ yes: number | bigint }[]>(sql`SELECT 1 AS "yes"
    WHERE EXISTS (SELECT 1 FROM "HubModel") OR EXISTS (SELECT 1 FROM "ModelBlob" WHERE "checkedAtMs" IS NOT NULL)
      OR EXISTS (SELECT 1 FROM "Meta" WHERE "key" = ${FIRST_SWEEP})`);
  if (asked === undefined) return null;

  /** Rows of a query as objects, by `order` descending: newest first. */
  async function rows<Row>(columns: Record<string, ColumnType>, order: string, query: Sql): Promise<Row[]> {
    const [found] = await prisma.$queryRaw<{ rows: string }[]>(
      jsonArrays(dialect, sql`SELECT * FROM (${query}) AS q`, columns, [order]),
    );
    const names = Object.keys(columns);
    const lists = JSON.parse(found?.rows ?? '[]') as unknown[][];
    return lists.reverse().map((values) => Object.fromEntries(values.map((value, at) => [names[at], value])) as Row);
  }

  const hours = await watchedHours(client, nowMs);
  const usedSince = moment((nowMs - WEEK_MS) / 1000);
  const [since24h, since7d] = [moment(nowMs - DAY_MS), moment(nowMs - WEEK_MS)];
  const [waiting, counts, waits, listed, versions, unreadable, usedUnlisted, arrivals, listings] = await Promise.all([
    rows<Omit<ModelFacts['waiting'][number], 'isFollowed'> & { isFollowed: number | boolean }>(
      { blobId: 'text', storedAtMs: 'bigint', storage: 'text', isFollowed: 'bool' },
      'storedAtMs',
      sql`SELECT "blobId", "storedAtMs", "storage", ${FOLLOWED} AS "isFollowed" FROM "ModelBlob" WHERE ${WAITING}
        ORDER BY "isFollowed" DESC, "storedAtMs", "id" ${LIMIT}`,
    ),
    prisma.$queryRaw<{ waiting: number | bigint; unseen: number | bigint }[]>(sql`SELECT
      (SELECT count(*) FROM "ModelBlob" WHERE ${WAITING}) AS "waiting",
      (SELECT count(*) FROM "HubModel" m WHERE m."goneAtMs" IS NULL AND (m."shownAtMs" IS NULL OR EXISTS
        (SELECT 1 FROM "HubVersion" v WHERE v."modelId" = m."id" AND v."goneAtMs" IS NULL AND v."shownAtMs" IS NULL))
      ) AS "unseen"`),
    rows<{ storedAtMs: number; listedAtMs: number }>(
      { storedAtMs: 'bigint', listedAtMs: 'bigint' },
      'listedAtMs',
      sql`SELECT "storedAtMs", "listedAtMs" FROM "ModelBlob"
        WHERE "listedAtFirst" = FALSE AND "listedAtMs" >= ${since7d} AND "storedAtMs" <= "listedAtMs"
        ORDER BY "listedAtMs" DESC ${LIMIT}`,
    ),
    rows<Omit<ModelFacts['listed'][number], 'waitSeconds'> & { waitMs: number | null }>(
      { blobId: 'text', ...MODEL_COLUMNS, atMs: 'bigint', waitMs: 'bigint' },
      'atMs',
      // The place where it was listed first.
      sql`SELECT b."blobId", ${MODEL}, b."listedAtMs" AS "atMs",
          CASE WHEN b."storedAtMs" <= b."listedAtMs" THEN b."listedAtMs" - b."storedAtMs" END AS "waitMs"
        FROM (SELECT n."blobId", n."listedAtMs", n."storedAtMs", min(f."id") AS "fileId"
          FROM (SELECT * FROM "ModelBlob" WHERE "listedAtFirst" = FALSE AND "listedAtMs" >= ${since24h}
            ORDER BY "listedAtMs" DESC ${LIMIT}) AS n
          JOIN "HubFile" f ON f."blobId" = n."blobId" GROUP BY n."blobId", n."listedAtMs", n."storedAtMs") AS b
        ${joinModel(sql`b."fileId"`)}`,
    ),
    rows<Omit<ModelFacts['versions'][number], 'isFirst'> & { isFirst: number | boolean }>(
      { ...MODEL_COLUMNS, version: 'text', atMs: 'bigint', isFirst: 'bool' },
      'atMs',
      newVersions(since24h),
    ),
    rows<ModelFacts['unreadable'][number]>(
      { blobId: 'text', ...MODEL_COLUMNS, sinceMs: 'bigint' },
      'sinceMs',
      sql`SELECT b."blobId", ${MODEL}, b."goneAtMs" AS "sinceMs"
        FROM (SELECT n."blobId", n."goneAtMs", ${CURRENT_FILE} AS "fileId" FROM "ModelBlob" n ${PLACES}
          WHERE n."goneAtMs" IS NOT NULL GROUP BY n."blobId", n."goneAtMs") AS b
        ${joinModel(sql`b."fileId"`)} ORDER BY b."goneAtMs" DESC ${LIMIT}`,
    ),
    rows<ModelFacts['usedUnlisted'][number]>(
      { blobId: 'text', uses: 'int', lastUsedAtSeconds: 'bigint', firstSeenAtMs: 'bigint' },
      'lastUsedAtSeconds',
      sql`SELECT * FROM (
          SELECT ${USED} FROM "ModelBlob" n WHERE n."lastUsedAtSeconds" >= ${usedSince} AND n."listedAtMs" IS NULL
          UNION ALL
          SELECT ${USED} FROM "ModelBlob" n ${PLACES}
          WHERE n."lastUsedAtSeconds" >= ${usedSince} AND n."listedAtMs" IS NOT NULL
          GROUP BY ${USED} HAVING ${CURRENT_FILE} IS NULL
        ) AS u ORDER BY "lastUsedAtSeconds" DESC ${LIMIT}`,
    ),
    hourly(client, 'storedAtMs', nowMs),
    hourly(client, 'listedAtMs', nowMs),
  ]);
  return {
    readAtMs: nowMs,
    unseenModels: Number(counts[0]?.unseen ?? 0),
    waiting: waiting.reverse().map((row) => ({ ...row, isFollowed: Boolean(row.isFollowed) })),
    waitingCount: Number(counts[0]?.waiting ?? 0),
    waits: waits.map((wait) => ({ seconds: (wait.listedAtMs - wait.storedAtMs) / 1000, ...wait })),
    listed: listed.map(({ waitMs, ...row }) => ({ ...row, waitSeconds: waitMs === null ? null : waitMs / 1000 })),
    versions: versions.map((row) => ({ ...row, isFirst: Boolean(row.isFirst) })),
    unreadable,
    usedUnlisted,
    arrivalsPerHour: arrivals.slice(0, hours),
    listingsPerHour: listings.slice(0, hours),
  };
}

/** Versions that are news, and new models that have none to show. Of those seen first together one speaks for all. */
const newVersions = (since: Sql): Sql => sql`SELECT * FROM (
    SELECT ${MODEL}, v."version", v."firstSeenAtMs" AS "atMs", v."id" = o."firstId" AS "isFirst"
    FROM "HubVersion" v JOIN "HubModel" m ON m."id" = v."modelId"
    JOIN (SELECT "modelId", min("id") AS "firstId", min("firstSeenAtMs") AS "earliestMs" FROM "HubVersion"
      WHERE "modelId" IN (SELECT "modelId" FROM "HubVersion" WHERE "atFirst" = FALSE AND "firstSeenAtMs" >= ${since})
      GROUP BY "modelId") AS o ON o."modelId" = v."modelId"
    WHERE v."atFirst" = FALSE AND v."firstSeenAtMs" >= ${since}
      AND (v."id" = o."firstId" OR v."firstSeenAtMs" > o."earliestMs")
    UNION ALL
    SELECT ${MODEL}, '', m."firstSeenAtMs", TRUE FROM "HubModel" m
    WHERE m."atFirst" = FALSE AND m."firstSeenAtMs" >= ${since} AND m."detailAtMs" IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "HubVersion" v WHERE v."modelId" = m."id")
  ) AS n ORDER BY "atMs" DESC ${LIMIT}`;

/** For how many of the last 24 hours something can have been seen: before the hub's list was first read, nothing was. */
async function watchedHours({ prisma }: OpenClient, nowMs: number): Promise<number> {
  const first = await prisma.meta.findUnique({ where: { key: FIRST_SWEEP } });
  if (first === null) return HOURS;
  return Math.min(HOURS, Math.max(1, Math.ceil((nowMs - Number(first.value)) / HOUR_MS)));
}

/**
 * How many uploads of the queue reached that moment in each of the last 24 hours; index 0: the last one. A file that was listed
 * before it was known to be stored never waited: it neither arrived nor was it served.
 */
async function hourly({ prisma }: OpenClient, column: 'storedAtMs' | 'listedAtMs', nowMs: number): Promise<number[]> {
  const at = raw(`"${column}"`);
  const found = await prisma.$queryRaw<{ back: number | bigint; count: number | bigint }[]>(
    sql`SELECT h."back", count(*) AS "count" FROM (
        SELECT (${moment(nowMs)} - ${at}) / ${raw(String(HOUR_MS))} AS "back" FROM "ModelBlob"
        WHERE "listedAtFirst" = FALSE AND "storedAtMs" IS NOT NULL AND ("listedAtMs" IS NULL OR "storedAtMs" <= "listedAtMs")
          AND ${at} > ${moment(nowMs - HOURS * HOUR_MS)} AND ${at} <= ${moment(nowMs)}
      ) AS h GROUP BY h."back"`,
  );
  const counts = new Array<number>(HOURS).fill(0);
  for (const { back, count } of found) counts[Number(back)] = Number(count);
  return counts;
}
