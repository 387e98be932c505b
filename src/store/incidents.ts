import type { Db, OpenClient, PrismaDb } from './client.ts';
import { fromBig, fromBigOrNull, toBig, toBigOrNull } from './numbers.ts';
import { queueDeliveries } from './queueDeliveries.ts';
import type { IncidentChange, IncidentRepository, IncidentState, Severity, StoredIncident } from './store.ts';
import type { Writer } from './writer.ts';

type Row = NonNullable<Awaited<ReturnType<PrismaDb['incident']['findFirst']>>>;

const toIncident = (row: Row): StoredIncident => ({
  id: row.id,
  rule: row.rule,
  subject: row.subject,
  state: row.state as IncidentState,
  severity: row.severity as Severity,
  level: row.level,
  family: row.family,
  nodeId: row.nodeId,
  owner: row.owner,
  sinceSeconds: fromBig(row.sinceSeconds),
  clearSinceSeconds: fromBigOrNull(row.clearSinceSeconds),
  firedAtMs: fromBigOrNull(row.firedAtMs),
  resolvedAtMs: fromBigOrNull(row.resolvedAtMs),
  updatedAtMs: fromBig(row.updatedAtMs),
  detail: JSON.parse(row.detail) as Record<string, unknown>,
});

const toRow = ({ id: _, ...incident }: IncidentChange['incident'], nowMs: number) => ({
  ...incident,
  // One open incident a rule and subject: the unique key holds it even against a second process.
  openKey: incident.state === 'resolved' ? null : `${incident.rule}|${incident.subject}`,
  sinceSeconds: toBig(incident.sinceSeconds),
  clearSinceSeconds: toBigOrNull(incident.clearSinceSeconds),
  firedAtMs: toBigOrNull(incident.firedAtMs),
  resolvedAtMs: toBigOrNull(incident.resolvedAtMs),
  updatedAtMs: toBig(nowMs),
  detail: JSON.stringify(incident.detail),
});

export function createIncidents({ prisma }: OpenClient, write: Writer): IncidentRepository {
  return {
    async open() {
      const rows = await prisma.incident.findMany({ where: { openKey: { not: null } }, orderBy: { id: 'asc' } });
      return rows.map(toIncident);
    },

    async apply(changes, nowMs) {
      if (changes.length === 0) return;
      await write(async (db) => {
        for (const change of changes) await applyOne(db, change, nowMs);
      });
    },

    async recent({ limit, subject }) {
      const rows = await prisma.incident.findMany({
        where: { state: { not: 'pending' }, ...(subject === undefined ? {} : { subject }) },
        orderBy: { id: 'desc' },
        take: limit,
      });
      return rows.map(toIncident);
    },
  };
}

async function applyOne(db: Db, change: IncidentChange, nowMs: number): Promise<void> {
  const { id } = change.incident;
  if (change.drop) {
    if (id !== null) await db.incident.deleteMany({ where: { id } });
    return;
  }
  const data = toRow(change.incident, nowMs);
  const incidentId =
    id === null
      ? (await db.incident.create({ data })).id
      : (await db.incident.update({ where: { id }, data, select: { id: true } })).id;
  if (change.event === undefined) return;
  const { kind, view } = change.event;
  const event = await db.incidentEvent.create({
    data: { incidentId, kind, atMs: toBig(nowMs), view: JSON.stringify(view) },
  });
  await queueDeliveries(db, {
    eventId: event.id,
    incidentId,
    kind,
    view: event.view,
    family: change.incident.family,
    nodeId: change.incident.nodeId,
    owner: change.incident.owner,
    alsoTo: change.alsoTo ?? [],
    nowMs,
  });
}
