import type { Address } from '../../src/lib/delivery.ts';
import type { ChatKind, Store } from '../../src/store/store.ts';

let owners = 0;

/** Subscribes a chat to somebody's nodes, and one of them falls silent: its alert waits to be sent. The subscription's number. */
export async function subscribeAndFire(store: Store, address: Address, kind: ChatKind, nowMs: number): Promise<number> {
  owners += 1;
  const owner = `0x${owners.toString(16).padStart(40, '0')}`;
  const { subscription } = await store.subscriptions.add({
    address,
    title: 'seeded',
    kind,
    family: 'node',
    scope: 'owner',
    subject: owner,
    createdBy: 'test:1',
    nowMs,
  });
  await fire(store, owner, nowMs);
  return subscription.id;
}

async function fire(store: Store, owner: string, nowMs: number): Promise<void> {
  const incident = {
    id: null,
    rule: 'node.heartbeat',
    subject: `owner:${owner}`,
    state: 'firing' as const,
    severity: 'critical' as const,
    level: 'expired',
    family: 'node',
    nodeId: null,
    owner,
    value: 2_000,
    topics: [],
    unstable: false,
    inhibitedBy: null,
    sinceSeconds: Math.floor(nowMs / 1000) - 300,
    clearSinceSeconds: null,
    firedAtMs: nowMs,
    resolvedAtMs: null,
    updatedAtMs: nowMs,
    detail: { label: 'gw', id: '', ageSeconds: 2_000, maxAgeSeconds: 1_800 },
  };
  const view = { title: 'Node silent', tone: 'down' as const, lines: ['It is silent.'], asOf: null, sources: [] };
  await store.incidents.apply([{ incident, event: { kind: 'fired', view } }], nowMs);
}
