import type { Hex } from '../lib/facts.ts';
import { type HourLeaf, leafHours } from '../lib/leafHours.ts';
import {
  type CheckedLeaf,
  LEAF_VERDICTS,
  type ProofMode,
  type SettlementKind,
  type SettlementVerdict,
  STANDINGS,
  WRONG_STATES,
} from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { clampInt, clampWhole } from './numbers.ts';
import { inPortions } from './portions.ts';
import { addToProofHours } from './proofHours.ts';
import { readRows } from './readRows.ts';
import { bare, inBlockOrder, LEAF_COLUMNS } from './settlementRows.ts';

interface Decided {
  id: number;
  kind: SettlementKind;
  blockNumber: bigint;
  logIndex: number;
  blockTimestampSeconds: number;
  txHash: Hex;
  verdict: SettlementVerdict;
}

type Counts = Record<(typeof COUNTED)[number], number> & { repeated: number };

/** The columns of the counts, in the order of the verdicts. */
const COUNTED = ['valid', 'badSignature', 'unsigned', 'unknownNode', 'noKey'] as const;

/** A leaf as it is stored; hashes as `bytes` travel. */
interface LeafRow {
  settlementId: number;
  position: number;
  teeId: string;
  requestHash: string;
  outputHash: string;
  signedAtSeconds: number;
  verdict: number;
  standing: number;
  repeat: boolean;
}

const MAX_REASON = 500;

/**
 * Decides settlements that are not decided yet: state, leaves, counts and hours, within the caller's transaction. Answers by
 * which hashes watches may be answered now.
 */
export async function saveVerdictRows(
  db: Db,
  dialect: Dialect,
  verdicts: readonly { settlementId: number; verdict: SettlementVerdict }[],
  { nowMs, nodeOf }: { nowMs: number; nodeOf: ReadonlyMap<Hex, number> },
): Promise<{ txHashes: Set<Hex>; requestHashes: Set<Hex> }> {
  const decided = await undecided(db, dialect, verdicts);
  const leaves = decided.flatMap(leafRows);
  await markRepeats(db, dialect, leaves);
  const hourLeaves: HourLeaf[] = [];
  const countsOf = new Map<number, Counts>(decided.map(({ id }) => [id, noCounts()]));
  const settlementOf = new Map(decided.map((one) => [one.id, one]));
  for (const leaf of leaves) {
    const counts = countsOf.get(leaf.settlementId) as Counts;
    if (leaf.repeat) {
      counts.repeated += 1;
      continue;
    }
    const { kind, blockTimestampSeconds } = settlementOf.get(leaf.settlementId) as Decided;
    counts[COUNTED[leaf.verdict] as (typeof COUNTED)[number]] += 1;
    hourLeaves.push({
      nodeId: nodeOf.get(`0x${leaf.teeId}`) ?? -1,
      mode: kind as ProofMode,
      verdict: LEAF_VERDICTS[leaf.verdict] as (typeof LEAF_VERDICTS)[number],
      signedAtSeconds: leaf.signedAtSeconds,
      settledAtSeconds: blockTimestampSeconds,
    });
  }
  await insertLeaves(db, dialect, leaves);
  await updateSettlements(db, dialect, decided, countsOf, nowMs);
  await addToProofHours(db, dialect, leafHours(hourLeaves));
  return {
    txHashes: new Set(decided.map(({ txHash }) => txHash)),
    requestHashes: new Set(leaves.map(({ requestHash }) => `0x${requestHash}` as const)),
  };
}

/** In the order of the chain; of two verdicts on one settlement the last. */
async function undecided(
  db: Db,
  dialect: Dialect,
  verdicts: readonly { settlementId: number; verdict: SettlementVerdict }[],
): Promise<Decided[]> {
  const verdictOf = new Map(verdicts.map(({ settlementId, verdict }) => [settlementId, verdict]));
  const ids = [...verdictOf.keys()].map((id) => ({ id }));
  const rows = await readRows<Omit<Decided, 'verdict' | 'blockNumber'> & { blockNumber: number }>(
    db,
    dialect,
    sql`SELECT s.* FROM ${jsonRows(dialect, ids, { id: 'int' })} AS r JOIN "Settlement" s ON s."id" = r."id"
      WHERE s."state" IN ('pending', 'unreadable')`,
    {
      ...({ id: 'int', kind: 'text', blockNumber: 'bigint', logIndex: 'int' } as const),
      ...({ blockTimestampSeconds: 'bigint', txHash: 'bytes' } as const),
    },
    ['id'],
  );
  const found = rows.map((row) => ({
    ...row,
    blockNumber: BigInt(row.blockNumber),
    verdict: verdictOf.get(row.id) as SettlementVerdict,
  }));
  return found.sort(inBlockOrder);
}

function leafRows({ id, kind, verdict: { state, leaves } }: Decided): LeafRow[] {
  // What is known of a tree that is wrong is nothing.
  if (state !== 'verified') return [];
  return (kind === 'individual' ? leaves.slice(0, 1) : leaves).map((leaf: CheckedLeaf) => ({
    settlementId: id,
    position: kind === 'individual' ? 0 : clampInt(leaf.position),
    teeId: bare(leaf.teeId).toLowerCase(),
    requestHash: bare(leaf.requestHash).toLowerCase(),
    outputHash: bare(leaf.outputHash).toLowerCase(),
    signedAtSeconds: clampWhole(leaf.signedAtSeconds),
    verdict: LEAF_VERDICTS.indexOf(leaf.verdict),
    standing: STANDINGS.indexOf(leaf.standing),
    repeat: false,
  }));
}

/**
 * An answer that was settled before, with the same verdict, is a repeat. A copy with another verdict is not: else a forged copy
 * that is settled first would hide the answer itself.
 */
async function markRepeats(db: Db, dialect: Dialect, leaves: LeafRow[]): Promise<void> {
  const seen = new Set<string>();
  for (const leaf of leaves) {
    const { teeId, requestHash, outputHash, signedAtSeconds, verdict } = leaf;
    const key = `${requestHash}${outputHash}${teeId}${signedAtSeconds}/${verdict}`;
    leaf.repeat = seen.has(key);
    seen.add(key);
  }
  const columns = {
    ...({ at: 'int', teeId: 'bytes', requestHash: 'bytes', outputHash: 'bytes' } as const),
    ...({ signedAtSeconds: 'bigint', verdict: 'int' } as const),
  };
  const numbered = leaves.map((leaf, at) => ({ ...leaf, at }));
  await inPortions(numbered, async (portion) => {
    // A single value, not EXISTS: PostgreSQL would make a join of that, and read the whole table for it.
    const found = await readRows<{ at: number }>(
      db,
      dialect,
      sql`SELECT r."at" FROM ${jsonRows(dialect, portion, columns)} AS r WHERE (SELECT 1 FROM "Leaf" l
        WHERE l."requestHash" = r."requestHash" AND l."outputHash" = r."outputHash" AND l."teeId" = r."teeId"
          AND l."signedAtSeconds" = r."signedAtSeconds" AND l."verdict" = r."verdict" LIMIT 1) IS NOT NULL`,
      { at: 'int' },
      ['at'],
    );
    for (const { at } of found) (leaves[at] as LeafRow).repeat = true;
  });
}

async function insertLeaves(db: Db, dialect: Dialect, leaves: readonly LeafRow[]): Promise<void> {
  await inPortions(leaves, (rows) =>
    db.$executeRaw(sql`INSERT INTO "Leaf" ("settlementId", "position", "teeId", "requestHash", "outputHash",
        "signedAtSeconds", "verdict", "standing", "repeat")
      SELECT r."settlementId", r."position", r."teeId", r."requestHash", r."outputHash",
        r."signedAtSeconds", r."verdict", r."standing", r."repeat"
      FROM ${jsonRows(dialect, rows, LEAF_COLUMNS)} AS r WHERE true
      ON CONFLICT ("settlementId", "position") DO NOTHING`),
  );
}

async function updateSettlements(
  db: Db,
  dialect: Dialect,
  decided: readonly Decided[],
  countsOf: ReadonlyMap<number, Counts>,
  nowMs: number,
): Promise<void> {
  const all = decided.map(({ id, verdict: { state, reason } }) => {
    const counts = countsOf.get(id) as Counts;
    const isFault = WRONG_STATES.includes(state) || counts.badSignature > 0;
    // Of what is unreadable nothing is known: it is not decided, only looked at no more.
    const decidedAtMs = state === 'unreadable' ? null : nowMs;
    return {
      id,
      state,
      reason: reason.slice(0, MAX_REASON),
      decidedAtMs,
      faultAtMs: isFault ? nowMs : null,
      ...counts,
    };
  });
  const columns = {
    ...({
      id: 'int',
      state: 'text',
      reason: 'text',
      decidedAtMs: 'bigint',
      faultAtMs: 'bigint',
      valid: 'int',
    } as const),
    ...({ badSignature: 'int', unsigned: 'int', unknownNode: 'int', noKey: 'int', repeated: 'int' } as const),
  };
  await inPortions(all, (rows) =>
    db.$executeRaw(sql`UPDATE "Settlement" SET "state" = r."state", "reason" = r."reason",
        "decidedAtMs" = r."decidedAtMs", "faultAtMs" = r."faultAtMs", "attempts" = "attempts" + 1,
        "nextCheckAtMs" = NULL, "valid" = r."valid", "badSignature" = r."badSignature", "unsigned" = r."unsigned",
        "unknownNode" = r."unknownNode", "noKey" = r."noKey", "repeated" = r."repeated"
      FROM ${jsonRows(dialect, rows, columns)} AS r WHERE "Settlement"."id" = r."id"`),
  );
}

const noCounts = (): Counts => ({ valid: 0, badSignature: 0, unsigned: 0, unknownNode: 0, noKey: 0, repeated: 0 });

/** Notes that settlements could not be checked, and when they are looked at again. Decided ones stay. */
export async function postponeRows(
  db: Db,
  dialect: Dialect,
  rows: readonly { settlementId: number; reason: string; nextCheckAtMs: number | null }[],
): Promise<void> {
  const all = rows.map(({ reason, ...row }) => ({ ...row, reason: reason.slice(0, MAX_REASON) }));
  await inPortions(all, (portion) => {
    const columns = { settlementId: 'int', reason: 'text', nextCheckAtMs: 'bigint' } as const;
    return db.$executeRaw(sql`UPDATE "Settlement" SET "state" = 'unreadable', "reason" = r."reason",
        "attempts" = "attempts" + 1, "nextCheckAtMs" = r."nextCheckAtMs"
      FROM ${jsonRows(dialect, portion, columns)} AS r
      WHERE "Settlement"."id" = r."settlementId" AND "Settlement"."state" IN ('pending', 'unreadable')`);
  });
}
