import type { IncidentChange, StoredIncident } from '../store/store.ts';
import type { Rule, Sample } from './rule.ts';

/** An incident before it has an id, or as stored. */
export type Incident = IncidentChange['incident'];

export interface Step {
  /** What is open now; null when nothing is. */
  incident: Incident | null;
  /** What to write; absent when nothing changed. */
  write?: { incident: Incident; event?: 'fired' | 'changed' | 'resolved'; drop?: boolean };
}

/**
 * One sample against what is open for its rule and subject: none -> pending -> firing -> resolved. Pure.
 * `unknown` changes nothing. Durations count by the sample's own clock; one that runs backwards starts them anew.
 * A sample that says what is known already writes nothing.
 */
export function reduceIncident(
  open: StoredIncident | Incident | null,
  sample: Sample,
  rule: Pick<Rule, 'id' | 'family' | 'clearSeconds'>,
  nowMs: number,
): Step {
  if (sample.verdict === 'unknown') return { incident: open };
  if (sample.verdict === 'clear') return clear(open, sample, rule.clearSeconds, nowMs);
  if (open === null) {
    if (sample.onlyIfOpen) return { incident: null };
    const begun = begin(sample, rule, nowMs);
    return sample.forSeconds <= 0 ? fire(begun, sample, nowMs) : { incident: begun, write: { incident: begun } };
  }
  return open.state === 'pending' ? stillPending(open, sample, nowMs) : stillFiring(open, sample, nowMs);
}

function begin(sample: Sample, rule: Pick<Rule, 'id' | 'family'>, nowMs: number): Incident {
  return {
    id: null,
    rule: rule.id,
    subject: sample.subject,
    state: 'pending',
    severity: sample.severity,
    level: sample.level,
    family: rule.family,
    nodeId: sample.nodeId,
    owner: sample.owner,
    sinceSeconds: sample.atSeconds,
    clearSinceSeconds: null,
    firedAtMs: null,
    resolvedAtMs: null,
    updatedAtMs: nowMs,
    detail: sample.detail,
  };
}

function stillPending(open: Incident, sample: Sample, nowMs: number): Step {
  const since = Math.min(open.sinceSeconds, sample.atSeconds);
  const next = { ...open, sinceSeconds: since };
  if (sample.atSeconds - since >= sample.forSeconds) return fire(next, sample, nowMs);
  return since === open.sinceSeconds ? { incident: open } : { incident: next, write: { incident: next } };
}

function fire(pending: Incident, sample: Sample, nowMs: number): Step {
  const { level, severity, detail } = sample;
  const incident: Incident = {
    ...pending,
    ...{ state: 'firing', level, severity, detail },
    firedAtMs: nowMs,
    updatedAtMs: nowMs,
  };
  return { incident, write: { incident, event: 'fired' } };
}

function stillFiring(open: Incident, sample: Sample, nowMs: number): Step {
  const { level, severity, detail } = sample;
  if (open.level !== level) {
    const incident = { ...open, level, severity, detail, clearSinceSeconds: null, updatedAtMs: nowMs };
    return { incident, write: { incident, event: 'changed' } };
  }
  if (open.clearSinceSeconds === null) return { incident: open };
  const incident = { ...open, clearSinceSeconds: null, updatedAtMs: nowMs };
  return { incident, write: { incident } };
}

function clear(open: Incident | null, sample: Sample, clearSeconds: number, nowMs: number): Step {
  if (open === null) return { incident: null };
  if (open.state === 'pending') return { incident: null, write: { incident: open, drop: true } };
  const since = Math.min(open.clearSinceSeconds ?? sample.atSeconds, sample.atSeconds);
  if (sample.atSeconds - since >= clearSeconds) {
    const detail = { ...open.detail, ...sample.detail };
    const resolved: Incident = { ...open, state: 'resolved', detail, resolvedAtMs: nowMs, updatedAtMs: nowMs };
    return { incident: null, write: { incident: resolved, event: 'resolved' } };
  }
  if (open.clearSinceSeconds === since) return { incident: open };
  const waiting = { ...open, clearSinceSeconds: since, updatedAtMs: nowMs };
  return { incident: waiting, write: { incident: waiting } };
}
