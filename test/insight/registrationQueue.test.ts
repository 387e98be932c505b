import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultModelThresholds,
  judgeQueue,
  latenessOf,
  MIN_CASES,
  type QueueInput,
} from '../../src/insight/registrationQueue.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

const queue = (changes: Partial<QueueInput> = {}): QueueInput => ({
  nowMs: NOW_MS,
  waiting: [],
  waitingCount: 0,
  waits: [],
  arrivalsPerHour: [],
  listingsPerHour: [],
  ...changes,
});

/** Stored at that minute, listed so many minutes later. */
const wait = (storedMinute: number, minutes: number) => ({
  seconds: minutes * 60,
  storedAtMs: NOW_MS - 24 * HOUR_MS + storedMinute * 60_000,
  listedAtMs: NOW_MS - 24 * HOUR_MS + (storedMinute + minutes) * 60_000,
});

const anyWaits = fc.array(
  fc
    .record({ stored: fc.integer({ min: 0, max: 60 }), minutes: fc.integer({ min: -5, max: 40 }) })
    .map(({ stored, minutes }) => wait(stored, minutes)),
  { maxLength: 60 },
);

test('nothing known is null, never zero', () => {
  expect(judgeQueue(queue())).toEqual({
    count: 0,
    oldestSeconds: null,
    cases: 0,
    medianSeconds: null,
    p90Seconds: null,
    p95Seconds: null,
    arrivalsPerHour: null,
    listingsPerHour: null,
    arrivalsLastHour: null,
    listingsLastHour: null,
    batch: null,
    orderKept: null,
    pattern: null,
    projectedWaitSeconds: null,
    growing: false,
  });
});

test('below five cases nothing is projected, however much waits', () => {
  const four = queue({ waits: [1, 2, 3, 4].map((at) => wait(at, 10)), waitingCount: 9, listingsPerHour: [2, 2] });
  expect(judgeQueue(four)).toMatchObject({ projectedWaitSeconds: null, batch: null, orderKept: null, pattern: null });
  const five = { ...four, waits: [...four.waits, wait(5, 10)] };
  expect(judgeQueue(five).projectedWaitSeconds).toBe((9 / 2) * 3_600);
  expect(judgeQueue({ ...five, listingsPerHour: [0, 0] }).projectedWaitSeconds).toBe(null);
});

describe('what the data says of the way in which uploads are listed', () => {
  const waiting = [{ storedAtMs: NOW_MS - 60_000 }];
  test('one by one', () => {
    const waits = [0, 10, 20, 30, 40].map((at) => wait(at, 5));
    expect(judgeQueue(queue({ waits, waiting }))).toMatchObject({
      pattern: 'one by one',
      batch: { median: 1, largest: 1 },
      orderKept: 1,
    });
  });
  test('in batches, and out of order', () => {
    const waits = [wait(0, 40), wait(10, 30), wait(20, 20), wait(30, 5), wait(31, 4)];
    expect(judgeQueue(queue({ waits }))).toMatchObject({
      pattern: 'in batches',
      batch: { median: 2, largest: 3 },
      orderKept: 3 / 4,
    });
  });
  test('stuck: nothing listed for two hours, and the oldest waits longer than is usual', () => {
    const old = [{ storedAtMs: NOW_MS - 3 * HOUR_MS }];
    const stuck = queue({ waiting: old, waitingCount: MIN_CASES, listingsPerHour: [0, 0, 4] });
    expect(judgeQueue(stuck).pattern).toBe('stuck');
    expect(judgeQueue({ ...stuck, waitingCount: MIN_CASES - 1 }).pattern).toBe(null);
    expect(judgeQueue({ ...stuck, listingsPerHour: [0, 1] }).pattern).toBe(null);
    expect(judgeQueue({ ...stuck, waiting: [{ storedAtMs: NOW_MS - HOUR_MS }] }).pattern).toBe(null);
    const slow = [0, 1, 2, 3, 4].map((at) => wait(at, 240));
    expect(judgeQueue({ ...stuck, waits: slow }).pattern).toBe('one by one');
  });
});

test('the queue grows when more came than was listed within the last hour, and something waits', () => {
  const grows = queue({ waitingCount: 1, arrivalsPerHour: [3, 0], listingsPerHour: [2, 9] });
  expect(judgeQueue(grows).growing).toBe(true);
  expect(judgeQueue({ ...grows, waitingCount: 0 }).growing).toBe(false);
  expect(judgeQueue({ ...grows, arrivalsPerHour: [2, 9] }).growing).toBe(false);
});

/** As one would do it by hand: the smallest value that at least that share of all values does not pass. */
function slowRank(values: number[], q: number): number | null {
  const fits = (limit: number) => values.filter((value) => value <= limit).length >= q * values.length - 1e-9;
  const candidates = values.filter(fits);
  return candidates.length === 0 ? null : Math.min(...candidates);
}

test('statistics agree with a slow obvious reference, and the order of arrival is irrelevant', () => {
  fc.assert(
    fc.property(anyWaits, fc.array(fc.nat(200)), fc.integer(), (waits, ages, seed) => {
      const waiting = ages.map((minutes) => ({ storedAtMs: NOW_MS + 3_600_000 - minutes * 60_000 }));
      const found = judgeQueue(queue({ waits, waiting, waitingCount: waiting.length }));
      const seconds = waits.map((one) => Math.max(0, one.seconds));
      expect(found.medianSeconds).toBe(slowRank(seconds, 0.5));
      expect(found.p90Seconds).toBe(slowRank(seconds, 0.9));
      expect(found.p95Seconds).toBe(slowRank(seconds, 0.95));
      for (const value of [found.oldestSeconds, found.medianSeconds, found.projectedWaitSeconds]) {
        if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
      }
      if (found.orderKept !== null) {
        expect(found.orderKept).toBeGreaterThanOrEqual(0);
        expect(found.orderKept).toBeLessThanOrEqual(1);
      }
      if (waits.length >= MIN_CASES) {
        const at = new Map<number, number>();
        for (const { listedAtMs } of waits) at.set(listedAtMs, (at.get(listedAtMs) ?? 0) + 1);
        expect(found.batch).toEqual({ median: slowRank([...at.values()], 0.5), largest: Math.max(...at.values()) });
      }
      const shuffled = waits.toSorted((a, b) => ((a.storedAtMs * 31 + seed) % 97) - ((b.storedAtMs * 31 + seed) % 97));
      expect(
        judgeQueue(queue({ waits: shuffled, waiting: waiting.toReversed(), waitingCount: waiting.length })),
      ).toEqual(found);
    }),
  );
});

describe('when a registration is late', () => {
  test('as configured below 20 cases, and at the p95 of the past week from there on', () => {
    const waits = Array.from({ length: 19 }, (_, at) => ({ seconds: (at + 1) * 1_000 }));
    expect(latenessOf(waits, defaultModelThresholds)).toEqual({
      warnSeconds: 1_800,
      criticalSeconds: 7_200,
      from: 'default',
      cases: 19,
    });
    expect(latenessOf([...waits, { seconds: 20_000 }], defaultModelThresholds)).toEqual({
      warnSeconds: 19_000,
      criticalSeconds: 38_000,
      from: 'past week',
      cases: 20,
    });
  });
  test('as configured until there are enough cases, then never below a minute; critical is at least twice as late', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ seconds: fc.integer({ min: -100, max: 1_000_000 }) }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (waits, lateSeconds, lateCriticalSeconds) => {
          const { warnSeconds, criticalSeconds, from } = latenessOf(waits, { lateSeconds, lateCriticalSeconds });
          if (from === 'default') expect(warnSeconds).toBe(lateSeconds);
          else expect(warnSeconds).toBeGreaterThanOrEqual(60);
          expect(criticalSeconds).toBeGreaterThanOrEqual(2 * warnSeconds);
        },
      ),
    );
  });
});
