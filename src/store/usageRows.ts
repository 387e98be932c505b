import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { clampWhole, fromBig, toBig } from './numbers.ts';
import type { UsageDay, UsageReading } from './proofRepository.ts';
import { readRows } from './readRows.ts';

/** Stores readings of counters and days, within the caller's transaction; a day that was read before is replaced. */
export async function saveUsageRows(
  db: Db,
  dialect: Dialect,
  readings: readonly UsageReading[],
  days: readonly UsageDay[],
): Promise<void> {
  const totals = [...new Map(readings.map((row) => [`${row.source}/${row.atMs}`, row])).values()];
  const readingColumns = { source: 'text', atMs: 'bigint', total: 'bigint' } as const;
  const readingRows = totals.map((row) => ({ ...row, atMs: clampWhole(row.atMs), total: clampWhole(row.total) }));
  if (totals.length > 0) {
    await db.$executeRaw(sql`INSERT INTO "UsageSample" ("source", "atMs", "total")
      SELECT r."source", r."atMs", r."total" FROM ${jsonRows(dialect, readingRows, readingColumns)} AS r WHERE true
      ON CONFLICT ("source", "atMs") DO UPDATE SET "total" = excluded."total"`);
  }
  const dayColumns = {
    ...({ day: 'text', requests: 'bigint', costOpg: 'text', inputTokens: 'bigint' } as const),
    ...({ outputTokens: 'bigint', readAtMs: 'bigint' } as const),
  };
  const dayRows = [...new Map(days.map((row) => [row.day, row])).values()].map((row) => ({
    ...{ ...row, requests: clampWhole(row.requests), readAtMs: clampWhole(row.readAtMs) },
    ...{ inputTokens: clampWhole(row.inputTokens), outputTokens: clampWhole(row.outputTokens) },
  }));
  if (dayRows.length === 0) return;
  await db.$executeRaw(sql`INSERT INTO "UsageDay" ("day", "requests", "costOpg", "inputTokens", "outputTokens", "readAtMs")
    SELECT r."day", r."requests", r."costOpg", r."inputTokens", r."outputTokens", r."readAtMs"
    FROM ${jsonRows(dialect, dayRows, dayColumns)} AS r WHERE true
    ON CONFLICT ("day") DO UPDATE SET "requests" = excluded."requests", "costOpg" = excluded."costOpg",
      "inputTokens" = excluded."inputTokens", "outputTokens" = excluded."outputTokens",
      "readAtMs" = excluded."readAtMs"`);
}

/** What a counter rose by within a time; one that fell was started anew, which is no rise. null without two readings. */
export async function usageRise(
  db: Db,
  dialect: Dialect,
  source: UsageReading['source'],
  fromMs: number,
  toMs: number,
): Promise<{ fromMs: number; toMs: number; rise: number } | null> {
  const readings = await readRows<{ atMs: number; total: number }>(
    db,
    dialect,
    sql`SELECT "atMs", "total" FROM "UsageSample"
      WHERE "source" = ${source} AND "atMs" BETWEEN ${toBig(fromMs)} AND ${toBig(toMs)}`,
    { atMs: 'bigint', total: 'bigint' },
    ['atMs'],
  );
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const rise = readings.reduce(
    (sum, { total }, at) => sum + Math.max(0, total - (readings[at - 1]?.total ?? total)),
    0,
  );
  return { fromMs: first.atMs, toMs: last.atMs, rise };
}

/** From that day on, in their order. */
export async function usageDays(db: Db, fromDay: string): Promise<UsageDay[]> {
  const rows = await db.usageDay.findMany({ where: { day: { gte: fromDay } }, orderBy: { day: 'asc' } });
  return rows.map((row) => ({
    ...row,
    requests: fromBig(row.requests),
    inputTokens: fromBig(row.inputTokens),
    outputTokens: fromBig(row.outputTokens),
    readAtMs: fromBig(row.readAtMs),
  }));
}
