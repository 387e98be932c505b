import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALM_SECONDS, FLAP_WINDOW_MS, STEADY_TURNS } from '../../src/alerts/flapping.ts';
import { type Incident, type Reducing, reduceIncident } from '../../src/alerts/incident.ts';
import type { Sample } from '../../src/alerts/rule.ts';

const LEVELS = {
  late: { severity: 'info', forSeconds: 120 },
  missed: { severity: 'warning', forSeconds: 0 },
  expired: { severity: 'critical', forSeconds: 0 },
} as const;
const RULE: Reducing = {
  ...{ id: 'node.test', family: 'node', levels: LEVELS, clearSeconds: 60 },
  threshold: { what: 'age', unit: 's', default: 10, min: 10, max: 3_600, step: 60 },
};

const sample = (verdict: Sample['verdict'], atSeconds: number, more: Partial<Sample> = {}): Sample => ({
  subject: 'node:1',
  nodeId: 1,
  owner: null,
  verdict,
  level: 'late',
  value: null,
  detail: {},
  atSeconds,
  ...more,
});

const forSecondsOf = ({ level }: Sample): number => LEVELS[level as keyof typeof LEVELS].forSeconds;

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
      level: fc.constantFrom('late', 'missed'),
      value: fc.option(fc.integer({ min: 0, max: 5_000 })),
      onlyIfOpen: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 1_000;
    return steps.map(({ verdict, stepSeconds, ...more }) => {
      at += stepSeconds;
      return sample(verdict, at, more);
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
        const held = begun !== undefined && one.atSeconds - begun.atSeconds >= forSecondsOf(one);
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
  const missed = sample('bad', 30, { level: 'missed' });
  const { told, open } = play([sample('bad', 0), missed]);
  expect(told).toEqual([{ at: 30, kind: 'fired' }]);
  expect(open).toMatchObject({ level: 'missed', severity: 'warning', sinceSeconds: 0, firedAtMs: 30_000 });
});

test('a change of level is told as a change, and keeps the moment of the fire', () => {
  const at = (seconds: number, level: string) => sample('bad', seconds, { level });
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

test('a condition whose beginning is known has held since then, whenever it is first seen', () => {
  const since = (at: number, sinceSeconds: number) => sample('bad', at, { sinceSeconds });
  expect(play([since(200, 80)]).told).toEqual([{ at: 200, kind: 'fired' }]);
  // Another failure than the one that was waiting: its wait begins with it.
  expect(play([since(100, 0), since(220, 110)]).told).toEqual([]);
});

test('a subject that is gone resolves without the wait', () => {
  const { told } = play([sample('bad', 0, { level: 'missed' }), sample('clear', 1, { final: true })]);
  expect(told.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
});

test('a value of its own is no event, and is written when it passes a whole step, up to what a threshold can be', () => {
  const missed = (at: number) => sample('bad', at, { level: 'missed', value: at });
  let { incident } = reduceIncident(null, missed(70), RULE, 0);
  const written: (number | null)[] = [];
  for (let at = 71; at < 10_000; at += 1) {
    const step = reduceIncident(incident, missed(at), RULE, at * 1000);
    incident = step.incident;
    if (step.write === undefined) continue;
    expect(step.write.event).toBeUndefined();
    written.push(step.write.incident.value);
  }
  expect(written).toEqual(Array.from({ length: 59 }, (_, index) => (index + 2) * 60));
});

test('a rule that measures nothing keeps no value', () => {
  const { incident } = reduceIncident(null, sample('bad', 0, { value: 5 }), { ...RULE, threshold: null }, 0);
  expect(incident?.value).toBeNull();
});

test('every threshold that a subscription may have is reached in the store within a step of being reached', () => {
  const steps = fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 10, max: 3_600 }), (changes, threshold) => {
      let value = 100;
      let open: Incident | null = null;
      for (const [index, change] of changes.entries()) {
        value = Math.max(0, value + change);
        open = reduceIncident(open, sample('bad', index, { level: 'missed', value }), RULE, index).incident;
        const kept = open?.value ?? Number.NaN;
        if (value >= threshold + 60) expect(kept).toBeGreaterThanOrEqual(threshold);
        if (value < threshold - 60) expect(kept).toBeLessThan(threshold);
      }
    }),
  );
});

test('a level that the rule does not have is a mistake in the rule', () => {
  expect(() => reduceIncident(null, sample('bad', 0, { level: 'odd' }), RULE, 0)).toThrow('node.test has no level odd');
});

/** As the alerter does it: turns are counted from what was told within the last hour. */
function playWithTurns(samples: readonly Sample[], keep: (incident: Incident) => Incident = (incident) => incident) {
  let open: Incident | null = null;
  const told: { atMs: number; kind: string; incident: Incident }[] = [];
  for (const one of samples) {
    const nowMs = one.atSeconds * 1000;
    const turns = told.filter(({ atMs, kind }) => kind !== 'changed' && atMs >= nowMs - FLAP_WINDOW_MS).length;
    const { incident, write } = reduceIncident(open, one, RULE, nowMs, turns);
    if (write?.event) told.push({ atMs: nowMs, kind: write.event, incident: write.incident });
    open = incident === null ? null : keep({ ...incident, id: 1 });
  }
  return { told, open };
}

type Beat = Pick<Sample, 'verdict' | 'level' | 'final'> & { stepSeconds: number };

const graveLevel = fc.constantFrom('missed', 'missed', 'expired');
const anyBeat = fc.record({
  verdict: fc.constantFrom<Sample['verdict']>('bad', 'clear', 'unknown'),
  level: fc.constantFrom('late', 'missed', 'expired'),
  stepSeconds: fc.constantFrom(1, 30, 61, 200, 900),
});
/** Bad, then clear for long enough to resolve what is not unstable. */
const turn = fc
  .tuple(graveLevel, fc.constantFrom(5, 60, 300), fc.boolean())
  .map(([level, stepSeconds, final]): Beat[] => [
    { verdict: 'bad', level, stepSeconds },
    { verdict: 'clear', level, stepSeconds: 10, ...(final ? { final } : {}) },
    { verdict: 'clear', level, stepSeconds: 61 },
  ]);
const calm = fc
  .constantFrom(CALM_SECONDS - 62, CALM_SECONDS, 2 * CALM_SECONDS)
  .map((stepSeconds): Beat[] => [{ verdict: 'clear', level: 'late', stepSeconds }]);

/** A subject that turns often, with calm and anything else between. */
const restless = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: turn },
      { weight: 1, arbitrary: calm },
      { weight: 2, arbitrary: fc.tuple(anyBeat) },
    ),
    { minLength: 8, maxLength: 80, size: 'max' },
  )
  .map((parts) => {
    let at = 1_000;
    return parts.flat().map(({ stepSeconds, ...more }: Beat) => {
      at += stepSeconds;
      return sample(more.verdict, at, more);
    });
  });

test('however often a subject turns, it never fires more than five times within an hour', () => {
  fc.assert(
    fc.property(restless, (samples) => {
      const fires = playWithTurns(samples).told.filter(({ kind }) => kind === 'fired');
      for (const { atMs } of fires) {
        const within = fires.filter((other) => other.atMs >= atMs && other.atMs < atMs + FLAP_WINDOW_MS);
        expect(within.length).toBeLessThanOrEqual(5);
      }
    }),
    { numRuns: 300 },
  );
});

test('what fires is unstable exactly when it turned more than four times within the hour before', () => {
  fc.assert(
    fc.property(restless, (samples) => {
      const { told } = playWithTurns(samples);
      for (const [index, { atMs, kind, incident }] of told.entries()) {
        if (kind !== 'fired') continue;
        const before = told
          .slice(0, index)
          .filter((one) => one.kind !== 'changed' && atMs - one.atMs <= FLAP_WINDOW_MS);
        expect(incident.unstable).toBe(before.length > STEADY_TURNS);
      }
    }),
  );
});

test('an unstable incident ends with thirty minutes of calm and not before, and tells of nothing but what is graver', () => {
  const order = ['info', 'warning', 'critical'];
  fc.assert(
    fc.property(restless, (samples) => {
      const { told } = playWithTurns(samples);
      for (const [index, { atMs, kind, incident }] of told.entries()) {
        if (!incident.unstable) continue;
        if (kind === 'resolved') {
          const calm = samples.filter(({ atSeconds }) => {
            return atSeconds * 1000 > atMs - CALM_SECONDS * 1000 && atSeconds * 1000 <= atMs;
          });
          expect(calm.filter(({ verdict }) => verdict === 'bad')).toEqual([]);
        }
        const before = told[index - 1]?.incident;
        if (kind === 'changed' && before)
          expect(order.indexOf(incident.severity)).toBeGreaterThan(order.indexOf(before.severity));
      }
    }),
  );
});

test('while it is unstable a graver level is told, a milder one and the way back are not', () => {
  const turns = STEADY_TURNS + 1;
  const bad = (at: number, level: string) => sample('bad', at, { level });
  let { incident } = reduceIncident(null, bad(0, 'missed'), RULE, 0, turns);
  const told: (string | undefined)[] = [];
  for (const [index, level] of ['late', 'expired', 'missed', 'expired'].entries()) {
    const step = reduceIncident(incident, bad(index + 1, level), RULE, index + 1, turns);
    incident = step.incident;
    told.push(step.write?.event);
  }
  expect(told).toEqual([undefined, 'changed', undefined, undefined]);
  expect(incident).toMatchObject({ unstable: true, level: 'expired', severity: 'critical', detail: { turns: 6 } });
});

test('of an unstable subject too every fire is followed by its own resolve, and a restart changes nothing', () => {
  fc.assert(
    fc.property(restless, (samples) => {
      const straight = playWithTurns(samples);
      expect(straight.told.map(({ kind }) => kind[0]).join('')).toMatch(/^(fc*r)*(fc*)?$/);
      const reloaded = playWithTurns(samples, (incident) => JSON.parse(JSON.stringify(incident)) as Incident);
      expect(reloaded).toEqual(straight);
    }),
  );
});

test('the third fire within an hour is told as usual, the fourth is one unstable incident that says how often', () => {
  const turn = (at: number) => [sample('bad', at, { level: 'missed' }), sample('clear', at + 10, { final: true })];
  const { told, open } = playWithTurns([
    ...[0, 60, 120].flatMap(turn),
    sample('bad', 180, { level: 'missed' }),
    sample('clear', 190),
    sample('bad', 250, { level: 'missed' }),
    sample('clear', 300),
    sample('clear', 300 + CALM_SECONDS - 1),
  ]);
  const kinds = told.map(({ kind }) => kind);
  expect(kinds).toEqual(['fired', 'resolved', 'fired', 'resolved', 'fired', 'resolved', 'fired']);
  expect(told.at(-1)?.incident).toMatchObject({ unstable: true, level: 'missed', detail: { turns: 7 } });
  expect(open).toMatchObject({ state: 'firing', unstable: true });
  const { write } = reduceIncident(open, sample('clear', 300 + CALM_SECONDS), RULE, 1);
  expect(write?.event).toBe('resolved');
});
