import type { ProofMode } from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { join, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import type { ProofFacts } from './proofRepository.ts';
import { readRows } from './readRows.ts';
import { readParties } from './settlementParties.ts';
import { readSettlements } from './settlementRows.ts';
import { usageRise } from './usageRows.ts';
import { readWatches } from './watchRows.ts';

const MODES: readonly ProofMode[] = ['batch', 'individual'];
const RECENT_SECONDS = 1_800;
const HOUR_SECONDS = 3_600;
const DAY_MS = 86_400_000;
const WEEK_HOURS = 168;
const MAX_ROWS = 1_000;

/** Everything that rules about proofs look at; each question is answered by an index, and bounded. */
export async function loadProofFacts(
  db: Db,
  dialect: Dialect,
  { nowMs, chainSeconds, readAtMs }: { nowMs: number; chainSeconds: number; readAtMs: number },
): Promise<ProofFacts> {
  const dayAgo = toBig(nowMs - DAY_MS);
  const faults = await readSettlements(
    db,
    dialect,
    sql`SELECT * FROM "Settlement" WHERE "faultAtMs" >= ${dayAgo} ORDER BY "faultAtMs" DESC LIMIT ${MAX_ROWS}`,
  );
  const usage: ProofFacts['usage'] = [];
  for (const source of ['facilitator', 'base'] as const) {
    const rise = await usageRise(db, dialect, source, nowMs - RECENT_SECONDS * 1000, nowMs);
    usage.push({ source, rise: rise?.rise ?? null });
  }
  return {
    readAtMs,
    lastBatchAtSeconds: await newest(db, dialect, 'batch', nowMs - DAY_MS),
    lastIndividualAtSeconds: await newest(db, dialect, 'individual', nowMs - DAY_MS),
    lastHour: await lastHour(db, dialect, chainSeconds),
    faults: faults.reverse(),
    newParties: await readParties(
      db,
      dialect,
      sql`SELECT * FROM "SettlementParty" WHERE "firstSeenAtMs" >= ${dayAgo} AND NOT "atFirst"
        ORDER BY "firstSeenAtMs" DESC LIMIT ${MAX_ROWS}`,
    ),
    nodes: await nodes(db, dialect, Math.floor(chainSeconds / HOUR_SECONDS) - WEEK_HOURS + 1),
    watches: (
      await readWatches(
        db,
        dialect,
        sql`SELECT * FROM "ProofWatch" WHERE "state" = 'waiting' OR "decidedAtMs" >= ${dayAgo}
          ORDER BY "id" DESC LIMIT ${MAX_ROWS}`,
      )
    ).reverse(),
    unchecked: await unchecked(db, dialect),
    usage,
  };
}

/**
 * Anyone may emit a settlement. One that is wrong, or settles nothing anew, is no sign that answers are settled; neither is one that
 * proves nothing yet, of an emitter that was not there before `strangerSinceMs`.
 */
async function newest(db: Db, dialect: Dialect, mode: ProofMode, strangerSinceMs: number): Promise<number | null> {
  const isKnown = sql`s."emitter" NOT IN (SELECT p."address" FROM "SettlementParty" p
    WHERE p."kind" = 'emitter' AND NOT p."atFirst" AND p."firstSeenAtMs" >= ${toBig(strangerSinceMs)})`;
  const counts = {
    verified: sql`(s."valid" > 0 OR ((s."unsigned" > 0 OR s."noKey" > 0) AND ${isKnown}))`,
    pending: isKnown,
    unreadable: isKnown,
  };
  // Newest first, by the index, up to the first that counts.
  const each = Object.entries(counts).map(
    ([state, condition]) => sql`SELECT * FROM (SELECT s."blockTimestampSeconds" AS "at" FROM "Settlement" s
      WHERE s."kind" = ${mode} AND s."state" = ${state} AND ${condition}
      ORDER BY s."blockTimestampSeconds" DESC LIMIT 1) AS n`,
  );
  const [row] = await readRows<{ at: number | null }>(
    db,
    dialect,
    sql`SELECT max("at") AS "at" FROM (${join(each, ' UNION ALL ')}) AS t`,
    { at: 'bigint' },
    ['at'],
  );
  return row?.at ?? null;
}

async function lastHour(db: Db, dialect: Dialect, chainSeconds: number): Promise<ProofFacts['lastHour']> {
  const since = (seconds: number) => sql`s."kind" IN ('batch', 'individual') AND s."state" = 'verified'
    AND s."blockTimestampSeconds" > ${toBig(chainSeconds - seconds)}`;
  const sums = await readRows<{ mode: ProofMode; settled: number; unsigned: number; badSignature: number }>(
    db,
    dialect,
    sql`SELECT s."kind" AS "mode", sum(s."valid" + s."badSignature" + s."unsigned" + s."unknownNode" + s."noKey") AS "settled",
        sum(s."unsigned") AS "unsigned", sum(s."badSignature") AS "badSignature"
      FROM "Settlement" s WHERE ${since(HOUR_SECONDS)} GROUP BY s."kind"`,
    { mode: 'text', settled: 'bigint', unsigned: 'bigint', badSignature: 'bigint' },
    ['mode'],
  );
  const delays = await readRows<{ mode: ProofMode; seconds: number; count: number }>(
    db,
    dialect,
    sql`SELECT s."kind" AS "mode", s."blockTimestampSeconds" - l."signedAtSeconds" AS "seconds", count(*) AS "count"
      FROM "Settlement" s JOIN "Leaf" l ON l."settlementId" = s."id"
      WHERE ${since(RECENT_SECONDS)} AND l."verdict" = 0 AND NOT l."repeat" GROUP BY 1, 2`,
    { mode: 'text', seconds: 'bigint', count: 'bigint' },
    ['mode', 'seconds'],
  );
  return MODES.map((mode) => ({
    ...(sums.find((row) => row.mode === mode) ?? { mode, settled: 0, unsigned: 0, badSignature: 0 }),
    recent: quantiles(delays.filter((row) => row.mode === mode)),
  }));
}

/** By nearest rank; `delays` ascending. */
function quantiles(delays: readonly { seconds: number; count: number }[]): ProofFacts['lastHour'][number]['recent'] {
  const count = delays.reduce((sum, delay) => sum + delay.count, 0);
  if (count === 0) return null;
  const at = (q: number): number => {
    let seen = 0;
    const found = delays.find((delay) => {
      seen += delay.count;
      return seen >= Math.ceil(q * count);
    });
    return Math.max(0, found?.seconds ?? 0);
  };
  return { count, p50: at(0.5), p90: at(0.9) };
}

const nodes = (db: Db, dialect: Dialect, fromHour: number): Promise<ProofFacts['nodes']> =>
  readRows<ProofFacts['nodes'][number]>(
    db,
    dialect,
    sql`SELECT "nodeId", max("lastSignedAtSeconds") AS "lastSignedAtSeconds",
        max("lastSettledAtSeconds") AS "lastSettledAtSeconds", sum("valid") AS "valid7d"
      FROM "ProofHour" WHERE "hour" >= ${fromHour} AND "nodeId" > 0 AND "valid" > 0 GROUP BY "nodeId"`,
    { nodeId: 'int', lastSignedAtSeconds: 'bigint', lastSettledAtSeconds: 'bigint', valid7d: 'bigint' },
    ['nodeId'],
  );

async function unchecked(db: Db, dialect: Dialect): Promise<ProofFacts['unchecked']> {
  const [row] = await readRows<ProofFacts['unchecked']>(
    db,
    dialect,
    sql`SELECT count(*) AS "count", min("blockTimestampSeconds") AS "oldestAtSeconds" FROM "Settlement"
      WHERE "nextCheckAtMs" IS NOT NULL`,
    { count: 'bigint', oldestAtSeconds: 'bigint' },
    ['count'],
  );
  return row ?? { count: 0, oldestAtSeconds: null };
}
