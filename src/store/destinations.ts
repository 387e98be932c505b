import type { Address, PlatformName } from '../lib/delivery.ts';
import type { Db, PrismaDb } from './client.ts';
import { fromBig, fromBigOrNull, toBig, toBigOrNull } from './numbers.ts';
import type { ChatKind, ChatSettings, DigestEvery, ResolveStyle, StoredDestination } from './store.ts';

export type DestinationRow = NonNullable<Awaited<ReturnType<PrismaDb['destination']['findUnique']>>>;

/** States of deliveries that are still to come to their end. */
const OPEN_STATES = ['held', 'pending', 'sending'];

export const addressKey = ({ platform, chatId, threadId }: Address) => ({ platform, chatId, threadId: threadId ?? '' });

export const toDestination = (row: DestinationRow): StoredDestination => ({
  id: row.id,
  address: {
    platform: row.platform as PlatformName,
    chatId: row.chatId,
    threadId: row.threadId === '' ? null : row.threadId,
  },
  title: row.title,
  kind: row.kind as ChatKind,
  state: row.state === 'dead' ? 'dead' : 'active',
  deadReason: row.deadReason,
  settings: {
    timeZone: row.timeZone,
    locale: row.locale,
    quiet:
      row.quietFromMinute === null || row.quietToMinute === null
        ? null
        : { fromMinute: row.quietFromMinute, toMinute: row.quietToMinute, criticalPasses: row.quietCritical },
    resolveStyle: row.resolveStyle as ResolveStyle,
    digest: row.digest as DigestEvery,
    digestMinute: row.digestMinute,
    escalation:
      row.escalateSeconds === null
        ? null
        : { afterSeconds: row.escalateSeconds, mention: row.escalateMention, toId: row.escalateToId },
  },
  quietUntil:
    row.quietFromMs === null || row.quietToMs === null
      ? null
      : { fromMs: fromBig(row.quietFromMs), toMs: fromBig(row.quietToMs) },
  nextDigestAtMs: fromBigOrNull(row.nextDigestAtMs),
});

interface Timing {
  settings: Partial<ChatSettings>;
  quietUntil?: { fromMs: number; toMs: number } | null;
  nextDigestAtMs?: number | null;
}

/** The columns to write; what is not named stays as it is. What is switched off leaves no moment behind. */
export function settingColumns({ settings, quietUntil, nextDigestAtMs }: Timing) {
  const { quiet, escalation, ...plain } = settings;
  const stretch = quiet === null ? null : quietUntil;
  const digestAtMs = settings.digest === 'off' ? null : nextDigestAtMs;
  return {
    ...plain,
    ...(quiet === undefined
      ? {}
      : {
          quietFromMinute: quiet?.fromMinute ?? null,
          quietToMinute: quiet?.toMinute ?? null,
          quietCritical: quiet?.criticalPasses ?? true,
        }),
    ...(stretch === undefined
      ? {}
      : { quietFromMs: toBigOrNull(stretch?.fromMs ?? null), quietToMs: toBigOrNull(stretch?.toMs ?? null) }),
    ...(digestAtMs === undefined ? {} : { nextDigestAtMs: toBigOrNull(digestAtMs) }),
    ...(escalation === undefined
      ? {}
      : {
          escalateSeconds: escalation?.afterSeconds ?? null,
          escalateMention: escalation?.mention ?? '',
          escalateToId: escalation?.toId ?? null,
        }),
  };
}

/**
 * The destination, made when missing and revived when dead.
 * @param about null: what it has stays, and a new one is a channel without a title.
 * @returns its id.
 */
export async function upsertDestination(
  db: Db,
  address: Address,
  about: { title: string; kind: ChatKind } | null,
  nowMs: number,
): Promise<number> {
  const key = addressKey(address);
  const described = about === null ? {} : { title: about.title, kind: about.kind };
  const { id } = await db.destination.upsert({
    where: { platform_chatId_threadId: key },
    create: { ...key, title: '', ...described, createdAtMs: toBig(nowMs) },
    update: { ...described, state: 'active', deadReason: null },
    select: { id: true },
  });
  return id;
}

/** Nothing is sent there any more, also not what was held or waited. */
export async function markDestinationsDead(db: Db, ids: number[], reason: string): Promise<void> {
  await db.destination.updateMany({ where: { id: { in: ids } }, data: { state: 'dead', deadReason: reason } });
  await db.delivery.updateMany({
    where: { destinationId: { in: ids }, state: { in: OPEN_STATES } },
    data: { state: 'dead', error: reason },
  });
}
