import { evaluate } from '../../../src/alerts/evaluate.ts';
import type { Rule } from '../../../src/alerts/rule.ts';
import type { View } from '../../../src/lib/view.ts';
import type { StoredIncident } from '../../../src/store/store.ts';
import { applied, factsAt, type Moment, wordsOf } from '../facts.ts';

/** One rule alone over a few moments, or several: what was told, as a reader would find it, and what is open at the end. */
export function play(rules: readonly Rule[], moments: readonly Moment[]) {
  let open: StoredIncident[] = [];
  const told: {
    at: number;
    rule: string;
    subject: string;
    kind: string;
    level: string;
    severity: string;
    inhibitedBy: string | null;
    view: View;
    text: string;
  }[] = [];
  for (const moment of moments) {
    const changes = evaluate(factsAt(moment), open, rules, null, new Map());
    for (const { incident, event } of changes) {
      if (event === undefined) continue;
      const { kind, view } = event;
      const { rule, subject, level, severity, inhibitedBy } = incident;
      told.push({ at: moment.at, rule, subject, kind, level, severity, inhibitedBy, view, text: wordsOf(view.lines) });
    }
    open = applied(open, changes);
  }
  return { told, open };
}

export const tell = (rule: Rule, moments: readonly Moment[]) => play([rule], moments).told;

/** `at kind level severity`, for a look at the whole. */
export const brief = (told: ReturnType<typeof tell>): string[] =>
  told.map(({ at, kind, level, severity }) => `${at} ${kind} ${level} ${severity}`);
