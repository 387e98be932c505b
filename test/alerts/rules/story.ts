import { evaluate } from '../../../src/alerts/evaluate.ts';
import type { Rule } from '../../../src/alerts/rule.ts';
import type { View } from '../../../src/lib/view.ts';
import type { StoredIncident } from '../../../src/store/store.ts';
import { applied, factsAt, type Moment, wordsOf } from '../facts.ts';

/** One rule alone over a few moments: what was told, as a reader would find it. */
export function tell(rule: Rule, moments: readonly Moment[]) {
  let open: StoredIncident[] = [];
  const told: { at: number; kind: string; severity: string; view: View; text: string }[] = [];
  for (const moment of moments) {
    const changes = evaluate(factsAt(moment), open, [rule], null, new Map());
    for (const { incident, event } of changes) {
      if (event === undefined) continue;
      const { kind, view } = event;
      told.push({ at: moment.at, kind, severity: incident.severity, view, text: wordsOf(view.lines) });
    }
    open = applied(open, changes);
  }
  return told;
}
