// node test/bench/fanOutProcess.ts <dialect> <way> <chats>: one fan-out on a new database; prints a FanOut as JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Dialect } from '../../src/store/client.ts';
import { openClient } from '../../src/store/client.ts';
import type { IncidentChange, Store } from '../../src/store/store.ts';
import { type DatabaseRig, startDatabases } from '../rigs/store.ts';
import { quantileOf } from './figures.ts';

/** By the store as the bot does it, or by the ORM's calls on the same tables. */
export type Way = 'store' | 'prisma';

export interface FanOut {
  firedMs: number;
  /** From before to the highest meanwhile. */
  grewMb: number;
  /** The following only of the store. */
  claimed: number;
  claimMs: number;
  resolvedMs: number;
}

const FIRED_AT_MS = 1_800_000_000_000;
const CLAIM = 16;
const CLAIMS = 20;

const view = { title: 'Node silent', tone: 'down' as const, lines: ['It is silent.'], asOf: null, sources: [] };

const INCIDENT: IncidentChange['incident'] = {
  id: null,
  rule: 'node.heartbeat',
  subject: 'node:1',
  state: 'firing',
  severity: 'warning',
  level: 'missed',
  family: 'node',
  nodeId: 1,
  owner: '0xaa',
  value: 5,
  topics: [],
  unstable: false,
  inhibitedBy: null,
  sinceSeconds: FIRED_AT_MS / 1000,
  clearSinceSeconds: null,
  firedAtMs: FIRED_AT_MS,
  resolvedAtMs: null,
  updatedAtMs: FIRED_AT_MS,
  detail: {},
};

/** So many chats with a subscription to all nodes each, and the statistics that a database has which runs for longer. */
async function seed(rig: DatabaseRig, url: string, chats: number): Promise<void> {
  await (await rig.open(url)).close();
  const { prisma } = openClient(url);
  await prisma.$executeRawUnsafe(`INSERT INTO "Destination" ("platform", "chatId", "title", "createdAtMs")
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${chats})
    SELECT 'telegram', CAST(i AS TEXT), 'chat', 0 FROM n`);
  await prisma.$executeRawUnsafe(`INSERT INTO "Subscription" ("destinationId", "family", "scope", "subject", "createdBy",
    "createdAtMs") SELECT "id", 'node', 'all', '', 'bench', 0 FROM "Destination"`);
  // SQLite has none in the bot either: nothing there asks for them.
  if (rig.dialect === 'postgresql') await prisma.$executeRawUnsafe('VACUUM ANALYZE');
  await prisma.$disconnect();
}

const memoryMb = (what: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;

async function timed(job: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await job();
  return performance.now() - startedAt;
}

/** Also by how much the process grew at the highest; Linux begins to count anew at the 5. */
async function measured(job: () => Promise<unknown>): Promise<Pick<FanOut, 'firedMs' | 'grewMb'>> {
  writeFileSync('/proc/self/clear_refs', '5');
  const before = memoryMb('VmRSS');
  const firedMs = await timed(job);
  return { firedMs, grewMb: Math.round(memoryMb('VmHWM') - before) };
}

async function byStore(rig: DatabaseRig, url: string, chats: number): Promise<FanOut> {
  const store = await rig.open(url);
  const fired = await measured(() =>
    store.incidents.apply([{ incident: INCIDENT, event: { kind: 'fired', view } }], FIRED_AT_MS),
  );
  const claims: number[] = [];
  let claimed = 0;
  for (let nth = 0; nth < CLAIMS; nth += 1) {
    claims.push(
      await timed(async () => {
        claimed = (await store.deliveries.claim('telegram', CLAIM, FIRED_AT_MS)).length;
      }),
    );
  }
  await rig.query(url, `UPDATE "Delivery" SET "state" = 'sent', "groupId" = "id", "messageId" = CAST("id" AS TEXT)`);
  const resolvedMs = await timed(() => resolve(store));
  const { count } = await store.deliveries.backlog();
  if (count !== chats) throw new Error(`${count} ends are queued`);
  return { ...fired, claimed, claimMs: quantileOf(claims, 0.5), resolvedMs };
}

async function resolve(store: Store): Promise<void> {
  const [open] = await store.incidents.open();
  if (open === undefined) throw new Error('nothing is open');
  const atMs = FIRED_AT_MS + 600_000;
  const incident = { ...open, state: 'resolved' as const, resolvedAtMs: atMs };
  await store.incidents.apply([{ incident, event: { kind: 'resolved', view } }], atMs);
}

/** What somebody would write with an ORM and no SQL: read who wants it, write what they get, in one transaction. */
async function byPrisma(url: string): Promise<FanOut> {
  const { prisma } = openClient(url);
  const createdAtMs = BigInt(FIRED_AT_MS);
  const run = () =>
    prisma.$transaction(
      async (db) => {
        const { id: incidentId } = await db.incident.create({
          data: {
            ...{ rule: 'node.heartbeat', subject: 'node:1', openKey: 'node.heartbeat|node:1', state: 'firing' },
            ...{ severity: 'warning', severityRank: 1, level: 'missed', family: 'node', nodeId: 1, owner: '0xaa' },
            ...{ value: 5, sinceSeconds: 0n, firedAtMs: createdAtMs, updatedAtMs: createdAtMs, detail: '{}' },
          },
        });
        const { id: eventId } = await db.incidentEvent.create({
          data: { incidentId, kind: 'fired', atMs: createdAtMs, view: JSON.stringify(view) },
        });
        const wanting = await db.subscription.findMany({
          where: { family: 'node', scope: 'all', destination: { state: 'active' } },
          include: { destination: true },
        });
        const nextReminderAtMs = createdAtMs + 1n;
        await db.notice.createMany({
          data: wanting.map(({ destinationId }) => ({
            incidentId,
            destinationId,
            toldAtMs: createdAtMs,
            nextReminderAtMs,
          })),
        });
        await db.delivery.createMany({
          data: wanting.map(({ destinationId, mention }) => ({
            ...{ eventId, destinationId, mention, createdAtMs, nextAttemptAtMs: createdAtMs },
            ...{ mode: 'send', state: 'pending', priority: 1, groupKey: 'node.heartbeat|fired|warning' },
          })),
        });
      },
      { timeout: 300_000 },
    );
  try {
    return { ...(await measured(run)), claimed: 0, claimMs: 0, resolvedMs: 0 };
  } finally {
    await prisma.$disconnect();
  }
}

const [dialect, way, chats] = process.argv.slice(2);
const rig = await startDatabases(dialect as Dialect, { durable: true });
try {
  const url = await rig.emptyDatabase();
  await seed(rig, url, Number(chats));
  const result = (way as Way) === 'store' ? await byStore(rig, url, Number(chats)) : await byPrisma(url);
  process.stdout.write(JSON.stringify(result));
} finally {
  await rig.close();
}
