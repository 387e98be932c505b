import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExposureRow, exposureOf } from '../../src/insight/exposure.ts';
import type { Window } from '../../src/insight/sharedDays.ts';

/** 2026-11-20 00:00 UTC. */
const DAY = Date.UTC(2026, 10, 20) / 1000;
const HOUR = DAY / 3_600;
const LATER_MS = (DAY + 40 * 86_400) * 1000;

const row = (changes: Partial<ExposureRow> = {}): ExposureRow => ({
  hour: HOUR,
  mode: 'batch',
  valid: 0,
  signed: 0,
  exposedSeconds: 0,
  ...changes,
});

const window = (changes: Partial<Window> = {}): Window => ({
  fromSeconds: DAY,
  toSeconds: DAY + 2 * 86_400,
  knownFromSeconds: DAY - 86_400,
  ...changes,
});

test('nothing known is null, never zero', () => {
  expect(exposureOf([], [], window({ knownFromSeconds: null }))).toEqual({
    signed: null,
    exposedSeconds: null,
    meanUnproven: null,
    knownSeconds: 0,
    byMode: { batch: { signed: 0, exposedSeconds: 0 }, individual: { signed: 0, exposedSeconds: 0 } },
    neverProven: {
      share: null,
      reason: 'the facilitator’s count of requests is not known',
      days: 0,
      requests: 0,
      settled: 0,
    },
  });
});

test('how many answers were unproven at a time: their seconds over those of the window', () => {
  const rows = [
    row({ signed: 2, exposedSeconds: 3_600 }),
    row({ mode: 'individual', signed: 1, exposedSeconds: 3_600 }),
  ];
  const found = exposureOf(rows, [], window({ toSeconds: DAY + 3_600 }));
  expect(found).toMatchObject({ signed: 3, exposedSeconds: 7_200, meanUnproven: 2, knownSeconds: 3_600 });
  expect(found.byMode.individual).toEqual({ signed: 1, exposedSeconds: 3_600 });
});

test('time of which nothing is known does not make the mean smaller', () => {
  const rows = [row({ hour: HOUR + 47, signed: 1, exposedSeconds: 1_800 })];
  expect(exposureOf(rows, [], window({ knownFromSeconds: null })).meanUnproven).toBe(0.5);
  expect(exposureOf(rows, [], window()).meanUnproven).toBe(1_800 / (2 * 86_400));
});

describe('what is never proven, as far as known', () => {
  const rows = [row({ valid: 30 }), row({ hour: HOUR + 24, valid: 50 })];
  const days = [
    { day: '2026-11-20', requests: 40, readAtMs: LATER_MS },
    { day: '2026-11-21', requests: 60, readAtMs: LATER_MS },
  ];
  test('requests that nobody settled, over whole days', () => {
    expect(exposureOf(rows, days, window()).neverProven).toEqual({
      share: 0.2,
      reason: '',
      days: 2,
      requests: 100,
      settled: 80,
    });
  });
  test('a day that has not ended, was read before it ended, or is not known in full does not count', () => {
    const cut = window({ toSeconds: DAY + 2 * 86_400 - 1 });
    expect(exposureOf(rows, days, cut).neverProven).toMatchObject({ share: 0.25, days: 1 });
    const early = [days[0], { ...days[1], readAtMs: (DAY + 100_000) * 1000 }] as typeof days;
    expect(exposureOf(rows, early, window()).neverProven).toMatchObject({ share: 0.25, days: 1 });
    const late = window({ knownFromSeconds: DAY + 1 });
    expect(exposureOf(rows, days, late).neverProven).toMatchObject({ days: 1, requests: 60 });
    const none = exposureOf(rows, days, window({ toSeconds: DAY + 3_600 })).neverProven;
    expect(none).toMatchObject({ share: null, days: 0, reason: expect.stringContaining('no whole UTC day') });
  });
  test('more settled than requested, or no request, is not known', () => {
    const few = days.map((day) => ({ ...day, requests: 10 }));
    expect(exposureOf(rows, few, window()).neverProven).toMatchObject({
      share: null,
      reason: expect.stringContaining('more was settled'),
    });
    const none = days.map((day) => ({ ...day, requests: 0 }));
    expect(exposureOf([], none, window()).neverProven.share).toBe(null);
  });
});

test('shares lie in 0..1, nothing is negative, and the order of rows is irrelevant', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          hour: fc.integer({ min: HOUR - 5, max: HOUR + 60 }),
          mode: fc.constantFrom('batch' as const, 'individual' as const),
          valid: fc.nat(100),
          signed: fc.nat(100),
          exposedSeconds: fc.nat(100_000),
        }),
      ),
      fc.array(
        fc.record({
          day: fc.constantFrom('2026-11-20', '2026-11-21', 'hostile'),
          requests: fc.nat(500),
          readAtMs: fc.constant(LATER_MS),
        }),
      ),
      fc.option(fc.integer({ min: DAY - 90_000, max: DAY + 90_000 })),
      (rows, days, knownFromSeconds) => {
        const found = exposureOf(rows, days, window({ knownFromSeconds }));
        expect(exposureOf(rows.toReversed(), days, window({ knownFromSeconds }))).toEqual(found);
        const { share } = found.neverProven;
        if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
        expect(found.knownSeconds).toBeGreaterThanOrEqual(0);
        if (found.meanUnproven !== null) expect(found.meanUnproven).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
