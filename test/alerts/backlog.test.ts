import { beforeEach, expect, test } from 'vitest';
import { Backlog } from '../../src/alerts/backlog.ts';
import { capacityOf } from '../../src/alerts/rateGate.ts';

let due: number;
let asked: number;
let collapses: number;
let told: { due: number; collapsed: number }[];
let backlog: Backlog;

beforeEach(() => {
  due = 0;
  asked = 0;
  collapses = 0;
  told = [];
  backlog = new Backlog({
    deliveries: {
      due: async () => {
        asked += 1;
        return due;
      },
      collapse: async () => {
        collapses += 1;
        return due - 10;
      },
    },
    platform: 'telegram',
    capacity: 100,
    onBacklog: (found) => void told.push(found),
  });
});

test('what can be sent in time is left as it is', async () => {
  due = 100;
  await backlog.check(0);
  expect(collapses).toBe(0);
});

test('more than that is told together, and the operator once an episode', async () => {
  due = 101;
  for (const second of [0, 30, 60]) await backlog.check(second * 1000);
  expect(told).toEqual([{ due: 101, collapsed: 91 }]);
  // What came meanwhile is collapsed as well.
  expect(collapses).toBe(3);
  due = 5;
  await backlog.check(90_000);
  due = 200;
  await backlog.check(120_000);
  expect(told).toHaveLength(2);
});

test('the store is asked at most every thirty seconds', async () => {
  for (let ms = 0; ms < 60_000; ms += 100) await backlog.check(ms);
  expect(asked).toBe(2);
});

test('ten minutes are what the pace of a platform allows in them', () => {
  expect(capacityOf('telegram', 600_000)).toBe(17_910);
  expect(capacityOf('discord', 600_000)).toBe(29_850);
  expect(capacityOf('terminal', 600_000)).toBe(Number.POSITIVE_INFINITY);
});
