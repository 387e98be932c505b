import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT } from '../../src/charts/option.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../../src/lib/proofFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { readPng } from '../charts/png.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import { proofsAreFresh, seedDay, seedSettlements } from './seedProofs.ts';

const point = ({ lines }: View): string => (lines[0] as { strong: string }[])[0]?.strong ?? '';

test('the first line is the point: p50, p90 and label of each mode; then counts, the longest, and what is meant', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  const view = await ask('proof delay');
  expect(point(view)).toMatch(
    /^Batch: p50 (8 min 5\d|9 min \d+) s, p90 1[01] min( \d+ s)? \(normal\)\. Individual: p50 (39|40|41) s, p90 (39|40|41) s \(normal\)\.$/,
  );
  const words = wordsOf(view);
  expect(words).toContain('Batch: 184 answers; 100 % normal (≤ 16 min), 0 % slow, 0 % overdue (> 30 min)');
  expect(words).toContain('longest 11 min.');
  expect(words).toContain('Individual: 23 answers;');
  expect(words).toContain('± 5 min');
  expect(view).toMatchObject({ tone: 'ok', asOf: NOW - 2 });
  expect(view.sources[0]).toBe('settlements on chain 10740');
});

test('the picture: answers by delay and both quantiles over time, of the modes that there are', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  const { chart } = await ask('proof delay 24h');
  const [columns, line] = chart?.panels ?? [];
  expect(columns).toMatchObject({ kind: 'columns', unit: 'count' });
  expect(columns?.categories?.length).toBe(8);
  const sum = (at: number): number =>
    (columns?.series[at]?.points ?? []).reduce((all, [, count]) => all + (count ?? 0), 0);
  expect([sum(0), sum(1)]).toEqual([184, 23]);
  expect(line?.unit).toBe('min');
  expect(line?.series.map(({ name }) => name)).toEqual(['batch p50', 'batch p90', 'individual p50', 'individual p90']);
  // The hour that has just begun has no settlement: a gap, no zero.
  expect(line?.series[0]?.points.at(-1)?.[1]).toBeNull();
  expect(chart && readPng(drawChart(chart)).height).toBe(HEIGHT);
});

test('one node by name, a window in its place, and both', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  const one = await ask('proof delay gw1.og');
  expect(one.title).toBe('Proof delay: gw1.og-nodes.example:8443, last 24h');
  expect(wordsOf(one)).toContain('Batch: 61 answers');
  expect((await ask('proof delay 7d')).title).toBe('Proof delay: network, last 7d');
  expect((await ask('proof delay gw1.og 30d')).title).toBe('Proof delay: gw1.og-nodes.example:8443, last 30d');
  expect((await ask('proof delay gw99')).title).toBe('No such node');
});

test('slow and overdue are called so, by nine in ten, and the colour says it', async () => {
  const { ask, store } = await askerOn(4);
  const settle = (kind: 'batch' | 'individual', delay: number) => ({
    ...{ kind, atSeconds: NOW - 3_600, answers: [{ signedAtSeconds: NOW - 3_600 - delay }] },
  });
  await seedSettlements(store, [settle('batch', 1_200), settle('individual', 900)]);
  await proofsAreFresh(store);
  const view = await ask('proof delay');
  expect(point(view)).toMatch(/Batch: .*\(slow\)\. Individual: .*\(overdue\)\.$/);
  expect(view.tone).toBe('degraded');
});

test('answers that were signed after they were settled count as 0 s, and are counted', async () => {
  const { ask, store } = await askerOn(4);
  await seedSettlements(store, [
    { kind: 'batch', atSeconds: NOW - 600, answers: [{ signedAtSeconds: NOW - 500 }, { signedAtSeconds: NOW - 900 }] },
  ]);
  await proofsAreFresh(store);
  expect(wordsOf(await ask('proof delay'))).toContain('1 of them were signed after they were settled, by their clocks');
});

test('a window without proofs: not known, no zero, no picture', async () => {
  const { ask, store } = await askerOn(4);
  await seedSettlements(store, []);
  await proofsAreFresh(store);
  const view = await ask('proof delay');
  expect(point(view)).toBe('No valid proof is known of the last 24h: the delay is not known, it is not zero.');
  expect(view).toMatchObject({ tone: 'unknown' });
  expect(view.chart).toBeUndefined();
});

test.each(['proof delay', 'proof exposure', 'usage', 'proof node gw1', 'proof delay gw1'])(
  '%s before settlements were read says so, and nothing about the proofs',
  async (question) => {
    const { ask } = await askerOn(4);
    const view = await ask(question);
    expect(view).toMatchObject({ tone: 'unknown', asOf: null });
    expect(point(view)).toBe('No settlements have been read so far');
    expect(wordsOf(view)).toContain('the settlement log has not been asked yet');
  },
);

test.each(['proof delay', 'proof exposure', 'usage', 'proof node gw1'])(
  '%s while the chain cannot be asked, history is read and proofs wait: says all three, without internals',
  async (question) => {
    const { ask, store } = await askerOn(4);
    await seedSettlements(
      store,
      [
        { kind: 'batch', atSeconds: NOW - 9_000, answers: [{ signedAtSeconds: NOW - 9_300, node: 1 }] },
        { kind: 'batch', atSeconds: NOW - 8_000, answers: [], state: null },
      ],
      { headSeconds: NOW - 7_200 },
    );
    await proofsAreFresh(store);
    await store.sources.put({
      ...{ source: SETTLEMENT_SOURCE, state: 'failing', lastSuccessAtMs: NOW_MS - 600_000, lastAttemptAtMs: NOW_MS },
      ...{ failingSinceMs: NOW_MS - 500_000, error: 'https://user:secret@rpc', shortError: 'the RPC does not answer' },
    });
    const view = await ask(question);
    const words = wordsOf(view);
    expect(words).toContain('the settlement log could not be asked: the RPC does not answer.');
    expect(words).toContain('History is being read: settlements are known up to ');
    expect(words).toContain('1 settlement has waited 2 h 13 min for its check: it is not in this yet.');
    expect(words).not.toContain('secret');
    expect(view.asOf).toBe(NOW - 600);
  },
);

test('storage that cannot be asked is said, and is no failure of the proofs', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  await store.sources.put({
    ...{ source: PROOF_SOURCE, state: 'failing', lastSuccessAtMs: NOW_MS - 60_000, lastAttemptAtMs: NOW_MS },
    ...{ failingSinceMs: NOW_MS - 50_000, error: 'x', shortError: 'no aggregator answers' },
  });
  const view = await ask('proof delay');
  expect(wordsOf(view)).toContain('the storage of proofs could not be asked: no aggregator answers.');
  expect(view.tone).toBe('ok');
});

test('of a longer window it says since when settlements are known', async () => {
  const { ask, store } = await askerOn(4);
  await seedDay(store);
  for (const question of ['proof delay 7d', 'proof exposure 7d', 'usage 7d', 'proof node gw1 7d']) {
    expect(wordsOf(await ask(question)), question).toContain(`Settlements are known only since ${NOW - 23 * 3_600}`);
  }
});
