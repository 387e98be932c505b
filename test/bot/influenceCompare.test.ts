import { expect, test } from 'vitest';
import { metricsOf } from '../../src/insight/concentration.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW } from './seed.ts';
import { keepSet, named, wallets } from './setSample.ts';

/** Two sets side by side. */

async function asked() {
  const asker = await askerOn(0);
  await keepSet(asker.store, 'opengradient.validators', named({ cedar: 1, elm: 1, fir: 1, oak: 1, pine: 1 }));
  await keepSet(asker.store, 'bedrock.gauge-voters', wallets([80, 10, 5, 5]), {
    left: ['2 votes of nobody'],
    agoMs: 60_000,
  });
  await keepSet(asker.store, 'bedrock.power', wallets([]));
  await keepSet(asker.store, 'orchard.voters', wallets([3, 2, 2]));
  await keepSet(asker.store, 'grove.voters', wallets([2, 2, 2]));
  return asker;
}

test('validators of OpenGradient against gauge voters of Bedrock: in which fewer decide, by every metric', async () => {
  const { ask, bot } = await asked();
  const view = await ask('influence compare opengradient.validators bedrock.gauge-voters');
  const words = wordsOf(view);
  const [one, two] = [metricsOf([1n, 1n, 1n, 1n, 1n]), metricsOf([80n, 10n, 5n, 5n])];
  expect(words).toContain(
    `Fewer decide in Gauge voters, Bedrock: ${one.nakamotoHalf} of 5 bonded validators hold more than half at OpenGradient, ${two.nakamotoHalf} of 4 owners of locks directs more than half at Bedrock.`,
  );
  expect(words).toContain('Entities: 5 against 4');
  expect(words).toContain(`Gini: ${one.gini?.toFixed(3)} against ${two.gini?.toFixed(3)}`);
  expect(words).toContain(
    `Nakamoto > 1/3, 1/2, 2/3: ${one.nakamotoThird} / ${one.nakamotoHalf} / ${one.nakamotoTwoThirds} against ${two.nakamotoThird} / ${two.nakamotoHalf} / ${two.nakamotoTwoThirds}`,
  );
  expect(words).toContain('one entity is one bonded validator; weight: voting power.');
  expect(words).toContain('2 votes of nobody');
  expect(words).toContain('They weigh different things');
  expect(words).toContain('Validators are not people');
  expect(words).toContain('Wallets are not people');
  expect(view.chart?.panels[0]?.series.map(({ name }) => name)).toEqual(['validators', 'gauge-voters']);
  // As old as the older of the two.
  expect(view.asOf).toBe(NOW - 60);
  expect(view.sources).toEqual(['the contracts of opengradient', 'the contracts of bedrock']);
  expect(bot.reported).toEqual([]);
});

test('the other way round it says the same', async () => {
  const { ask } = await asked();
  expect(wordsOf(await ask('influence compare gauge-voters validators'))).toContain(
    'Fewer decide in Gauge voters, Bedrock: 1 of 4',
  );
});

test('the same kind of two networks is told apart by network', async () => {
  const { ask } = await asked();
  const view = await ask('influence compare orchard.voters grove.voters');
  expect(view.chart?.panels[0]?.series.map(({ name }) => name)).toEqual(['orchard', 'grove']);
  expect(wordsOf(view)).toContain('As few decide in both: 2 of 3 voters cast more than half at orchard');
});

test('with a set in which nobody has any weight there is no comparison', async () => {
  const { ask, store } = await asked();
  const view = await ask('influence compare validators power');
  expect(view).toMatchObject({ tone: 'unknown' });
  expect(view.chart).toBeUndefined();
  const words = wordsOf(view);
  expect(words).toContain('Locked voting power, Bedrock: nobody has any weight there now, so there is no comparison.');
  expect(words).toContain('against no value');
  await keepSet(store, 'bedrock.gauges', []);
  expect(wordsOf(await ask('influence compare gauges power'))).toContain('In neither of them anybody has any weight');
});

test('a set against itself is refused, under whatever name', async () => {
  const { ask } = await asked();
  for (const line of ['validators validators', 'validators opengradient.validator', 'veBR bedrock.power'])
    expect((await ask(`influence compare ${line}`)).title).toBe('The same set twice');
});

test('one that is not known, or of several networks, is asked for without losing the other', async () => {
  const { ask } = await asked();
  const which = await ask('influence compare voters validators');
  expect((which.actions ?? []).map(({ command }) => command).sort()).toEqual([
    'influence compare grove.voters validators',
    'influence compare orchard.voters validators',
  ]);
  const second = await ask('influence compare validators voters');
  expect((second.actions ?? []).map(({ command }) => command)).toContain(
    'influence compare opengradient.validators grove.voters',
  );
  expect((await ask('influence compare validators holders')).title).toBe('Token holders: not known');
  expect((await ask('influence compare validators "what:is this"')).tone).toBe('error');
  expect((await ask('influence compare "what \' is" "first:x"')).tone).toBe('error');
});

test('an old reading of either is said, with its name', async () => {
  const { ask, store } = await asked();
  await keepSet(store, 'grove.gauges', wallets([1, 2]), { agoMs: 3 * 3_600_000 });
  const words = wordsOf(await ask('influence compare validators gauges'));
  expect(words).toContain('This is not from now: Gauges, grove could last be read 3 h ago.');
});
