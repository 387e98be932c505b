import type { View } from '../../src/lib/view.ts';
import type { IncidentChange, Store, StoredIncident } from '../../src/store/store.ts';
import { NOW, NOW_MS, ownerOf } from './seed.ts';

/** A node that fell silent five minutes ago and was told 100 s later. */
export function incidentOf(
  nodeId: number,
  changes: Partial<IncidentChange['incident']> = {},
): IncidentChange['incident'] {
  return {
    id: null,
    rule: 'node.heartbeat',
    subject: `node:${nodeId}`,
    state: 'firing',
    severity: 'critical',
    level: 'expired',
    family: 'node',
    nodeId,
    owner: ownerOf(nodeId - 1),
    topics: [],
    value: 2_000,
    unstable: false,
    inhibitedBy: null,
    sinceSeconds: NOW - 300,
    clearSinceSeconds: null,
    firedAtMs: NOW_MS - 200_000,
    resolvedAtMs: null,
    updatedAtMs: NOW_MS - 200_000,
    detail: {
      label: `gw${nodeId - 1}.og-nodes.example:8443`,
      id: '',
      ageSeconds: 2_000,
      maxAgeSeconds: 1_800,
      seenAt: NOW - 200,
      expiresAt: NOW - 400,
    },
    ...changes,
  };
}

const viewOf = (title: string): View => ({
  title,
  tone: 'down',
  lines: ['It is silent.'],
  asOf: NOW,
  sources: ['the registry'],
});

/** Fires in the store, as the alerter would, and is told to whoever subscribed. */
export async function fire(
  store: Store,
  nodeId: number,
  changes: Partial<IncidentChange['incident']> = {},
): Promise<StoredIncident> {
  const incident = incidentOf(nodeId, changes);
  const event = { kind: 'fired' as const, view: viewOf(`Node silent: ${String(incident.detail.label)}`) };
  await store.incidents.apply([{ incident, event }], incident.firedAtMs ?? NOW_MS);
  const open = await store.incidents.open();
  return open.find(({ rule, subject }) => rule === incident.rule && subject === incident.subject) as StoredIncident;
}

/** It ends, `afterSeconds` after it was told. */
export async function resolve(store: Store, incident: StoredIncident, afterSeconds: number): Promise<void> {
  const resolvedAtMs = (incident.firedAtMs ?? 0) + afterSeconds * 1000;
  const over: StoredIncident = { ...incident, state: 'resolved', resolvedAtMs, updatedAtMs: resolvedAtMs };
  await store.incidents.apply(
    [{ incident: over, event: { kind: 'resolved', view: viewOf('Node is back') } }],
    resolvedAtMs,
  );
}

/** What waits to be told goes out; the ids of the messages, first first. */
export async function sendAll(store: Store, platform: 'discord' | 'telegram' = 'discord'): Promise<number[]> {
  const sent: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const claimed = await store.deliveries.claim(platform, 16, NOW_MS + 60_000);
    if (claimed.length === 0) return sent;
    for (const { id } of claimed) {
      await store.deliveries.markSent(id, `m${id}`, NOW_MS);
      sent.push(id);
    }
  }
  throw new Error('there is no end of messages');
}
