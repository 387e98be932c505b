import type { BlockRef } from '../lib/facts.ts';
import type { GaugeEvent } from '../lib/gaugeFacts.ts';
import { addCheckpoints, dropCheckpointsAbove, forgetCheckpoints } from './checkpoints.ts';
import type { Db, Dialect } from './client.ts';
import { readCursor, writeCursor } from './cursors.ts';
import type { EventPage } from './gaugeRepository.ts';
import { type GaugeEventRow, inLogOrder, placeOf, toGaugeEvent, toGaugeRow } from './gaugeRows.ts';
import { type ColumnType, jsonRows, raw, type Sql, sql } from './jsonRows.ts';
import { inPortions } from './portions.ts';
import { readRows } from './readRows.ts';
import type { Cursor } from './store.ts';

const COLUMNS: Record<keyof GaugeEventRow, ColumnType> = {
  kind: 'text',
  blockNumber: 'bigint',
  logIndex: 'int',
  blockTimestampSeconds: 'bigint',
  txHash: 'bytes',
  emitter: 'text',
  says: 'text',
};

/** Rows a statement: some 15 ms on SQLite. */
const PORTION = 1_000;

/**
 * Stores logs that are not stored yet and moves the cursor, within the caller's transaction. Answers whether one of them lies before
 * what was stored: then what was made of that is to be made anew.
 */
export async function saveGaugeRows(
  db: Db,
  dialect: Dialect,
  source: string,
  events: readonly GaugeEvent[],
  cursor: Cursor,
): Promise<boolean> {
  const sorted = [...new Map(events.map((event) => [placeOf(event), event])).values()].sort(inLogOrder);
  const { fresh, isLate } = await unknownOf(db, dialect, source, sorted);
  const columns = raw(names(Object.keys(COLUMNS)));
  await inPortions(
    fresh,
    (portion) =>
      db.$executeRaw(sql`INSERT INTO "GaugeEvent" ("source", ${columns})
        SELECT ${source}, ${columns} FROM ${jsonRows(dialect, portion.map(toGaugeRow), COLUMNS)} AS r WHERE true
        ON CONFLICT ("source", "blockNumber", "logIndex") DO NOTHING`),
    PORTION,
  );
  const before = await readCursor(db, cursor.name);
  if (before === null || cursor.block.number > before.block.number) {
    await writeCursor(db, cursor);
    await addCheckpoints(db, cursor.name, [cursor.block]);
  }
  return isLate;
}

const names = (columns: readonly string[]): string => columns.map((name) => `"${name}"`).join(', ');

type Place = { blockNumber: number; logIndex: number };
const PLACE: Record<keyof Place, ColumnType> = { blockNumber: 'bigint', logIndex: 'int' };
const IN_ORDER = ['blockNumber', 'logIndex'] as const;

async function unknownOf(
  db: Db,
  dialect: Dialect,
  source: string,
  sorted: readonly GaugeEvent[],
): Promise<{ fresh: readonly GaugeEvent[]; isLate: boolean }> {
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return { fresh: [], isLate: false };
  const places = (query: Sql): Promise<Place[]> => readRows<Place>(db, dialect, query, PLACE, IN_ORDER);
  const own = sql`SELECT "blockNumber", "logIndex" FROM "GaugeEvent" WHERE "source" = ${source}`;
  const [newest] = await places(sql`${own} ORDER BY "blockNumber" DESC, "logIndex" DESC LIMIT 1`);
  const isAfter = (event: GaugeEvent): boolean =>
    newest === undefined ||
    event.blockNumber > BigInt(newest.blockNumber) ||
    (event.blockNumber === BigInt(newest.blockNumber) && event.logIndex > newest.logIndex);
  if (isAfter(first)) return { fresh: sorted, isLate: false };
  const stored = await places(sql`${own} AND "blockNumber" BETWEEN ${first.blockNumber} AND ${last.blockNumber}`);
  const known = new Set(stored.map(placeOf));
  const fresh = sorted.filter((event) => !known.has(placeOf(event)));
  return { fresh, isLate: fresh[0] !== undefined && !isAfter(fresh[0]) };
}

/** Takes back logs after a block and the cursor, or all of both, within the caller's transaction. */
export async function rewindGaugeRows(
  db: Db,
  source: string,
  cursorName: string,
  block: BlockRef | null,
): Promise<void> {
  if (block === null) {
    await db.gaugeEvent.deleteMany({ where: { source } });
    await db.cursor.deleteMany({ where: { name: cursorName } });
    await forgetCheckpoints(db, cursorName);
    return;
  }
  await db.gaugeEvent.deleteMany({ where: { source, blockNumber: { gt: block.number } } });
  await writeCursor(db, { name: cursorName, block });
  await dropCheckpointsAbove(db, cursorName, block);
}

/** In log order, whatever the order in which they were stored. After a row that is gone there is nothing. */
export async function readGaugeEvents(
  db: Db,
  dialect: Dialect,
  source: string,
  afterId: number,
  limit: number,
): Promise<EventPage> {
  const [place] = await readRows<Place>(
    db,
    dialect,
    sql`SELECT "blockNumber", "logIndex" FROM "GaugeEvent" WHERE "id" = ${afterId} AND "source" = ${source}`,
    PLACE,
    IN_ORDER,
  );
  if (afterId !== 0 && place === undefined) return { events: [], lastId: afterId };
  // Values rather than a question within the question, by which PostgreSQL would not use the index.
  const after =
    place && sql`AND ("blockNumber", "logIndex") > (${BigInt(place.blockNumber)}, ${BigInt(place.logIndex)})`;
  const rows = await readRows<GaugeEventRow & { id: number }>(
    db,
    dialect,
    sql`SELECT "id", ${raw(names(Object.keys(COLUMNS)))} FROM "GaugeEvent" WHERE "source" = ${source} ${after ?? sql``}
      ORDER BY "blockNumber", "logIndex" LIMIT ${limit}`,
    { id: 'int', ...COLUMNS },
    IN_ORDER,
  );
  return { events: rows.map(toGaugeEvent), lastId: rows.at(-1)?.id ?? afterId };
}
