import { expect, test } from 'vitest';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { HUB_SOURCE } from '../../src/lib/modelFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { incidentOf } from './incidents.ts';
import { wordsOf } from './judgeView.ts';
import { kindOf, NOW, NOW_MS, REGISTRY, registryIsFresh, snapshotOf, stateOf } from './seed.ts';
import { proofsAreFresh, seedSettlements } from './seedProofs.ts';

const field = (view: View, name: string): unknown => view.fields?.find((one) => one.name === name)?.value;

const countOf = (nodes: number, state: string): number =>
  Array.from({ length: nodes }, (_, index) => stateOf(index)).filter((one) => one === state).length;

test('the network in numbers: nodes by state and type, the head, how fresh the source is', async () => {
  const { ask } = await askerOn(20);
  const view = await ask('/network');
  expect(field(view, 'Nodes')).toBe('10 ok · 4 degraded · 6 down · 0 unknown');
  expect(countOf(20, 'down')).toBe(6);
  expect(field(view, 'Types')).toBe('15 LLMProxy · 5 Validator');
  expect(field(view, 'Head')).toEqual(['block 4711, made ', { time: NOW }]);
  expect(field(view, 'Registry')).toBe('fresh, read 1 s ago');
  expect(view.lines).toContainEqual([{ strong: '10 of 20 nodes ok, 4 degraded, 6 down.' }]);
  expect(view.lines).toContain('No open incidents.');
  expect(view.actions?.map(({ command }) => command)).toEqual(['network', 'node list', 'node list down']);
});

test('a thousand nodes are counted the same way', async () => {
  const { ask } = await askerOn(1_000);
  const view = await ask('network');
  const counts = ['ok', 'degraded', 'down'].map((state) => `${countOf(1_000, state)} ${state}`);
  expect(field(view, 'Nodes')).toBe(`${counts.join(' · ')} · 0 unknown`);
});

test.each(['network', 'node list', 'node status gw3.og', 'node history gw3.og'])(
  '%s says how old it is and where it is from',
  async (question) => {
    const view = await (await askerOn(6)).ask(question);
    expect(view.asOf).toBe(NOW - 4);
    expect(view.sources[0]).toBe(`TEERegistry ${REGISTRY.slice(0, 8)}…${REGISTRY.slice(-4)}, chain 10740, block 4711`);
  },
);

test.each(['network', 'node list', 'node status gw3', 'node history gw3', 'alerts add node gw3'])(
  '%s before the first read: not known yet, with the cause, and nothing about the nodes',
  async (question) => {
    const { ask, store } = await askerOn(0);
    await store.sources.put({
      source: REGISTRY_SOURCE,
      state: 'failing',
      lastSuccessAtMs: null,
      lastAttemptAtMs: NOW_MS,
      failingSinceMs: NOW_MS - 60_000,
      error: 'connect ECONNREFUSED 10.1.2.3:8545',
      shortError: 'no RPC endpoint answers',
    });
    const view = await ask(question);
    expect(view.tone).toBe('unknown');
    expect(view.lines).toEqual([
      'The registry has not been read: no RPC endpoint answers. This says nothing about the nodes.',
    ]);
    expect(wordsOf(view)).not.toContain('10.1.2.3');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  },
);

test('a registry without nodes is said to have none, by every question', async () => {
  const { ask, store } = await askerOn(0);
  await store.nodes.saveSnapshot(snapshotOf([]), NOW_MS);
  await registryIsFresh(store);
  for (const question of ['network', 'node list', 'node status gw1', 'node history gw1']) {
    expect(wordsOf(await ask(question)), question).toContain('The registry lists no nodes.');
  }
});

test('while the registry cannot be read every node is unknown, whatever was known before', async () => {
  const { ask, store } = await askerOn(20);
  await store.sources.put({
    source: REGISTRY_SOURCE,
    state: 'failing',
    lastSuccessAtMs: NOW_MS - 600_000,
    lastAttemptAtMs: NOW_MS,
    failingSinceMs: NOW_MS - 420_000,
    error: 'all of https://user:secret@rpc.example timed out',
    shortError: 'the RPC does not answer',
  });
  const view = await ask('network');
  expect(view.tone).toBe('unknown');
  expect(field(view, 'Nodes')).toBe('0 ok · 0 degraded · 0 down · 20 unknown');
  expect(view.lines[0]).toEqual([
    { strong: 'The registry has been unreadable for 7 min' },
    ': the RPC does not answer. What follows is what was last known.',
  ]);
  expect(wordsOf(view)).not.toContain('secret');
  const down = Array.from({ length: 20 }, (_, index) => index).find((index) => kindOf(index) === 'expired') ?? 0;
  const status = await ask(`node status gw${down}.og`);
  expect(status.tone).toBe('unknown');
  expect((await ask('node list down')).lines).toContain('None of the 20 nodes fits.');
});

test('open incidents are listed with the moment since when', async () => {
  const { ask, store } = await askerOn(6);
  await store.incidents.apply([{ incident: incidentOf(4) }], NOW_MS);
  const line = ['• ', 'node.heartbeat expired: gw3.og-nodes.example:8443, since ', { time: NOW - 200 }];
  expect((await ask('network')).lines).toEqual(expect.arrayContaining(['1 open incident:', line]));
  expect((await ask('node status gw3.og')).lines).toContainEqual([
    'Open incident: node.heartbeat expired, since ',
    { time: NOW - 200 },
  ]);
  expect(wordsOf(await ask('node status gw2.og'))).not.toContain('Open incident');
});

test('every source with its state and how far behind it is, in plain words; what is not configured is said to be so', async () => {
  const { ask, store, bot } = await askerOn(6);
  await seedSettlements(store, [{ kind: 'batch', atSeconds: NOW - 1_500, answers: [], state: null }]);
  await proofsAreFresh(store);
  await store.sources.put({
    ...{ source: HUB_SOURCE, state: 'failing', lastSuccessAtMs: null, lastAttemptAtMs: NOW_MS },
    ...{ failingSinceMs: NOW_MS - 120_000, error: 'connect 10.1.2.3', shortError: 'it does not answer' },
  });
  const view = await ask('network');
  expect(field(view, 'Settlements')).toBe('fresh, read 2 s ago; 11 blocks behind');
  expect(field(view, 'Proof checks')).toBe('fresh, read 2 s ago; 1 unchecked, the oldest settled 25 min ago');
  expect(field(view, 'Facilitator')).toBe('fresh, read 2 s ago');
  expect(field(view, 'Payments on Base')).toBe('not asked yet');
  expect(field(view, 'Model hub')).toBe('failing for 2 min: it does not answer');
  expect(field(view, 'Not configured')).toBeUndefined();
  Object.assign(bot.context, { configured: { ...bot.context.configured, storage: false, payments: false } });
  const less = await ask('network');
  expect(field(less, 'Not configured')).toBe('Storage (Walrus), Payments on Base');
  expect(field(less, 'Payments on Base')).toBeUndefined();
});
