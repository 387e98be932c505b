import type { IncidentChange, StoredIncident } from '../store/store.ts';
import { type Incident, keyOf } from './incident.ts';
import type { Rule } from './rule.ts';

/**
 * Marks, as things will be after `changes`, every firing incident that a larger firing one speaks for, and takes the
 * mark off where none does any more. Pure. States and events stay as they are: who is marked is not told, and can be
 * told later. A mark alone is a change without an event; it stays
 * with the one that has it for as long as that fires. What ends keeps the mark it had.
 */
export function inhibit(
  changes: readonly IncidentChange[],
  open: readonly StoredIncident[],
  rules: readonly Rule[],
): IncidentChange[] {
  const byKey = new Map(changes.map((change) => [keyOf(change.incident), change]));
  const untouched = open.filter((incident) => !byKey.has(keyOf(incident)));
  const firing = [...changes.map(({ incident }) => incident), ...untouched].filter(({ state }) => state === 'firing');
  const speakers = rules.flatMap((rule) => {
    const { inhibits } = rule;
    return inhibits === undefined
      ? []
      : firing.filter((own) => own.rule === rule.id).map((own) => ({ own, key: keyOf(own), inhibits }));
  });
  const speakerOf = (incident: Incident): string | null => {
    const keys = speakers.filter(({ own, inhibits }) => inhibits(own, incident)).map(({ key }) => key);
    return keys.find((key) => key === incident.inhibitedBy) ?? keys[0] ?? null;
  };
  return [
    ...changes.map((change): IncidentChange => {
      if (change.incident.state !== 'firing') return change;
      return { ...change, incident: { ...change.incident, inhibitedBy: speakerOf(change.incident) } };
    }),
    ...untouched.flatMap((incident): IncidentChange[] => {
      if (incident.state !== 'firing') return [];
      const inhibitedBy = speakerOf(incident);
      return inhibitedBy === incident.inhibitedBy ? [] : [{ incident: { ...incident, inhibitedBy } }];
    }),
  ];
}
