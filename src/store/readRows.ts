import type { Db, Dialect } from './client.ts';
import { type ColumnType, jsonArrays, type Sql, sql } from './jsonRows.ts';

/**
 * Rows of a query as objects with the given columns, read as one text (see jsonArrays): `bytes` are `0x…` in lower case,
 * `bigint`s are numbers, `bool`s are booleans. A column may be null whatever its type; no
 * bytes at all are null.
 */
export async function readRows<Row>(
  db: Db,
  dialect: Dialect,
  query: Sql,
  columns: Record<keyof Row & string, ColumnType>,
  order: readonly (keyof Row & string)[],
): Promise<Row[]> {
  const [found] = await db.$queryRaw<{ rows: string }[]>(
    jsonArrays(dialect, sql`SELECT * FROM (${query}) AS t`, columns, order),
  );
  const names = Object.entries(columns) as [string, ColumnType][];
  return (JSON.parse(found?.rows ?? '[]') as unknown[][]).map((values) => {
    const row: Record<string, unknown> = {};
    for (const [at, [name, type]] of names.entries()) row[name] = read(values[at], type);
    return row as Row;
  });
}

function read(value: unknown, type: ColumnType): unknown {
  if (value === null) return null;
  // SQLite writes bytes that are null as an empty text.
  if (type === 'bytes') return value === '' ? null : `0x${(value as string).toLowerCase()}`;
  return type === 'bool' ? Boolean(value) : value;
}
