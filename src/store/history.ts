import type { OpenClient } from './client.ts';
import { join, jsonArrays, jsonRows, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { purgeGovernance } from './purgeGovernance.ts';
import { purgeProofs } from './purgeProofs.ts';
import type { HistoryRepository } from './store.ts';
import type { Writer } from './writer.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SAMPLE_HOURS = 48;
const ROLLUP_DAYS = 400;
const HEARTBEAT_DAYS = 30;
const USE_DAYS = 30;
const DELIVERY_DAYS = 30;

const HOUR_COLUMNS = {
  nodeId: 'int',
  hour: 'int',
  beats: 'int',
  coveredSeconds: 'int',
  activeSeconds: 'int',
  probes: 'int',
  reached: 'int',
  latencyHistogram: 'bytes',
} as const;

type HourRow = [number, number, number, number, number, number, number, string | null];

/** Rows a statement while importing. */
const PORTION = 20_000;

export function createHistory({ prisma, dialect }: OpenClient, write: Writer): HistoryRepository {
  return {
    async hours({ nodeIds, fromHour, toHour }) {
      const wanted = sql`SELECT * FROM "NodeHour"
        WHERE "nodeId" IN (${join(nodeIds.length > 0 ? nodeIds : [-1])}) AND "hour" BETWEEN ${fromHour} AND ${toHour}`;
      const [found] = await prisma.$queryRaw<{ rows: string }[]>(
        jsonArrays(dialect, wanted, HOUR_COLUMNS, ['nodeId', 'hour']),
      );
      return (JSON.parse(found?.rows ?? '[]') as HourRow[]).map(
        ([nodeId, hour, beats, coveredSeconds, activeSeconds, probes, reached, histogram]) => ({
          nodeId,
          hour,
          beats,
          coveredSeconds,
          activeSeconds,
          probes,
          reached,
          latencyHistogram: histogram ? new Uint8Array(Buffer.from(histogram, 'hex')) : null,
        }),
      );
    },

    async addHours(rows) {
      for (let at = 0; at < rows.length; at += PORTION) {
        const portion = rows.slice(at, at + PORTION).map((row) => ({
          ...row,
          latencyHistogram: row.latencyHistogram && Buffer.from(row.latencyHistogram).toString('hex'),
        }));
        await write((db) =>
          db.$executeRaw(sql`INSERT INTO "NodeHour" ("nodeId", "hour", "beats", "coveredSeconds",
              "activeSeconds", "probes", "reached", "latencyHistogram")
            SELECT r."nodeId", r."hour", r."beats", r."coveredSeconds", r."activeSeconds", r."probes", r."reached",
              r."latencyHistogram"
            FROM ${jsonRows(dialect, portion, HOUR_COLUMNS)} AS r WHERE true
            ON CONFLICT ("nodeId", "hour") DO NOTHING`),
        );
      }
    },

    async purge(nowMs) {
      await write(async (db) => {
        await db.probeSample.deleteMany({ where: { atMs: { lt: toBig(nowMs - SAMPLE_HOURS * HOUR_MS) } } });
        await db.registryEvent.deleteMany({
          where: {
            kind: 'heartbeat',
            blockTimestampSeconds: { lt: toBig(nowMs / 1000 - HEARTBEAT_DAYS * 86_400) },
          },
        });
        // How often and when a model was used stays with its blob.
        await db.modelUse.deleteMany({
          where: { blockTimestampSeconds: { lt: toBig(nowMs / 1000 - USE_DAYS * 86_400) } },
        });
        const resolved = { state: 'resolved' };
        const old = { createdAtMs: { lt: toBig(nowMs - DELIVERY_DAYS * DAY_MS) } };
        await db.delivery.deleteMany({ where: { ...old, event: { incident: resolved } } });
        // Digests: about no incident.
        await db.delivery.deleteMany({ where: { ...old, eventId: null } });
        // Notices, events and deliveries go with their incident.
        await db.incident.deleteMany({
          where: { ...resolved, resolvedAtMs: { lt: toBig(nowMs - ROLLUP_DAYS * DAY_MS) } },
        });
        const past = { lte: toBig(nowMs) };
        await db.mute.deleteMany({ where: { untilMs: past } });
        await db.linkCode.deleteMany({ where: { expiresAtMs: past } });
        await db.nodeHour.deleteMany({ where: { hour: { lt: Math.floor(nowMs / HOUR_MS) - ROLLUP_DAYS * 24 } } });
      });
      await purgeProofs(write, nowMs);
      await purgeGovernance(write, nowMs);
    },
  };
}
