import type { Hex } from '../lib/facts.ts';
import type { Db, Dialect } from './client.ts';
import { type ColumnType, jsonRows, type Sql, sql } from './jsonRows.ts';
import { inPortions } from './portions.ts';
import type { StoredProofWatch } from './proofRepository.ts';
import { readRows } from './readRows.ts';
import { bare, inBlockOrder, readLeaves, readSettlements } from './settlementRows.ts';
import { answerOfRequest, answerOfTransaction } from './watchAnswer.ts';

const COLUMNS: Record<keyof StoredProofWatch, ColumnType> = {
  id: 'int',
  kind: 'text',
  hash: 'bytes',
  signedAtSeconds: 'bigint',
  createdAtMs: 'bigint',
  createdAtSeconds: 'bigint',
  createdBy: 'text',
  state: 'text',
  reason: 'text',
  settlementId: 'int',
  mode: 'text',
  delaySeconds: 'int',
  decidedAtMs: 'bigint',
};

/** Watches of a query over whole rows, oldest first. */
export const readWatches = (db: Db, dialect: Dialect, query: Sql): Promise<StoredProofWatch[]> =>
  readRows<StoredProofWatch>(db, dialect, query, COLUMNS, ['id']);

/**
 * Answers what may be answered by what was stored under these hashes, within the caller's transaction. A watch that was given up
 * or found invalid before is answered as well when a valid proof comes.
 */
export async function answerWatches(
  db: Db,
  dialect: Dialect,
  { txHashes, requestHashes }: { txHashes: ReadonlySet<Hex>; requestHashes: ReadonlySet<Hex> },
  nowMs: number,
): Promise<void> {
  if (txHashes.size === 0 && requestHashes.size === 0) return;
  const open = await readWatches(db, dialect, sql`SELECT * FROM "ProofWatch" WHERE "state" <> 'settled'`);
  const touched = open.filter(({ kind, hash }) => (kind === 'tx' ? txHashes : requestHashes).has(hash));
  await answerThese(db, dialect, touched, nowMs);
}

/** Answers those of the watches that what is stored answers. */
export async function answerThese(
  db: Db,
  dialect: Dialect,
  watches: readonly StoredProofWatch[],
  nowMs: number,
): Promise<void> {
  await inPortions(watches, async (portion) => {
    const hashesOf = (kind: StoredProofWatch['kind']) =>
      [...new Set(portion.filter((watch) => watch.kind === kind).map(({ hash }) => bare(hash)))].map((hash) => ({
        hash,
      }));
    const settlements = await readSettlements(
      db,
      dialect,
      sql`SELECT s.* FROM ${jsonRows(dialect, hashesOf('tx'), { hash: 'bytes' })} AS r
        JOIN "Settlement" s ON s."txHash" = r."hash"`,
    );
    const leaves = await readLeaves(
      db,
      dialect,
      sql`SELECT l.* FROM ${jsonRows(dialect, hashesOf('request'), { hash: 'bytes' })} AS r
        JOIN "Leaf" l ON l."requestHash" = r."hash"`,
    );
    const settlementsOf = Map.groupBy(settlements.sort(inBlockOrder), ({ txHash }) => txHash);
    const leavesOf = Map.groupBy(leaves, ({ requestHash }) => requestHash);
    for (const { id, kind, hash, state, signedAtSeconds } of portion) {
      const answer =
        kind === 'tx'
          ? answerOfTransaction(settlementsOf.get(hash) ?? [])
          : answerOfRequest(leavesOf.get(hash) ?? [], signedAtSeconds);
      if (answer === null || (state !== 'waiting' && answer.state === 'invalid')) continue;
      await db.proofWatch.update({ where: { id }, data: { ...answer, decidedAtMs: BigInt(nowMs) } });
    }
  });
}
