import type { Address } from '../lib/delivery.ts';
import { lower, queueEdits, raise } from './changed.ts';
import type { Db } from './client.ts';
import { upsertDestination } from './destinations.ts';
import { rankOf, toRow } from './incidentRows.ts';
import { sql } from './jsonRows.ts';
import { concernsIndexed } from './matching.ts';
import { toBig } from './numbers.ts';
import { queueResolved } from './resolved.ts';
import type { IncidentChange } from './store.ts';
import { tell } from './tell.ts';
import { lapse, withdraw } from './withdraw.ts';

/** Stores one step of one incident and queues what follows from it. As many statements for one chat as for all. */
export async function applyChange(db: Db, change: IncidentChange, nowMs: number): Promise<void> {
  const { incident, drop, event } = change;
  if (drop) {
    if (incident.id !== null) await db.incident.deleteMany({ where: { id: incident.id } });
    return;
  }
  const { incidentId, before } = await store(db, incident, nowMs);
  const stored = event === undefined ? null : await storeEvent(db, incidentId, event, nowMs);
  if (stored !== null && event?.kind === 'changed') await queueEdits(db, stored);
  if (stored !== null && event?.kind === 'resolved') await queueResolved(db, stored);
  if (incident.state === 'resolved') await rest(db, incidentId);
  if (change.lapses) await lapse(db, incidentId);
  if (incident.state !== 'firing') return;

  const rank = rankOf(incident.severity);
  const raised = before !== null && rank > before.severityRank;
  if (raised) await raise(db, incidentId, nowMs);
  if (before?.severityRank === 2 && rank < 2) await lower(db, incidentId);
  if (before?.inhibitedBy === null && incident.inhibitedBy !== null)
    await withdraw(db, incidentId, incident.inhibitedBy);
  const speaksAgain = before !== null && before.inhibitedBy !== null && incident.inhibitedBy === null;
  if (event === undefined && !raised && !speaksAgain) return;
  const alsoTo = incident.inhibitedBy === null ? (change.alsoTo ?? []) : [];
  const always = { incidentId, destinationIds: await destinationsOf(db, alsoTo, nowMs) };
  const candidates = {
    incidents: sql`i."id" = ${incidentId}`,
    subscriptions: concernsIndexed(incident),
    first: 'incidents',
  } as const;
  await tell(db, candidates, nowMs, always);
}

async function store(db: Db, incident: IncidentChange['incident'], nowMs: number) {
  const data = toRow(incident, nowMs);
  if (incident.id === null) return { incidentId: (await db.incident.create({ data })).id, before: null };
  const where = { id: incident.id };
  const before = await db.incident.findUniqueOrThrow({ where, select: { severityRank: true, inhibitedBy: true } });
  await db.incident.update({ where, data, select: { id: true } });
  return { incidentId: incident.id, before };
}

async function storeEvent(
  db: Db,
  incidentId: number,
  { kind, view }: NonNullable<IncidentChange['event']>,
  nowMs: number,
) {
  const { id, view: text } = await db.incidentEvent.create({
    data: { incidentId, kind, atMs: toBig(nowMs), view: JSON.stringify(view) },
  });
  return { eventId: id, incidentId, view: text, nowMs };
}

/** Nothing more falls due for it. */
async function rest(db: Db, incidentId: number): Promise<void> {
  await db.notice.updateMany({ where: { incidentId }, data: { nextReminderAtMs: null, escalateAtMs: null } });
}

async function destinationsOf(db: Db, addresses: readonly Address[], nowMs: number): Promise<number[]> {
  const ids: number[] = [];
  for (const address of addresses) ids.push(await upsertDestination(db, address, null, nowMs));
  return ids;
}
