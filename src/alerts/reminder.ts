import { toSeconds } from '../lib/clock.ts';
import { duration } from '../lib/units.ts';
import type { View } from '../lib/view.ts';
import type { StoredIncident } from '../store/store.ts';
import { incidentView } from './incidentView.ts';
import type { AlertFacts, Rule } from './rule.ts';

/** What an open incident is called now, in its rule's words; plain ones when a newer version has no such rule. */
export function openView(rules: readonly Rule[], incident: StoredIncident, facts: AlertFacts): View {
  const rule = rules.find(({ id }) => id === incident.rule);
  if (rule !== undefined) return incidentView(rule, 'changed', incident, facts);
  return {
    title: `${incident.rule} ${incident.level}: ${String(incident.detail.label ?? incident.subject)}`,
    tone: 'degraded',
    lines: [],
    asOf: toSeconds(facts.nowMs),
    sources: ['this bot'],
  };
}

/** "Still: Heartbeat missed: node-3, for 2 h". Pure. */
export function reminderView(view: View, incident: StoredIncident, nowMs: number): View {
  return {
    ...view,
    ...(view.headline === undefined ? {} : { headline: `Still: ${view.headline}` }),
    title: `Still: ${view.title}, for ${firingFor(incident, nowMs)}`,
  };
}

/** "Not acknowledged for 15 min: Node silent: node-3". Pure. */
export function escalatedView(view: View, incident: StoredIncident, nowMs: number): View {
  const start = `Not acknowledged for ${firingFor(incident, nowMs)}`;
  return {
    ...view,
    ...(view.headline === undefined ? {} : { headline: `${start}: ${view.headline}` }),
    title: `${start}: ${view.title}`,
    lines: [...view.lines, 'Nobody has said yet that they take care of it. Acknowledge it to end these calls.'],
  };
}

const firingFor = ({ firedAtMs }: StoredIncident, nowMs: number): string =>
  duration((nowMs - (firedAtMs ?? nowMs)) / 1000);
