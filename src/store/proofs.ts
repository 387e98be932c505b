import type { BlockRef } from '../lib/facts.ts';
import { addCheckpoints, dropCheckpointsAbove, forgetCheckpoints } from './checkpoints.ts';
import type { Db, OpenClient } from './client.ts';
import { readCursor, writeCursor } from './cursors.ts';
import { jsonRows, type Sql, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { ProofFactsCache } from './proofFactsCache.ts';
import { readProofHours, readProofNodes } from './proofHours.ts';
import type { ProofRepository } from './proofRepository.ts';
import { addWatch, decideWatches } from './proofWatches.ts';
import { saveSettlementRows } from './saveSettlements.ts';
import { postponeRows, saveVerdictRows } from './saveVerdicts.ts';
import { countPayers, countsByKind, countsByState } from './settlementCounts.ts';
import { readParties, saveSenderRows } from './settlementParties.ts';
import { bare, inBlockOrder, readLeaves, readSettlements } from './settlementRows.ts';
import { forgetProofs, takeBackProofs } from './takeBackProofs.ts';
import { saveUsageRows, usageDays, usageRise } from './usageRows.ts';
import { answerWatches, readWatches } from './watchRows.ts';
import type { Writer } from './writer.ts';

/** Answers of one question about a hash or a blob. */
const MAX_FOUND = 10;
const MAX_PARTIES = 1_000;

export function createProofs({ prisma, dialect }: OpenClient, write: Writer): ProofRepository {
  const cache = new ProofFactsCache(prisma, dialect);

  /** A write that the facts may depend on. */
  async function change<T>(job: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await write(job);
    } finally {
      cache.drop();
    }
  }

  async function newest(ids: Sql) {
    const query = sql`SELECT * FROM "Settlement" WHERE "id" IN (${ids})`;
    return (await readSettlements(prisma, dialect, query)).sort(inBlockOrder).reverse().slice(0, MAX_FOUND);
  }

  return {
    facts: (nowMs, chainSeconds) => cache.get(nowMs, chainSeconds),

    async saveEvents(events, cursor, options) {
      const save = async (db: Db): Promise<void> => {
        const before = await readCursor(db, cursor.name);
        await saveSettlementRows(db, dialect, events, options);
        await cache.noteRead(db, options.nowMs);
        if (before !== null && cursor.block.number <= before.block.number) return;
        await writeCursor(db, cursor);
        await addCheckpoints(db, cursor.name, [cursor.block]);
      };
      // A round without news changes one moment of the facts.
      if (events.length > 0) await change(save);
      else {
        await write(save);
        cache.touched(options.nowMs);
      }
    },

    async rewind(cursorName, block: BlockRef | null) {
      await change(async (db) => {
        if (block === null) {
          await forgetProofs(db);
          await cache.forgetRead(db);
          await db.cursor.deleteMany({ where: { name: cursorName } });
          await forgetCheckpoints(db, cursorName);
          return;
        }
        await takeBackProofs(db, dialect, block.number, block.timestampSeconds);
        await writeCursor(db, { name: cursorName, block });
        await dropCheckpointsAbove(db, cursorName, block);
      });
    },

    async due(limit, nowMs) {
      const query = sql`SELECT * FROM "Settlement" WHERE "nextCheckAtMs" <= ${toBig(nowMs)}
        ORDER BY "nextCheckAtMs", "blockTimestampSeconds", "id" LIMIT ${limit}`;
      return (await readSettlements(prisma, dialect, query)).sort(inBlockOrder);
    },

    saveSenders: (senders, options) => change((db) => saveSenderRows(db, dialect, senders, options)),

    async saveVerdicts(verdicts, options) {
      await change(async (db) => {
        const touched = await saveVerdictRows(db, dialect, verdicts, options);
        await answerWatches(db, dialect, touched, options.nowMs);
      });
    },

    postpone: (rows) => change((db) => postponeRows(db, dialect, rows)),

    hours: (query) => readProofHours(prisma, dialect, query),

    byNode: (query) => readProofNodes(prisma, dialect, query),

    async byHash(hash) {
      const bytes = Buffer.from(bare(hash), 'hex');
      const last = (column: Sql) => sql`SELECT "id" FROM (SELECT "id" FROM "Settlement"
        WHERE ${column} = ${bytes} ORDER BY "id" DESC LIMIT ${MAX_FOUND}) AS t`;
      return await newest(sql`${last(sql`"txHash"`)} UNION ${last(sql`"root"`)}
        UNION SELECT "settlementId" FROM (SELECT "settlementId" FROM "Leaf" WHERE "requestHash" = ${bytes}
          ORDER BY "settlementId" DESC LIMIT ${MAX_FOUND}) AS t`);
    },

    byBlob: (blobId) =>
      newest(sql`SELECT "id" FROM (SELECT "id" FROM "Settlement" WHERE "blobId" = ${blobId}
        ORDER BY "id" DESC LIMIT ${MAX_FOUND}) AS t`),

    leavesOf: (requestHash) =>
      readLeaves(
        prisma,
        dialect,
        sql`SELECT l.* FROM "Leaf" l JOIN "Settlement" s ON s."id" = l."settlementId"
          WHERE l."requestHash" = ${Buffer.from(bare(requestHash), 'hex')}
          ORDER BY s."blockNumber", s."logIndex", l."position" LIMIT ${MAX_FOUND}`,
      ),

    parties: () =>
      readParties(
        prisma,
        dialect,
        sql`SELECT * FROM "SettlementParty" ORDER BY "firstSeenAtMs" DESC LIMIT ${MAX_PARTIES}`,
      ),

    countsByKind: (fromSeconds, toSeconds) => countsByKind(prisma, dialect, fromSeconds, toSeconds),
    payers: (fromSeconds, toSeconds) => countPayers(prisma, dialect, fromSeconds, toSeconds),
    states: (fromSeconds, toSeconds) => countsByState(prisma, dialect, fromSeconds, toSeconds),

    saveUsage: (readings, days) => change((db) => saveUsageRows(db, dialect, readings, days)),
    usageRise: (source, fromMs, toMs) => usageRise(prisma, dialect, source, fromMs, toMs),
    usageDays: (fromDay) => usageDays(prisma, fromDay),

    watch: (input) => change((db) => addWatch(db, dialect, input)),
    waiting: () => readWatches(prisma, dialect, sql`SELECT * FROM "ProofWatch" WHERE "state" = 'waiting'`),
    watches: (ids) =>
      readWatches(
        prisma,
        dialect,
        sql`SELECT w.* FROM ${jsonRows(
          dialect,
          ids.map((id) => ({ id })),
          { id: 'int' },
        )} AS r JOIN "ProofWatch" w ON w."id" = r."id"`,
      ),
    decide: (rows) => change((db) => decideWatches(db, rows)),
  };
}
