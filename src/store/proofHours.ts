import { addValues, mergeHistograms } from '../lib/histogram.ts';
import type { LeafHour } from '../lib/leafHours.ts';
import type { ProofMode } from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { type ColumnType, jsonRows, raw, sql } from './jsonRows.ts';
import { clampInt } from './numbers.ts';
import { inPortions } from './portions.ts';
import type { ProofHourRollup } from './proofRepository.ts';
import { readRows } from './readRows.ts';

/** Histograms as `0x…`. */
type Row = Omit<ProofHourRollup, 'delays'> & { delays: string | null };
type StoredRow = Row & { lastSignedAtSeconds: number; lastSettledAtSeconds: number };

const COLUMNS: Record<keyof Row, ColumnType> = {
  hour: 'int',
  nodeId: 'int',
  mode: 'text',
  settled: 'int',
  valid: 'int',
  badSignature: 'int',
  unsigned: 'int',
  unknownNode: 'int',
  noKey: 'int',
  delays: 'bytes',
  maxDelaySeconds: 'int',
  clamped: 'int',
  signed: 'int',
  exposedSeconds: 'bigint',
};

const ALL_COLUMNS: Record<keyof StoredRow, ColumnType> = {
  ...COLUMNS,
  lastSignedAtSeconds: 'bigint',
  lastSettledAtSeconds: 'bigint',
};

const KEY = { hour: 'int', nodeId: 'int', mode: 'text' } as const;
const ORDER = ['hour', 'nodeId', 'mode'] as const;

/** Adds to the rows that are there, within the caller's transaction; reads and writes no others. */
export async function addToProofHours(db: Db, dialect: Dialect, hours: readonly LeafHour[]): Promise<void> {
  const names = Object.keys(ALL_COLUMNS);
  const listed = raw(names.map((name) => `"${name}"`).join(', '));
  const updates = raw(
    names
      .filter((name) => !(name in KEY))
      .map((name) => `"${name}" = excluded."${name}"`)
      .join(', '),
  );
  await inPortions(
    hours,
    async (portion) => {
      const stored = await readRows<StoredRow>(
        db,
        dialect,
        sql`SELECT h.* FROM ${jsonRows(dialect, portion, KEY)} AS r
          JOIN "ProofHour" h ON h."hour" = r."hour" AND h."nodeId" = r."nodeId" AND h."mode" = r."mode"`,
        ALL_COLUMNS,
        ORDER,
      );
      const before = new Map(stored.map((row) => [keyOf(row), row]));
      const rows = portion.map((hour) => sum(before.get(keyOf(hour)) ?? null, hour));
      await db.$executeRaw(sql`INSERT INTO "ProofHour" (${listed})
        SELECT ${listed} FROM ${jsonRows(dialect, rows, ALL_COLUMNS)} AS r WHERE true
        ON CONFLICT ("hour", "nodeId", "mode") DO UPDATE SET ${updates}`);
    },
    200,
  );
}

const keyOf = ({ hour, nodeId, mode }: { hour: number; nodeId: number; mode: ProofMode }): string =>
  `${hour}/${nodeId}/${mode}`;

/** `delays` as `bytes` travel. */
function sum(before: StoredRow | null, { verdicts, delays, ...hour }: LeafHour): object {
  const histogram = delays.length === 0 ? null : addValues(fromHex(before?.delays ?? null), delays);
  return {
    hour: hour.hour,
    nodeId: hour.nodeId,
    mode: hour.mode,
    settled: (before?.settled ?? 0) + hour.settled,
    valid: (before?.valid ?? 0) + verdicts.valid,
    badSignature: (before?.badSignature ?? 0) + verdicts['bad-signature'],
    unsigned: (before?.unsigned ?? 0) + verdicts.unsigned,
    unknownNode: (before?.unknownNode ?? 0) + verdicts['unknown-node'],
    noKey: (before?.noKey ?? 0) + verdicts['no-key'],
    delays: histogram === null ? (before?.delays?.slice(2) ?? null) : Buffer.from(histogram).toString('hex'),
    maxDelaySeconds: clampInt(delays.reduce((max, delay) => Math.max(max, delay), before?.maxDelaySeconds ?? 0)),
    clamped: (before?.clamped ?? 0) + hour.clamped,
    signed: (before?.signed ?? 0) + hour.signed,
    exposedSeconds: (before?.exposedSeconds ?? 0) + hour.exposedSeconds,
    lastSignedAtSeconds: Math.max(before?.lastSignedAtSeconds ?? 0, hour.lastSignedAtSeconds),
    lastSettledAtSeconds: Math.max(before?.lastSettledAtSeconds ?? 0, hour.lastSettledAtSeconds),
  };
}

/** Of one node (0: all together), by hour. */
export async function readProofHours(
  db: Db,
  dialect: Dialect,
  { nodeId, fromHour, toHour }: { nodeId: number; fromHour: number; toHour: number },
): Promise<ProofHourRollup[]> {
  const wanted = sql`SELECT * FROM "ProofHour" WHERE "nodeId" = ${nodeId} AND "hour" BETWEEN ${fromHour} AND ${toHour}`;
  const rows = await readRows<Row>(db, dialect, wanted, COLUMNS, ORDER);
  return rows.map((row) => ({ ...row, delays: fromHex(row.delays) }));
}

/** Sums of hours, one row a node and mode, without those of all together. `hour` is the first of them. */
export async function readProofNodes(
  db: Db,
  dialect: Dialect,
  { fromHour, toHour }: { fromHour: number; toHour: number },
): Promise<ProofHourRollup[]> {
  // As one text a row, hexadecimal between commas: a year of a hundred nodes is too many rows to be read one by one.
  const delays =
    dialect === 'sqlite' ? raw(`group_concat(hex("delays"))`) : raw(`string_agg(encode("delays", 'hex'), ',')`);
  const query = sql`SELECT min("hour") AS "hour", "nodeId", "mode", sum("settled") AS "settled", sum("valid") AS "valid",
      sum("badSignature") AS "badSignature", sum("unsigned") AS "unsigned", sum("unknownNode") AS "unknownNode",
      sum("noKey") AS "noKey", ${delays} AS "delays", max("maxDelaySeconds") AS "maxDelaySeconds",
      sum("clamped") AS "clamped", sum("signed") AS "signed", sum("exposedSeconds") AS "exposedSeconds"
    FROM "ProofHour" WHERE "hour" BETWEEN ${fromHour} AND ${toHour} AND "nodeId" <> 0 GROUP BY "nodeId", "mode"`;
  const rows = await readRows<Row>(db, dialect, query, { ...COLUMNS, delays: 'text' }, ['nodeId', 'mode']);
  return rows.map((row) => {
    const histograms = row.delays?.split(',').filter((hex) => hex !== '') ?? [];
    return {
      ...row,
      delays: histograms.length === 0 ? null : mergeHistograms(histograms.map((hex) => Buffer.from(hex, 'hex'))),
    };
  });
}

const fromHex = (hex: string | null): Uint8Array | null =>
  hex === null ? null : new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
