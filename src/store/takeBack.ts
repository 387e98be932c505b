import type { BlockRef, Hex, RegistryEvent } from '../lib/facts.ts';
import type { Db, Dialect } from './client.ts';
import { foldBeats } from './foldBeats.ts';
import { toEvent } from './nodeRows.ts';
import { fromBig, toBig } from './numbers.ts';

/** What counts as a sign of life when heartbeats are folded. */
const BEATS = { kind: { in: ['heartbeat', 'registered'] } };

/**
 * Takes back what the registry's logs after a block left behind: the logs, what was folded of them into hours, and the
 * registrations of that time. The hours are counted anew from the heartbeats that remain, so the block must not be older
 * than heartbeats are kept.
 */
export async function takeBack(
  db: Db,
  dialect: Dialect,
  registry: Hex,
  block: BlockRef,
  heartbeatMaxAgeSeconds: number,
): Promise<void> {
  const after = { registry, blockNumber: { gt: block.number } };
  const taken = await db.registryEvent.findMany({ where: { ...after, ...BEATS } });
  await db.registryEvent.deleteMany({ where: after });
  const nodeOf = await nodesOf(db, [...new Set(taken.flatMap(({ teeId }) => teeId ?? []))]);
  const again: RegistryEvent[] = [];
  const fromHour = new Map<number, number>();
  for (const [nodeId, teeIds] of Map.groupBy(nodeOf.keys(), (teeId) => nodeOf.get(teeId) as number)) {
    const moments = taken.flatMap((event) =>
      teeIds.includes(event.teeId ?? '') ? fromBig(event.blockTimestampSeconds) : [],
    );
    const where = { teeId: { in: teeIds }, ...BEATS };
    const newestFirst = { blockTimestampSeconds: 'desc' } as const;
    const newest = await db.registryEvent.findFirst({ where, orderBy: newestFirst });
    // What was taken back reached from the newest beat that remains into the hours after it, and no further back.
    const hour = Math.floor((newest ? fromBig(newest.blockTimestampSeconds) : Math.min(...moments)) / 3600);
    const since = toBig(hour * 3600);
    const before = await db.registryEvent.findFirst({
      where: { ...where, blockTimestampSeconds: { lt: since } },
      orderBy: newestFirst,
    });
    const rest = await db.registryEvent.findMany({
      where: { ...where, blockTimestampSeconds: { gte: since } },
      orderBy: [{ blockNumber: 'asc' }, { logIndex: 'asc' }],
    });
    again.push(...rest.map(toEvent));
    fromHour.set(nodeId, hour);
    await db.nodeHour.updateMany({
      where: { nodeId, hour: { gte: hour } },
      data: { beats: 0, coveredSeconds: 0, activeSeconds: 0 },
    });
    await db.node.update({
      where: { id: nodeId },
      data: { lastBeatAtSeconds: before?.blockTimestampSeconds ?? null },
    });
  }
  await foldBeats(db, dialect, again, heartbeatMaxAgeSeconds, fromHour);
  await db.teeRecord.deleteMany({
    where: { registry, registeredAtSeconds: { gt: toBig(block.timestampSeconds) } },
  });
}

/** Every registration of the nodes that these belong to. */
async function nodesOf(db: Db, teeIds: string[]): Promise<Map<string, number>> {
  const named = await db.teeRecord.findMany({ where: { teeId: { in: teeIds } }, select: { nodeId: true } });
  const nodeIds = [...new Set(named.map(({ nodeId }) => nodeId))];
  const all = await db.teeRecord.findMany({
    where: { nodeId: { in: nodeIds } },
    select: { teeId: true, nodeId: true },
  });
  return new Map(all.map(({ teeId, nodeId }) => [teeId, nodeId]));
}
