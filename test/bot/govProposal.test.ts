import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT } from '../../src/charts/option.ts';
import type { View } from '../../src/lib/view.ts';
import { readPng } from '../charts/png.ts';
import { WEI } from '../store/gaugeSample.ts';
import { terms } from '../store/governanceSample.ts';
import { type Asker, askerOn } from './ask.ts';
import { pointOf, wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import {
  ballot,
  freeTerms,
  GOVERNANCE,
  governanceIsFresh,
  isFailing,
  ORCHARD,
  orchardProposal,
  orchardRef,
  orchardVote,
  poaProposal,
  SNAPSHOT,
  saveOn,
  seedGovernance,
  seedValidators,
} from './seedGovernance.ts';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedGovernance(asker.store);
  asker.bot.context.governance = [...asker.bot.context.governance, ORCHARD];
  return asker;
}

const fieldOf = (view: View, name: string): unknown => view.fields?.find((field) => field.name === name)?.value;

test('an open one: time left, tally, turnout of both denominators, quorum, who decides, who has not voted', async () => {
  const { ask } = await seeded();
  const view = await ask('gov proposal 12');
  expect(view.title).toBe('#12 Admit validator larch');
  expect(pointOf(view)).toBe(
    'Voting ends in 5 h 12 min: 66.6 % yes, turnout 60 % of bonded power, quorum of 33.4 % reached. As it stands it passes.',
  );
  const words = wordsOf(view);
  expect(words).toContain('Not voted yet: oak, pine (2 of 5 validators).');
  expect(words).toContain(
    'Who decides: no voter cast more than 33.3 % of the power cast. 1 voter changing sides would turn it.',
  );
  expect(words).toContain('Proof of authority');
  expect(words).toContain('Validators are not people');
  expect(fieldOf(view, 'Tally')).toBe('Yes 2 (66.6 %) · Abstain 0 · No 1 (33.3 %) · No with veto 0, in power');
  expect(fieldOf(view, 'Turnout by power')).toBe('60 %: 3 of 5 power (bonded power)');
  expect(fieldOf(view, 'Turnout by wallets')).toBe('60 %: 3 of 5 validators');
  expect(fieldOf(view, 'Quorum')).toBe('reached: 3 of 1.67 power needed');
  expect(view.sources).toEqual(['gov precompile 0x0000…0805 on chain 10740']);
  // What a phone shows without scrolling, pictures aside.
  expect(view.lines.length + (view.fields?.length ?? 0)).toBeLessThanOrEqual(14);
});

test('the picture: shares of what was cast, and turnout beside the quorum; the numbers are those of the words', async () => {
  const { ask } = await seeded();
  const { chart } = await ask('gov proposal 12');
  const [cast, able] = chart?.panels ?? [];
  expect(cast?.categories).toEqual(['Yes', 'Abstain', 'No', 'No with veto']);
  expect(cast?.series[0]?.points.map(([, value]) => value)).toEqual([66.6, 0, 33.3, 0]);
  expect(able).toMatchObject({ categories: ['turnout', 'quorum'] });
  expect(able?.series[0]?.points.map(([, value]) => value)).toEqual([60, 33.4]);
  expect(chart && readPng(drawChart(chart)).height).toBe(HEIGHT);
  // Nothing was cast: there is nothing to draw.
  expect((await ask('gov proposal 10')).chart).toBeUndefined();
});

test('one whose end was changed says so; one that collects its deposit has no tally', async () => {
  const { ask } = await seeded();
  const moved = await ask('gov proposal #11');
  expect(pointOf(moved)).toMatch(/^Voting ends in 3 d: turnout 0 % .* Nobody has voted yet\.$/);
  expect(moved.lines[1]).toEqual([
    { strong: 'Its end was changed' },
    ': before, it was ',
    { time: NOW + 5 * 3_600 + 720 },
    '.',
  ]);
  const deposit = await ask('gov proposal 9');
  expect(pointOf(deposit)).toBe('Collecting its deposit.');
  expect(fieldOf(deposit, 'Tally')).toBeUndefined();
  expect(fieldOf(deposit, 'Quorum')).toBe('1.67 power needed');
});

test('those that are over, with votes that the chain forgot: what was recorded while it was open still counts', async () => {
  const { ask } = await seeded();
  const vetoed = await ask('gov proposal 5');
  expect(pointOf(vetoed)).toMatch(/^Vetoed: 50 % yes, turnout 80 %/);
  expect(vetoed.tone).toBe('degraded');
  expect(wordsOf(vetoed)).toContain('1 voter changing sides would have turned it.');
  expect(fieldOf(vetoed, 'Turnout by wallets')).toBe('4 wallets; how many could vote is not known');
  const short = await ask('gov proposal 7');
  expect(pointOf(short)).toMatch(
    /^Failed for lack of quorum: .*quorum of 33.4 % not reached \(0.67 power missing\)\.$/,
  );
  expect(wordsOf(short)).toContain('Who decides: cedar cast 100 % of the power cast.');
  expect(wordsOf(short)).not.toContain('changing sides');
  expect(wordsOf(short)).not.toContain('Not voted');
  expect((await ask('gov proposal 8')).tone).toBe('ok');
});

test('who has not voted is said only of votes that were read completely, and of late', async () => {
  const { ask, store, bot } = await askerOn(0);
  await seedValidators(store);
  const votes = [ballot(0, 0)];
  const reading = poaProposal('1', votes);
  await saveOn(store, GOVERNANCE, [{ reading }]);
  await governanceIsFresh(store);
  expect(wordsOf(await ask('gov proposal 1'))).toContain('Who has not voted is not known');
  await saveOn(store, GOVERNANCE, [{ reading, votes }], NOW - 4);
  expect(wordsOf(await ask('gov proposal 1'))).toContain('Not voted yet: elm, fir, oak, pine');
  // One answer without votes, by mistake: they are not forgotten.
  await saveOn(store, GOVERNANCE, [{ reading, votes: [] }], NOW - 3);
  expect(wordsOf(await ask('gov proposal 1'))).toContain('Not voted yet: elm, fir, oak, pine');
  bot.context.clock = { ...bot.context.clock, now: () => NOW_MS + 20 * 60_000 };
  const later = wordsOf(await ask('gov proposal 1'));
  expect(later).toContain('Who has not voted is not known');
  expect(later).not.toContain('Not voted yet');
});

test('everybody voted; a validator that left or is not bonded is not missed', async () => {
  const { ask, store } = await askerOn(0);
  await seedValidators(store, [{}, {}, {}, { status: 'unbonding', jailed: true }]);
  const votes = [0, 1, 2, 4].map((index) => ballot(index, 0));
  await saveOn(store, GOVERNANCE, [{ reading: poaProposal('1', votes), votes }]);
  await governanceIsFresh(store);
  expect(wordsOf(await ask('gov proposal 1'))).toContain('All 4 validators have voted.');
});

test('free choices: which leads, who decides, and that nobody knows how much could vote', async () => {
  const { ask } = await seeded();
  const view = await ask(`gov proposal ${orchardRef(2).slice(0, 10)}`);
  expect(view.title).toBe('0x3f9a0200 What to plant');
  expect(pointOf(view)).toBe(
    'Voting ends in 1 d 2 h: 70.4 % for Plant pears, quorum of 1000 APPLE not reached (290 APPLE missing). As it stands it fails for lack of quorum.',
  );
  expect(fieldOf(view, 'Turnout by power')).toBe('710 APPLE cast; what could vote is not known');
  expect(wordsOf(view)).toContain('Wallets are not people.');
  expect(view.chart?.panels).toHaveLength(1);
  expect((await ask(`gov proposal ${orchardRef(2).toUpperCase().replace('X', 'x')}`)).title).toBe(view.title);
  // The link is said, and nothing that can be tapped (judged on every platform).
  expect(view.sources.join()).toContain('https://snapshot.box/');
});

test('wallets that vote without power are no turnout of validators', async () => {
  const { ask, store } = await seeded();
  const strangers = Array.from({ length: 20 }, (_, at) => ({
    ...orchardVote(at, [{ choice: 0, weight: '1' }], 0n),
    power: null,
  }));
  const votes = [ballot(0, 0), ballot(1, 2), ...strangers];
  await saveOn(store, GOVERNANCE, [{ reading: poaProposal('12', votes), votes }]);
  const view = await ask('gov proposal 12');
  expect(fieldOf(view, 'Turnout by wallets')).toBe('60 %: 3 of 5 validators, and 20 other wallets');
});

test('split votes and hidden ones', async () => {
  const { ask } = await seeded();
  const split = await ask(`gov proposal ${orchardRef(1)}`);
  expect(pointOf(split)).toMatch(/^Quorum not reached: 60.9 % for Plant plums/);
  expect(fieldOf(split, 'Turnout by wallets')).toBe(
    '3 wallets, 1 split between choices; how many could vote is not known',
  );
  const hidden = await ask(`gov proposal ${orchardRef(3)}`);
  expect(pointOf(hidden)).toBe('Voting ends in 1 d 2 h. The tally is hidden until the end.');
  expect(fieldOf(hidden, 'Tally')).toBe('hidden until the end');
  expect(fieldOf(hidden, 'Quorum')).toContain('hidden until the end');
  expect(hidden.chart).toBeUndefined();
});

test('a hundred choices: the heaviest six in words and in the picture, the others counted', async () => {
  const { ask, store, bot } = await askerOn(0);
  bot.context.governance = [ORCHARD];
  const choices = Array.from({ length: 100 }, (_, at) => `${'Choice with a long name '.repeat(8)}${at}`);
  const tally = choices.map((_, at) => BigInt((at * 37) % 100) * WEI);
  const reading = orchardProposal(7, { choices, tally, terms: { ...freeTerms, quorum: null, quorumChoices: [] } });
  await saveOn(store, SNAPSHOT, [{ reading, votes: [orchardVote(1, [{ choice: 27, weight: '1' }], 99n)] }]);
  await governanceIsFresh(store, [SNAPSHOT]);
  const view = await ask(`gov proposal ${orchardRef(7)}`);
  expect(fieldOf(view, 'Tally')).toMatch(/; 94 more choices$/);
  expect(fieldOf(view, 'Quorum')).toBe('none');
  expect(view.chart?.panels[0]?.categories).toHaveLength(6);
  expect(view.chart?.panels[0]?.title).toBe('Of the power cast: 6 of 100 choices');
  expect(view.chart && readPng(drawChart(view.chart)).height).toBe(HEIGHT);
  expect(wordsOf(view).length).toBeLessThan(2_500);
});

test('a governor: of the supply and of what is delegated, each named', async () => {
  const { ask, store, bot } = await askerOn(0);
  const source = 'orchard.governor';
  bot.context.governance = [
    { ...ORCHARD, origins: [{ source, kind: 'governor', words: 'governor 0x60…01 on chain 1' }] },
  ];
  const governorTerms = terms({
    ...{ unit: { symbol: 'APPLE', decimals: 18 }, eligible: 1_000n * WEI, eligibleWords: 'supply at the snapshot' },
    otherEligible: { amount: 400n * WEI, words: 'power delegated then' },
    ...{ quorum: 40n * WEI, quorumChoices: [0, 1], veto: null, vetoChoice: null, against: [2] },
  });
  const ref = '98765432109876543210987654321098765432109876543210987654321098765432109876543';
  const reading = orchardProposal(1, {
    ...{ ref, terms: governorTerms, choices: ['For', 'Abstain', 'Against'] },
    ...{ tally: [80n * WEI, 10n * WEI, 10n * WEI], kinds: [], link: null },
  });
  await saveOn(store, source, [{ reading }]);
  await governanceIsFresh(store, [source]);
  const view = await ask(`gov proposal ${ref}`);
  expect(fieldOf(view, 'Turnout by power')).toBe('10 %: 100 of 1000 APPLE (supply at the snapshot)');
  expect(fieldOf(view, 'Of power delegated then')).toBe('25 %');
  expect(fieldOf(view, 'Turnout by wallets')).toBe('0 known; the votes were never all read');
  expect((await ask(view.actions?.[0]?.command ?? '')).title).toBe(view.title);
});

test('votes without power: how many there are is known, who decides is not', async () => {
  const { ask, store } = await askerOn(0);
  await seedValidators(store);
  const votes = [{ ...ballot(0, 0), power: null }];
  await saveOn(store, GOVERNANCE, [{ reading: poaProposal('1', [ballot(0, 0)]), votes }]);
  await governanceIsFresh(store);
  expect(wordsOf(await ask('gov proposal 1'))).toContain('Who decides is not known');
});

test('the same number in two networks: asked which, with a button for each', async () => {
  const { ask, store } = await seeded();
  await saveOn(store, SNAPSHOT, [{ reading: orchardProposal(9, { ref: '12', title: 'Twelve trees' }) }], NOW - 4);
  const view = await ask('gov proposal 12');
  expect(view).toMatchObject({ tone: 'error', title: 'Which proposal?' });
  const titles = await Promise.all((view.actions ?? []).map(async ({ command }) => (await ask(command)).title));
  expect(titles).toEqual(['#12 Admit validator larch', '#12 Twelve trees']);
});

test('no such proposal: a button leads to all; an unread network is no proof that there is none', async () => {
  const { ask } = await seeded();
  const view = await ask('gov proposal 99');
  expect(view).toMatchObject({ tone: 'error', title: 'No such proposal' });
  expect(view.actions?.[0]?.command).toBe('gov proposals');
  expect((await ask('gov proposal 99 opengradient')).actions?.[0]?.command).toBe('gov proposals network:opengradient');
  const { ask: unread } = await askerOn(0);
  expect(wordsOf(await unread('gov proposal 1'))).toContain('OpenGradient has not been read so far.');
});

test('a source that fails: the answer is of then, and says so', async () => {
  const { ask, store } = await seeded();
  await isFailing(store, GOVERNANCE);
  const view = await ask('gov proposal 12');
  expect(view.lines[1]).toEqual([
    { strong: 'This is not from now' },
    ': the gov precompile 0x0000…0805 on chain 10740 could not be asked: no answer. It was last read ',
    { time: NOW - 3_600 },
    '.',
  ]);
  expect(view.asOf).toBe(NOW - 3_600);
});
