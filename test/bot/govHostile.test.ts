import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawChart } from '../../src/charts/draw.ts';
import { HEIGHT } from '../../src/charts/option.ts';
import { cleanText } from '../../src/lib/units.ts';
import { readPng } from '../charts/png.ts';
import { gaugeReading, WEI } from '../store/gaugeSample.ts';
import { block } from '../store/sample.ts';
import { askerOn } from './ask.ts';
import { hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere } from './judgeView.ts';
import { callerOf, NOW, NOW_MS, placeOf } from './seed.ts';
import {
  GOVERNANCE,
  governanceIsFresh,
  ORCHARD,
  orchardProposal,
  orchardVote,
  poaProposal,
  SNAPSHOT,
  saveOn,
  seedGovernance,
  seedValidators,
  UNIBTC,
  UNNAMED,
  VOTES,
  validatorOf,
} from './seedGovernance.ts';

const texts = fc.array(hostile, { minLength: 4, maxLength: 4 });

test('whatever a proposal, a choice, a validator or a gauge is called, every answer is clear and safe everywhere', {
  timeout: 120_000,
}, async () => {
  const { store, bot } = await askerOn(0);
  await seedGovernance(store);
  bot.context.governance = [...bot.context.governance, ORCHARD];
  let at = NOW;
  let pictures = 0;
  // Words of theirs, which may be repeated.
  const said: string[] = [];
  await fc.assert(
    fc.asyncProperty(texts, fc.stringMatching(/^[\w.:-]{1,100}$/), async ([a = '', b = '', c = '', d = ''], ref) => {
      at += 1;
      said.push(...[a, b, c, d].flatMap((text) => [text, cleanText(text, 10_000)]));
      const more = { title: a, summary: b, kinds: [c, d], proposer: d, link: c };
      const votes = [orchardVote(1, [{ choice: 1, weight: '1' }], 5n)];
      const choices = [a, b, c];
      const tally = [0n, 5n * WEI, 1n];
      const reading = orchardProposal(1, { ...more, ref, choices, tally });
      await saveOn(store, SNAPSHOT, [{ reading, votes }], at);
      await saveOn(
        store,
        GOVERNANCE,
        [{ reading: poaProposal('12', [], { ...more, choices: [a, b, c, d] }), votes: [] }],
        at,
      );
      await seedValidators(store, [{ moniker: a }, { moniker: b }, { moniker: c }, { moniker: d }]);
      const gauges = [UNIBTC, UNNAMED].map((address, index) => ({
        ...{ address, active: true, createdAtSeconds: 1, votesWei: WEI },
        text: index === 0 ? a : JSON.stringify({ name: b }),
      }));
      await store.gauges.saveReading(gaugeReading({ block: block(at), gauges, missing: [c] }), at * 1000);
      const lines = [
        ...['gov proposals orchard', 'gov proposal 12 opengradient', 'gov participation orchard', 'gov validators'],
        ...[`gov voter ${validatorOf(1)}`, 'gov gauges', `gov gauge ${UNIBTC}`, 'gov gauge nothing', 'gov epoch'],
        ...['gov voter nobody', `gov voter ${votes[0]?.voter}`],
      ];
      for (const line of lines) {
        const view = await bot.runText(line, callerOf('discord'), placeOf('discord'));
        expectClear(view, said.join('\n'));
        expectSafeEverywhere(view);
        const { chart } = view;
        if (chart === undefined || pictures >= 12) continue;
        pictures += 1;
        expect(readPng(drawChart(chart)).height).toBe(HEIGHT);
      }
      // What a list offers, opens.
      const list = await bot.runText('gov proposals orchard', callerOf('discord'), placeOf('discord'));
      const own = list.actions?.find(({ command }) => command.startsWith('gov proposal '));
      const opened = await bot.runText(own?.command ?? '', callerOf('discord'), placeOf('discord'));
      expect(opened.tone).not.toBe('error');
    }),
    { numRuns: 40 },
  );
  expect(bot.reported).toEqual([]);
  expect(pictures).toBe(12);
});

test('whatever is typed for a proposal, a gauge or a voter is answered', { timeout: 120_000 }, async () => {
  const { ask, store, bot } = await askerOn(0);
  await seedGovernance(store);
  await governanceIsFresh(store, [VOTES, GOVERNANCE]);
  await fc.assert(
    fc.asyncProperty(hostile, async (typed) => {
      for (const head of ['gov proposal', 'gov gauge', 'gov voter', 'gov participation', 'gov epoch']) {
        await ask(`${head} ${typed}`);
        await ask(`${head} "${typed}" opengradient`);
      }
    }),
    { numRuns: 60 },
  );
  expect(bot.reported).toEqual([]);
  expect(NOW_MS).toBe(bot.context.clock.now());
});
