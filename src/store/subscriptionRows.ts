import type { Db, PrismaDb } from './client.ts';
import { joinTopics, splitTopics } from './matching.ts';
import { noticeFiring } from './noticeFiring.ts';
import { fromBig, fromBigOrNull, toBig } from './numbers.ts';
import {
  type Overrides,
  SEVERITIES,
  type StoredSubscription,
  type SubscriptionAbout,
  type SubscriptionScope,
} from './store.ts';
import { MAX_SUBSCRIPTIONS, SubscriptionLimit } from './subscriptionLimit.ts';

type Row = NonNullable<Awaited<ReturnType<PrismaDb['subscription']['findUnique']>>>;

export const toSubscription = ({ floorRank, ...row }: Row): StoredSubscription => ({
  ...row,
  floor: SEVERITIES[floorRank] ?? 'info',
  scope: row.scope as SubscriptionScope,
  without: splitTopics(row.without),
  // 0: lifted, and not yet told what it missed.
  pausedUntilMs: fromBigOrNull(row.pausedUntilMs) || null,
  createdAtMs: fromBig(row.createdAtMs),
});

/** The columns to write; what is not named stays as it is. */
export const overrideColumns = ({
  floor,
  pausedUntilMs,
  without,
  ...plain
}: Partial<Overrides & { pausedUntilMs: number | null }>) => ({
  ...plain,
  ...(floor === undefined ? {} : { floorRank: SEVERITIES.indexOf(floor) }),
  ...(without === undefined ? {} : { without: joinTopics(without) }),
  ...(pausedUntilMs === undefined ? {} : { pausedUntilMs: toBig(pausedUntilMs ?? 0) }),
});

/** One that is there stays as it is. Throws SubscriptionLimit: the caller's transaction changes nothing then. */
export async function insertSubscription(
  db: Db,
  destinationId: number,
  { changes, ...about }: SubscriptionAbout,
  { createdBy, nowMs }: { createdBy: string; nowMs: number },
): Promise<{ subscription: StoredSubscription; created: boolean }> {
  const key = { destinationId, ...about };
  const existing = await db.subscription.findUnique({ where: { destinationId_family_rule_scope_subject: key } });
  if (existing !== null) return { subscription: toSubscription(existing), created: false };
  if ((await db.subscription.count({ where: { destinationId } })) >= MAX_SUBSCRIPTIONS) throw new SubscriptionLimit();
  const row = await db.subscription.create({
    data: { ...key, ...overrideColumns(changes), createdBy, createdAtMs: toBig(nowMs) },
  });
  await noticeFiring(db, row.id, nowMs);
  return { subscription: toSubscription(row), created: true };
}
