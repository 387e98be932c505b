import { expect, test } from 'vitest';
import { type NodeProofRow, nodeProofs } from '../../src/insight/nodeProofs.ts';
import { addValues } from '../../src/lib/histogram.ts';

const row = (nodeId: number, delays: number[], changes: Partial<NodeProofRow> = {}): NodeProofRow => ({
  nodeId,
  mode: 'batch',
  settled: delays.length,
  valid: delays.length,
  delays: addValues(null, delays),
  maxDelaySeconds: Math.max(0, ...delays),
  ...changes,
});

const five = (delay: number): number[] => [delay, delay, delay, delay, delay];

test('nothing known is null, never zero', () => {
  const found = nodeProofs(1, []);
  expect(found).toMatchObject({ settled: 0, valid: 0, validShare: null });
  expect(found.batch).toEqual({
    settled: 0,
    valid: 0,
    validShare: null,
    p50Seconds: null,
    p90Seconds: null,
    others: null,
    rank: null,
  });
});

test('against the others, itself left out, and nodes that are none', () => {
  const rows = [row(1, five(600)), row(2, five(60)), row(3, five(1_200)), row(-1, five(9_000)), row(0, five(9_000))];
  const { batch } = nodeProofs(1, rows);
  expect(batch).toMatchObject({ settled: 5, validShare: 1, rank: { place: 2, of: 3 } });
  expect(batch.p90Seconds).toBeCloseTo(600, -2);
  expect(batch.others?.nodes).toBe(2);
  expect(batch.others?.p90Seconds as number).toBeGreaterThan(1_150);
  expect(batch.others?.p90Seconds as number).toBeLessThanOrEqual(1_200);
  expect(nodeProofs(1, rows.toReversed())).toEqual(nodeProofs(1, rows));
});

test('below five valid proofs nothing is compared; modes are not mixed', () => {
  const rows = [row(1, [60, 60, 60, 60]), row(2, five(60)), row(2, five(5), { mode: 'individual' })];
  expect(nodeProofs(1, rows).batch).toMatchObject({ settled: 4, p50Seconds: null, rank: null });
  expect(nodeProofs(1, rows).batch.others?.nodes).toBe(1);
  expect(nodeProofs(2, rows).batch).toMatchObject({ rank: { place: 1, of: 1 }, others: null });
  expect(nodeProofs(1, rows).individual.others?.p50Seconds as number).toBeLessThanOrEqual(5);
});

test('the valid share counts what was settled and is not valid', () => {
  const rows = [row(1, five(60), { settled: 20 })];
  expect(nodeProofs(1, rows)).toMatchObject({ settled: 20, valid: 5, validShare: 0.25 });
});
