import type { OpenClient } from './client.ts';
import { type Sql, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { tell } from './tell.ts';
import type { Writer } from './writer.ts';

/**
 * Tells what fires to chats that match by the passing of time: a delay or a threshold was reached, a mute or a pause has
 * ended (the traces of both are cleared). What else makes a chat match, a graver level or the end of an inhibition, is
 * a step of the incident and told with it.
 */
export function createTellLate({ prisma }: OpenClient, write: Writer): (nowMs: number) => Promise<number> {
  return async (nowMs) => {
    // Most of the time there is nothing to do; then nothing is written either.
    const [found] = await prisma.$queryRaw<{ any: unknown }[]>(sql`SELECT
      CASE WHEN ${anyEnded(nowMs)} OR (${ANY_FIRING} AND ${ANY_DEMANDING}) THEN 1 ELSE 0 END AS "any"`);
    if (Number(found?.any ?? 0) === 0) return 0;
    return await write(async (db) => {
      const queued = await tell(
        db,
        {
          incidents: sql`i."state" = 'firing'`,
          subscriptions: late(nowMs),
          first: 'subscriptions',
        },
        nowMs,
      );
      const ended = { lte: toBig(nowMs) };
      await db.mute.deleteMany({ where: { untilMs: ended } });
      await db.subscription.updateMany({ where: { pausedUntilMs: ended }, data: { pausedUntilMs: null } });
      return queued;
    });
  };
}

/** Subscriptions that may match now though they did not when the incident took its last step. */
const late = (nowMs: number): Sql => sql`(s."delaySeconds" IS NOT NULL OR s."threshold" IS NOT NULL
  OR s."pausedUntilMs" <= ${toBig(nowMs)}
  OR s."destinationId" IN (SELECT u."destinationId" FROM "Mute" u WHERE u."untilMs" <= ${toBig(nowMs)}))`;

const anyEnded = (nowMs: number): Sql => sql`EXISTS (SELECT 1 FROM "Mute" WHERE "untilMs" <= ${toBig(nowMs)})
  OR EXISTS (SELECT 1 FROM "Subscription" WHERE "pausedUntilMs" <= ${toBig(nowMs)})`;

const ANY_FIRING = sql`EXISTS (SELECT 1 FROM "Incident" WHERE "state" = 'firing')`;

/** Some subscription has a delay or a threshold. */
const ANY_DEMANDING = sql`EXISTS (SELECT 1 FROM "Subscription"
  WHERE "delaySeconds" IS NOT NULL OR "threshold" IS NOT NULL)`;
