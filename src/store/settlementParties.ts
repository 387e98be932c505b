import type { Hex } from '../lib/facts.ts';
import type { Db, Dialect } from './client.ts';
import { type ColumnType, jsonRows, raw, type Sql, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { inPortions } from './portions.ts';
import type { SettlementParty } from './proofRepository.ts';
import { readRows } from './readRows.ts';

const COLUMNS: Record<keyof SettlementParty, ColumnType> = {
  address: 'text',
  kind: 'text',
  firstSeenAtSeconds: 'bigint',
  firstSeenAtMs: 'bigint',
  lastSeenAtSeconds: 'bigint',
  events: 'int',
  atFirst: 'bool',
};

/** Parties of a query over whole rows, newest first. */
export async function readParties(db: Db, dialect: Dialect, query: Sql): Promise<SettlementParty[]> {
  return (
    await readRows<SettlementParty>(db, dialect, query, COLUMNS, ['firstSeenAtMs', 'firstSeenAtSeconds', 'address'])
  ).reverse();
}

/** Counts one event each for those who emitted or sent them; whoever is new becomes known. */
export async function countParties(
  db: Db,
  dialect: Dialect,
  kind: SettlementParty['kind'],
  seen: readonly { address: Hex; atSeconds: number }[],
  { nowMs, isFirstRead }: { nowMs: number; isFirstRead: boolean },
): Promise<void> {
  const parties = new Map<string, { address: string; events: number; first: number; last: number }>();
  for (const { address, atSeconds } of seen) {
    const key = address.toLowerCase();
    const party = parties.get(key) ?? { address: key, events: 0, first: atSeconds, last: atSeconds };
    parties.set(key, party);
    party.events += 1;
    party.first = Math.min(party.first, atSeconds);
    party.last = Math.max(party.last, atSeconds);
  }
  const columns = { address: 'text', events: 'int', first: 'bigint', last: 'bigint' } as const;
  await inPortions([...parties.values()], (rows) =>
    db.$executeRaw(sql`INSERT INTO "SettlementParty"
        ("address", "kind", "firstSeenAtSeconds", "firstSeenAtMs", "lastSeenAtSeconds", "events", "atFirst")
      SELECT r."address", ${kind}, r."first", ${moment(nowMs)}, r."last", r."events", CAST(${isFirstRead} AS BOOLEAN)
      FROM ${jsonRows(dialect, rows, columns)} AS r WHERE true
      ON CONFLICT ("address", "kind") DO UPDATE SET "events" = "SettlementParty"."events" + excluded."events",
        "firstSeenAtSeconds" = ${raised('firstSeenAtSeconds', '<')},
        "lastSeenAtSeconds" = ${raised('lastSeenAtSeconds', '>')}`),
  );
}

const raised = (column: 'firstSeenAtSeconds' | 'lastSeenAtSeconds', than: '<' | '>'): Sql => {
  const name = raw(`"${column}"`);
  return sql`CASE WHEN excluded.${name} ${raw(than)} "SettlementParty".${name} THEN excluded.${name}
    ELSE "SettlementParty".${name} END`;
};

/** Notes who sent settlements of which that was not known, and counts them. By settlement id. */
export async function saveSenderRows(
  db: Db,
  dialect: Dialect,
  senders: ReadonlyMap<number, Hex>,
  options: { nowMs: number; isFirstRead: boolean },
): Promise<void> {
  const all = [...senders].map(([id, sender]) => ({ id, sender: sender.toLowerCase() }));
  await inPortions(all, async (portion) => {
    const rows = jsonRows(dialect, portion, { id: 'int', sender: 'text' });
    const seen = await readRows<{ id: number; address: Hex; atSeconds: number }>(
      db,
      dialect,
      sql`SELECT s."id", r."sender" AS "address", s."blockTimestampSeconds" AS "atSeconds" FROM ${rows} AS r
        JOIN "Settlement" s ON s."id" = r."id" WHERE s."sender" IS NULL`,
      { id: 'int', address: 'text', atSeconds: 'bigint' },
      ['id'],
    );
    await db.$executeRaw(sql`UPDATE "Settlement" SET "sender" = r."sender" FROM ${rows} AS r
      WHERE "Settlement"."id" = r."id" AND "Settlement"."sender" IS NULL`);
    await countParties(db, dialect, 'sender', seen, options);
  });
}

/** Takes back what settlements after a block, which are still there, count at those who emitted and sent them. */
export async function uncountParties(db: Db, afterBlock: bigint): Promise<void> {
  for (const kind of ['emitter', 'sender'] as const) {
    const who = raw(`"${kind}"`);
    await db.$executeRaw(sql`UPDATE "SettlementParty" SET "events" = "events" - g."gone",
        "lastSeenAtSeconds" = coalesce((SELECT s."blockTimestampSeconds" FROM "Settlement" s
          WHERE s.${who} = "SettlementParty"."address" AND s."blockNumber" <= ${afterBlock}
          ORDER BY s."blockNumber" DESC LIMIT 1), "lastSeenAtSeconds")
      FROM (SELECT ${who} AS "party", count(*) AS "gone" FROM "Settlement"
        WHERE "blockNumber" > ${afterBlock} GROUP BY ${who}) AS g
      WHERE "SettlementParty"."kind" = ${kind} AND "SettlementParty"."address" = g."party"`);
  }
  await db.settlementParty.deleteMany({ where: { events: { lte: 0 } } });
}
