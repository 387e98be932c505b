import type { StoredIncident, StoredSubscription } from '../../src/store/store.ts';
import { WALL_START_MS } from './facts.ts';

/** An incident of node 1 that fired an hour before the story begins, as stored. */
export const incident = (more: Partial<StoredIncident> = {}): StoredIncident => ({
  id: 1,
  rule: 'node.heartbeat',
  subject: `node:${more.nodeId ?? 1}`,
  state: 'firing',
  severity: 'warning',
  level: 'missed',
  family: 'node',
  nodeId: 1,
  owner: null,
  topics: [],
  value: 1_300,
  unstable: false,
  inhibitedBy: null,
  sinceSeconds: 0,
  clearSinceSeconds: null,
  firedAtMs: WALL_START_MS - 3_600_000,
  resolvedAtMs: null,
  updatedAtMs: WALL_START_MS - 3_600_000,
  detail: { label: `node-${more.nodeId ?? 1}`, id: '', ageSeconds: 1_300, maxAgeSeconds: 1_800, expiresAt: 0 },
  ...more,
});

/** The same, over after some time. */
export const over = (afterSeconds: number, more: Partial<StoredIncident> = {}): StoredIncident => {
  const fired = incident(more);
  return { ...fired, state: 'resolved', resolvedAtMs: (fired.firedAtMs ?? 0) + afterSeconds * 1000 };
};

export const subscription = (more: Partial<StoredSubscription> = {}): StoredSubscription => ({
  id: 1,
  destinationId: 1,
  family: 'node',
  rule: '',
  scope: 'all',
  subject: '',
  floor: 'info',
  threshold: null,
  delaySeconds: null,
  mention: '',
  without: [],
  pausedUntilMs: null,
  createdBy: 'u',
  createdAtMs: 0,
  ...more,
});
