import type { NodeThresholds } from '../insight/nodeHealth.ts';
import { type Hour, withOpenGap } from '../insight/uptime.ts';
import type { Store, StoredIncident } from '../store/store.ts';
import { MIN_CHART_HOURS } from './digestChart.ts';
import { DIGEST_HOURS } from './digestTimes.ts';
import { registeredNodes } from './nodeRule.ts';
import { readFacts } from './readFacts.ts';
import type { AlertFacts } from './rule.ts';

const HOUR_MS = 3_600_000;
/** After a long time down a digest tells of so much and no more. */
const MAX_HOURS = 31 * 24;
const PAGE = 500;
const MAX_PAGES = 20;

/** What digests of one stretch of time are made from, whichever chat they are for. */
export interface DigestPeriod {
  fromMs: number;
  toMs: number;
  facts: AlertFacts;
  /** On now, or fired or resolved in the period; newest first. */
  incidents: StoredIncident[];
  /** Hours of the picture, both included. */
  fromHour: number;
  toHour: number;
  /** Roll-ups by node; a registered node without any has an empty list. */
  hours: ReadonlyMap<number, Hour[]>;
}

/** Where a digest that was due at `dueAtMs` begins: one length earlier, so that what was missed since is in it as well. */
export const periodStart = (every: keyof typeof DIGEST_HOURS, dueAtMs: number, nowMs: number): number =>
  Math.max(dueAtMs - DIGEST_HOURS[every] * HOUR_MS, nowMs - MAX_HOURS * HOUR_MS);

export async function readPeriod(
  store: Store,
  thresholds: NodeThresholds,
  fromMs: number,
  toMs: number,
): Promise<DigestPeriod> {
  const [facts, incidents] = await Promise.all([
    readFacts(store, thresholds, toMs),
    readIncidents(store.incidents, fromMs, toMs),
  ]);
  const toHour = Math.floor(toMs / HOUR_MS);
  const fromHour = Math.min(Math.floor(fromMs / HOUR_MS), toHour - MIN_CHART_HOURS + 1);
  return { fromMs, toMs, facts, incidents, fromHour, toHour, hours: await readHours(store, facts, fromHour, toHour) };
}

async function readIncidents(incidents: Store['incidents'], fromMs: number, toMs: number): Promise<StoredIncident[]> {
  const found = new Map<number, StoredIncident>();
  for (const incident of await incidents.open()) if (incident.state === 'firing') found.set(incident.id, incident);
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const some = await incidents.recent({ limit: PAGE, sinceMs: fromMs, offset: page * PAGE });
    for (const incident of some) found.set(incident.id, incident);
    if (some.length < PAGE) break;
  }
  const within = (atMs: number | null): boolean => atMs !== null && atMs >= fromMs && atMs <= toMs;
  return [...found.values()]
    .filter(({ state, firedAtMs, resolvedAtMs }) => state === 'firing' || within(firedAtMs) || within(resolvedAtMs))
    .sort((a, b) => (b.firedAtMs ?? 0) - (a.firedAtMs ?? 0));
}

async function readHours(
  store: Store,
  facts: AlertFacts,
  fromHour: number,
  toHour: number,
): Promise<ReadonlyMap<number, Hour[]>> {
  const nodes = registeredNodes(facts);
  const maxAgeSeconds = facts.facts?.registry.heartbeatMaxAgeSeconds ?? 0;
  const rows = await store.history.hours({ nodeIds: nodes.map(({ id }) => id), fromHour, toHour });
  const byNode = Map.groupBy(rows, ({ nodeId }) => nodeId);
  return new Map(
    nodes.map(({ id, lastBeatAtSeconds }) => {
      // The picture shows no latency.
      const own = (byNode.get(id) ?? []).map((row): Hour => ({ ...row, latencyHistogram: null }));
      const hours = withOpenGap(own, lastBeatAtSeconds, facts.chainSeconds, maxAgeSeconds);
      return [id, hours.filter(({ hour }) => hour >= fromHour && hour <= toHour)];
    }),
  );
}
