import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Hour, type Uptime, uptime, uptimeSteps, withOpenGap } from '../../src/insight/uptime.ts';
import { addValue } from '../../src/lib/histogram.ts';

const hour = (changes: Partial<Hour>): Hour => ({
  hour: 0,
  coveredSeconds: 0,
  activeSeconds: 0,
  probes: 0,
  reached: 0,
  latencyHistogram: null,
  ...changes,
});

const hours = fc.array(
  fc
    .record({
      hour: fc.integer({ min: 1_000, max: 1_100 }),
      coveredSeconds: fc.nat(3_600),
      lost: fc.nat(3_600),
      probes: fc.nat(20),
      missed: fc.nat(20),
      latency: fc.option(fc.integer({ min: 1, max: 50_000 })),
    })
    .map(({ lost, missed, latency, ...rest }) =>
      hour({
        ...rest,
        activeSeconds: Math.max(0, rest.coveredSeconds - lost),
        reached: Math.max(0, rest.probes - missed),
        latencyHistogram: latency === null ? null : addValue(null, latency),
      }),
    ),
  { maxLength: 40 },
);

test('nothing known is null, never zero', () => {
  expect(uptime([])).toEqual({
    activeShare: null,
    coveredSeconds: 0,
    reachedShare: null,
    probes: 0,
    latencyP50Ms: null,
    latencyP95Ms: null,
  });
  expect(uptime([hour({ probes: 2 })])).toMatchObject({ activeShare: null, reachedShare: 0 });
  expect(uptime([hour({ coveredSeconds: 60 })])).toMatchObject({ activeShare: 0, reachedShare: null });
});

test('hours weigh by what is covered of them, not by their number', () => {
  const full = hour({ hour: 1, coveredSeconds: 3_600, activeSeconds: 3_600 });
  const short = hour({ hour: 2, coveredSeconds: 400, activeSeconds: 0 });
  expect(uptime([full, short]).activeShare).toBe(0.9);
});

describe('the time since the last heartbeat', () => {
  test('is active up to the limit and then not', () => {
    expect(uptime(withOpenGap([], 7_200, 7_200 + 3_600, 1_800))).toMatchObject({
      activeShare: 0.5,
      coveredSeconds: 3_600,
    });
    expect(uptime(withOpenGap([], 7_200, 7_200 + 1_000, 1_800)).activeShare).toBe(1);
  });

  test('without a heartbeat there is none', () => {
    expect(withOpenGap([], null, 9_999, 1_800)).toEqual([]);
    expect(withOpenGap([], 9_999, 9_999, 1_800)).toEqual([]);
  });

  test('law: a node that stays silent never looks better for it', () => {
    const seconds = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(hours, seconds, seconds, (known, silent, more) => {
        const share = (age: number) =>
          uptime(withOpenGap(known, 3_600_000, 3_600_000 + 1_800 + age, 1_800)).activeShare ?? 0;
        expect(share(silent + more)).toBeLessThanOrEqual(share(silent) + 1e-9);
      }),
    );
  });
});

describe('laws', () => {
  test('shares lie between 0 and 1 and p50 is not above p95, in any order of hours', () => {
    fc.assert(
      fc.property(hours, (known) => {
        const all = uptime(known);
        for (const share of [all.activeShare, all.reachedShare]) {
          if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
        }
        if (all.latencyP50Ms !== null) expect(all.latencyP50Ms).toBeLessThanOrEqual(all.latencyP95Ms ?? 0);
        expect(uptime([...known].reverse())).toEqual(all);
      }),
    );
  });

  test('steps share out every hour of the window exactly once', () => {
    fc.assert(
      fc.property(hours, fc.integer({ min: 1_000, max: 1_050 }), fc.constantFrom(1, 6, 24), (known, fromHour, step) => {
        const inside = known.filter((one) => one.hour >= fromHour);
        const steps = uptimeSteps(inside, fromHour, 1_100, step);
        const sum = (
          pick: (one: { coveredSeconds: number; probes: number }) => number,
          list: readonly Uptime[] | Hour[],
        ) => list.map(pick).reduce((total, one) => total + one, 0);
        expect(sum((one) => one.coveredSeconds, steps)).toBe(sum((one) => one.coveredSeconds, inside));
        expect(sum((one) => one.probes, steps)).toBe(sum((one) => one.probes, inside));
        for (const [at, { fromSeconds }] of steps.entries()) expect(fromSeconds).toBe((fromHour + at * step) * 3_600);
        expect((steps.at(-1)?.fromSeconds ?? 0) + step * 3_600).toBeGreaterThanOrEqual(1_101 * 3_600);
      }),
    );
  });
});
