import type { Address } from '../lib/delivery.ts';
import type { IncidentChange, Severity, StoredIncident } from '../store/store.ts';
import { reduceIncident } from './incident.ts';
import type { AlertFacts, Rule, Sample } from './rule.ts';

/**
 * Looks at all rules once: what changes, and what is to be told. Pure. A rule whose source is not fresh is passed
 * over as a whole, so that "I could not ask" neither fires nor resolves anything.
 */
export function evaluate(
  facts: AlertFacts,
  open: readonly StoredIncident[],
  rules: readonly Rule[],
  adminDestination: Address | null,
): IncidentChange[] {
  const changes: IncidentChange[] = [];
  const openByKey = new Map(open.map((incident) => [keyOf(incident.rule, incident.subject), incident]));
  for (const rule of rules) {
    if (rule.dependsOn.some((source) => facts.sources.get(source)?.state !== 'fresh')) continue;
    const samples = rule.samples(facts);
    const seen = new Set(samples.map(({ subject }) => subject));
    // Facts that are not there (a chain that was reset, before it is read again) list nothing and say nothing.
    const vanished =
      facts.facts === null ? [] : open.filter(({ rule: id, subject }) => id === rule.id && !seen.has(subject));
    for (const sample of [...samples, ...vanished.map((incident) => goneSample(incident, facts))]) {
      const { write } = reduceIncident(
        openByKey.get(keyOf(rule.id, sample.subject)) ?? null,
        sample,
        rule,
        facts.nowMs,
      );
      if (write === undefined) continue;
      const { incident, event, drop } = write;
      changes.push({
        incident,
        ...(drop ? { drop } : {}),
        ...(event ? { event: { kind: event, view: rule.text(event, incident, facts) } } : {}),
        ...(event && event !== 'changed' && rule.tellsAdmin && adminDestination ? { alsoTo: [adminDestination] } : {}),
      });
    }
  }
  return changes.sort((a, b) => rankOf(a) - rankOf(b));
}

const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

/** The order in which one round is told: about the source itself, then what fires, the gravest first, then the rest. */
function rankOf({ incident, event }: IncidentChange): number {
  if (incident.nodeId === null) return -1;
  return event?.kind === 'fired' ? SEVERITIES.indexOf(incident.severity) : SEVERITIES.length;
}

const keyOf = (rule: string, subject: string): string => `${rule}|${subject}`;

/** A subject that the facts no longer know has nothing left to be wrong with. */
function goneSample(incident: StoredIncident, facts: AlertFacts): Sample {
  return {
    subject: incident.subject,
    nodeId: incident.nodeId,
    owner: incident.owner,
    verdict: 'clear',
    level: incident.level,
    severity: incident.severity,
    forSeconds: 0,
    detail: { because: 'gone' },
    atSeconds: facts.chainSeconds + 86_400,
  };
}
