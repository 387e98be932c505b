import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricsOf } from '../../src/insight/concentration.ts';
import { type Asker, askerOn } from './ask.ts';
import { hostile } from './hostile.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, placeOf } from './seed.ts';
import { address, keepSet, named, wallets } from './setSample.ts';

/** A set without some of its members. */

const VALIDATORS = { amber: 40, birch: 30, 'Oak & Elm': 15, 'Smith, John': 10, 'the "best" one': 5 };

async function asked(): Promise<Asker> {
  const asker = await askerOn(0);
  await keepSet(asker.store, 'opengradient.validators', named(VALIDATORS));
  await keepSet(asker.store, 'bedrock.power', wallets(Array.from({ length: 30 }, (_, nth) => 100 - nth)));
  return asker;
}

const weightsWithout = (...gone: string[]): bigint[] =>
  Object.entries(VALIDATORS).flatMap(([name, weight]) => (gone.includes(name) ? [] : [BigInt(weight)]));

describe('whom to leave out', () => {
  test.each<[typed: string, gone: string[]]>([
    ['without amber', ['amber']],
    ['amber', ['amber']],
    ['AMBER', ['amber']],
    ['without amber, birch', ['amber', 'birch']],
    ['amber,birch', ['amber', 'birch']],
    ['amber, amber', ['amber']],
    ['Oak & Elm', ['Oak & Elm']],
    ['"Oak & Elm", birch', ['Oak & Elm', 'birch']],
    ['the "best" one', ['the "best" one']],
    ['Smith, John', ['Smith, John']],
    ['birch, Smith, John, amber', ['birch', 'Smith, John', 'amber']],
    [address(1), ['birch']],
    [address(1).slice(0, 6), ['birch']],
    [address(1).toUpperCase().replace('0X', '0x'), ['birch']],
    [`${address(0).slice(0, 8)}…${address(0).slice(-4)}`, ['amber']],
  ])('%s', async (typed, gone) => {
    const { ask } = await asked();
    const words = wordsOf(await ask(`influence whatif validators ${typed}`));
    const metrics = metricsOf(weightsWithout(...gone));
    expect(words).toContain(`Entities: 5 → ${metrics.count}`);
    for (const name of gone.slice(0, 3)) expect(words).toContain(name);
    const all = metricsOf(weightsWithout());
    expect(words).toContain(
      `HHI: ${Math.round(all.hhi ?? 0).toLocaleString('en')} → ${Math.round(metrics.hhi ?? 0).toLocaleString('en')}`,
    );
    expect(words).toContain('Their weight is taken as gone, not as handed to others');
  });

  test('names with quotes, as an option of its own', async () => {
    const { bot } = await asked();
    const run = (without: string) =>
      bot.run(['influence', 'whatif'], { set: 'validators', without }, callerOf('discord'), placeOf('discord'));
    expect(wordsOf(await run('"Smith, John", birch'))).toContain('Without Smith, John, birch:');
    expect(wordsOf(await run('amber, the "best" one'))).toContain('Entities: 5 → 3');
  });

  test('somebody who is called `without`', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, 'opengradient.publishers', named({ 'without limits': 3, limits: 2, other: 1 }));
    expect((await ask('influence whatif publishers without limits')).title).toContain('without without limits');
    expect((await ask('influence whatif publishers without other')).title).toContain('without other');
  });

  test('what they hold now and would hold then, in a sentence each', async () => {
    const { ask, bot } = await asked();
    const view = await ask('influence whatif validators without amber, birch');
    const words = wordsOf(view);
    const { nakamotoHalf, top1 } = metricsOf(weightsWithout('amber', 'birch'));
    expect(words).toContain(`Without amber, birch: ${nakamotoHalf} of 3 bonded validators hold more than half`);
    expect(words).toContain(`the largest has ${(top1 ?? 0) * 100} %.`);
    expect(words).toContain('Now: 2 of 5 bonded validators hold more than half of the voting power');
    expect(words).toContain('As now: ');
    expect((view.actions ?? []).map(({ command }) => command)).toEqual(['influence show opengradient.validators']);
    expect(bot.reported).toEqual([]);
  });
});

describe('whom it cannot find', () => {
  test('nobody of that name: the largest are offered', async () => {
    const { ask } = await asked();
    const view = await ask('influence whatif validators without cypress, amber');
    expect(view).toMatchObject({ tone: 'error', title: 'Not in this set' });
    expect(wordsOf(view)).toContain('“cypress” is not in Validators, OpenGradient.');
    expect(wordsOf(view)).toContain('The largest are: amber, birch, ');
    const [first] = view.actions ?? [];
    expect((await ask(first?.command ?? '')).title).toContain('without amber');
  });

  test('a beginning, a name or a short form that fits several', async () => {
    const { ask, store } = await asked();
    const twins = wallets([5, 4, 3]).map((one) => ({ ...one, label: 'twin' }));
    await keepSet(store, 'opengradient.publishers', twins);
    const view = await ask('influence whatif publishers without twin');
    expect(view.title).toBe('Which one?');
    expect(wordsOf(view)).toContain('“twin” fits 3 of them');
    const near = wallets([5, 4]).map((one, nth) => ({ ...one, id: `0xabcdef${nth}`, label: `0xabcdef${nth}` }));
    await keepSet(store, 'bedrock.gauges', near);
    expect(wordsOf(await ask('influence whatif gauges without 0xabcd'))).toContain('“0xabcd” fits 2 of them');
    expect((await ask('influence whatif gauges without 0xabcdef1')).title).toContain('0xabcdef1');
    // Three characters are no beginning.
    expect(wordsOf(await ask('influence whatif gauges without 0xa'))).toContain('“0xa” is not in');
  });

  test('all of them: no value', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, 'opengradient.validators', named({ amber: 2, birch: 1 }));
    const view = await ask('influence whatif validators without amber, birch');
    expect(view.tone).toBe('unknown');
    expect(wordsOf(view)).toContain('Without amber, birch: No bonded validator has any weight: no value.');
  });

  test('of an empty set nobody', async () => {
    const { ask, store } = await askerOn(0);
    await keepSet(store, 'bedrock.gauges', []);
    expect((await ask('influence whatif gauges without amber')).title).toBe('Nobody to leave out');
  });

  test('twenty may be named, twenty-one are too many; commas alone are nobody', async () => {
    const { ask } = await asked();
    const some = (count: number) => Array.from({ length: count }, (_, nth) => address(nth)).join(', ');
    expect(wordsOf(await ask(`influence whatif power without ${some(20)}`))).toContain('Entities: 30 → 10');
    const many = await ask(`influence whatif power without ${some(21)}`);
    expect(wordsOf(many)).toContain('At most 20 can be left out at once; 21 were named.');
    expect(wordsOf(await ask('influence whatif power , ,'))).toContain('Name whom to leave out');
  });
});

test('buttons of several networks keep the names', async () => {
  const { ask, store, bot } = await asked();
  await keepSet(store, 'orchard.power', wallets([2, 1]));
  const which = await ask('influence whatif power without 0xa000, 0xa100');
  expect((which.actions ?? []).map(({ command }) => command).sort()).toEqual([
    'influence whatif bedrock.power without 0xa000, 0xa100',
    'influence whatif orchard.power without 0xa000, 0xa100',
  ]);
  // What would be read as an option is not repeated as one.
  const args = { set: 'power', without: 'set:x' };
  const view = await bot.run(['influence', 'whatif'], args, callerOf('discord'), placeOf('discord'));
  expect(view).toMatchObject({ title: 'Which network?', actions: [] });
});

test('whatever they are called and whatever is typed', { timeout: 60_000 }, async () => {
  const { bot, store } = await askerOn(0);
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 5 }), hostile, async (labels, typed) => {
      // Authors are kept by their names.
      const members = labels.map((label, nth) => ({ id: label.toLowerCase(), label, weight: BigInt(9 - nth) }));
      await keepSet(store, 'opengradient.publishers', members);
      for (const without of [typed, labels[0] as string]) {
        const args = { set: 'publishers', without };
        const view = await bot.run(['influence', 'whatif'], args, callerOf('discord'), placeOf('discord'));
        expectClear(view, `${labels.join(' ')} ${without}`);
        expectSafeEverywhere(view);
      }
    }),
    { numRuns: 60 },
  );
  expect(bot.reported).toEqual([]);
});
