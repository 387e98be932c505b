import type { Address } from '../lib/delivery.ts';
import type { Db, PrismaDb } from './client.ts';
import { addressKey, upsertDestination } from './destinations.ts';
import { fromBig, toBig } from './numbers.ts';
import type { StoredMute, SubscriptionRepository } from './store.ts';

type Row = NonNullable<Awaited<ReturnType<PrismaDb['mute']['findUnique']>>>;

export const toMute = ({ rule, untilMs, by }: Row): StoredMute => ({ rule, untilMs: fromBig(untilMs), by });

type NewMute = Parameters<SubscriptionRepository['mute']>[0];

/** A chat has one mute a rule: a later one takes its place. */
export async function mute(
  db: Db,
  { address, title, kind, mute: { rule, untilMs, by }, byId = '', nowMs }: NewMute,
): Promise<void> {
  const destinationId = await upsertDestination(db, address, { title, kind }, nowMs);
  const data = { untilMs: toBig(untilMs), by, byId, createdAtMs: toBig(nowMs) };
  await db.mute.upsert({
    where: { destinationId_rule: { destinationId, rule } },
    create: { destinationId, rule, ...data },
    update: data,
  });
}

/**
 * What is lifted ended long ago from now on, as if by itself: the next `tellLate` tells what was missed, and clears it.
 * @returns how many mutes were lifted, and pauses with them where every rule is meant.
 */
export async function unmute(db: Db, address: Address, rule: string | null): Promise<number> {
  const destination = addressKey(address);
  const { count: mutes } = await db.mute.updateMany({
    where: { destination, untilMs: { gt: 0n }, ...(rule === null ? {} : { rule }) },
    data: { untilMs: 0n },
  });
  if (rule !== null) return mutes;
  const { count: pauses } = await db.subscription.updateMany({
    where: { destination, pausedUntilMs: { gt: 0n } },
    data: { pausedUntilMs: 0n },
  });
  return mutes + pauses;
}
