import { expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW } from './seed.ts';
import { proofsAreFresh, seedDay, seedSettlements } from './seedProofs.ts';

const point = ({ lines }: View): string => (lines[0] as { strong: string }[])[0]?.strong ?? '';

test('settled, valid, its delay beside the others’ and its place among them', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  const at = NOW - 1_200;
  // Node 1 is slower than the others, and one of its answers is forged.
  await seedSettlements(
    store,
    [
      {
        ...{ kind: 'batch', atSeconds: at },
        answers: [
          ...Array.from({ length: 40 }, (_, one) => ({ signedAtSeconds: at - 1_500 - one, node: 1 })),
          { signedAtSeconds: at - 60, node: 1, verdict: 'bad-signature' as const },
        ],
      },
    ],
    { first: 500 },
  );
  const view = await ask('proof node gw1');
  expect(point(view)).toMatch(
    /^109 answers settled, 108 \(99 %\) valid\. By p90 delay, fastest first: batch 3 of 3, individual [123] of 3\.$/,
  );
  expect(wordsOf(view)).toMatch(
    /Batch: 101 of 102 valid; .*\(slow\); the other 2 nodes: p50 .*, p90 .*, 100 % valid\./,
  );
  expect(view.tone).toBe('degraded');
});

test('a node of which nothing was settled: as far as is known, and no share', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  const view = await ask('proof node gw3');
  expect(point(view)).toBe('No answer of it was settled in the last 24h, as far as is known.');
  expect(view.tone).toBe('unknown');
  expect(wordsOf(view)).not.toContain('%');
});

test('the only node is compared with nobody, and a few proofs have no delay yet', async () => {
  const { ask, store } = await askerOn(1);
  const settle = (count: number) => ({
    ...{ kind: 'batch' as const, atSeconds: NOW - 900 },
    answers: Array.from({ length: count }, (_, one) => ({ signedAtSeconds: NOW - 1_200 - one })),
  });
  await seedSettlements(store, [settle(4)]);
  await proofsAreFresh(store);
  expect(wordsOf(await ask('proof node gw0'))).toContain('4 of 4 valid; too few to speak of a delay');
  await seedSettlements(store, [settle(6)], { first: 100 });
  const view = await ask('proof node gw0');
  expect(point(view)).toBe('10 answers settled, all valid.');
  expect(wordsOf(view)).toContain('no others to compare it with');
});

test('a node that is not there is offered others instead', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  expect((await ask('proof node gw9')).title).toBe('No such node');
});
