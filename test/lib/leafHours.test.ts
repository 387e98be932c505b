import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HourLeaf, hoursOfLeaf, type LeafHour, leafHours, MAX_EXPOSED_HOURS } from '../../src/lib/leafHours.ts';
import { LEAF_VERDICTS } from '../../src/lib/proofFacts.ts';

const H = 3_600;
const leaf = (signedAtSeconds: number, settledAtSeconds: number, more: Partial<HourLeaf> = {}): HourLeaf => ({
  ...{ nodeId: 3, mode: 'batch', verdict: 'valid', signedAtSeconds, settledAtSeconds },
  ...more,
});

const sum = (rows: readonly LeafHour[], of: (row: LeafHour) => number) =>
  rows.reduce((total, row) => total + of(row), 0);
const all = (rows: readonly LeafHour[]) => rows.filter(({ nodeId }) => nodeId === 0);

/** In an order that does not depend on that of the leaves. */
const sorted = (rows: LeafHour[]) =>
  rows
    .map((row) => ({ ...row, delays: [...row.delays].sort((a, b) => a - b) }))
    .sort((a, b) => a.hour - b.hour || a.nodeId - b.nodeId || a.mode.localeCompare(b.mode));

const START = 400_000 * H;
const within = (maxDelaySeconds: number) =>
  fc.record({
    nodeId: fc.constantFrom(-1, 1, 2),
    mode: fc.constantFrom('batch' as const, 'individual' as const),
    verdict: fc.constantFrom(...LEAF_VERDICTS),
    settledAtSeconds: fc.integer({ min: START, max: START + 5 * H }),
    delay: fc.integer({ min: -600, max: maxDelaySeconds }),
  });
const leaves = (maxDelaySeconds: number) =>
  fc.array(
    within(maxDelaySeconds).map(
      ({ delay, ...rest }): HourLeaf => ({
        ...rest,
        signedAtSeconds: rest.settledAtSeconds - delay,
      }),
    ),
    { maxLength: 30 },
  );

test('an answer counts when it was settled, and its exposure in every hour in between', () => {
  const rows = all(leafHours([leaf(10 * H + 3_000, 12 * H + 60)]));
  expect(
    sorted(rows).map(({ hour, settled, signed, exposedSeconds }) => [hour, settled, signed, exposedSeconds]),
  ).toEqual([
    [10, 0, 1, 600],
    [11, 0, 0, H],
    [12, 1, 0, 60],
  ]);
  expect(rows.find(({ hour }) => hour === 12)).toMatchObject({
    ...{
      delays: [2 * H - 3_000 + 60],
      clamped: 0,
      lastSignedAtSeconds: 10 * H + 3_000,
      lastSettledAtSeconds: 12 * H + 60,
    },
  });
});

test('what is settled on the hour exposes nothing of that hour', () => {
  const rows = all(leafHours([leaf(10 * H, 11 * H)]));
  expect(sorted(rows).map(({ hour, exposedSeconds }) => [hour, exposedSeconds])).toEqual([
    [10, H],
    [11, 0],
  ]);
});

test('one that is not valid is counted by its verdict, and in no delay and no exposure', () => {
  const rows = leafHours([leaf(0, 2 * H, { verdict: 'unsigned' })]);
  expect(rows).toHaveLength(2);
  expect(all(rows)[0]).toMatchObject({ hour: 2, settled: 1, delays: [], signed: 0, exposedSeconds: 0 });
  expect(all(rows)[0]?.verdicts).toMatchObject({ unsigned: 1, valid: 0 });
});

test('signed after it was settled, it counts as 0 s in that hour', () => {
  const [row] = all(leafHours([leaf(9e15, 2 * H)]));
  expect(row).toMatchObject({
    hour: 2,
    delays: [0],
    clamped: 1,
    signed: 1,
    exposedSeconds: 0,
    lastSignedAtSeconds: 2 * H,
  });
});

test('one signed at the beginning of time makes no more hours than are looked back', () => {
  const at = 400_000 * H + 5;
  const rows = all(leafHours([leaf(0, at)]));
  expect(rows).toHaveLength(MAX_EXPOSED_HOURS + 1);
  expect(sum(rows, ({ exposedSeconds }) => exposedSeconds)).toBe(MAX_EXPOSED_HOURS * H);
  expect(hoursOfLeaf(leaf(0, at))).toEqual([400_000 - MAX_EXPOSED_HOURS, 400_000]);
  expect(rows.find(({ hour }) => hour === 400_000)?.delays).toEqual([at]);
});

test('below 168 h the seconds exposed are the delays, of each node and of all together', () => {
  fc.assert(
    fc.property(leaves(MAX_EXPOSED_HOURS * H), (some) => {
      const rows = leafHours(some);
      for (const nodeId of [-1, 0, 1, 2]) {
        const own = rows.filter((row) => row.nodeId === nodeId);
        const valid = some.filter((one) => one.verdict === 'valid' && (nodeId === 0 || one.nodeId === nodeId));
        const delays = valid.reduce((total, one) => total + Math.max(0, one.settledAtSeconds - one.signedAtSeconds), 0);
        expect(sum(own, ({ exposedSeconds }) => exposedSeconds)).toBe(delays);
        expect(sum(own, (row) => row.delays.reduce((a, b) => a + b, 0))).toBe(delays);
        expect(sum(own, ({ signed }) => signed)).toBe(valid.length);
        expect(sum(own, ({ verdicts }) => verdicts.valid)).toBe(valid.length);
      }
      expect(sum(all(rows), ({ settled }) => settled)).toBe(some.length);
    }),
  );
});

test('nothing is negative, and no hour lies outside of what an answer says it counts in', () => {
  fc.assert(
    fc.property(leaves(400 * H), (some) => {
      const rows = leafHours(some);
      const hours = some.map(hoursOfLeaf);
      for (const { hour, verdicts, delays, ...row } of rows) {
        const numbers = [
          row.settled,
          row.clamped,
          row.signed,
          row.exposedSeconds,
          ...Object.values(verdicts),
          ...delays,
        ];
        expect(Math.min(...numbers, row.lastSignedAtSeconds, row.lastSettledAtSeconds)).toBeGreaterThanOrEqual(0);
        expect(row.exposedSeconds).toBeLessThanOrEqual(some.length * H);
        expect(hours.some(([first, last]) => first <= hour && hour <= last)).toBe(true);
      }
    }),
  );
});

test('the order of answers does not matter, nor whether they come at once', () => {
  const shuffled = leaves(200 * H).chain((some) =>
    fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
  );
  fc.assert(
    fc.property(shuffled, ([some, other]) => {
      expect(sorted(leafHours(other))).toEqual(sorted(leafHours(some)));
    }),
  );
});
