import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT } from '../../src/charts/option.ts';
import { gaugeCursor } from '../../src/lib/gaugeFacts.ts';
import { readPng } from '../charts/png.ts';
import { gaugeReading, log, WEI } from '../store/gaugeSample.ts';
import { block } from '../store/sample.ts';
import { type Asker, askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import {
  ALICE,
  BOB,
  EPOCH,
  governanceIsFresh,
  isFailing,
  ORCHARD,
  seedGovernance,
  UNIBTC,
  VOTES,
} from './seedGovernance.ts';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedGovernance(asker.store);
  return asker;
}

test('epochs: the point is how many voted in the last one that is over, of both denominators, and before', async () => {
  const { ask } = await seeded();
  const view = await ask('gov participation bedrock');
  expect(pointOf(view)).toBe(
    `2 wallets voted in epoch ${EPOCH - 1} (74.8 % of power, 28.5 % of wallets); 3 in the one before, 6 at most.`,
  );
  const words = wordsOf(view);
  expect(words).toContain(`• ${EPOCH - 1}: 2 wallets with 1.28M BR`);
  expect(words).toContain(
    `• ${EPOCH - 2}: 3 wallets with 982k BR (76.6 % of power, 42.8 % of wallets); 2 of 3 came back`,
  );
  expect(words).toMatch(new RegExp(`• ${EPOCH - 3}: .*; 3 of 5 came back, 2 lapsed, a season began`));
  expect(words).toContain('of the power of all live locks, and of the wallets that own them');
  expect(words).toContain('Wallets are not people');
  expect(view.lines.length).toBeLessThanOrEqual(11);
});

test('who voted in every epoch is counted up to the last one that is over', async () => {
  const { ask } = await seeded();
  expect(wordsOf(await ask('gov participation bedrock'))).toContain(
    `2 wallets voted in every epoch from ${EPOCH - 7} to ${EPOCH - 1}.`,
  );
});

test('a network with gauges and proposals: the epochs, and how the votes on proposals went', async () => {
  const { ask, bot } = await seeded();
  bot.context.governance = bot.context.governance.map((network) =>
    network.name === 'bedrock' ? { ...network, origins: [...network.origins, ...ORCHARD.origins] } : network,
  );
  expect(wordsOf(await ask('gov participation bedrock'))).toContain(
    'Proposals: 1 vote ended; 3 wallets voted in the newest; turnout by power is not known.',
  );
});

test('of the epoch that runs nobody has lapsed: they may still vote', async () => {
  const { ask } = await seeded();
  const running = wordsOf(await ask('gov participation bedrock'))
    .split('\n')
    .find((line) => line.startsWith(`• ${EPOCH} (now)`));
  expect(running).toMatch(/1 of 2 came back so far, 1 after a pause$/);
  expect(running).not.toContain('lapsed');
});

test('the picture: wallets and those who came back, and turnout; what is not known is a gap', async () => {
  const { ask } = await seeded();
  const { chart } = await ask('gov participation bedrock');
  const [wallets, turnout] = chart?.panels ?? [];
  expect(chart?.subtitle).toBe(`by epoch, ${EPOCH} so far; * a season began`);
  expect(wallets?.categories).toHaveLength(8);
  expect(wallets?.categories?.filter((name) => name.endsWith('*'))).toEqual([`${EPOCH - 3} *`]);
  expect(wallets?.series[0]?.points.map(([, value]) => value)).toEqual([6, 6, 5, 5, 3, 3, 2, 2]);
  expect(turnout?.series[0]?.points.slice(0, 3).map(([, value]) => value)).toEqual([null, null, 88.8]);
  expect(chart && readPng(drawChart(chart)).height).toBe(HEIGHT);
});

test('a window shows what is in it, and offers the others', async () => {
  const { ask } = await seeded();
  const view = await ask('gov participation bedrock 30d');
  expect(view.title).toBe('Participation in Bedrock, last 30d');
  expect(view.chart?.panels[0]?.categories).toHaveLength(2);
  expect(view.actions?.map(({ label }) => label)).toEqual(['90d', '180d', '400d', 'Epoch']);
  const wide = await ask(view.actions?.[2]?.command ?? '');
  expect(wide.title).toBe('Participation in Bedrock, last 400d');
  expect(wide.chart?.panels[0]?.categories).toHaveLength(8);
});

test('proposals: turnout of the newest and on average, and who came back from one to the next', async () => {
  const { ask } = await seeded();
  const view = await ask('gov participation opengradient');
  expect(pointOf(view)).toBe('6 votes ended. Turnout by power: 40 % in the newest, 60 % on average.');
  const words = wordsOf(view);
  expect(words).toContain('• #8 Upgrade to v0.7.0: 40 % of power, 2 wallets; 1 of 1 came back');
  expect(words).toContain('• #7 Raise the deposit: 20 % of power, 1 wallet; 1 of 3 came back');
  expect(view.chart?.panels.map(({ title }) => title)).toEqual(['Turnout by power', 'Wallets that voted']);
  expect(view.chart && readPng(drawChart(view.chart)).height).toBe(HEIGHT);
});

test('where nobody knows what could vote, turnout is not known; a single vote has nobody who came back', async () => {
  const { ask, bot } = await seeded();
  bot.context.governance = [...bot.context.governance, ORCHARD];
  const view = await ask('gov participation orchard');
  expect(pointOf(view)).toBe('1 vote ended; 3 wallets voted in the newest; turnout by power is not known.');
  expect(view.chart?.panels.map(({ title, series }) => [title, series.length])).toEqual([['Wallets that voted', 1]]);
});

test('no vote in the window, and none at all', async () => {
  const { ask, bot } = await seeded();
  bot.context.clock = { ...bot.context.clock, now: () => NOW_MS + 200 * 86_400_000 };
  expect(pointOf(await ask('gov participation opengradient 30d'))).toBe(
    'No vote of the last 30d is over, as far as is known.',
  );
  const late = await ask('gov participation bedrock 30d');
  expect(pointOf(late)).toBe('Nobody is known to have voted in the last 30d.');
  expect(late).toMatchObject({ tone: 'unknown' });
  expect(late.chart).toBeUndefined();
});

test('several networks are asked for; unread ones say so; a failing one is of then', async () => {
  const { ask, store } = await seeded();
  const which = await ask('gov participation');
  expect(which).toMatchObject({ tone: 'error', title: 'Which network?' });
  expect((await ask(which.actions?.[1]?.command ?? '')).title).toBe('Participation in Bedrock, last 180d');
  await isFailing(store, VOTES);
  expect(wordsOf(await ask('gov participation bedrock'))).toContain('This is not from now');
  const { ask: unread } = await askerOn(0);
  expect((await unread('gov participation bedrock')).title).toBe('Votes: not known yet');
  expect((await unread('gov participation opengradient')).title).toBe('Votes: not known yet');
});

test('while the logs are still read, what is known of voters is said to be incomplete', async () => {
  const { ask, store } = await askerOn(0);
  await store.gauges.saveReading(gaugeReading({ block: block(NOW - 5) }), NOW_MS - 5_000);
  await governanceIsFresh(store, [VOTES]);
  const words = wordsOf(await ask('gov participation bedrock'));
  expect(words).toContain('Its history of votes is still being read');
});

test('Curve: wallets are counted, the power that its logs do not say is not made up', async () => {
  const { ask, store } = await askerOn(0);
  const weighted = (at: number, from: typeof ALICE, epoch: number) =>
    log('weighted', at, { from, gauge: UNIBTC, weightBps: 10_000, epoch, atSeconds: at });
  const week = 7 * 86_400;
  await store.gauges.saveEvents(
    VOTES,
    [weighted(NOW - 2 * week, ALICE, 10), weighted(NOW - 2 * week + 1, BOB, 10), weighted(NOW - week, BOB, 11)],
    { name: gaugeCursor(VOTES, 56), block: block(NOW) },
  );
  await store.gauges.saveReading(
    gaugeReading({ block: block(NOW - 5), clock: null, season: null, totalCastWei: 9n * WEI }),
    NOW_MS - 5_000,
  );
  await governanceIsFresh(store, [VOTES]);
  const words = wordsOf(await ask('gov participation bedrock'));
  expect(words).toContain('• 10: 2 wallets (turnout not known)');
  expect(words).not.toContain('0 BR');
  expect(words).not.toContain('a season began');
});
