import { describe, expect, test } from 'vitest';
import { rolesOffered, SETUP_ROLES } from '../../src/bot/setupRoles.ts';
import type { View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { ownerOf, placeOf } from './seed.ts';
import { blobId, seedHub } from './seedHub.ts';

const address = placeOf('discord').address;

async function setup(nodes: number) {
  const asker = await askerOn(nodes);
  let taps = 0;
  /** Presses the first button whose label contains the words. */
  const tap = async (view: View, words: string): Promise<View> => {
    taps += 1;
    const action = view.actions?.find(({ label }) => label.includes(words));
    expect(action, `a button "${words}" of ${view.actions?.map(({ label }) => label).join(' | ')}`).toBeDefined();
    return await asker.ask(action?.command ?? '');
  };
  const stored = async () => await asker.store.subscriptions.list(address);
  return { ...asker, tap, taps: () => taps, stored };
}

describe('alerts setup', () => {
  test('a reader is done in one tap: criticals of all, and a daily digest', async () => {
    const { ask, tap, taps, stored } = await setup(6);
    const done = await tap(await ask('alerts setup'), 'reader');
    expect(done.title).toBe('Set up');
    expect(taps()).toBe(1);
    const { destination, subscriptions } = await stored();
    expect(subscriptions).toEqual([expect.objectContaining({ scope: 'all', rule: '', floor: 'critical' })]);
    expect(destination).toMatchObject({ settings: { digest: 'daily' }, nextDigestAtMs: expect.any(Number) });
    expect((await tap(done, 'Send a test')).title).toBe('Test sent');
    expect((await tap(done, 'List')).title).toBe('Alerts of this chat');
  });

  test('a community channel: warnings of all, and a daily digest', async () => {
    const { ask, tap, stored } = await setup(6);
    await tap(await ask('alerts setup'), 'community');
    const { destination, subscriptions } = await stored();
    expect(subscriptions).toEqual([expect.objectContaining({ scope: 'all', floor: 'warning' })]);
    expect(destination?.settings.digest).toBe('daily');
  });

  test('an operator chooses a node, then it alone or all of its owner', async () => {
    const { ask, tap, taps, stored } = await setup(6);
    const which = await tap(await ask('alerts setup'), 'I run nodes');
    expect(which.actions).toHaveLength(6);
    const whole = await tap(which, 'gw3.');
    expect(wordsOf(whole)).toContain('has 3 nodes');
    expect((await tap(whole, 'Only this node')).title).toBe('Set up');
    expect(taps()).toBe(3);
    await tap(whole, 'All of');
    const { destination, subscriptions } = await stored();
    expect(subscriptions.map(({ scope, subject, floor }) => [scope, subject, floor])).toEqual([
      ['node', '4', 'info'],
      ['owner', ownerOf(3), 'info'],
    ]);
    expect(destination?.settings.digest).toBe('off');
  });

  test('any of 400 nodes is at most four taps away', { timeout: 60_000 }, async () => {
    const { ask, tap, taps, stored } = await setup(400);
    const parts = await tap(await ask('alerts setup'), 'I run nodes');
    expect(parts.actions).toHaveLength(20);
    const whole = await tap(await tap(parts, 'gw0.'), 'gw1.');
    expect((await tap(whole, 'All of')).title).toBe('Set up');
    expect(taps()).toBe(4);
    const last = await tap(parts, '… gw399.');
    expect(last.actions).toHaveLength(20);
    // The only one of its owner: nothing is left to choose.
    expect((await tap(last, 'gw399.')).title).toBe('Set up');
    expect((await stored()).subscriptions.map(({ scope, subject }) => [scope, subject])).toEqual([
      ['owner', ownerOf(1)],
      ['node', '400'],
    ]);
  });

  test('everything can be typed as well', async () => {
    const { ask, stored } = await setup(6);
    await ask('alerts setup operator gw3. only:yes');
    await ask(`alerts setup operator owner:${ownerOf(0)}`);
    expect((await stored()).subscriptions.map(({ scope }) => scope)).toEqual(['node', 'owner']);
  });

  test('done again it changes what was there, and leaves a digest that the chat chose', async () => {
    const { ask, stored } = await setup(6);
    await ask('alerts settings digest:weekly');
    await ask('alerts setup community');
    await ask('alerts setup reader');
    const { destination, subscriptions } = await stored();
    expect(subscriptions).toEqual([expect.objectContaining({ floor: 'critical' })]);
    expect(destination?.settings.digest).toBe('weekly');
  });

  test('roles without a rule to hear of are not offered', async () => {
    const { ask, bot } = await setup(6);
    const offered = rolesOffered(bot.context).map(({ name }) => name);
    expect(offered).toEqual(['reader', 'operator', 'community', 'publisher', 'voter']);
    expect((await ask('alerts setup')).actions?.map(({ command }) => command)).toEqual(
      offered.map((name) => `alerts setup ${name}`),
    );
    const nodes = bot.context.rules.filter(({ family }) => family === 'node');
    expect(rolesOffered({ rules: nodes })).toEqual(SETUP_ROLES.filter(({ family }) => family === 'node'));
  });

  test('a voter is done in one tap: governance of every network, and a weekly digest', async () => {
    const { ask, tap, taps, stored } = await setup(0);
    const done = await tap(await ask('alerts setup'), 'I vote');
    expect([done.title, taps()]).toEqual(['Set up', 1]);
    expect(wordsOf(done)).toContain('governance of every network: what can be voted on');
    const { destination, subscriptions } = await stored();
    expect(subscriptions).toEqual([
      expect.objectContaining({ family: 'gov', scope: 'all', floor: 'info', without: [] }),
    ]);
    expect(destination?.settings.digest).toBe('weekly');
  });

  test.each([
    ['owner:Acme', ['owner', 'acme'], 'the models of acme'],
    ['acme/half', ['model', 'acme/half'], 'model acme/half'],
    [blobId(20), ['blob', blobId(20)], 'the upload blob-2…____'],
    ['all', ['all', ''], 'all models'],
  ])('a publisher types whose models or which upload: %s', async (typed, stored_, words) => {
    const { ask, tap, stored } = await setup(0);
    const whose = await tap(await ask('alerts setup'), 'I publish models');
    expect(wordsOf(whose)).toContain('/alerts setup publisher owner:AUTHOR');
    const done = await ask(`alerts setup publisher ${typed}`);
    expect(done.title).toBe('Set up');
    expect(wordsOf(done)).toContain(words);
    const { destination, subscriptions } = await stored();
    expect(subscriptions.map(({ family, scope, subject }) => [family, scope, subject])).toEqual([
      ['model', ...stored_],
    ]);
    expect(destination?.settings.digest).toBe('weekly');
    expect((await tap(done, 'Another one')).title).toBe('Which models are yours?');
  });

  test('a publisher is suggested models, and an operator nodes', async () => {
    const { bot, store } = await setup(3);
    await seedHub(store);
    const values = async (role: string): Promise<string[]> =>
      (await bot.suggest(['alerts', 'setup'], 'target', '', placeOf('discord'), { role })).map(({ value }) => value);
    expect(await values('publisher')).toContain('acme/fraud-net');
    expect(await values('operator')).toHaveLength(3);
  });

  test.each([
    ['alerts setup publisher fraud', 'No such model'],
    ['alerts setup nobody', 'No such role'],
    ['alerts setup operator nobody.example', 'No such node'],
    ['alerts setup operator owner:0x12', 'Not an address'],
    ['alerts setup operator part:0', 'That did not fit'],
  ])('%s: %s, and nothing is stored', async (line, title) => {
    const { ask, store } = await setup(6);
    expect((await ask(line)).title).toBe(title);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('where nothing can be told it says so at the first tap', async () => {
    const { ask, store } = await setup(6);
    expect((await ask('alerts setup', placeOf('terminal'))).title).toBe('No chat to tell');
    const place = placeOf('discord', { missingPermissions: async () => ['Send Messages'] });
    expect((await ask('alerts setup reader', place)).title).toBe('I cannot post here');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('before the registry was read, readers can be set up and operators are asked to wait', async () => {
    const { ask } = await setup(0);
    expect((await ask('alerts setup reader')).title).toBe('Set up');
    expect((await ask('alerts setup operator')).title).toBe('Not known yet');
  });
});
