import type { Hex } from '../lib/facts.ts';
import { hoursOfLeaf, leafHours } from '../lib/leafHours.ts';
import { LEAF_VERDICTS, type LeafVerdict, type ProofMode } from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { inPortions } from './portions.ts';
import { addToProofHours } from './proofHours.ts';
import { readRows } from './readRows.ts';
import { uncountParties } from './settlementParties.ts';
import { bare } from './settlementRows.ts';
import { answerWatches } from './watchRows.ts';

const HOUR = 3600;

/** A leaf with what its hours are made of. */
interface Taken {
  settlementId: number;
  position: number;
  mode: ProofMode;
  teeId: Hex;
  requestHash: Hex;
  outputHash: Hex;
  signedAtSeconds: number;
  settledAtSeconds: number;
  verdict: number;
  repeat: boolean;
}

const COLUMNS = {
  ...({ settlementId: 'int', position: 'int', mode: 'text', teeId: 'bytes', requestHash: 'bytes' } as const),
  ...({ outputHash: 'bytes', signedAtSeconds: 'bigint', settledAtSeconds: 'bigint' } as const),
  ...({ verdict: 'int', repeat: 'bool' } as const),
};

/**
 * Takes back what the settlements after a block left behind, within the caller's transaction: themselves, their leaves, what they
 * count at their emitters and senders; watches that they answered wait again. Hours in which they counted are made anew of the
 * leaves that remain, by today's nodes; so the block must not be older than leaves are kept.
 */
export async function takeBackProofs(
  db: Db,
  dialect: Dialect,
  afterBlock: bigint,
  timestampSeconds: number,
): Promise<void> {
  const gone = sql`SELECT "id" FROM "Settlement" WHERE "blockNumber" > ${afterBlock}`;
  const taken = await readLeafRows(db, dialect, sql`s."blockNumber" > ${afterBlock}`);
  await uncountParties(db, afterBlock);
  const waiting = sql`"settlementId" IN (${gone})`;
  const watched = await readRows<{ hash: Hex }>(
    db,
    dialect,
    sql`SELECT "hash" FROM "ProofWatch" WHERE ${waiting}`,
    { hash: 'bytes' },
    ['hash'],
  );
  await db.$executeRaw(sql`UPDATE "ProofWatch" SET "state" = 'waiting', "reason" = '', "settlementId" = NULL,
    "mode" = NULL, "delaySeconds" = NULL, "decidedAtMs" = NULL WHERE ${waiting}`);
  // Leaves go with their settlement.
  await db.settlement.deleteMany({ where: { blockNumber: { gt: afterBlock } } });
  const promoted = await promoteRepeats(db, dialect, taken);
  await makeHoursAnew(db, dialect, [...taken.filter(({ repeat }) => !repeat), ...promoted]);
  const hashes = new Set(watched.map(({ hash }) => hash));
  await answerWatches(db, dialect, { txHashes: hashes, requestHashes: hashes }, timestampSeconds * 1000);
}

/** Everything, as if no settlement had been read yet. */
export async function forgetProofs(db: Db): Promise<void> {
  await db.proofWatch.updateMany({
    where: { settlementId: { not: null } },
    data: { state: 'waiting', reason: '', settlementId: null, mode: null, delaySeconds: null, decidedAtMs: null },
  });
  await db.leaf.deleteMany();
  await db.settlement.deleteMany();
  await db.proofHour.deleteMany();
  await db.settlementParty.deleteMany();
}

const readLeafRows = (db: Db, dialect: Dialect, which: ReturnType<typeof sql>): Promise<Taken[]> =>
  readRows<Taken>(
    db,
    dialect,
    sql`SELECT l.*, s."kind" AS "mode", s."blockTimestampSeconds" AS "settledAtSeconds"
      FROM "Settlement" s JOIN "Leaf" l ON l."settlementId" = s."id" WHERE ${which}`,
    COLUMNS,
    ['settlementId', 'position'],
  );

/** Of repeats whose first copy is gone, the first that remains counts now. */
async function promoteRepeats(db: Db, dialect: Dialect, taken: readonly Taken[]): Promise<Taken[]> {
  const firsts = taken.filter(({ repeat }) => !repeat);
  const promoted: Taken[] = [];
  await inPortions(firsts, async (portion) => {
    const wanted = portion.map(({ requestHash, outputHash, teeId, ...rest }) => ({
      ...{ ...rest, requestHash: bare(requestHash), outputHash: bare(outputHash), teeId: bare(teeId) },
    }));
    const columns = {
      ...({ requestHash: 'bytes', outputHash: 'bytes', teeId: 'bytes' } as const),
      ...({ signedAtSeconds: 'bigint', verdict: 'int' } as const),
    };
    const found = await readLeafRows(
      db,
      dialect,
      sql`l."repeat" AND EXISTS (SELECT 1 FROM ${jsonRows(dialect, wanted, columns)} AS r
        WHERE l."requestHash" = r."requestHash" AND l."outputHash" = r."outputHash" AND l."teeId" = r."teeId"
          AND l."signedAtSeconds" = r."signedAtSeconds" AND l."verdict" = r."verdict")`,
    );
    const groups = Map.groupBy(
      found,
      (leaf) => `${leaf.requestHash}${leaf.outputHash}${leaf.teeId}${leaf.signedAtSeconds}`,
    );
    for (const leaf of [...groups.values()].flatMap(([first]) => first ?? [])) {
      const { settlementId, position, verdict } = leaf;
      await db.leaf.update({ where: { settlementId_position: { settlementId, position } }, data: { repeat: false } });
      const column = COUNTED[LEAF_VERDICTS[verdict] as LeafVerdict];
      await db.settlement.update({
        where: { id: settlementId },
        data: { [column]: { increment: 1 }, repeated: { decrement: 1 } },
      });
      promoted.push(leaf);
    }
  });
  return promoted;
}

const COUNTED = {
  ...{ valid: 'valid', 'bad-signature': 'badSignature', unsigned: 'unsigned' },
  ...{ 'unknown-node': 'unknownNode', 'no-key': 'noKey' },
} as const satisfies Record<LeafVerdict, string>;

async function makeHoursAnew(db: Db, dialect: Dialect, changed: readonly Taken[]): Promise<void> {
  const concerned = new Set<number>();
  for (const leaf of changed) {
    const [first, last] = hoursOfLeaf(leaf);
    for (let hour = first; hour <= last; hour += 1) concerned.add(hour);
  }
  if (concerned.size === 0) return;
  const hours = [...concerned].map((hour) => ({ hour }));
  await inPortions(hours, (rows) =>
    db.$executeRaw(sql`DELETE FROM "ProofHour" WHERE "hour" IN
      (SELECT r."hour" FROM ${jsonRows(dialect, rows, { hour: 'int' })} AS r)`),
  );
  const from = hours.reduce((least, { hour }) => Math.min(least, hour), Number.POSITIVE_INFINITY) * HOUR;
  const remaining = await readLeafRows(
    db,
    dialect,
    sql`s."blockTimestampSeconds" >= ${toBig(from)} AND s."state" = 'verified' AND NOT l."repeat"`,
  );
  const records = await db.teeRecord.findMany({ select: { teeId: true, nodeId: true } });
  const nodeOf = new Map(records.map(({ teeId, nodeId }) => [teeId.toLowerCase(), nodeId]));
  const folded = leafHours(
    remaining.map((leaf) => ({
      ...leaf,
      nodeId: nodeOf.get(leaf.teeId) ?? -1,
      verdict: LEAF_VERDICTS[leaf.verdict] as LeafVerdict,
    })),
  );
  await addToProofHours(
    db,
    dialect,
    folded.filter(({ hour }) => concerned.has(hour)),
  );
}
