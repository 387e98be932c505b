import type { Db } from './client.ts';
import { addressKey, settingColumns, toDestination, upsertDestination } from './destinations.ts';
import { mute } from './mutes.ts';
import type { StoredDestination, SubscriptionRepository } from './store.ts';
import { insertSubscription, overrideColumns } from './subscriptionRows.ts';

type Set = Parameters<SubscriptionRepository['applySet']>[0];

/** Everything of a set, within the caller's transaction. Mutes come first: what they silence counts as not yet told. */
export async function applySet(
  db: Db,
  { address, title, kind, additions, edits, mutes, byId, nowMs, ...timing }: Set,
): Promise<StoredDestination> {
  const chat = { address, title, kind };
  const id = await upsertDestination(db, address, chat, nowMs);
  for (const one of mutes) await mute(db, { ...chat, mute: one, byId, nowMs });
  for (const { id: subscriptionId, changes } of edits) {
    await db.subscription.updateMany({
      where: { id: subscriptionId, destination: addressKey(address) },
      data: overrideColumns(changes),
    });
  }
  for (const one of additions) await insertSubscription(db, id, one, { createdBy: byId, nowMs });
  return toDestination(await db.destination.update({ where: { id }, data: settingColumns(timing) }));
}
