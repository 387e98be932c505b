import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lorenzOf, metricsOf } from '../../src/insight/concentration.ts';
import { SET_KINDS } from '../../src/lib/influence.ts';
import { type Asker, askerOn } from './ask.ts';
import { hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, NOW_MS, placeOf } from './seed.ts';
import { address, keepSet, named, wallets } from './setSample.ts';

/** Concentration of one set. */

const OWNERS = [50, 25, 15, 10];

async function asked(): Promise<Asker> {
  const asker = await askerOn(0);
  await keepSet(asker.store, 'bedrock.power', wallets(OWNERS), { left: ['3 locks on the way out'] });
  await keepSet(asker.store, 'opengradient.validators', named({ cedar: 1, elm: 1, fir: 1, oak: 1, pine: 1 }));
  return asker;
}

test('who decides in a sentence, every metric with its meaning, what was counted, and what not', async () => {
  const { ask, bot } = await asked();
  const view = await ask('influence power');
  const words = wordsOf(view);
  expect(view.title).toBe('Influence: Locked voting power, Bedrock');
  const metrics = metricsOf(OWNERS.map(BigInt));
  expect([metrics.nakamotoHalf, metrics.nakamotoThird]).toEqual([2, 1]);
  expect(words).toContain('2 of 4 owners of locks hold more than half of the voting power, 1 more than a third');
  expect(words).toContain(`Largest: 0xa00000…0000 50 %, 0xa10000…0001 25 %, 0xa20000…0002 15 %.`);
  const { nakamotoThird, nakamotoHalf, nakamotoTwoThirds } = metrics;
  expect(words).toContain(
    `Nakamoto: ${nakamotoThird} / ${nakamotoHalf} / ${nakamotoTwoThirds} (the fewest with more than 1/3,`,
  );
  expect(words).toContain('Top 1 / 5 / 10: 50 % / 100 % / 100 % (');
  expect(words).toContain(`Gini: ${metrics.gini?.toFixed(3)} (`);
  expect(words).toContain(`HHI: ${Math.round(metrics.hhi ?? 0).toLocaleString('en')} (sum of squared shares; 2,500 if`);
  expect(words).toContain(`Effective number: ${metrics.effective?.toFixed(1)} (of 4;`);
  expect(words).toContain(`Theil T: ${metrics.theil?.toFixed(3)} (`);
  expect(words).toContain('ln n = 1.39 if one has all');
  expect(words).toContain(`Entropy: ${Math.floor((metrics.entropy ?? 0) * 1000) / 10} % (`);
  expect(words).toContain(
    'One entity is one owner of locks; weight: voting power, exiting locks apart (100 BR in all).',
  );
  expect(words).toContain('Left out or merged: 3 locks on the way out.');
  expect(words).toContain('Wallets are not people');
  // What it takes on a phone.
  expect(view.lines.length).toBeLessThanOrEqual(12);
  expect(view.asOf).toBe(NOW_MS / 1000 - 5);
  expect(view.sources).toEqual(['the contracts of bedrock']);
  const [series] = view.chart?.panels[0]?.series ?? [];
  const curve = lorenzOf(OWNERS.map(BigInt), 100);
  expect(series?.points).toEqual(curve.map(([x, y]) => [x * 100, y * 100]));
  expect(bot.reported).toEqual([]);
});

test.each([
  ['influence power', 'Locked voting power, Bedrock'],
  ['influence show power', 'Locked voting power, Bedrock'],
  ['influence veBR', 'Locked voting power, Bedrock'],
  ['influence LOCKS', 'Locked voting power, Bedrock'],
  ['influence power bedrock', 'Locked voting power, Bedrock'],
  ['influence power network:Bedrock', 'Locked voting power, Bedrock'],
  ['influence bedrock.power', 'Locked voting power, Bedrock'],
  ['influence "Bedrock.Power"', 'Locked voting power, Bedrock'],
  ['influence validator', 'Validators, OpenGradient'],
  ['influence set:validators network:opengradient', 'Validators, OpenGradient'],
])('%s is answered', async (line, title) => {
  const { ask } = await asked();
  expect((await ask(line)).title).toBe(`Influence: ${title}`);
});

test('two words that are one name', async () => {
  const { ask, store } = await asked();
  await keepSet(store, 'bedrock.gauge-voters', wallets([3, 1]));
  for (const line of ['influence gauge voters', 'influence "gauge voters"', 'influence gauge_voters'])
    expect((await ask(line)).title).toBe('Influence: Gauge voters, Bedrock');
});

test('what over a third means is said of validators only, and how they come to their power', async () => {
  const { ask } = await asked();
  const validators = wordsOf(await ask('influence validators'));
  expect(validators).toContain('over 1/3 can halt the chain, over 2/3 decide alone');
  expect(validators).toContain('Proof of authority: each validator is given one unit of power');
  expect(validators).toContain('Validators are not people');
  expect(validators).not.toContain('Wallets are not people');
  expect(wordsOf(await ask('influence power'))).not.toMatch(/halt|Proof of authority/);
});

test.each(SET_KINDS)('%s are spoken of in whole sentences', async (kind) => {
  const { ask, store } = await askerOn(0);
  await keepSet(store, `opengradient.${kind}`, wallets([1, 1, 1, 1]));
  const [first] = (await ask(`influence ${kind}`)).lines;
  const [text] = Array.isArray(first) ? first : [first];
  const sentence = typeof text === 'object' && 'strong' in text ? text.strong : '';
  expect(sentence).toMatch(
    /^3 of 4 [a-z -]+s( of [a-z]+)? [a-z]+ more than half of [a-z ]+, 2 more than a third; .*25 %\.$/,
  );
});

describe('which set', () => {
  test('a set of several networks is asked for, with buttons that answer', async () => {
    const { ask, store } = await asked();
    await keepSet(store, 'orchard.power', wallets([1]));
    const view = await ask('influence power');
    expect(view.title).toBe('Which network?');
    const commands = (view.actions ?? []).map(({ command }) => command);
    expect(commands.sort()).toEqual(['influence show bedrock.power', 'influence show orchard.power']);
    expect((await ask('influence show orchard.power')).title).toBe('Influence: Locked voting power, orchard');
    expect((await ask('influence power orchard')).title).toBe('Influence: Locked voting power, orchard');
  });

  test('one that was never read: nothing is said of it, but what is missing and was tried', async () => {
    const { ask } = await asked();
    const view = await ask('influence holders');
    expect(view).toMatchObject({ tone: 'unknown', asOf: null, title: 'Token holders: not known' });
    const words = wordsOf(view);
    expect(words).toContain('has not been read so far. This says nothing about it.');
    expect(words).toContain('Token holders of OpenGradient are not read here: no explorer is configured.');
    expect(words).toContain('No Snapshot space is known for Bedrock');
    const one = wordsOf(await ask('influence holders bedrock'));
    expect(one).toContain('This set of Bedrock has not been read so far');
    expect(one).not.toContain('of OpenGradient are not read');
    expect(wordsOf(await ask('influence bedrock.validators'))).toContain('This set of Bedrock has not been read');
  });

  test('no such set, no such network, nothing at all', async () => {
    const { ask } = await asked();
    const help = await ask('influence help me');
    expect(wordsOf(help)).toContain('“help” is no set. There are: validators, operators, ');
    expect(help.actions).toHaveLength(2);
    expect(wordsOf(await ask('influence power nowhere'))).toContain('“nowhere” is not read here; known: OpenGradient');
    expect(wordsOf(await ask('influence nowhere.power'))).toContain('“nowhere” is not read here');
    expect(wordsOf(await ask('influence .'))).toContain('is no set');
    const choices = await ask('influence show');
    expect((choices.actions ?? []).map(({ command }) => command)).toContain('influence show set:bedrock.power');
    expect((await ask('influence')).lines).toHaveLength(4);
  });

  test('suggestions while typing, by id and by title', async () => {
    const { bot } = await asked();
    expect(await bot.suggest(['influence', 'show'], 'set', 'VALID')).toEqual([
      { label: 'Validators, OpenGradient', value: 'opengradient.validators' },
    ]);
    expect(await bot.suggest(['influence', 'show'], 'set', '')).toHaveLength(2);
  });
});

describe('sizes', () => {
  test('nobody: no value, and no picture', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, 'bedrock.gauge-voters', []);
    const view = await ask('influence gauge-voters');
    expect(view.tone).toBe('unknown');
    const words = wordsOf(view);
    expect(words).toContain('No owner of locks has any weight: no value.');
    expect(words).toContain('Votes end with their season');
    expect(words).not.toMatch(/Gini|HHI|0 %/);
    expect(view.chart).toBeUndefined();
  });

  test('one', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, 'bedrock.power', wallets([7]));
    const view = await ask('influence power');
    const words = wordsOf(view);
    expect(words).toContain('There is one owner of locks only, with the whole.');
    expect(words).toContain('Entropy: no value (there is none of one)');
    expect(view.chart).toBeUndefined();
  });

  test('ten thousand', async () => {
    const { ask, store } = await askerOn(0);
    const weights = Array.from({ length: 10_000 }, (_, nth) => 1 + Math.floor(1e9 / (nth + 1)));
    await keepSet(store, 'bedrock.power', wallets(weights));
    const view = await ask('influence power');
    const { nakamotoHalf } = metricsOf(weights.map(BigInt));
    expect(wordsOf(view)).toContain(`${nakamotoHalf} of 10,000 owners of locks hold more than half`);
    expect(view.chart?.panels[0]?.series[0]?.points).toHaveLength(101);
  });
});

test('a reading of long ago is not from now; of holders, who are asked about every hour, later', async () => {
  const { ask, store } = await askerOn(0);
  await keepSet(store, 'bedrock.power', wallets([2, 1]), { agoMs: 29 * 60_000 });
  await keepSet(store, 'bedrock.holders', wallets([2, 1]), { agoMs: 61 * 60_000 });
  for (const set of ['power', 'holders']) expect(wordsOf(await ask(`influence ${set}`))).not.toContain('not from now');
  await keepSet(store, 'bedrock.gauges', wallets([2, 1]), { agoMs: 61 * 60_000 });
  const words = wordsOf(await ask('influence gauges'));
  expect(words).toContain('This is not from now: Gauges, Bedrock could last be read 1 h 1 min ago.');
});

test('hostile names and words of a set are shown as what they are', { timeout: 60_000 }, async () => {
  const { bot, store } = await askerOn(0);
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 6 }), async (texts) => {
      const members = texts.map((label, nth) => ({ id: address(nth), label, weight: BigInt(100 - nth) }));
      await keepSet(store, 'opengradient.publishers', members, { left: texts });
      const place = placeOf('discord');
      const view = await bot.runText('influence publishers', callerOf('discord'), place);
      expectClear(view, texts.join(' '));
      expectSafeEverywhere(view);
    }),
    { numRuns: 40 },
  );
  expect(bot.reported).toEqual([]);
});

test('whatever is typed for a set or a network is answered', { timeout: 60_000 }, async () => {
  const { bot } = await asked();
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (set, network) => {
      for (const path of [
        ['influence', 'show'],
        ['influence', 'trend'],
      ] as const) {
        const view = await bot.run(path, { set, network }, callerOf('discord'), placeOf('discord'));
        expectClear(view, `${set} ${network}`);
        expectSafeEverywhere(view);
      }
    }),
    { numRuns: 60 },
  );
  expect(bot.reported).toEqual([]);
});
