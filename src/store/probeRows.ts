import type { ProbeResult } from '../lib/facts.ts';
import { addValue } from '../lib/histogram.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, raw, sql } from './jsonRows.ts';

const COLUMNS = {
  teeId: 'text',
  endpoint: 'text',
  atMs: 'bigint',
  outcome: 'text',
  detail: 'text',
  latencyMs: 'real',
  certificateMatches: 'bool',
  certificateExpiresAtSeconds: 'bigint',
  identityMatches: 'bool',
  priceAgeSeconds: 'bigint',
  heartbeatErrors: 'int',
  heartbeatLastError: 'text',
} as const;

/** The same record at the same node came to the same end: its streak goes on. */
const GOES_ON = `"ProbeLatest"."outcome" = excluded."outcome" AND "ProbeLatest"."nodeId" = excluded."nodeId"`;

/** Stores one round of probes: the newest of each record with its streak, the raw sample, the hour's roll-up. */
export async function saveProbeRows(db: Db, dialect: Dialect, results: readonly ProbeResult[]): Promise<void> {
  const columns = Object.keys(COLUMNS);
  const names = (prefix = '') => raw(columns.map((name) => `${prefix}"${name}"`).join(', '));
  const updates = columns.filter((name) => name !== 'teeId').map((name) => `"${name}" = excluded."${name}"`);
  await db.$executeRaw(sql`INSERT INTO "ProbeLatest" ("nodeId", "streak", "streakSinceMs", ${names()})
    SELECT t."nodeId", 1, r."atMs", ${names('r.')} FROM ${jsonRows(dialect, results, COLUMNS)} AS r
    JOIN "TeeRecord" t ON t."teeId" = r."teeId" WHERE true
    ON CONFLICT ("teeId") DO UPDATE SET "nodeId" = excluded."nodeId",
      "streak" = CASE WHEN ${raw(GOES_ON)} THEN "ProbeLatest"."streak" + 1 ELSE 1 END,
      "streakSinceMs" = CASE WHEN ${raw(GOES_ON)} THEN "ProbeLatest"."streakSinceMs" ELSE excluded."atMs" END,
      ${raw(updates.join(', '))}`);
  const asked = results.filter(({ outcome }) => outcome !== 'not-asked');
  if (asked.length === 0) return;
  const sample = { teeId: 'text', atMs: 'bigint', outcome: 'text', latencyMs: 'real' } as const;
  await db.$executeRaw(sql`INSERT INTO "ProbeSample" ("nodeId", "atMs", "outcome", "latencyMs")
    SELECT t."nodeId", r."atMs", r."outcome", r."latencyMs" FROM ${jsonRows(dialect, asked, sample)} AS r
    JOIN "TeeRecord" t ON t."teeId" = r."teeId"`);
  await addToHours(db, dialect, asked);
}

interface HourProbes {
  nodeId: number;
  hour: number;
  probes: number;
  reached: number;
  latencyHistogram: Uint8Array | null;
}

async function addToHours(db: Db, dialect: Dialect, results: readonly ProbeResult[]): Promise<void> {
  const records = await db.teeRecord.findMany({
    where: { teeId: { in: results.map(({ teeId }) => teeId) } },
    select: { teeId: true, nodeId: true },
  });
  const nodeOf = new Map(records.map(({ teeId, nodeId }) => [teeId, nodeId]));
  const hours = [...new Set(results.map(({ atMs }) => Math.floor(atMs / 3_600_000)))];
  const stored = await db.nodeHour.findMany({
    where: { hour: { in: hours }, nodeId: { in: [...new Set(nodeOf.values())] } },
    select: { nodeId: true, hour: true, latencyHistogram: true },
  });
  const sums = new Map<string, HourProbes>(
    stored.map((row) => [`${row.nodeId}/${row.hour}`, { ...row, probes: 0, reached: 0 }]),
  );
  for (const { teeId, atMs, outcome, latencyMs } of results) {
    const nodeId = nodeOf.get(teeId);
    if (nodeId === undefined) continue;
    const hour = Math.floor(atMs / 3_600_000);
    const sum = sums.get(`${nodeId}/${hour}`) ?? { nodeId, hour, probes: 0, reached: 0, latencyHistogram: null };
    sums.set(`${nodeId}/${hour}`, sum);
    sum.probes += 1;
    if (outcome === 'ok') sum.reached += 1;
    if (latencyMs !== null) sum.latencyHistogram = addValue(sum.latencyHistogram, latencyMs);
  }
  const rows = [...sums.values()].map((sum) => ({
    ...sum,
    latencyHistogram: sum.latencyHistogram === null ? null : Buffer.from(sum.latencyHistogram).toString('hex'),
  }));
  const columns = { nodeId: 'int', hour: 'int', probes: 'int', reached: 'int', latencyHistogram: 'bytes' } as const;
  await db.$executeRaw(sql`INSERT INTO "NodeHour" ("nodeId", "hour", "probes", "reached", "latencyHistogram")
    SELECT r."nodeId", r."hour", r."probes", r."reached", r."latencyHistogram"
    FROM ${jsonRows(dialect, rows, columns)} AS r WHERE true
    ON CONFLICT ("nodeId", "hour") DO UPDATE SET "probes" = "NodeHour"."probes" + excluded."probes",
      "reached" = "NodeHour"."reached" + excluded."reached", "latencyHistogram" = excluded."latencyHistogram"`);
}
