import { describe, expect, test } from 'vitest';
import { metricsOf } from '../../src/insight/concentration.ts';
import type { SetMetrics } from '../../src/lib/influence.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW_MS } from './seed.ts';
import { address, dayAgo, keepSet, named, wallets } from './setSample.ts';

/** How concentration changed, and who moved it. */

const SET = 'bedrock.power';
const short = (nth: number): string => `${address(nth).slice(0, 8)}…${address(nth).slice(-4)}`;
const of = (weights: readonly number[]): SetMetrics => metricsOf(weights.map(BigInt));

describe('who moved it', () => {
  test('who is new, who is gone, and whose share went up or down, the largest moves first', async () => {
    const { ask, store, bot } = await askerOn(0);
    await keepSet(store, SET, named({ ann: 40, bob: 30, cid: 20, dee: 10 }), { daysAgo: 6 });
    const now = named({ ann: 60, bob: 15, cid: 0, dee: 10, eve: 15 }).filter(({ weight }) => weight > 0n);
    await keepSet(store, SET, now);
    const view = await ask('influence trend power 7d');
    const words = wordsOf(view);
    const moves = words.split('\n').filter((line) => line.startsWith('• '));
    expect(moves).toEqual([
      '• ann: up, 40 % → 60 %',
      '• cid: gone, had 20 %',
      '• bob: down, 30 % → 15 %',
      '• eve: new, now 15 %',
    ]);
    const [before, after] = [of([40, 30, 20, 10]), of([60, 15, 15, 10])];
    expect(words).toContain(`1 has more than half, fewer than the ${before.nakamotoHalf} of ${dayAgo(6)}`);
    expect(words).toContain('influence has concentrated');
    expect(words).toContain(`Gini: ${before.gini?.toFixed(3)} → ${after.gini?.toFixed(3)}`);
    expect(words).toContain('Entities (4)');
    expect(words).toContain(`Known: 2 days of 8, from ${dayAgo(6)} on.`);
    expect(view.sources).toContain('daily snapshots of this bot');
    expect(bot.reported).toEqual([]);
  });

  test('nobody, where every share is as it was', async () => {
    const { ask, store } = await askerOn(0);
    for (const daysAgo of [3, 0]) await keepSet(store, SET, wallets([3, 2, 1]), { daysAgo });
    const words = wordsOf(await ask('influence trend power 7d'));
    expect(words).toContain('Nobody’s share moved.');
    expect(words).toContain(
      `1 has more than half, as on ${dayAgo(3)}`.replace('1 has', `${of([3, 2, 1]).nakamotoHalf} have`),
    );
  });

  test('a share that hardly moved is not shown as two equal numbers', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, SET, wallets([100_000, 50_000]), { daysAgo: 2 });
    await keepSet(store, SET, wallets([100_010, 50_000]));
    const words = wordsOf(await ask('influence trend power 7d'));
    expect(words).toContain(`• ${short(0)}: up by less than 0.1 %, 66.6 %`);
  });

  test('of a day whose light members are not kept by name: said, and nobody is called new who may have been one of them', async () => {
    const { ask, store } = await askerOn(0);
    const before = Array.from({ length: 300 }, (_, nth) => 1_000 - nth);
    await keepSet(store, SET, wallets(before), { daysAgo: 80 });
    // One of the lightest is among the heaviest now; all others are as they were.
    const after = wallets(before).map((one, nth) => (nth === 299 ? { ...one, weight: 90_000n } : one));
    after.sort((a, b) => (a.weight < b.weight ? 1 : -1));
    await keepSet(store, SET, after);
    const words = wordsOf(await ask('influence trend power 90d'));
    expect(words).toContain(`of ${dayAgo(80)} the 100 heaviest are known by name, and the sum of the 200 others`);
    const moves = words.split('\n').filter((line) => line.startsWith('• '));
    expect(moves).toHaveLength(5);
    expect(moves[0]).toMatch(new RegExp(`^• ${short(299)}: not among the heaviest then, now 2[56]`));
    expect(words).not.toContain('new,');
    // Shares of then are of the whole, not of the hundred.
    const share = 1_000 / before.reduce((sum, one) => sum + one, 0);
    expect(moves[1]).toContain(`${Math.floor(share * 1000) / 10} % →`);
  });
});

describe('what it says first', () => {
  const cases: [what: string, before: number[], after: number[], words: RegExp][] = [
    [
      'fewer',
      [1, 1, 1, 1],
      [5, 1, 1, 1],
      /^1 has more than half, fewer than the 3 of .*: influence has concentrated\.$/,
    ],
    ['more', [5, 1, 1, 1], [1, 1, 1, 1], /^3 have more than half, more than the 1 of .*: influence has spread\.$/],
    ['as many', [6, 4], [9, 1], /^1 has more than half, as on .*; the largest has 90 %, after 60 % then\.$/],
    ['the same', [6, 4], [6, 4], /; the largest has 60 %, as then\.$/],
    ['nobody any more', [6, 4], [], /^Nobody has any weight now; on .* 1 had more than half\.$/],
    ['somebody again', [], [6, 4], /^1 has more than half; on .* nobody had any weight\.$/],
    ['nobody ever', [], [], /^Nobody had any weight then, and nobody has now: no value\.$/],
  ];
  test.each(cases)('%s', async (_, before, after, words) => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, SET, wallets(before), { daysAgo: 5 });
    await keepSet(store, SET, wallets(after));
    const [first] = wordsOf(await ask('influence trend power 7d'))
      .split('\n')
      .slice(1);
    expect(first).toMatch(words);
  });

  test('one day only: no trend yet, but what changed since its first reading', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, SET, wallets([5, 5]), { agoMs: 8 * 3_600_000 });
    await keepSet(store, SET, wallets([9, 1]));
    const view = await ask('influence trend power');
    expect(view).toMatchObject({ tone: 'unknown' });
    expect(view.chart).toBeUndefined();
    expect(wordsOf(view)).toContain(`Of the last 30d one day is known only, ${dayAgo(0)}: no trend yet.`);
    expect(wordsOf(view)).toContain('Top 1 share: 50 % → 90 %');
  });

  test('nothing within the window: the newest there is, and that it is not from now', async () => {
    const { ask, store } = await askerOn(0);
    for (const daysAgo of [60, 50]) await keepSet(store, SET, wallets([5, 5]), { daysAgo });
    const view = await ask('influence trend power 7d');
    expect(wordsOf(view)).toContain(`Nothing was read within the last 7d; the newest snapshot is of ${dayAgo(50)}.`);
    expect(wordsOf(view)).toContain('This is not from now');
    expect(view.chart).toBeUndefined();
    expect((await ask('influence trend power 90d')).chart).toBeDefined();
  });
});

describe('windows', () => {
  test.each([
    ['7d', 7],
    ['30d', 30],
    ['90d', 90],
    ['400d', 400],
  ])('%s: a point for every day from the first known one, gaps where none is, up to today', async (window, back) => {
    const { ask, store } = await askerOn(0);
    const known = [back + 1, back, back - 1, Math.floor(back / 2), 1].map((daysAgo) => Math.max(daysAgo, 1));
    for (const daysAgo of new Set(known)) await keepSet(store, SET, wallets([5 + daysAgo, 5]), { daysAgo });
    const { chart } = await ask(`influence trend power ${window}`);
    expect(chart?.fromSeconds).toBe(Date.parse(dayAgo(back)) / 1000);
    expect(chart?.toSeconds).toBe(Date.parse(dayAgo(-1)) / 1000);
    const shares = chart?.panels[1]?.series[0]?.points ?? [];
    expect(shares).toHaveLength(back + 1);
    const inWindow = new Set(known.filter((daysAgo) => daysAgo <= back));
    expect(shares.filter(([, value]) => value !== null)).toHaveLength(inWindow.size);
    for (const daysAgo of inWindow) {
      const at = Date.parse(dayAgo(daysAgo)) / 1000;
      expect(shares.find(([seconds]) => seconds === at)?.[1]).toBe(of([5 + daysAgo, 5]).top1);
    }
  });

  test('without one it is 30 days, and another is no window', async () => {
    const { ask, store } = await askerOn(0);
    for (const daysAgo of [40, 29, 0]) await keepSet(store, SET, wallets([5, 5]), { daysAgo });
    const view = await ask('influence trend power');
    expect(view.title).toBe('Influence over 30d: Locked voting power, Bedrock');
    expect(view.chart?.fromSeconds).toBe(Date.parse(dayAgo(29)) / 1000);
    expect((view.actions ?? []).map(({ label }) => label)).toEqual(['7d', '90d', '400d']);
    expect((await ask('influence trend power window:8d')).tone).toBe('error');
  });

  test('by the UTC day of this bot’s clock, not of the newest snapshot', async () => {
    const { ask, store, bot } = await askerOn(0);
    for (const daysAgo of [8, 3]) await keepSet(store, SET, wallets([5, 5]), { daysAgo });
    expect(new Date(NOW_MS).toISOString().slice(0, 10)).toBe(dayAgo(0));
    expect(wordsOf(await ask('influence trend power 7d'))).toContain('one day is known only');
    bot.context.clock.now = () => NOW_MS - 86_400_000;
    expect((await ask('influence trend power 7d')).chart).toBeDefined();
  });
});
