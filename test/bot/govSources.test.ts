import { expect, test } from 'vitest';
import { keyboardOf } from '../../src/platforms/telegram/keyboard.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import {
  governanceIsFresh,
  isFailing,
  ORCHARD,
  orchardRef,
  SNAPSHOT,
  seedGovernance,
  VALIDATORS,
  VOTES,
} from './seedGovernance.ts';

test('/network names every source of governance, with its state', async () => {
  const { ask, store, bot } = await askerOn(6);
  bot.context.governance = [...bot.context.governance, ORCHARD];
  await seedGovernance(store);
  await isFailing(store, VOTES);
  const { fields = [] } = await ask('network');
  const states = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  expect(states).toMatchObject({
    'OpenGradient: proposals': 'fresh, read 5 s ago',
    'OpenGradient: validators': 'fresh, read 5 s ago',
    'Bedrock: locks and gauges': 'failing for 1 h: no answer',
    'Orchard DAO: Snapshot': 'fresh, read 5 s ago',
    'Who decides (sets)': 'not asked yet',
  });
});

test('one that is configured and was never asked is listed; one that is not configured any more keeps its own name', async () => {
  const { ask, store } = await askerOn(6);
  await governanceIsFresh(store, [VALIDATORS, SNAPSHOT]);
  const words = wordsOf(await ask('network'));
  expect(words).toContain('Bedrock: locks and gauges\nnot asked yet');
  expect(words).toContain('orchard.snapshot\nfresh');
});

test('nothing configured at all: every command says that, and what was tried', async () => {
  const { ask, bot } = await askerOn(0);
  bot.context.governance = bot.context.governance.map((network) => ({ ...network, origins: [] }));
  for (const line of [
    'proposals',
    'proposal 1',
    'participation',
    'voter 0x1',
    'gauges',
    'gauge x',
    'epoch',
    'validators',
  ]) {
    const view = await ask(`gov ${line}`);
    expect(view.tone, line).toBe('unknown');
    expect(wordsOf(view), line).toContain('No Snapshot space is known for Bedrock');
    expect(view.sources, line).toEqual(['the configuration of this bot']);
  }
});

test('no button is too long for Telegram', async () => {
  const { ask, store, bot } = await askerOn(0);
  bot.context.governance = [...bot.context.governance, ORCHARD];
  await seedGovernance(store);
  const lines = [
    ...['proposals', 'proposals network:orchard', 'proposal 12', 'proposal 99', 'participation', 'voter larch'],
    ...[`proposal ${orchardRef(2)}`, 'participation opengradient 400d', 'gauges', 'gauge btc', 'gauge unibtc', 'epoch'],
    ...['gauges opengradient', 'proposals bedrock', 'validators', 'participation orchard 90d'],
  ];
  for (const line of lines) {
    const view = await ask(`gov ${line}`);
    const shown = (keyboardOf(view)?.inline_keyboard ?? []).flat().map(({ text }) => text);
    for (const { label } of view.actions ?? []) expect(shown, line).toContain(label);
  }
});

test('a note of a source that answers is passed on: what could not be asked of it', async () => {
  const { ask, store } = await askerOn(0);
  await seedGovernance(store);
  const status = await store.sources.get(VOTES);
  if (status === null) throw new Error('the seed stores a status');
  await store.sources.put({ ...status, shortError: 'its clock does not answer' });
  const view = await ask('gov gauges');
  expect(wordsOf(view)).toContain('About the vote escrow 0xe978…0c16 on chain 56: its clock does not answer.');
  expect(wordsOf(view)).not.toContain('This is not from now');
});
