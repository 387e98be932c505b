import type { SettlementKind, SettlementState } from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { join, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { readRows } from './readRows.ts';

const STATES: Record<SettlementState, true> = {
  ...{ pending: true, verified: true, 'root-mismatch': true, 'count-mismatch': true },
  ...{ malformed: true, unreadable: true, refused: true, counted: true },
};
const KINDS: Record<SettlementKind, true> = {
  ...{ batch: true, individual: true, 'old-batch': true, 'old-settlement': true, 'old-metadata': true },
};

/** Block time, both ends within. Every kind and state is named, so that their index serves and no row is looked at. */
const within = (fromSeconds: number, toSeconds: number, kinds = Object.keys(KINDS)) =>
  sql`"kind" IN (${join(kinds)}) AND "state" IN (${join(Object.keys(STATES))})
    AND "blockTimestampSeconds" BETWEEN ${toBig(fromSeconds)} AND ${toBig(toSeconds)}`;

interface KindCount {
  kind: string;
  events: number;
  answers: number;
  refused: number;
}

export async function countsByKind(
  db: Db,
  dialect: Dialect,
  fromSeconds: number,
  toSeconds: number,
): Promise<KindCount[]> {
  return await readRows<KindCount>(
    db,
    dialect,
    sql`SELECT "kind", count(*) AS "events", sum(coalesce("batchSize", 1)) AS "answers",
        sum(CASE WHEN "state" = 'refused' THEN 1 ELSE 0 END) AS "refused"
      FROM "Settlement" WHERE ${within(fromSeconds, toSeconds)} GROUP BY "kind"`,
    { kind: 'text', events: 'bigint', answers: 'bigint', refused: 'bigint' },
    ['kind'],
  );
}

export async function countPayers(db: Db, dialect: Dialect, fromSeconds: number, toSeconds: number): Promise<number> {
  const [row] = await readRows<{ count: number }>(
    db,
    dialect,
    sql`SELECT count(DISTINCT "payer") AS "count" FROM "Settlement"
      WHERE "kind" = 'individual' AND "state" = 'verified' AND "valid" > 0
        AND "blockTimestampSeconds" BETWEEN ${toBig(fromSeconds)} AND ${toBig(toSeconds)}`,
    { count: 'bigint' },
    ['count'],
  );
  return row?.count ?? 0;
}

export async function countsByState(
  db: Db,
  dialect: Dialect,
  fromSeconds: number,
  toSeconds: number,
): Promise<{ state: SettlementState; count: number }[]> {
  return await readRows<{ state: SettlementState; count: number }>(
    db,
    dialect,
    sql`SELECT "state", count(*) AS "count" FROM "Settlement"
      WHERE ${within(fromSeconds, toSeconds, ['batch', 'individual'])} GROUP BY "state"`,
    { state: 'text', count: 'bigint' },
    ['state'],
  );
}
