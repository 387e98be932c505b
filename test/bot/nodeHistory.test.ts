import { describe, expect, test } from 'vitest';
import { addValue } from '../../src/lib/histogram.ts';
import type { View } from '../../src/lib/view.ts';
import type { HourRollup } from '../../src/store/store.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { MAX_AGE, NOW, NOW_MS, REGISTRY, recordOf, registryIsFresh, snapshotOf, teeIdOf } from './seed.ts';

const HOUR = NOW / 3600;

const hour = (ago: number, changes: Partial<HourRollup> = {}): HourRollup => ({
  nodeId: 1,
  hour: HOUR - ago,
  beats: 4,
  coveredSeconds: 3_600,
  activeSeconds: 3_600,
  probes: 2,
  reached: 2,
  latencyHistogram: addValue(addValue(null, 100), 300),
  ...changes,
});

const values = (view: View, panel: number, series = 0): (number | null)[] =>
  (view.chart?.panels[panel]?.series[series]?.points ?? []).map(([, value]) => value);

const bare = async () => {
  const asker = await askerOn(0);
  await asker.store.nodes.saveSnapshot(snapshotOf([recordOf(0)]), NOW_MS);
  await registryIsFresh(asker.store);
  return asker;
};

describe.each([
  ['24h', 24, 3_600],
  ['7d', 168, 6 * 3_600],
  ['30d', 720, 86_400],
] as const)('a window of %s', (window, hours, stepSeconds) => {
  test('is charted in whole steps that cover it', async () => {
    const { ask } = await bare();
    const { chart } = await ask(`node history gw0 ${window}`);
    const points = chart?.panels[0]?.series[0]?.points ?? [];
    const starts = points.map(([seconds]) => seconds);
    expect(chart?.toSeconds).toBe((HOUR + 1) * 3_600);
    expect(chart?.fromSeconds).toBe((HOUR + 1 - hours) * 3_600);
    expect(starts[0]).toBeLessThanOrEqual(chart?.fromSeconds ?? 0);
    expect((starts.at(-1) ?? 0) + stepSeconds).toBeGreaterThanOrEqual(chart?.toSeconds ?? 0);
    expect(starts.slice(1).map((start, at) => start - (starts[at] ?? 0))).toEqual(
      starts.slice(1).map(() => stepSeconds),
    );
  });

  test('counts what lies in it and nothing older', async () => {
    const { ask, store } = await bare();
    await store.history.addHours([
      hour(hours - 1, { activeSeconds: 1_800, probes: 1, reached: 0, latencyHistogram: null }),
      hour(hours + 24, { activeSeconds: 0, probes: 1_000, reached: 0 }),
    ]);
    const view = await ask(`node history gw0 ${window}`);
    expect(view.lines[0]).toEqual([{ strong: 'Active on chain 50 % of 1 h that heartbeats account for.' }]);
    expect(view.lines[1]).toBe('Reachable from this bot in 0 % of 1 probe.');
  });
});

test('on a chain that stands still words, picture and status speak of the same hours, which end now', async () => {
  const { ask, store } = await askerOn(0);
  const halted = { number: 4_711n, hash: `0x${'55'.repeat(32)}` as const, timestampSeconds: NOW - 10 * 3_600 };
  await store.nodes.saveSnapshot(snapshotOf([recordOf(0)], { block: halted }), NOW_MS);
  await registryIsFresh(store);
  // The first lies in the last day of the chain, but not in the last day.
  await store.history.addHours([hour(30, { activeSeconds: 0 }), hour(20, { activeSeconds: 900 })]);
  const view = await ask('node history gw0 24h');
  expect(view.lines[0]).toEqual([{ strong: 'Active on chain 25 % of 1 h that heartbeats account for.' }]);
  expect(values(view, 0).filter((value) => value !== null)).toEqual([25]);
  const { fields } = await ask('node status gw0');
  const uptimeOf = (name: string) => fields?.find((field) => field.name === `Uptime ${name}`)?.value;
  expect(uptimeOf('24 h')).toMatch(/^on-chain 25 % of 1 h;/);
  expect(uptimeOf('7 d')).toMatch(/^on-chain 12.5 % of 2 h;/);
});

test('24 hours is what is meant without a window', async () => {
  expect((await (await bare()).ask('node history gw0')).title).toBe('gw0.og-nodes.example:8443: last 24h');
});

test('without data it is not known, and nothing is drawn as zero', async () => {
  const view = await (await bare()).ask('node history gw0 7d');
  expect(view.lines[0]).toBe('Nothing is recorded for the last 7d: not known, not zero.');
  for (const panel of view.chart?.panels ?? []) {
    for (const { points } of panel.series) expect(points.every(([, value]) => value === null)).toBe(true);
  }
});

test('uptime and latency step by step, with gaps where nothing is known', async () => {
  const { ask, store } = await bare();
  await store.history.addHours([hour(3), hour(2, { activeSeconds: 900, reached: 1 })]);
  const view = await ask('node history gw0 24h');
  expect(values(view, 0).slice(-5)).toEqual([null, 100, 25, null, null]);
  const [p50, p95] = [values(view, 1, 0).at(-4) ?? 0, values(view, 1, 1).at(-4) ?? 0];
  expect(Math.abs(p50 - 100)).toBeLessThanOrEqual(2);
  expect(Math.abs(p95 - 300)).toBeLessThanOrEqual(6);
  expect(view.lines[1]).toBe('Reachable from this bot in 75 % of 4 probes.');
  expect(wordsOf(view)).toContain('Definitions: on-chain: share of time');
  expect(view.sources).toContain('hourly roll-ups of heartbeats on chain and of probes from this bot');
});

/** Of two heartbeat limits ago, as the events that were read have it. */
const lastBeat = (() => {
  const block = { number: 4_700n, hash: `0x${'11'.repeat(32)}` as const, timestampSeconds: NOW - 2 * MAX_AGE };
  const beat = {
    kind: 'heartbeat' as const,
    blockNumber: block.number,
    blockTimestampSeconds: block.timestampSeconds,
    logIndex: 0,
    txHash: `0x${'22'.repeat(32)}` as const,
    teeId: teeIdOf(0),
    pcrHash: null,
    teeType: null,
    owner: null,
    signedAtSeconds: block.timestampSeconds,
  };
  return { block, beat };
})();

test('the time since the last heartbeat counts before any later one is there', async () => {
  const { ask, store } = await askerOn(0);
  const { block, beat } = lastBeat;
  const record = recordOf(0, { lastHeartbeatAtSeconds: block.timestampSeconds });
  await store.nodes.saveSnapshot(snapshotOf([record]), NOW_MS);
  await registryIsFresh(store);
  await store.nodes.saveEvents(REGISTRY, [beat], { name: 'c', block }, MAX_AGE);
  const view = await ask('node history gw0 24h');
  // An hour since, of which the limit allows half.
  expect(view.lines[0]).toEqual([{ strong: 'Active on chain 50 % of 1 h that heartbeats account for.' }]);
});

test('while the registry knows a later heartbeat than was read, the time between is no silence', async () => {
  const { ask, store } = await bare();
  const { block, beat } = lastBeat;
  await store.nodes.saveEvents(REGISTRY, [beat], { name: 'c', block }, MAX_AGE);
  await store.history.addHours([hour(3)]);
  const view = await ask('node history gw0 24h');
  expect(view.lines[0]).toEqual([{ strong: 'Active on chain 100 % of 1 h that heartbeats account for.' }]);
});

test('what happened in the registry, newest first, five at most', async () => {
  const { ask, store } = await bare();
  const kinds = ['registered', 'disabled', 'enabled', 'disabled', 'enabled', 'disabled', 'heartbeat'] as const;
  const events = kinds.map((kind, at) => ({
    kind,
    blockNumber: BigInt(100 + at),
    blockTimestampSeconds: NOW - 600 + at,
    logIndex: 0,
    txHash: `0x${'33'.repeat(32)}` as const,
    teeId: teeIdOf(0),
    pcrHash: null,
    teeType: null,
    owner: null,
    signedAtSeconds: null,
  }));
  const block = { number: 106n, hash: `0x${'44'.repeat(32)}` as const, timestampSeconds: NOW - 594 };
  await store.nodes.saveEvents(REGISTRY, events, { name: 'c', block }, MAX_AGE);
  const { lines } = await ask('node history gw0');
  const told = lines.slice(lines.indexOf('In the registry:') + 1);
  expect(told.map((line) => (Array.isArray(line) ? String(line[0]).split(' ')[1] : line))).toEqual([
    'disabled',
    'enabled',
    'disabled',
    'enabled',
    'disabled',
  ]);
});

test('its buttons lead to the other windows and to the status', async () => {
  const { ask } = await bare();
  const view = await ask('node history gw0 7d');
  expect(view.actions?.map(({ label }) => label)).toEqual(['24h', '7d', '30d', 'Status']);
  expect((await ask(view.actions?.[2]?.command ?? '')).title).toBe('gw0.og-nodes.example:8443: last 30d');
});
