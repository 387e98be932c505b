import { randomUUID } from 'node:crypto';
import type { PlatformName } from '../lib/delivery.ts';
import type { Db, OpenClient } from './client.ts';
import { toDestination } from './destinations.ts';
import { join, type Sql, sql } from './jsonRows.ts';
import { fromBig, toBig } from './numbers.ts';
import { forgetOrphanWatches } from './proofWatches.ts';
import type { AccountRepository, SubscriptionScope } from './store.ts';
import type { Writer } from './writer.ts';

/** Stands in the place of whoever asked to be forgotten. */
const FORGOTTEN = 'forgotten';

export function createAccounts({ prisma }: OpenClient, write: Writer): AccountRepository {
  return {
    async createCode(accountId, hash, expiresAtMs) {
      await write(async (db) => {
        await db.linkCode.deleteMany({ where: { accountId } });
        await db.linkCode.create({ data: { hash, accountId, expiresAtMs: toBig(expiresAtMs) } });
      });
    },

    async redeem(hash, accountId, nowMs) {
      return await write(async (db) => {
        const code = await db.linkCode.findUnique({ where: { hash } });
        if (code === null || fromBig(code.expiresAtMs) <= nowMs) return 'unknown';
        // Typed in where it was made: it can still be used where it was meant for.
        if (code.accountId === accountId) return 'same';
        await db.linkCode.delete({ where: { hash } });
        await unite(db, code.accountId, accountId, nowMs);
        return 'linked';
      });
    },

    linked: (accountId) => linked(prisma, accountId),

    async unlink(accountId) {
      return await write(async (db) => {
        const account = await db.account.findUnique({ where: { id: accountId } });
        if (account === null) return false;
        await db.account.delete({ where: { id: accountId } });
        const rest = await db.account.findMany({ where: { personId: account.personId } });
        // One alone is linked to nothing.
        if (rest.length === 1) await db.account.deleteMany({ where: { personId: account.personId } });
        return true;
      });
    },

    async chats(accountId) {
      const ids = await privateChats(prisma, await linked(prisma, accountId));
      const rows = await prisma.destination.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
      return rows.map(toDestination);
    },

    async stored(accountId) {
      const accounts = await linked(prisma, accountId);
      const mine = { in: accounts };
      const subscriptions = await prisma.subscription.findMany({
        where: { createdBy: mine },
        include: { destination: { select: { platform: true, title: true } } },
        orderBy: { id: 'asc' },
      });
      const chats = await prisma.destination.findMany({
        where: { id: { in: await privateChats(prisma, accounts) } },
        orderBy: { id: 'asc' },
      });
      const [mentions] = await prisma.$queryRaw<{ count: number | bigint }[]>(sql`SELECT
        (SELECT COUNT(*) FROM "Subscription" s JOIN "Destination" d ON d."id" = s."destinationId"
          WHERE ${calls(sql`s."mention"`, accounts)})
        + (SELECT COUNT(*) FROM "Destination" d WHERE ${calls(sql`d."escalateMention"`, accounts)}) AS "count"`);
      return {
        accounts,
        subscriptions: subscriptions.map(({ id, family, rule, scope, subject, destination }) => ({
          ...{ id, family, rule, scope: scope as SubscriptionScope, subject },
          ...{ platform: destination.platform as PlatformName, chatTitle: destination.title },
        })),
        privateChats: chats.map(({ platform, title }) => ({ platform: platform as PlatformName, title })),
        acknowledgements: await prisma.notice.count({ where: { acknowledgedById: mine } }),
        mutes: await prisma.mute.count({ where: { byId: mine } }),
        watches: await prisma.proofWatch.count({ where: { createdBy: mine } }),
        mentions: Number(mentions?.count ?? 0),
      };
    },

    async forget(accountId) {
      await write(async (db) => {
        const accounts = await linked(db, accountId);
        const mine = { in: accounts };
        const chats = await privateChats(db, accounts);
        await db.destination.updateMany({ where: { escalateToId: { in: chats } }, data: { escalateToId: null } });
        await db.destination.deleteMany({ where: { id: { in: chats } } });
        await db.subscription.updateMany({ where: { createdBy: mine }, data: { createdBy: FORGOTTEN } });
        // What only a private chat followed nobody hears of any more.
        await forgetOrphanWatches(db);
        await db.proofWatch.updateMany({ where: { createdBy: mine }, data: { createdBy: FORGOTTEN } });
        await db.mute.updateMany({ where: { byId: mine }, data: { by: FORGOTTEN, byId: '' } });
        await db.notice.updateMany({
          where: { acknowledgedById: mine },
          data: { acknowledgedBy: FORGOTTEN, acknowledgedById: null },
        });
        await forgetMentions(db, accounts);
        await db.linkCode.deleteMany({ where: { accountId: mine } });
        await db.account.deleteMany({ where: { id: mine } });
      });
    },
  };
}

async function linked(db: Pick<Db, 'account'>, accountId: string): Promise<string[]> {
  const account = await db.account.findUnique({ where: { id: accountId } });
  if (account === null) return [accountId];
  const all = await db.account.findMany({ where: { personId: account.personId }, orderBy: { id: 'asc' } });
  return [accountId, ...all.map(({ id }) => id).filter((id) => id !== accountId)];
}

/** Both, and all that are linked to either, are one person's. */
async function unite(db: Db, one: string, other: string, nowMs: number): Promise<void> {
  const ids = [...new Set([...(await linked(db, one)), ...(await linked(db, other))])];
  const known = await db.account.findFirst({ where: { id: { in: ids } } });
  const personId = known?.personId ?? randomUUID();
  for (const id of ids) {
    await db.account.upsert({
      where: { id },
      create: { id, personId, linkedAtMs: toBig(nowMs) },
      update: { personId },
    });
  }
}

/** A platform's user id is that of the private chat on Telegram; on Discord only what was done there tells whose it is. */
async function privateChats(db: Pick<Db, 'destination'>, accounts: readonly string[]): Promise<number[]> {
  const mine = { in: [...accounts] };
  const userIds = accounts.flatMap((id) => (id.startsWith('telegram:') ? id.slice('telegram:'.length) : []));
  const rows = await db.destination.findMany({
    where: {
      kind: 'private',
      OR: [
        { platform: 'telegram', chatId: { in: userIds } },
        {
          platform: { not: 'telegram' },
          OR: [
            { subscriptions: { some: { createdBy: mine } } },
            { mutes: { some: { byId: mine } } },
            { notices: { some: { acknowledgedById: mine } } },
          ],
        },
      ],
    },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

/** The mention in `column`, in the chat `d`, calls one of the accounts by its id. */
function calls(column: Sql, accounts: readonly string[]): Sql {
  const each = accounts.map((account) => {
    const colon = account.indexOf(':');
    const mention = `user:${account.slice(colon + 1)}`;
    return sql`(d."platform" = ${account.slice(0, colon)} AND ${column} = ${mention})`;
  });
  return sql`(${join(each, ' OR ')})`;
}

async function forgetMentions(db: Db, accounts: readonly string[]): Promise<void> {
  await db.$executeRaw(sql`UPDATE "Subscription" SET "mention" = '' WHERE EXISTS (SELECT 1 FROM "Destination" d
    WHERE d."id" = "Subscription"."destinationId" AND ${calls(sql`"Subscription"."mention"`, accounts)})`);
  await db.$executeRaw(sql`UPDATE "Delivery" SET "mention" = '' WHERE "mention" <> '' AND EXISTS (
    SELECT 1 FROM "Destination" d
    WHERE d."id" = "Delivery"."destinationId" AND ${calls(sql`"Delivery"."mention"`, accounts)})`);
  await db.$executeRaw(sql`UPDATE "Destination" SET "escalateMention" = '' WHERE "id" IN (
    SELECT d."id" FROM "Destination" d WHERE ${calls(sql`d."escalateMention"`, accounts)})`);
}
