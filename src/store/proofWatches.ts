import type { Address } from '../lib/delivery.ts';
import type { Db, Dialect } from './client.ts';
import { addressKey, upsertDestination } from './destinations.ts';
import { type Sql, sql } from './jsonRows.ts';
import { clampWhole, toBig } from './numbers.ts';
import type { ProofRepository, StoredProofWatch } from './proofRepository.ts';
import { bare } from './settlementRows.ts';
import { insertSubscription } from './subscriptionRows.ts';
import { answerThese, readWatches } from './watchRows.ts';

/** The subscription `s` is to the watch `w`. */
const SUBSCRIBED: Sql = sql`s."family" = 'watch' AND s."scope" = 'watch' AND s."subject" = CAST(w."id" AS TEXT)`;

type Input = Parameters<ProofRepository['watch']>[0];
type Decision = Parameters<ProofRepository['decide']>[0][number];

/** By which a chat hears of what it follows. */
const FAMILY = { family: 'watch', rule: '', scope: 'watch' } as const;

/** The watch of that chat, or a new one with its subscription, within the caller's transaction. Throws SubscriptionLimit. */
export async function addWatch(
  db: Db,
  dialect: Dialect,
  input: Input,
): Promise<Awaited<ReturnType<ProofRepository['watch']>>> {
  const { kind, place, mention, createdBy, maxWaiting, nowMs } = input;
  const hash = Buffer.from(bare(input.hash), 'hex');
  const signedAtSeconds = input.signedAtSeconds === null ? null : toBig(clampWhole(input.signedAtSeconds));
  const existing = await followed(db, dialect, place.address, sql`w."kind" = ${kind} AND w."hash" = ${hash}`);
  if (existing !== null) {
    // Whoever did not know at first when it was signed may say so now.
    if (existing.state !== 'waiting' || signedAtSeconds === null) return { watch: existing, created: false };
    await db.proofWatch.update({ where: { id: existing.id }, data: { signedAtSeconds } });
    return { watch: await answered(db, dialect, existing.id, nowMs), created: false };
  }
  if ((await countWaiting(db, createdBy)) >= maxWaiting) return 'limit';
  const { id } = await db.proofWatch.create({
    data: {
      ...{ kind, hash, signedAtSeconds, createdBy },
      ...{ createdAtMs: toBig(nowMs), createdAtSeconds: toBig(clampWhole(input.createdAtSeconds)) },
    },
    select: { id: true },
  });
  const destinationId = await upsertDestination(db, place.address, place, nowMs);
  const about = { ...FAMILY, subject: String(id), changes: { mention } };
  await insertSubscription(db, destinationId, about, { createdBy, nowMs });
  return { watch: await answered(db, dialect, id, nowMs), created: true };
}

/** What a chat follows that was not given up; null when it does not. */
async function followed(db: Db, dialect: Dialect, address: Address, which: Sql): Promise<StoredProofWatch | null> {
  const { platform, chatId, threadId } = addressKey(address);
  const [found] = await readWatches(
    db,
    dialect,
    sql`SELECT w.* FROM "ProofWatch" w WHERE ${which} AND w."state" IN ('waiting', 'settled', 'invalid')
      AND EXISTS (SELECT 1 FROM "Subscription" s JOIN "Destination" d ON d."id" = s."destinationId"
        WHERE d."platform" = ${platform} AND d."chatId" = ${chatId} AND d."threadId" = ${threadId} AND ${SUBSCRIBED})`,
  );
  return found ?? null;
}

/** The watch, as far as what is stored answers it. */
async function answered(db: Db, dialect: Dialect, id: number, nowMs: number): Promise<StoredProofWatch> {
  const query = sql`SELECT * FROM "ProofWatch" WHERE "id" = ${id}`;
  await answerThese(db, dialect, await readWatches(db, dialect, query), nowMs);
  return (await readWatches(db, dialect, query))[0] as StoredProofWatch;
}

/** Those that wait and that a chat still hears of. */
async function countWaiting(db: Db, createdBy: string): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number | bigint }[]>(sql`SELECT count(*) AS "count" FROM "ProofWatch" w
    WHERE w."state" = 'waiting' AND w."createdBy" = ${createdBy} AND EXISTS (SELECT 1 FROM "Subscription" s
      WHERE ${SUBSCRIBED})`);
  return Number(row?.count ?? 0);
}

/** Gives up watches that still wait. */
export async function decideWatches(db: Db, rows: readonly Decision[]): Promise<void> {
  for (const { id, state, reason, nowMs } of rows) {
    await db.proofWatch.updateMany({
      where: { id, state: 'waiting' },
      data: { state, reason, decidedAtMs: toBig(nowMs) },
    });
  }
}

/** Watches that no chat hears of any more go. */
export async function forgetOrphanWatches(db: Db): Promise<void> {
  await db.$executeRaw(sql`DELETE FROM "ProofWatch" WHERE "id" IN (SELECT w."id" FROM "ProofWatch" w
    WHERE NOT EXISTS (SELECT 1 FROM "Subscription" s WHERE ${SUBSCRIBED}))`);
}

/** Decided before that moment, with the subscriptions to them. */
export async function forgetDecidedWatches(db: Db, beforeMs: number): Promise<void> {
  const old = sql`w."decidedAtMs" < ${toBig(beforeMs)}`;
  await db.$executeRaw(sql`DELETE FROM "Subscription" WHERE "id" IN (
    SELECT s."id" FROM "ProofWatch" w JOIN "Subscription" s ON ${SUBSCRIBED} WHERE ${old})`);
  await db.proofWatch.deleteMany({ where: { decidedAtMs: { lt: toBig(beforeMs) } } });
}

/** Of what one chat follows, what another follows too is followed there only. */
export async function dropTwinWatches(db: Db, from: number, to: number): Promise<void> {
  await db.$executeRaw(sql`DELETE FROM "Subscription" WHERE "id" IN (
    SELECT s."id" FROM "ProofWatch" w JOIN "Subscription" s ON ${SUBSCRIBED} AND s."destinationId" = ${from}
    WHERE EXISTS (SELECT 1 FROM "ProofWatch" twin JOIN "Subscription" t ON t."family" = 'watch' AND t."scope" = 'watch'
      AND t."subject" = CAST(twin."id" AS TEXT) AND t."destinationId" = ${to}
      WHERE twin."kind" = w."kind" AND twin."hash" = w."hash"))`);
}
