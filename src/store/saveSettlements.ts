import type { SettlementEvent } from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { type ColumnType, jsonRows, raw, sql } from './jsonRows.ts';
import { clampInt, clampWhole } from './numbers.ts';
import { inPortions } from './portions.ts';
import { readRows } from './readRows.ts';
import { countParties } from './settlementParties.ts';
import { bare, inBlockOrder, modeOf } from './settlementRows.ts';

const COLUMNS: Record<string, ColumnType> = {
  kind: 'text',
  blockNumber: 'bigint',
  logIndex: 'int',
  blockTimestampSeconds: 'bigint',
  txHash: 'bytes',
  emitter: 'text',
  root: 'bytes',
  batchSize: 'int',
  blobId: 'text',
  teeId: 'bytes',
  requestHash: 'bytes',
  outputHash: 'bytes',
  signedAtSeconds: 'bigint',
  signature: 'bytes',
  payer: 'text',
  state: 'text',
  seenAtMs: 'bigint',
  decidedAtMs: 'bigint',
  nextCheckAtMs: 'bigint',
};

interface Options {
  nowMs: number;
  isFirstRead: boolean;
}

/** Stores settlement logs that are not stored yet, and counts their emitters, within the caller's transaction. */
export async function saveSettlementRows(
  db: Db,
  dialect: Dialect,
  events: readonly SettlementEvent[],
  options: Options,
): Promise<void> {
  const fresh = await unknownOf(db, dialect, events);
  const columns = raw(
    Object.keys(COLUMNS)
      .map((name) => `"${name}"`)
      .join(', '),
  );
  await inPortions(fresh, async (portion) => {
    const rows = portion.map((event) => toRow(event, options.nowMs));
    await db.$executeRaw(sql`INSERT INTO "Settlement" (${columns})
      SELECT ${columns} FROM ${jsonRows(dialect, rows, COLUMNS)} AS r WHERE true
      ON CONFLICT ("blockNumber", "logIndex") DO NOTHING`);
  });
  const seen = fresh.map(({ emitter, blockTimestampSeconds }) => ({
    ...{ address: emitter, atSeconds: clampWhole(blockTimestampSeconds) },
  }));
  await countParties(db, dialect, 'emitter', seen, options);
}

/** Each once, in the order of the chain. */
async function unknownOf(db: Db, dialect: Dialect, events: readonly SettlementEvent[]): Promise<SettlementEvent[]> {
  const byPlace = new Map(events.map((event) => [`${event.blockNumber}/${event.logIndex}`, event]));
  const sorted = [...byPlace.values()].sort(inBlockOrder);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const stored = await readRows<{ blockNumber: number; logIndex: number }>(
    db,
    dialect,
    sql`SELECT "blockNumber", "logIndex" FROM "Settlement" WHERE "blockNumber" BETWEEN ${first.blockNumber} AND ${last.blockNumber}`,
    { blockNumber: 'bigint', logIndex: 'int' },
    ['blockNumber', 'logIndex'],
  );
  if (stored.length === 0) return sorted;
  const known = new Set(stored.map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`));
  return sorted.filter(({ blockNumber, logIndex }) => !known.has(`${blockNumber}/${logIndex}`));
}

function toRow({ answer, ...event }: SettlementEvent, nowMs: number): object {
  const isCurrent = modeOf(event.kind) !== null;
  return {
    ...event,
    blockTimestampSeconds: clampWhole(event.blockTimestampSeconds),
    txHash: bare(event.txHash),
    emitter: event.emitter.toLowerCase(),
    root: event.root && bare(event.root),
    batchSize: event.batchSize === null ? null : clampInt(event.batchSize),
    teeId: answer && bare(answer.teeId),
    requestHash: answer && bare(answer.requestHash),
    outputHash: answer && bare(answer.outputHash),
    signedAtSeconds: answer && clampWhole(answer.signedAtSeconds),
    signature: answer && Buffer.from(answer.signature).toString('hex'),
    payer: answer?.payer?.toLowerCase() ?? null,
    state: isCurrent ? 'pending' : 'counted',
    seenAtMs: nowMs,
    decidedAtMs: isCurrent ? null : nowMs,
    nextCheckAtMs: isCurrent ? nowMs : null,
  };
}
