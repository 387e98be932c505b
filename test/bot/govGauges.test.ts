import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT } from '../../src/charts/option.ts';
import { gaugeCursor } from '../../src/lib/gaugeFacts.ts';
import { knownFromKey } from '../../src/lib/proofFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { readPng } from '../charts/png.ts';
import { gaugeReading, WEI } from '../store/gaugeSample.ts';
import { block, hex } from '../store/sample.ts';
import { type Asker, askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import {
  ALICE,
  BOB,
  BRBTC,
  EPOCH,
  governanceIsFresh,
  isFailing,
  OLD,
  seedGauges,
  seedGovernance,
  UNIBTC,
  UNNAMED,
  VOTES,
} from './seedGovernance.ts';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedGovernance(asker.store);
  return asker;
}

const rowsOf = (view: View): string[] =>
  wordsOf(view)
    .split('\n')
    .filter((line) => /^\d+\. /.test(line));

test('gauges: the heaviest first, by the names of their metadata, without a name by address', async () => {
  const { ask } = await seeded();
  const view = await ask('gov gauges');
  expect(pointOf(view)).toBe('uniBTC vault leads with 80.7 % of 1.7M BR on 4 gauges, cast by 4 wallets.');
  expect(rowsOf(view)).toEqual([
    '1. uniBTC vault: 80.7 %, 1.37M BR',
    '2. brBTC on Berachain: 15.7 %, 268k BR',
    '3. 0x6c3000…06c3: 3.5 %, 60k BR',
    '4. Pool of 2025: 0 %, 0 BR (not active)',
  ]);
  expect(wordsOf(view)).toContain('Gauge votes are a signal');
  expect(view.chart?.panels[0]?.series[0]?.points.map(([, value]) => value)).toEqual([80.7, 15.7, 3.5, 0]);
  expect(view.chart && readPng(drawChart(view.chart)).height).toBe(HEIGHT);
  expect((await ask(view.actions?.[1]?.command ?? '')).title).toBe('Gauge brBTC on Berachain');
});

test('many gauges: pages, each with buttons of its own, and a picture of the heaviest', async () => {
  const { ask, store } = await askerOn(0);
  const gauges = Array.from({ length: 35 }, (_, at) => ({
    ...{ address: hex((BigInt(at + 0x100) << 140n) + BigInt(at), 20), active: true, createdAtSeconds: 1 },
    ...{ text: `Pool ${at}`, votesWei: BigInt(1_000 - at) * WEI },
  }));
  await store.gauges.saveReading(gaugeReading({ block: block(NOW - 5), gauges }), NOW_MS - 5_000);
  await governanceIsFresh(store, [VOTES]);
  const view = await ask('gov gauges page:2');
  expect(rowsOf(view)[0]).toMatch(/^11\. Pool 10: /);
  expect(view.page).toMatchObject({ number: 2, of: 4 });
  expect(view.actions?.[0]?.label).toBe('Pool 10');
  expect(view.chart?.panels[0]?.categories).toHaveLength(8);
  expect(view.chart?.subtitle).toBe('the heaviest 8 of 35');
  // Logs are not read: how many wallets cast it is not said.
  expect(pointOf(view)).not.toContain('wallet');
});

test('one gauge: its share, who decides it by owner, what of it is old, and what changed since the last epoch', async () => {
  const { ask } = await seeded();
  const view = await ask('gov gauge unibtc');
  expect(pointOf(view)).toBe('80.7 % of the power on gauges. 1.37M BR, place 1 of 4.');
  const words = wordsOf(view);
  expect(words).toContain('Decided by 3 wallets: 0x000000…00a1 97.6 %');
  expect(words).toContain('2 of 3 voted this epoch; the others’ votes still stand.');
  expect(words).toMatch(/Since the last epoch \(2026-11-18\): up from 79 %\./);
  expect(words).toContain('Wallets are not people');
});

test('by address, by its beginning, by a part of its name; several that it may be are offered', async () => {
  const { ask } = await seeded();
  expect((await ask(`gov gauge ${UNNAMED}`)).title).toBe('Gauge 0x6c3000…06c3');
  expect((await ask(`gov gauge ${UNNAMED.toUpperCase().replace('X', 'x').slice(0, 9)}`)).title).toBe(
    'Gauge 0x6c3000…06c3',
  );
  expect((await ask('gov gauge "BRBTC on berachain"')).title).toBe('Gauge brBTC on Berachain');
  const which = await ask('gov gauge btc');
  expect(which).toMatchObject({ tone: 'error', title: 'Which gauge?' });
  expect(which.actions?.map(({ label }) => label)).toEqual(['uniBTC vault', 'brBTC on Berachain']);
  const none = await ask('gov gauge atlantis');
  expect(none).toMatchObject({ tone: 'error', title: 'No such gauge' });
  expect((await ask(none.actions?.[0]?.command ?? '')).title).toBe('Gauge uniBTC vault');
});

test('one that is not active, with nobody’s votes; one with old votes only', async () => {
  const { ask } = await seeded();
  const old = await ask(`gov gauge ${OLD}`);
  expect(old.tone).toBe('unknown');
  expect(pointOf(old)).toContain('and it is not active');
  expect(wordsOf(old)).toContain('Nobody’s votes stand on it.');
  expect(wordsOf(await ask(`gov gauge ${UNNAMED}`))).toContain('None of these votes is of this epoch.');
});

test('while logs are still read, or no snapshot is stored, what is not known is said to be so', async () => {
  const { ask, store } = await askerOn(0);
  await seedGauges(store);
  await governanceIsFresh(store);
  expect(wordsOf(await ask('gov gauge unibtc'))).toContain(
    'What changed since the last epoch is not known: no snapshot of it is stored.',
  );
  await store.meta.set(knownFromKey(gaugeCursor(VOTES, 56)), '');
  await store.gauges.saveReading(gaugeReading({ block: block(NOW - 5) }), NOW_MS - 4_000);
  const words = wordsOf(await ask('gov gauge pool'));
  expect(words).toContain('Who decides it is not known yet.');
  expect(words).toContain('Its history of votes is still being read');
});

test('Curve: who decides is what the contract says', async () => {
  const { ask, store } = await askerOn(0);
  const gauge = { active: true, createdAtSeconds: 1, text: 'pool', address: UNIBTC, votesWei: 4n * WEI };
  const standing = [
    { owner: BOB, gauge: UNIBTC, powerWei: 1n * WEI },
    { owner: ALICE, gauge: UNIBTC, powerWei: 3n * WEI },
    { owner: ALICE, gauge: BRBTC, powerWei: 9n * WEI },
  ];
  await store.gauges.saveReading(
    gaugeReading({ block: block(NOW - 5), season: null, gauges: [gauge], standing }),
    NOW_MS - 5_000,
  );
  await governanceIsFresh(store, [VOTES]);
  const words = wordsOf(await ask('gov gauge pool'));
  expect(words).toContain('Decided by 2 wallets: 0x000000…00a1 75 %, 0x000000…00b0 25 %.');
  expect(words).not.toContain('this epoch');
});

test('nothing on any gauge, no gauges, nothing read, a source that fails', async () => {
  const { ask, store } = await askerOn(0);
  expect((await ask('gov gauges')).title).toBe('Gauges: not known yet');
  const reading = gaugeReading({ block: block(NOW - 5), missing: ['The lock NFT did not answer.'] });
  await store.gauges.saveReading({ ...reading, gauges: [] }, NOW_MS - 5_000);
  await governanceIsFresh(store, [VOTES]);
  const empty = await ask('gov gauges');
  expect(pointOf(empty)).toBe('The voter contract lists no gauges.');
  expect(wordsOf(empty)).toContain('The lock NFT did not answer.');
  await store.gauges.saveReading({ ...reading, gauges: [], totalCastWei: null }, NOW_MS - 4_500);
  expect(pointOf(await ask('gov gauges'))).toBe('Which gauges there are is not known.');
  await store.gauges.saveReading(
    { ...reading, gauges: [{ address: UNIBTC, active: true, createdAtSeconds: 1, text: null, votesWei: 0n }] },
    NOW_MS - 4_000,
  );
  const idle = await ask('gov gauges');
  expect(pointOf(idle)).toBe('1 gauge, and no power stands on any of them.');
  expect(idle.chart).toBeUndefined();
  await isFailing(store, VOTES);
  expect(wordsOf(await ask('gov gauges'))).toContain('This is not from now: the vote escrow');
});

test('a network without gauges says so', async () => {
  const { ask } = await seeded();
  const view = await ask('gov gauges opengradient');
  expect(pointOf(view)).toBe('No source of gauges is configured for OpenGradient: this says nothing about them.');
  expect(view.actions?.map(({ command }) => command)).toEqual(['gov gauges network:bedrock']);
});

test('suggestions come from the last reading: no log is replayed for them', async () => {
  const { bot, store } = await seeded();
  store.gauges.events = async () => {
    throw new Error('replayed');
  };
  const found = await bot.suggest(['gov', 'gauge'], 'gauge', 'btc');
  expect(found.map(({ label }) => label)).toEqual(['uniBTC vault, 80.7 %', 'brBTC on Berachain, 15.7 %']);
  expect((await bot.suggest(['gov', 'gauge'], 'gauge', '0x6c3')).map(({ value }) => value)).toEqual([UNNAMED]);
  expect(bot.reported).toEqual([]);
});

test('the epoch: open for how long, the season and its next reset, voted against standing, exiting apart', async () => {
  const { ask } = await seeded();
  const view = await ask('gov epoch');
  expect(view).toMatchObject({ title: `Epoch ${EPOCH} of Bedrock`, tone: 'ok' });
  expect(pointOf(view)).toBe('Voting is open for 4 d 11 h more.');
  const words = wordsOf(view);
  expect(words).toContain('Season 2: since');
  expect(words).toContain('Next reset: none is announced.');
  const fields = Object.fromEntries((view.fields ?? []).map(({ name, value }) => [name, value]));
  expect(fields).toEqual({
    'Voted this epoch': '2 wallets (33.3 % of wallets) with 1.16M BR (56.3 % of power)',
    'Standing on gauges': '1.7M BR, votes of earlier epochs among it',
    'Power that could vote': '2.06M BR in 8 locks of 6 wallets',
    'Exiting, not counted': '1 lock with 30k BR',
    'To leave': 'locked 28 d at least, then 14 d of waiting',
  });
});
