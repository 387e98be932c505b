import { beatHours } from '../lib/beatHours.ts';
import type { RegistryEvent } from '../lib/facts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { fromBigOrNull } from './numbers.ts';

interface HourSum {
  nodeId: number;
  hour: number;
  beats: number;
  coveredSeconds: number;
  activeSeconds: number;
}

/**
 * Adds heartbeats (and registrations, which count as one) to the hours of their nodes. A teeId without a record
 * yet is left out: its node is not known, and its first beat after the next registry read starts the count.
 * Nothing is added to the hours of a node before its `fromHour`: those are counted already.
 * @returns each node's newest heartbeat.
 */
export async function foldBeats(
  db: Db,
  dialect: Dialect,
  events: readonly RegistryEvent[],
  heartbeatMaxAgeSeconds: number,
  fromHour: ReadonlyMap<number, number> = new Map(),
): Promise<ReadonlyMap<number, number | null>> {
  const beats = events.filter(({ kind, teeId }) => teeId !== null && (kind === 'heartbeat' || kind === 'registered'));
  if (beats.length === 0) return new Map();
  const owners = await nodesOf(db, dialect, [...new Set(beats.map(({ teeId }) => teeId as string))]);
  const last = new Map([...owners.values()].map(({ nodeId, lastBeatAtSeconds }) => [nodeId, lastBeatAtSeconds]));
  const sums = new Map<string, HourSum>();
  for (const { teeId, kind, blockTimestampSeconds: at } of beats) {
    const nodeId = owners.get(teeId as string)?.nodeId;
    if (nodeId === undefined) continue;
    const previous = last.get(nodeId) ?? null;
    if (kind === 'heartbeat')
      add(sums, { nodeId, hour: Math.floor(at / 3600), beats: 1, coveredSeconds: 0, activeSeconds: 0 });
    if (previous !== null) {
      for (const part of beatHours(previous, at, heartbeatMaxAgeSeconds)) add(sums, { nodeId, beats: 0, ...part });
    }
    last.set(nodeId, previous === null ? at : Math.max(previous, at));
  }
  const open = [...sums.values()].filter(({ nodeId, hour }) => hour >= (fromHour.get(nodeId) ?? 0));
  await addToHours(db, dialect, open);
  const newest = [...last].map(([id, beat]) => ({ id, beat }));
  await db.$executeRaw(sql`UPDATE "Node" SET "lastBeatAtSeconds" = r."beat"
    FROM ${jsonRows(dialect, newest, { id: 'int', beat: 'bigint' })} AS r WHERE "Node"."id" = r."id"`);
  return last;
}

async function nodesOf(db: Db, dialect: Dialect, teeIds: string[]) {
  const rows = await db.$queryRaw<{ teeId: string; nodeId: number | bigint; lastBeatAtSeconds: bigint | null }[]>(
    sql`SELECT t."teeId", t."nodeId", n."lastBeatAtSeconds"
        FROM ${jsonRows(
          dialect,
          teeIds.map((teeId) => ({ teeId })),
          { teeId: 'text' },
        )} AS r
        JOIN "TeeRecord" t ON t."teeId" = r."teeId" JOIN "Node" n ON n."id" = t."nodeId"`,
  );
  return new Map(
    rows.map(({ teeId, nodeId, lastBeatAtSeconds }) => [
      teeId,
      {
        nodeId: Number(nodeId),
        lastBeatAtSeconds: fromBigOrNull(lastBeatAtSeconds === null ? null : BigInt(lastBeatAtSeconds)),
      },
    ]),
  );
}

function add(sums: Map<string, HourSum>, part: HourSum): void {
  const key = `${part.nodeId}/${part.hour}`;
  const sum = sums.get(key);
  if (sum === undefined) {
    sums.set(key, { ...part });
    return;
  }
  sum.beats += part.beats;
  sum.coveredSeconds += part.coveredSeconds;
  sum.activeSeconds += part.activeSeconds;
}

async function addToHours(db: Db, dialect: Dialect, sums: HourSum[]): Promise<void> {
  if (sums.length === 0) return;
  const columns = { nodeId: 'int', hour: 'int', beats: 'int', coveredSeconds: 'int', activeSeconds: 'int' } as const;
  await db.$executeRaw(sql`INSERT INTO "NodeHour" ("nodeId", "hour", "beats", "coveredSeconds", "activeSeconds")
    SELECT r."nodeId", r."hour", r."beats", r."coveredSeconds", r."activeSeconds"
    FROM ${jsonRows(dialect, sums, columns)} AS r WHERE true
    ON CONFLICT ("nodeId", "hour") DO UPDATE SET "beats" = "NodeHour"."beats" + excluded."beats",
      "coveredSeconds" = "NodeHour"."coveredSeconds" + excluded."coveredSeconds",
      "activeSeconds" = "NodeHour"."activeSeconds" + excluded."activeSeconds"`);
}
