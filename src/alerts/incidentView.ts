import type { View } from '../lib/view.ts';
import { flappingLine } from './flapping.ts';
import type { Incident } from './incident.ts';
import type { AlertFacts, Rule } from './rule.ts';

/** What is told of an incident: the rule's words, and that it is unstable where it is. */
export function incidentView(
  rule: Pick<Rule, 'text'>,
  kind: 'fired' | 'changed' | 'resolved',
  incident: Incident,
  facts: AlertFacts,
): View {
  const view = rule.text(kind, incident, facts);
  if (!incident.unstable) return view;
  return {
    ...view,
    ...(kind === 'resolved' ? {} : { title: `Unstable: ${view.title}` }),
    ...(kind === 'resolved' || view.headline === undefined ? {} : { headline: `Unstable: ${view.headline}` }),
    lines: [...view.lines, flappingLine(incident)],
  };
}
