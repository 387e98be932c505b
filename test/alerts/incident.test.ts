import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Incident, reduceIncident } from '../../src/alerts/incident.ts';
import type { Sample } from '../../src/alerts/rule.ts';

const RULE = { id: 'node.test', family: 'node', clearSeconds: 60 };

const sample = (verdict: Sample['verdict'], atSeconds: number, more: Partial<Sample> = {}): Sample => ({
  subject: 'node:1',
  nodeId: 1,
  owner: null,
  verdict,
  level: 'late',
  severity: 'info',
  forSeconds: 120,
  detail: {},
  atSeconds,
  ...more,
});

interface Told {
  at: number;
  kind: 'fired' | 'changed' | 'resolved';
}

/** Samples one after the other; `keep` stands for what the database does to an incident between two of them. */
function play(
  samples: readonly Sample[],
  keep: (incident: Incident, index: number) => Incident = (incident) => incident,
  rule = RULE,
) {
  let open: Incident | null = null;
  let nextId = 1;
  const told: Told[] = [];
  const states: (string | null)[] = [];
  for (const [index, one] of samples.entries()) {
    const { incident, write } = reduceIncident(open, one, rule, one.atSeconds * 1000);
    if (write?.event) told.push({ at: one.atSeconds, kind: write.event });
    // What is written is what is open, unless it ended here.
    if (write && incident !== null) expect(write.incident).toEqual(incident);
    open = incident === null ? null : keep({ ...incident, id: incident.id ?? nextId++ }, index);
    states.push(open?.state ?? null);
  }
  return { told, states, open };
}

const stream = fc
  .array(
    fc.record({
      verdict: fc.constantFrom<Sample['verdict']>('bad', 'bad', 'clear', 'unknown'),
      stepSeconds: fc.integer({ min: 0, max: 90 }),
      level: fc.constantFrom<['late' | 'missed', number]>(['late', 120], ['missed', 0]),
      onlyIfOpen: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 1_000;
    return steps.map(({ verdict, stepSeconds, level: [level, forSeconds], onlyIfOpen }) => {
      at += stepSeconds;
      return sample(verdict, at, { level, forSeconds, onlyIfOpen });
    });
  });

test('every fire is followed by its own resolve before the next fire', () => {
  fc.assert(
    fc.property(stream, (samples) => {
      const words = play(samples)
        .told.map(({ kind }) => kind[0])
        .join('');
      expect(words).toMatch(/^(fc*r)*(fc*)?$/);
    }),
  );
});

test('it fires exactly when bad has held for as long as its level asks, unknown aside', () => {
  fc.assert(
    fc.property(stream, (samples) => {
      const { states } = play(samples);
      // The same said as a look back over the whole history, rather than step by step.
      for (const [index, one] of samples.entries()) {
        if (one.verdict !== 'bad' || states[index - 1] === 'firing') continue;
        const before = samples.slice(0, index);
        const lastClear = before.findLastIndex(({ verdict }) => verdict === 'clear');
        const run = samples.slice(lastClear + 1, index + 1).filter(({ verdict }) => verdict === 'bad');
        // Old news does not begin anything; what it finds begun goes on.
        const begun = run.find(({ onlyIfOpen }) => !onlyIfOpen);
        const held = begun !== undefined && one.atSeconds - begun.atSeconds >= one.forSeconds;
        expect(states[index]).toBe(begun === undefined ? null : held ? 'firing' : 'pending');
      }
    }),
  );
});

test('it resolves exactly when clear has held for long enough without a bad sample between', () => {
  fc.assert(
    fc.property(stream, (samples) => {
      const { states } = play(samples);
      for (const [index, one] of samples.entries()) {
        if (states[index - 1] !== 'firing') continue;
        if (one.verdict !== 'clear') {
          expect(states[index]).toBe('firing');
          continue;
        }
        const lastBad = samples.slice(0, index).findLastIndex(({ verdict }) => verdict === 'bad');
        const first = samples.slice(lastBad + 1).find(({ verdict }) => verdict === 'clear') as Sample;
        const over = one.atSeconds - first.atSeconds >= RULE.clearSeconds;
        expect(states[index]).toBe(over ? null : 'firing');
      }
    }),
  );
});

test('a restart between any two samples changes nothing', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (samples, restarts) => {
      const reloaded = play(samples, (incident, index) =>
        restarts[index] ? (JSON.parse(JSON.stringify(incident)) as Incident) : incident,
      );
      const straight = play(samples);
      expect(reloaded.told).toEqual(straight.told);
      expect(reloaded.open).toEqual(straight.open);
    }),
  );
});

test('unknown samples may be taken out of a stream without any effect', () => {
  fc.assert(
    fc.property(stream, (samples) => {
      const known = play(samples.filter(({ verdict }) => verdict !== 'unknown'));
      const all = play(samples);
      expect(all.told).toEqual(known.told);
      expect(all.open).toEqual(known.open);
    }),
  );
});

test('the same sample again writes nothing', () => {
  fc.assert(
    fc.property(stream, (samples) => {
      const last = samples.at(-1);
      const { open } = play(samples);
      if (last === undefined) return;
      const again = reduceIncident(open, last, RULE, last.atSeconds * 1000);
      expect(again.write).toBeUndefined();
      expect(again.incident).toEqual(open);
    }),
  );
});

test('a late beat must stay late for 120 seconds', () => {
  const late = (at: number) => sample('bad', at);
  expect(play([late(0), late(119)]).told).toEqual([]);
  expect(play([late(0), late(119), late(120)]).told).toEqual([{ at: 120, kind: 'fired' }]);
  expect(play([late(0), late(100), sample('clear', 110), late(120), late(239)]).told).toEqual([]);
});

test('a level told at once fires although the one before it was still waiting', () => {
  const missed = sample('bad', 30, { level: 'missed', severity: 'warning', forSeconds: 0 });
  const { told, open } = play([sample('bad', 0), missed]);
  expect(told).toEqual([{ at: 30, kind: 'fired' }]);
  expect(open).toMatchObject({ level: 'missed', severity: 'warning', sinceSeconds: 0, firedAtMs: 30_000 });
});

test('a change of level is told as a change, and keeps the moment of the fire', () => {
  const at = (seconds: number, level: string) => sample('bad', seconds, { level, forSeconds: 0 });
  const { told, open } = play([at(0, 'missed'), at(10, 'missed'), at(20, 'expired')]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired', 'changed']);
  expect(open).toMatchObject({ level: 'expired', firedAtMs: 0, state: 'firing' });
});

test('a pending incident that clears is dropped without a word', () => {
  const pending = reduceIncident(null, sample('bad', 0), RULE, 0).incident;
  const step = reduceIncident(pending, sample('clear', 10), RULE, 10_000);
  expect(step.incident).toBeNull();
  expect(step.write).toMatchObject({ drop: true });
  expect(step.write?.event).toBeUndefined();
});

test('a clock that runs backwards begins the wait anew instead of ending it', () => {
  const { told } = play([sample('bad', 1_000), sample('bad', 500), sample('bad', 619)]);
  expect(told).toEqual([]);
  expect(play([sample('bad', 1_000), sample('bad', 500), sample('bad', 620)]).told).toHaveLength(1);
});
