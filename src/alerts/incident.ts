import { type IncidentChange, SEVERITIES, type Severity, type StoredIncident } from '../store/store.ts';
import { clearSecondsOf, isFlapping } from './flapping.ts';
import type { Level, Rule, Sample } from './rule.ts';

/** An incident before it has an id, or as stored. */
export type Incident = IncidentChange['incident'];

export interface Step {
  /** What is open now; null when nothing is. */
  incident: Incident | null;
  /** What to write; absent when nothing changed. */
  write?: { incident: Incident; event?: 'fired' | 'changed' | 'resolved'; drop?: boolean };
}

/** What the reducer needs of a rule. */
export type Reducing = Pick<Rule, 'id' | 'family' | 'levels' | 'clearSeconds' | 'threshold'>;

/** What an incident is called while it is open: there is at most one of a rule and subject. */
export const keyOf = ({ rule, subject }: Pick<Incident, 'rule' | 'subject'>): string => `${rule}|${subject}`;

/**
 * One sample against what is open for its rule and subject: none -> pending -> firing -> resolved. Pure.
 * `unknown` changes nothing. Durations count by the sample's own clock; one that runs backwards starts them anew.
 * A sample that says what is known already writes nothing. `turns`: how often the rule and subject fired or resolved
 * within the last hour; after too many the next fire is unstable: it stays open until the subject has been calm, and
 * tells of nothing meanwhile but of a graver level.
 */
export function reduceIncident(
  open: StoredIncident | Incident | null,
  sample: Sample,
  rule: Reducing,
  nowMs: number,
  turns = 0,
): Step {
  if (sample.verdict === 'unknown') return { incident: open };
  if (sample.verdict === 'clear') return clear(open, sample, rule, nowMs);
  if (open === null) {
    if (sample.onlyIfOpen) return { incident: null };
    const begun = begin(sample, rule, nowMs);
    return hasHeld(begun.sinceSeconds, sample, rule)
      ? fire(begun, sample, rule, nowMs, turns)
      : { incident: begun, write: { incident: begun } };
  }
  return open.state === 'pending'
    ? stillPending(open, sample, rule, nowMs, turns)
    : stillFiring(open, sample, rule, nowMs);
}

function begin(sample: Sample, rule: Reducing, nowMs: number): Incident {
  return {
    id: null,
    rule: rule.id,
    subject: sample.subject,
    state: 'pending',
    severity: levelOf(rule, sample).severity,
    level: sample.level,
    family: rule.family,
    nodeId: sample.nodeId,
    owner: sample.owner,
    topics: sample.topics ?? [],
    value: keptValue(sample, rule),
    unstable: false,
    inhibitedBy: null,
    sinceSeconds: sample.sinceSeconds ?? sample.atSeconds,
    clearSinceSeconds: null,
    firedAtMs: null,
    resolvedAtMs: null,
    updatedAtMs: nowMs,
    detail: sample.detail,
  };
}

function stillPending(open: Incident, sample: Sample, rule: Reducing, nowMs: number, turns: number): Step {
  const sinceSeconds = sample.sinceSeconds ?? Math.min(open.sinceSeconds, sample.atSeconds);
  const next = { ...open, sinceSeconds };
  if (hasHeld(sinceSeconds, sample, rule)) return fire(next, sample, rule, nowMs, turns);
  return sinceSeconds === open.sinceSeconds ? { incident: open } : { incident: next, write: { incident: next } };
}

function fire(pending: Incident, sample: Sample, rule: Reducing, nowMs: number, turns: number): Step {
  const unstable = isFlapping(turns);
  const incident: Incident = {
    ...pending,
    ...{ state: 'firing', unstable, firedAtMs: nowMs, updatedAtMs: nowMs },
    ...told(sample, rule),
    detail: {
      ...sample.detail,
      // By one clock, that of the facts: a chain's need not be ours.
      detectSeconds: Math.max(0, sample.atSeconds - pending.sinceSeconds),
      ...(unstable ? { turns: turns + 1 } : {}),
    },
  };
  return { incident, write: { incident, event: 'fired' } };
}

function stillFiring(open: Incident, sample: Sample, rule: Reducing, nowMs: number): Step {
  const next = { ...open, clearSinceSeconds: null, updatedAtMs: nowMs };
  if (open.unstable ? isGraver(levelOf(rule, sample).severity, open.severity) : open.level !== sample.level) {
    const { turns, detectSeconds } = open.detail;
    const detail = { ...sample.detail, detectSeconds, ...(open.unstable ? { turns } : {}) };
    const incident = { ...next, ...told(sample, rule), detail };
    return { incident, write: { incident, event: 'changed' } };
  }
  const value = keptValue(sample, rule);
  const sameValue = stepOf(value, rule) === stepOf(open.value, rule);
  if (open.clearSinceSeconds === null && sameValue) return { incident: open };
  const incident = { ...next, value: sameValue ? open.value : value };
  return { incident, write: { incident } };
}

function clear(open: Incident | null, sample: Sample, rule: Reducing, nowMs: number): Step {
  if (open === null) return { incident: null };
  if (open.state === 'pending') return { incident: null, write: { incident: open, drop: true } };
  const since = Math.min(open.clearSinceSeconds ?? sample.atSeconds, sample.atSeconds);
  if (sample.atSeconds - since >= clearSecondsOf(open, sample.final ? 0 : rule.clearSeconds)) {
    const detail = { ...open.detail, ...sample.detail };
    const resolved: Incident = { ...open, state: 'resolved', detail, resolvedAtMs: nowMs, updatedAtMs: nowMs };
    return { incident: null, write: { incident: resolved, event: 'resolved' } };
  }
  if (open.clearSinceSeconds === since) return { incident: open };
  const waiting = { ...open, clearSinceSeconds: since, updatedAtMs: nowMs };
  return { incident: waiting, write: { incident: waiting } };
}

/** What an incident takes over from the sample that is told. */
const told = (sample: Sample, rule: Reducing) => ({
  level: sample.level,
  severity: levelOf(rule, sample).severity,
  value: keptValue(sample, rule),
});

const hasHeld = (sinceSeconds: number, sample: Sample, rule: Reducing): boolean =>
  sample.atSeconds - sinceSeconds >= levelOf(rule, sample).forSeconds;

const isGraver = (one: Severity, other: Severity): boolean => SEVERITIES.indexOf(one) > SEVERITIES.indexOf(other);

function levelOf({ id, levels }: Reducing, { level }: Sample): Level {
  const found = levels[level];
  if (found === undefined) throw new Error(`rule ${id} has no level ${level}`);
  return found;
}

/** The value as it is kept: whole, and no higher than any threshold can be, so that it is not written for ever. */
function keptValue({ value }: Sample, { threshold }: Reducing): number | null {
  return threshold === null || value === null ? null : Math.min(Math.floor(value), threshold.max);
}

const stepOf = (value: number | null, { threshold }: Reducing): number | null =>
  value === null ? null : Math.floor(value / (threshold?.step ?? 1));
