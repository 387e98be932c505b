import { describe, expect, test } from 'vitest';
import type { Line, View } from '../../src/lib/view.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import {
  endpointOf,
  NOW,
  NOW_MS,
  ownerOf,
  placeOf,
  probeOf,
  recordOf,
  registryIsFresh,
  snapshotOf,
  teeIdOf,
} from './seed.ts';

const field = (view: View, name: string): Line | undefined => view.fields?.find((one) => one.name === name)?.value;
const isNode = (view: View, index: number): boolean => view.title.startsWith(`gw${index}.og-nodes.example:8443: `);

describe('a node is found by', () => {
  test.each([
    ['its id', teeIdOf(3)],
    ['its id in capitals', teeIdOf(3).toUpperCase().replace('0X', '0x')],
    ['the start of its id', teeIdOf(3).slice(0, 8)],
    ['the start of its id without 0x', teeIdOf(3).slice(2, 10)],
    ['its endpoint', endpointOf(3)],
    ['its endpoint with a slash at the end', `${endpointOf(3)}/`],
    ['its host', 'gw3.og-nodes.example:8443'],
    ['a part of its host that no other has', 'GW3.'],
  ])('%s', async (_, name) => {
    expect(isNode(await (await askerOn(6)).ask(`node status ${name}`), 3)).toBe(true);
  });

  test('its owner, who has no other', async () => {
    // Three an owner, so the seventh is alone with its own.
    expect(isNode(await (await askerOn(7)).ask(`node status ${ownerOf(6)}`), 6)).toBe(true);
  });

  test('an id that it had before its enclave restarted', async () => {
    const { ask, store } = await askerOn(6);
    const restarted = { teeId: teeIdOf(50), registeredAtSeconds: NOW - 60, lastHeartbeatAtSeconds: NOW - 30 };
    await store.nodes.saveSnapshot(
      snapshotOf([
        recordOf(3, { enabled: false }),
        recordOf(3, { ...restarted, enabled: true, pcrHash: recordOf(0).pcrHash }),
      ]),
      NOW_MS,
    );
    await registryIsFresh(store);
    const view = await ask(`node status ${teeIdOf(3)}`);
    expect(field(view, 'Node id')).toEqual({ code: teeIdOf(50) });
    expect(field(view, 'Former ids here')).toContain('1:');
  });
});

describe('a name that fits several offers them', () => {
  test('the start of two ids', async () => {
    const { ask } = await askerOn(6);
    const view = await ask('node status 0xabcdef');
    expect(view.title).toBe('More than one node fits');
    expect(view.actions?.map(({ label }) => label)).toEqual(['gw0.og-nodes.example:8443', 'gw1.og-nodes.example:8443']);
    expect(isNode(await ask(view.actions?.[1]?.command ?? ''), 1)).toBe(true);
  });

  test('an owner of three', async () => {
    const { ask } = await askerOn(9);
    const view = await ask(`node status ${ownerOf(4)}`);
    expect(view.title).toBe('This owner has 3 nodes');
    expect(view.actions?.map(({ label }) => label)).toEqual([3, 4, 5].map((one) => `gw${one}.og-nodes.example:8443`));
  });

  test('a part of a thousand hosts: ten at most', async () => {
    const view = await (await askerOn(1_000)).ask('node status og-nodes');
    expect(view.actions).toHaveLength(10);
  });

  test('the choice keeps what was asked for: history and its window', async () => {
    const { ask } = await askerOn(6);
    const view = await ask('node history 0xabcdef 30d');
    expect((await ask(view.actions?.[0]?.command ?? '')).title).toBe('gw0.og-nodes.example:8443: last 30d');
  });
});

test('an unknown name gets those that look most like it', async () => {
  const { ask } = await askerOn(30);
  const view = await ask('node status gw17.og-nodez.example:8443');
  expect(view.title).toBe('No such node');
  expect(view.tone).toBe('error');
  expect(view.actions).toHaveLength(5);
  expect(view.actions?.[0]?.label).toBe('gw17.og-nodes.example:8443');
  expect(isNode(await ask(view.actions?.[0]?.command ?? ''), 17)).toBe(true);
});

test.each(['https://', '///', '"   "', ':443', '0x'])('%s names no node, even when there is only one', async (name) => {
  expect((await (await askerOn(1)).ask(`node status ${name}`)).tone).toBe('error');
});

test.each([
  [0, 'OK', ['Heartbeats, certificate and identity are as they should be.']],
  [2, 'Degraded', ['Last heartbeat 16 min 40 s ago, expected every 15 min, inactive after 30 min']],
  [3, 'Down', ['Last heartbeat 33 min 20 s ago, expected every 15 min: inactive, the limit is 30 min']],
  [5, 'Down', ['It is disabled in the registry']],
  [7, 'Down', ['Its software measurement (PCR) is no longer approved']],
  [8, 'Degraded', ['Cannot be reached from this bot, 2 times in a row']],
])('node %i is %s, and why', async (index, word, reasons) => {
  const view = await (await askerOn(10)).ask(`node status ${teeIdOf(index)}`);
  expect(view.title).toBe(`gw${index}.og-nodes.example:8443: ${word}`);
  const lines = view.lines.map((line) => (Array.isArray(line) ? line.join('') : String(line)));
  for (const reason of reasons)
    expect(
      lines.some((line) => line.includes(reason)),
      lines.join('\n'),
    ).toBe(true);
});

test('what is known of a node, field by field', async () => {
  const { ask, store } = await askerOn(6);
  await store.history.addHours([
    {
      nodeId: 1,
      hour: Math.floor(NOW / 3600) - 2,
      beats: 4,
      coveredSeconds: 3_600,
      activeSeconds: 2_700,
      probes: 4,
      reached: 3,
      latencyHistogram: null,
    },
  ]);
  const view = await ask(`node status ${teeIdOf(0)}`);
  expect(field(view, 'Heartbeat')).toBe('2 min ago (limit 30 min)');
  expect(field(view, 'Registered')).toEqual(['active, since ', { time: NOW - 40 * 86_400 }]);
  expect(field(view, 'From this bot')).toEqual(['answers in 84 ms, asked ', { time: NOW - 30 }]);
  expect(field(view, 'Certificate')).toEqual(['the registered one, valid until ', { time: NOW + 90 * 86_400 }]);
  expect(field(view, 'Identity')).toBe('signing key matches the id');
  expect(field(view, 'Price feed')).toBe('30 s old');
  // 3 of 4 probes of that hour, and both of the seed's, which were answered.
  expect(field(view, 'Uptime 24 h')).toMatch(/^on-chain 75 % of 1 h; reachable 83\.3 %, p50 8\d ms, p95 8\d ms$/);
  expect(field(view, 'Owner')).toEqual({ code: ownerOf(0) });
  expect(field(view, 'Endpoint')).toEqual({ code: endpointOf(0) });
  expect(field(view, 'Uptime means')).toContain('share of time with a heartbeat');
  expect(view.sources).toContain('its gateway, asked from this bot');
});

test('the button that subscribes says whom it subscribes: everybody here, not the one who presses', async () => {
  const { ask, store } = await askerOn(6);
  const { actions } = await ask('node status gw3.');
  const alert = actions?.find(({ command }) => command.startsWith('alerts add'));
  expect(alert?.label).toBe('Alert this chat');
  await ask(alert?.command ?? '');
  expect((await store.subscriptions.list(placeOf('discord').address)).subscriptions).toHaveLength(1);
});

test('a gateway that was never asked does not make a node worse, and is not a source', async () => {
  const { ask, store } = await askerOn(0);
  await store.nodes.saveSnapshot(snapshotOf([recordOf(0)]), NOW_MS);
  await registryIsFresh(store);
  const view = await ask('node status gw0');
  expect(view.tone).toBe('ok');
  expect(field(view, 'From this bot')).toBe('not asked recently');
  expect(view.sources.join()).not.toContain('gateway');
  expect(field(view, 'Uptime 24 h')).toMatch(/reachable unknown$/);
});

test('an endpoint that is not asked says why and says nothing against the node', async () => {
  const { ask, store } = await askerOn(6);
  const detail = 'the endpoint is not https';
  await store.nodes.saveProbes([
    probeOf(recordOf(0), {
      outcome: 'not-asked',
      detail,
      latencyMs: null,
      certificateMatches: null,
      identityMatches: null,
    }),
  ]);
  const view = await ask(`node status ${teeIdOf(0)}`);
  expect(view.tone).toBe('ok');
  expect(wordsOf(view)).toContain(`Not asked from this bot: ${detail}`);
});
