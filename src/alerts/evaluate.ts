import { toSeconds } from '../lib/clock.ts';
import type { Address } from '../lib/delivery.ts';
import { type IncidentChange, SEVERITIES, type StoredIncident } from '../store/store.ts';
import { type Incident, keyOf, reduceIncident } from './incident.ts';
import { incidentView } from './incidentView.ts';
import { inhibit } from './inhibition.ts';
import type { AlertFacts, Rule, Sample } from './rule.ts';

/** How often each rule and subject (`rule|subject`) fired or resolved within the last hour. */
export type Turns = ReadonlyMap<string, number>;

/**
 * Looks at all rules once: what changes, and what is to be told. Pure. A rule whose source is not fresh is passed
 * over as a whole, so that "I could not ask" neither fires nor resolves anything. `turns` matters only to what fires.
 */
export function evaluate(
  facts: AlertFacts,
  open: readonly StoredIncident[],
  rules: readonly Rule[],
  adminDestination: Address | null,
  turns: Turns,
): IncidentChange[] {
  const changes: IncidentChange[] = [];
  const openByKey = new Map(open.map((incident) => [keyOf(incident), incident]));
  for (const rule of rules) {
    if (rule.dependsOn.some((source) => facts.sources.get(source)?.state !== 'fresh')) continue;
    // Facts that are not there (a chain that was reset, before it is read again) list nothing and say nothing.
    if (!IS_KNOWN[rule.facts](facts)) continue;
    const samples = rule.samples(facts);
    const seen = new Set(samples.map(({ subject }) => subject));
    const vanished = open.filter(
      (incident) => incident.rule === rule.id && !seen.has(incident.subject) && rule.keeps?.(incident, facts) !== true,
    );
    for (const sample of [...samples, ...vanished.map((incident) => goneSample(incident, rule, facts))]) {
      const key = keyOf({ rule: rule.id, subject: sample.subject });
      const { write } = reduceIncident(openByKey.get(key) ?? null, sample, rule, facts.nowMs, turns.get(key) ?? 0);
      if (write === undefined) continue;
      const { incident, drop } = write;
      const isQuiet = write.event === 'resolved' && endsQuietly(rule, incident);
      const event = isQuiet ? undefined : write.event;
      changes.push({
        incident,
        ...(drop ? { drop } : {}),
        ...(rule.lapses && incident.state === 'resolved' ? { lapses: true } : {}),
        ...(event ? { event: { kind: event, view: incidentView(rule, event, incident, facts) } } : {}),
        ...(event && event !== 'changed' && rule.tellsAdmin && adminDestination ? { alsoTo: [adminDestination] } : {}),
      });
    }
  }
  return inhibit(changes, open, rules).sort((a, b) => rankOf(a) - rankOf(b));
}

const endsQuietly = (rule: Rule, ended: Incident): boolean =>
  rule.isNews === true ||
  (typeof rule.endsQuietly === 'function' ? rule.endsQuietly(ended) : rule.endsQuietly === true);

const IS_KNOWN: Record<Rule['facts'], (facts: AlertFacts) => boolean> = {
  nodes: ({ facts }) => facts !== null,
  models: ({ models }) => models !== null,
  proofs: ({ proofs }) => proofs !== null,
  governance: ({ governance }) => governance !== null,
  gauges: ({ gauges }) => gauges.length > 0,
  votes: ({ governance, gauges }) => governance !== null || gauges.length > 0,
  sets: ({ shifts }) => shifts.length > 0,
  sources: ({ sources }) => sources.size > 0,
};

/**
 * The order in which one round is told: what is of no single node (the source, an owner) and may speak for those that
 * are, then what fires, the gravest first, then the rest.
 */
function rankOf({ incident, event }: IncidentChange): number {
  if (incident.nodeId === null) return -SEVERITIES.length;
  return event?.kind === 'fired' ? -SEVERITIES.indexOf(incident.severity) : 1;
}

/** A subject that the facts no longer know has nothing left to be wrong with. */
function goneSample(incident: StoredIncident, rule: Pick<Rule, 'facts'>, facts: AlertFacts): Sample {
  const isByChain = rule.facts === 'nodes' || rule.facts === 'proofs';
  return {
    subject: incident.subject,
    nodeId: incident.nodeId,
    owner: incident.owner,
    verdict: 'clear',
    level: incident.level,
    value: null,
    detail: { because: 'gone' },
    final: true,
    atSeconds: isByChain ? facts.chainSeconds : toSeconds(facts.nowMs),
  };
}
