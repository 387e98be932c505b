import type { BlockRef } from '../lib/facts.ts';
import { nodeKey } from '../lib/nodeKey.ts';
import { addCheckpoints, dropCheckpointsAbove, forgetCheckpoints, readCheckpoints } from './checkpoints.ts';
import type { OpenClient } from './client.ts';
import { readCursor, writeCursor } from './cursors.ts';
import { FactsCache } from './factsCache.ts';
import { foldBeats } from './foldBeats.ts';
import { jsonRows, raw, sql } from './jsonRows.ts';
import { toEvent } from './nodeRows.ts';
import { toBig } from './numbers.ts';
import { saveProbeRows } from './probeRows.ts';
import type { NodeRepository, RegistryId } from './store.ts';
import { takeBack } from './takeBack.ts';
import type { Writer } from './writer.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const RECORD_COLUMNS = {
  key: 'text',
  teeId: 'text',
  owner: 'text',
  paymentAddress: 'text',
  endpoint: 'text',
  publicKeyDer: 'bytes',
  tlsCertificateDer: 'bytes',
  pcrHash: 'text',
  teeType: 'int',
  enabled: 'bool',
  registeredAtSeconds: 'bigint',
  lastHeartbeatAtSeconds: 'bigint',
  layout: 'int',
  ohttp: 'bool',
} as const;

const EVENT_COLUMNS = {
  kind: 'text',
  blockNumber: 'bigint',
  logIndex: 'int',
  blockTimestampSeconds: 'bigint',
  txHash: 'text',
  teeId: 'text',
  pcrHash: 'text',
  teeType: 'int',
  owner: 'text',
  signedAtSeconds: 'bigint',
} as const;

const list = (names: readonly string[], prefix = ''): string => names.map((name) => `${prefix}"${name}"`).join(', ');

/** Rows a statement: keeps one JSON parameter within a few megabytes. */
const PORTION = 5_000;

export function createNodes({ prisma, dialect }: OpenClient, write: Writer, only: RegistryId | null): NodeRepository {
  const cache = new FactsCache(prisma, only);

  return {
    facts: () => cache.get(),

    async saveSnapshot(snapshot, readAtMs) {
      const { records, registry, block } = snapshot;
      const rows = records.map((record) => ({
        ...record,
        key: nodeKey(record.endpoint, record.teeId),
        owner: record.owner.toLowerCase(),
        publicKeyDer: hex(record.publicKeyDer),
        tlsCertificateDer: hex(record.tlsCertificateDer),
      }));
      const state = {
        chainId: snapshot.chainId,
        ...blockColumns(block),
        readAtMs: toBig(readAtMs),
        heartbeatMaxAgeSeconds: snapshot.heartbeatMaxAgeSeconds,
        types: JSON.stringify(snapshot.types),
        approvedPcrs: snapshot.approvedPcrs === null ? null : JSON.stringify(snapshot.approvedPcrs),
      };
      const columns = Object.keys(RECORD_COLUMNS).filter((name) => name !== 'key');
      const updates = ['nodeId', 'registry', ...columns.filter((name) => name !== 'teeId')];
      await write(async (db) => {
        await db.registryState.upsert({ where: { registry }, create: { registry, ...state }, update: state });
        if (rows.length === 0) return;
        await db.$executeRaw(sql`INSERT INTO "Node" ("key", "firstSeenAtMs")
          SELECT DISTINCT r."key", CAST(${toBig(readAtMs)} AS BIGINT) FROM ${jsonRows(dialect, rows, { key: 'text' })} AS r WHERE true
          ON CONFLICT ("key") DO NOTHING`);
        await db.$executeRaw(sql`INSERT INTO "TeeRecord" ("nodeId", "registry", ${raw(list(columns))})
          SELECT n."id", ${registry}, ${raw(list(columns, 'r.'))}
          FROM ${jsonRows(dialect, rows, RECORD_COLUMNS)} AS r JOIN "Node" n ON n."key" = r."key" WHERE true
          ON CONFLICT ("teeId") DO UPDATE SET ${raw(updates.map((name) => `"${name}" = excluded."${name}"`).join(', '))}`);
      });
      cache.snapshotSaved(snapshot, readAtMs);
    },

    async touch(registry, block, readAtMs) {
      const data = { ...blockColumns(block), readAtMs: toBig(readAtMs) };
      await write((db) => db.registryState.updateMany({ where: { registry }, data }));
      cache.touched(registry, block, readAtMs);
    },

    async chainOf(registry) {
      const row = await prisma.registryState.findUnique({ where: { registry }, select: { chainId: true } });
      return row?.chainId ?? null;
    },

    cursor: (name) => readCursor(prisma, name),

    checkpoints: (cursorName) => readCheckpoints(prisma, cursorName),

    async addCheckpoints(cursorName, blocks) {
      await write((db) => addCheckpoints(db, cursorName, blocks));
    },

    async saveEvents(registry, events, cursor, heartbeatMaxAgeSeconds) {
      const newest = await write(async (db) => {
        const before = await readCursor(db, cursor.name);
        // What lies at or below the cursor is stored and folded already: a repeat changes nothing.
        const fresh = events.filter((event) => before === null || event.blockNumber > before.block.number);
        const columns = Object.keys(EVENT_COLUMNS);
        for (let at = 0; at < fresh.length; at += PORTION) {
          const rows = fresh.slice(at, at + PORTION);
          await db.$executeRaw(sql`INSERT INTO "RegistryEvent" ("registry", ${raw(list(columns))})
            SELECT ${registry}, ${raw(list(columns, 'r.'))} FROM ${jsonRows(dialect, rows, EVENT_COLUMNS)} AS r WHERE true
            ON CONFLICT ("registry", "blockNumber", "logIndex") DO NOTHING`);
        }
        const beats = await foldBeats(db, dialect, fresh, heartbeatMaxAgeSeconds);
        if (before === null || cursor.block.number > before.block.number) {
          await writeCursor(db, cursor);
          await addCheckpoints(db, cursor.name, [cursor.block]);
        }
        return beats;
      });
      cache.beatsFolded(newest);
    },

    async rewind(registry, cursor, heartbeatMaxAgeSeconds) {
      await write(async (db) => {
        await takeBack(db, dialect, registry, cursor.block, heartbeatMaxAgeSeconds);
        await writeCursor(db, cursor);
        await dropCheckpointsAbove(db, cursor.name, cursor.block);
      });
      cache.drop();
    },

    async forgetChain(registry, cursorName, fromHour) {
      await write(async (db) => {
        await db.registryEvent.deleteMany({ where: { registry } });
        // What was folded from it would be counted again, and its records do not exist any more.
        const nodes = await db.teeRecord.findMany({ where: { registry }, select: { nodeId: true } });
        const nodeIds = [...new Set(nodes.map(({ nodeId }) => nodeId))];
        await db.nodeHour.updateMany({
          where: { nodeId: { in: nodeIds }, hour: { gte: fromHour } },
          data: { beats: 0, coveredSeconds: 0, activeSeconds: 0 },
        });
        await db.node.updateMany({ where: { id: { in: nodeIds } }, data: { lastBeatAtSeconds: null } });
        await db.teeRecord.deleteMany({ where: { registry } });
        await db.registryState.deleteMany({ where: { registry } });
        await db.cursor.deleteMany({ where: { name: cursorName } });
        await forgetCheckpoints(db, cursorName);
      });
      cache.drop();
    },

    async events({ teeIds, kinds, limit, sinceSeconds }) {
      const rows = await prisma.registryEvent.findMany({
        where: {
          ...(teeIds ? { teeId: { in: teeIds } } : {}),
          ...(kinds ? { kind: { in: kinds } } : {}),
          ...(sinceSeconds === undefined ? {} : { blockTimestampSeconds: { gte: toBig(sinceSeconds) } }),
        },
        orderBy: [{ blockNumber: 'desc' }, { logIndex: 'desc' }],
        take: limit,
      });
      return rows.map(toEvent);
    },

    async saveProbes(results) {
      if (results.length === 0) return;
      await write((db) => saveProbeRows(db, dialect, results));
      cache.probesSaved(results);
    },
  };
}

const blockColumns = (block: BlockRef) => ({
  blockNumber: block.number,
  blockHash: block.hash,
  blockTimestampSeconds: toBig(block.timestampSeconds),
});
