import { expect, test } from 'vitest';
import { knownFromKey, settlementCursor } from '../../src/lib/proofFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import { proofsAreFresh, seedDay, seedSettlements } from './seedProofs.ts';

const point = ({ lines }: View): string => (lines[0] as { strong: string }[])[0]?.strong ?? '';
const field = (view: View, name: string): unknown => view.fields?.find((one) => one.name.startsWith(name))?.value;

/** A batch of `count` every hour of a day that began `daysAgo` days ago. */
const dayOf = (daysAgo: number, count: number) =>
  Array.from({ length: 24 }, (_, hour) => {
    const atSeconds = Math.floor(NOW / 86_400) * 86_400 - daysAgo * 86_400 + hour * 3_600 + 1_800;
    return {
      ...{ kind: 'batch' as const, atSeconds },
      answers: Array.from({ length: count }, (_, one) => ({ signedAtSeconds: atSeconds - 300 - one })),
    };
  });

test('the first line is the point; then nodes, payers, and what is not known with its reason', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  const view = await ask('usage');
  expect(point(view)).toBe('207 answers settled in the last 24h: 184 in batches, 23 one by one.');
  expect(wordsOf(view)).toMatch(/gw0\.og-nodes\.example:8443: 70 \(33\.8 %\)/);
  expect(field(view, 'Growth')).toBe('not known: the time before it is not known in full');
  expect(field(view, 'Distinct payers')).toMatch(/^3 of answers settled one by one; batches name none/);
  expect(field(view, 'Settled by nobody')).toBe('not known (the facilitator’s count of requests is not known).');
  expect(field(view, 'Older')).toBeUndefined();
});

test('growth against as long a time before, and the share that nobody settled on whole days', async () => {
  const { ask, store } = await askerOn(4);
  await seedSettlements(store, [...dayOf(15, 1), ...dayOf(9, 2), ...dayOf(2, 3)]);
  await proofsAreFresh(store);
  const day = new Date(NOW_MS - 2 * 86_400_000).toISOString().slice(0, 10);
  const rest = { costOpg: '1', inputTokens: 1, outputTokens: 1, readAtMs: NOW_MS };
  await store.proofs.saveUsage([], [{ day, requests: 96, ...rest }]);
  const view = await ask('usage 7d');
  expect(point(view)).toBe(
    '72 answers settled in the last 7d: 72 in batches, 0 one by one, +50 % against the 7d before.',
  );
  expect(field(view, 'Growth')).toBe('+50 % (72 against 48)');
  expect(field(view, 'Distinct payers')).toBe('not known: batches name none');
  expect(field(view, 'Settled by nobody')).toMatch(
    /^25 %, as far as can be known \(24 of 96 requests .* 1 whole UTC day\)/,
  );
  expect(wordsOf(await ask('proof exposure 7d'))).toContain('Never proven: 25 %, as far as can be known');
});

test('a facilitator that is not configured is the reason, not a zero', async () => {
  const { ask, store, bot } = await askerOn(4);
  await seedDay(store);
  Object.assign(bot.context, { configured: { ...bot.context.configured, facilitator: false } });
  expect(field(await ask('usage'), 'Settled by nobody')).toBe('not known (the facilitator is not configured).');
  expect(wordsOf(await ask('proof exposure'))).toContain(
    'Never proven: not known (the facilitator is not configured).',
  );
});

test('older forms stand apart and count nowhere; what is refused is said', async () => {
  const { ask, store } = await askerOn(4);
  await seedSettlements(store, [
    { kind: 'batch', atSeconds: NOW - 900, answers: [{ signedAtSeconds: NOW - 1_000 }] },
    { kind: 'old-batch', atSeconds: NOW - 800, answers: [{ signedAtSeconds: 1 }, { signedAtSeconds: 1 }], state: null },
    { kind: 'batch', atSeconds: NOW - 700, answers: [{ signedAtSeconds: NOW - 900 }], state: 'refused' },
  ]);
  await proofsAreFresh(store);
  const view = await ask('usage');
  expect(point(view)).toMatch(/^1 answer settled in the last 24h: 1 in batches/);
  expect(field(view, 'Older forms')).toBe('batches without a blob: 1 event (2 answers)');
  expect(wordsOf(view)).toContain('1 settlement of senders that are not allowed: not counted.');
  expect(wordsOf(view)).toContain('All of one node:');
});

test('nothing settled in a time that is known is nothing; in a time that is not known it is not known', async () => {
  const { ask, store } = await askerOn(4);
  await seedSettlements(store, [], {});
  await proofsAreFresh(store);
  expect(point(await ask('usage'))).toBe('Nothing is known of settlements in the last 24h: not known, not zero.');
  expect(point(await ask('proof exposure'))).toBe(
    'Nothing is known of settlements in the last 24h: not known, not zero.',
  );
  const old = NOW - 3 * 86_400;
  await seedSettlements(store, [{ kind: 'batch', atSeconds: old, answers: [{ signedAtSeconds: old - 60 }] }]);
  expect(point(await ask('usage'))).toBe('No answer was settled in the last 24h.');
  expect(point(await ask('proof exposure'))).toBe('No valid answer signed in the last 24h is settled so far.');
});

test('since when settlements are known is what was noted when their history was read', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  await store.meta.set(knownFromKey(settlementCursor(10_740)), String(NOW - 40 * 86_400));
  expect(wordsOf(await ask('usage 7d'))).not.toContain('known only since');
  expect(field(await ask('usage 7d'), 'Growth')).toBe('not known: fewer than 20 answers in the time before it');
});
