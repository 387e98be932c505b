import { expect, test } from 'vitest';
import { knownFromKey, settlementCursor } from '../../src/lib/proofFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW } from './seed.ts';
import { proofsAreFresh, seedSettlements } from './seedProofs.ts';

const point = ({ lines }: View): string => (lines[0] as { strong: string }[])[0]?.strong ?? '';

test('answers, answer-seconds and how many at a time', async () => {
  const { ask, store } = await askerOn(4);
  const at = NOW - 7_200;
  await seedSettlements(store, [
    // The first hour that is known begins here.
    { kind: 'batch', atSeconds: NOW - 23 * 3_600, answers: [{ signedAtSeconds: NOW - 23 * 3_600 }] },
    { kind: 'batch', atSeconds: at, answers: [{ signedAtSeconds: at - 600 }, { signedAtSeconds: at - 300 }] },
  ]);
  await proofsAreFresh(store);
  const view = await ask('proof exposure');
  expect(point(view)).toBe(
    '3 answers of the last 24h could be seen before they were proven: 0.011 at a time, on average.',
  );
  expect(wordsOf(view)).toContain('Batch: 3 answers, 900 answer-seconds unproven, 5 min an answer.');
  expect(wordsOf(view)).toContain('Together 900 answer-seconds in 23 h.');
  expect(view.chart?.panels[0]?.series[0]?.points.some(([, value]) => value === 0)).toBe(true);
});

test('an answer that waited over an hour is spread over the hours in which it was unproven', async () => {
  const { ask, store } = await askerOn(4);
  const at = NOW - 7_200;
  await seedSettlements(store, [{ kind: 'batch', atSeconds: at, answers: [{ signedAtSeconds: at - 5_400 }] }]);
  await proofsAreFresh(store);
  await store.meta.set(knownFromKey(settlementCursor(10_740)), String(at - 10_800));
  const points = new Map((await ask('proof exposure')).chart?.panels[0]?.series[0]?.points);
  expect([at - 14_400, at - 10_800, at - 7_200, at - 3_600, at].map((hour) => points.get(hour))).toEqual([
    // What was before settlements are known is not known; the rest is answers at a time, on average.
    ...[null, 0, 0.5, 1, 0],
  ]);
});
