import { Prisma } from '../generated/sqlite/client.ts';
import type { Dialect } from './client.ts';

export type Sql = Prisma.Sql;
export const { sql, raw, join } = Prisma;

/** `bytes` travel as hexadecimal text. */
export type ColumnType = 'text' | 'bigint' | 'int' | 'real' | 'bool' | 'bytes';

/**
 * Many rows as one parameter, to be read like a table: `SELECT … FROM ${jsonRows(…)} AS r`. One statement stores
 * thousands of rows this way, whatever the dialect's limit on parameters; bigints must have been made numbers or text.
 */
export function jsonRows(dialect: Dialect, rows: readonly object[], columns: Record<string, ColumnType>): Sql {
  const names = Object.entries(columns);
  if (dialect === 'sqlite') {
    const json = JSON.stringify(rows.map((row) => valuesOf(row as Record<string, unknown>, columns)));
    const fields = names.map(
      ([name, type], at) => `${SQLITE_CAST[type](`json_extract(value, '$[${at}]')`)} AS "${name}"`,
    );
    // Parsed once a row instead of once a column; the limit keeps the two queries from being made one.
    return sql`(SELECT ${raw(fields.join(', '))} FROM (SELECT jsonb(value) AS value FROM json_each(${json}) LIMIT -1))`;
  }
  const json = JSON.stringify(rows.map((row) => picked(row as Record<string, unknown>, columns)));
  const fields = names.map(([name, type]) => `${POSTGRES_CAST[type](`"${name}"`)} AS "${name}"`);
  const shape = names.map(([name, type]) => `"${name}" ${POSTGRES_TYPE[type]}`);
  return sql`(SELECT ${raw(fields.join(', '))} FROM jsonb_to_recordset(${json}::jsonb) AS t(${raw(shape.join(', '))}))`;
}

/** Only what the statement reads, so that a certificate does not travel with every mention of its row. */
const valuesOf = (row: Record<string, unknown>, columns: Record<string, ColumnType>): unknown[] =>
  Object.keys(columns).map((name) => (typeof row[name] === 'bigint' ? String(row[name]) : row[name]));

function picked(row: Record<string, unknown>, columns: Record<string, ColumnType>): Record<string, unknown> {
  const values = valuesOf(row, columns);
  return Object.fromEntries(Object.keys(columns).map((name, at) => [name, values[at]]));
}

/**
 * Rows of a query as one text, `[[column, …], …]` in the given order; `bytes` are hexadecimal text. Hundreds of rows cost
 * a tenth of what they cost as rows of the driver, in time and in memory.
 */
export function jsonArrays(
  dialect: Dialect,
  table: Sql,
  columns: Record<string, ColumnType>,
  order: readonly string[],
): Sql {
  const names = Object.entries(columns);
  const by = raw(order.map((name) => `"${name}"`).join(', '));
  if (dialect === 'sqlite') {
    const values = names.map(([name, type]) => (type === 'bytes' ? `hex("${name}")` : `"${name}"`));
    return sql`SELECT json_group_array(json_array(${raw(values.join(', '))})) AS "rows" FROM (${table} ORDER BY ${by})`;
  }
  const values = names.map(([name, type]) => (type === 'bytes' ? `encode("${name}", 'hex')` : `"${name}"`));
  return sql`SELECT coalesce(json_agg(json_build_array(${raw(values.join(', '))}) ORDER BY ${by}), '[]')::text AS "rows"
    FROM (${table}) AS t`;
}

const same = (value: string): string => value;
const integer = (value: string): string => `CAST(${value} AS INTEGER)`;

const SQLITE_CAST: Record<ColumnType, (value: string) => string> = {
  text: same,
  bigint: integer,
  int: integer,
  real: same,
  bool: same,
  bytes: (value) => `unhex(${value})`,
};

const POSTGRES_CAST: Record<ColumnType, (value: string) => string> = {
  text: same,
  bigint: same,
  int: same,
  real: same,
  bool: same,
  bytes: (value) => `decode(${value}, 'hex')`,
};

const POSTGRES_TYPE: Record<ColumnType, string> = {
  text: 'text',
  bigint: 'bigint',
  int: 'integer',
  real: 'double precision',
  bool: 'boolean',
  bytes: 'text',
};
