import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf } from '../../src/alerts/incident.ts';
import { inhibit } from '../../src/alerts/inhibition.ts';
import type { Rule } from '../../src/alerts/rule.ts';
import type { IncidentChange, StoredIncident } from '../../src/store/store.ts';

/** Rule `large` speaks for `small` of the same owner, and for nothing else. */
const RULES = [
  { id: 'large', inhibits: (own, other) => other.rule === 'small' && other.owner === own.owner },
  { id: 'small' },
  { id: 'grave' },
] as Rule[];

const incident = (id: number, rule: string, owner: string, more: Partial<StoredIncident> = {}): StoredIncident => ({
  ...{ id, rule, subject: `s${id}`, state: 'firing', severity: 'warning', level: 'x', family: 'node', owner },
  ...{
    nodeId: id,
    topics: [],
    value: null,
    unstable: false,
    inhibitedBy: null,
    sinceSeconds: 0,
    clearSinceSeconds: null,
  },
  ...{ firedAtMs: 1, resolvedAtMs: null, updatedAtMs: 1, detail: {} },
  ...more,
});
const one = fc.record({
  rule: fc.constantFrom('large', 'small', 'grave'),
  owner: fc.constantFrom('a', 'b'),
  state: fc.constantFrom<StoredIncident['state']>('pending', 'firing'),
  inhibitedBy: fc.constantFrom(null, 'large|s0', 'large|s1'),
  next: fc.constantFrom<'same' | 'resolved' | 'firing' | 'drop'>('same', 'resolved', 'firing', 'drop'),
});
/** What is open, and what an evaluation changes of it. */
const round = fc.array(one, { maxLength: 12 }).map((all) => {
  const open = all.map(({ rule, owner, state, inhibitedBy }, id) => incident(id, rule, owner, { state, inhibitedBy }));
  const changes = all.flatMap(({ next }, id): IncidentChange[] => {
    const before = open[id] as StoredIncident;
    if (next === 'same') return [];
    if (next === 'drop') return before.state === 'pending' ? [{ incident: before, drop: true }] : [];
    return [{ incident: { ...before, state: next } }];
  });
  return { open, changes };
});

test('every change stays, in its order and with its state; only marks are added', () => {
  fc.assert(
    fc.property(round, ({ open, changes }) => {
      const after = inhibit(changes, open, RULES);
      const bare = ({ incident: { inhibitedBy: _, ...rest }, ...change }: IncidentChange) => ({ ...change, rest });
      expect(after.slice(0, changes.length).map(bare)).toEqual(changes.map(bare));
      for (const { incident: added, event } of after.slice(changes.length)) {
        const before = open.find(({ id }) => id === added.id);
        expect(event).toBeUndefined();
        expect({ ...added, inhibitedBy: null }).toEqual({ ...before, inhibitedBy: null });
        expect(added.inhibitedBy).not.toBe(before?.inhibitedBy);
      }
    }),
  );
});

test('afterwards what fires is marked if and only if a larger one of its owner fires', () => {
  fc.assert(
    fc.property(round, ({ open, changes }) => {
      const after = new Map(open.map((stored) => [keyOf(stored), stored as IncidentChange['incident']]));
      for (const change of inhibit(changes, open, RULES)) after.set(keyOf(change.incident), change.incident);
      const firing = [...after.values()].filter(({ state }) => state === 'firing');
      for (const { rule, owner, inhibitedBy } of firing) {
        const speakers = firing.filter((other) => other.rule === 'large' && other.owner === owner).map(keyOf);
        if (rule === 'small' && speakers.length > 0) expect(speakers).toContain(inhibitedBy);
        else expect(inhibitedBy).toBeNull();
      }
    }),
  );
});

test('asked again with nothing new it has nothing to add', () => {
  fc.assert(
    fc.property(round, ({ open, changes }) => {
      const after = new Map(open.map((stored) => [stored.id, stored]));
      for (const { incident: changed, drop } of inhibit(changes, open, RULES)) {
        const id = changed.id as number;
        if (drop || changed.state === 'resolved') after.delete(id);
        else after.set(id, { ...changed, id });
      }
      expect(inhibit([], [...after.values()], RULES)).toEqual([]);
    }),
  );
});
