import { afterEach, beforeEach, expect, test } from 'vitest';
import { REGISTRY_SOURCE } from '../src/lib/facts.ts';
import { createMetrics, type Metrics } from '../src/metrics.ts';
import { startWeb } from '../src/web/health.ts';
import { type TemporaryStore, temporaryStore } from './rigs/store.ts';
import { SteppingClock } from './support/steppingClock.ts';

let rig: TemporaryStore;
let clock: SteppingClock;
let metrics: Metrics;

beforeEach(async () => {
  rig = await temporaryStore();
  clock = new SteppingClock();
  metrics = createMetrics({
    store: rig.store,
    clock,
    platforms: () => [{ platform: 'telegram', connected: false }],
  });
});
afterEach(() => rig.cleanup());

/** Value by name and labels, as Prometheus would read it. */
async function samples(): Promise<Map<string, number>> {
  const lines = (await metrics.read()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('a source has its state and how long ago it was read', async () => {
  await rig.store.sources.put({
    source: REGISTRY_SOURCE,
    state: 'failing',
    lastSuccessAtMs: clock.now() - 90_000,
    lastAttemptAtMs: clock.now(),
    failingSinceMs: clock.now() - 60_000,
    error: 'refused',
    shortError: 'no answer',
  });
  const found = await samples();
  expect(found.get(`assay_source_state{source="${REGISTRY_SOURCE}",state="failing"}`)).toBe(1);
  expect(found.get(`assay_source_state{source="${REGISTRY_SOURCE}",state="fresh"}`)).toBe(0);
  expect(found.get(`assay_source_lag_seconds{source="${REGISTRY_SOURCE}"}`)).toBe(90);
});

test('open incidents are counted by rule and state, and no longer once they are resolved', async () => {
  const base = {
    ...{
      rule: 'node.heartbeat',
      family: 'node',
      severity: 'warning' as const,
      level: 'missed',
      nodeId: 1,
      owner: null,
    },
    ...{ value: null, topics: [], unstable: false, inhibitedBy: null, sinceSeconds: 1, clearSinceSeconds: null },
    ...{ resolvedAtMs: null, updatedAtMs: clock.now(), detail: {} },
  };
  const put = (id: number | null, subject: string, state: 'pending' | 'firing' | 'resolved') =>
    rig.store.incidents.apply(
      [{ incident: { ...base, id, subject, state, firedAtMs: state === 'pending' ? null : clock.now() } }],
      clock.now(),
    );
  await put(null, 'node:1', 'firing');
  await put(null, 'node:2', 'firing');
  await put(null, 'node:3', 'pending');
  expect((await samples()).get('assay_incidents{rule="node.heartbeat",state="firing"}')).toBe(2);
  expect((await samples()).get('assay_incidents{rule="node.heartbeat",state="pending"}')).toBe(1);
  const [first] = await rig.store.incidents.open();
  await put(first?.id ?? 0, 'node:1', 'resolved');
  expect((await samples()).get('assay_incidents{rule="node.heartbeat",state="firing"}')).toBe(1);
});

test('a command is counted where its time falls, by its outcome', async () => {
  metrics.observeCommand('node status', 4, 'ok');
  metrics.observeCommand('node status', 700, 'ok');
  metrics.observeCommand('node status', 1, 'error');
  const found = await samples();
  const name = 'assay_command_duration_seconds';
  expect(found.get(`${name}_count{command="node status",outcome="ok"}`)).toBe(2);
  expect(found.get(`${name}_count{command="node status",outcome="error"}`)).toBe(1);
  expect(found.get(`${name}_bucket{le="0.005",command="node status",outcome="ok"}`)).toBe(1);
  expect(found.get(`${name}_sum{command="node status",outcome="ok"}`)).toBeCloseTo(0.704);
});

test('an empty queue has no age, and a platform that is not connected is 0', async () => {
  const found = await samples();
  expect(found.get('assay_queue_messages')).toBe(0);
  expect(found.get('assay_queue_age_seconds')).toBe(0);
  expect(found.get('assay_platform_connected{platform="telegram"}')).toBe(0);
  expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
});

test('it is served as Prometheus asks for it; a store that does not answer is 503 without a word of its error', async () => {
  const good = async () => ({ ok: true, detail: {} });
  let broken = false;
  const read = () => (broken ? Promise.reject(new Error('postgresql://assay:hunter22@db')) : metrics.read());
  const web = await startWeb({
    ...{ host: '127.0.0.1', port: 0, live: good, ready: good },
    metrics: { contentType: metrics.contentType, read },
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${web.port}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, metrics.contentType]);
    expect(await answer.text()).toContain('# TYPE assay_queue_age_seconds gauge');
    broken = true;
    const failing = await fetch(`http://127.0.0.1:${web.port}/metrics`);
    expect(failing.status).toBe(503);
    expect(await failing.text()).not.toContain('hunter22');
  } finally {
    await web.stop();
  }
});
