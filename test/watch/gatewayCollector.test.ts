import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { GatewayCollector } from '../../src/watch/gatewayCollector.ts';
import { SourceTracker } from '../../src/watch/sourceStatus.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import { type HttpsServer, startHttps } from '../rigs/httpsServer.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { makeCollector, someTee } from './harness.ts';

const signal = new AbortController().signal;
let chain: DevChain;
let rig: TemporaryStore;
let servers: HttpsServer[];
let clock: SteppingClock;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain.close());

beforeEach(async () => {
  rig = await temporaryStore();
  clock = new SteppingClock(Date.now());
  servers = await Promise.all([0, 1].map(() => startHttps((_, response) => response.end('{"status":"ok"}'))));
});
afterEach(() => Promise.all([...servers.map((server) => server.close()), rig.cleanup()]));

const register = (server: HttpsServer) =>
  chain.registerTee(someTee({ endpoint: server.endpoint, tlsCertificateDer: server.certificateDer }));
const readRegistry = async (): Promise<void> => {
  await makeCollector({ urls: [chain.rpcUrl], chain, store: rig.store, clock }).round();
};
const collectorOf = (allowPrivate = true, intervalMs = 60_000): GatewayCollector =>
  new GatewayCollector({
    ...{ store: rig.store, allowPrivate, registry: chain.registry, clock },
    concurrency: 4,
    intervalMs,
    thresholds: defaultThresholds,
  });
const asked = (server: HttpsServer): number => server.paths.filter((path) => path === '/health').length;
const probeOf = async (server: HttpsServer) => {
  const node = (await rig.store.nodes.facts())?.nodes.find(({ key }) => key === server.endpoint);
  return [...(node?.probes.values() ?? [])];
};
const [first, second] = [() => servers[0] as HttpsServer, () => servers[1] as HttpsServer];

test('before the registry was read there is nothing to ask', async () => {
  expect(await collectorOf().collect(signal)).toEqual({ kind: 'fresh' });
});

test('a node is asked once a round, also when its enclave restarted and is registered twice', async () => {
  const before = await register(first());
  const now = await register(first());
  await register(second());
  await readRegistry();
  const collector = collectorOf();
  await collector.collect(signal);
  expect([asked(first()), asked(second())]).toEqual([1, 1]);
  expect((await probeOf(first())).map(({ teeId, outcome }) => ({ teeId, outcome }))).toEqual([
    { teeId: now, outcome: 'ok' },
  ]);
  expect(before).not.toBe(now);
  await collector.collect(signal);
  expect(asked(first())).toBe(2);
});

test('a node that is disabled is asked less often than others', async () => {
  const teeId = await register(first());
  await register(second());
  await chain.disable(teeId);
  await readRegistry();
  const collector = collectorOf();
  for (let round = 0; round < 21; round += 1) await collector.collect(signal);
  expect([asked(first()), asked(second())]).toEqual([3, 21]);
});

test.each([
  // Every round; every other one; every tenth, at most.
  { intervalMs: 600_000, rounds: [0, 1, 2, 3] },
  { intervalMs: 225_000, rounds: [0, 2] },
  { intervalMs: 15_000, rounds: [0] },
])(
  '… but never so rarely that its newest probe grows too old to count ($intervalMs ms)',
  async ({ intervalMs, rounds }) => {
    await chain.disable(await register(first()));
    await readRegistry();
    const collector = collectorOf(true, intervalMs);
    const askedIn: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const before = asked(first());
      await collector.collect(signal);
      if (asked(first()) > before) askedIn.push(round);
      clock.advance(intervalMs);
    }
    expect(askedIn).toEqual(rounds);
  },
);

test('private endpoints are not asked unless that is allowed, and this is no fault of the node', async () => {
  await register(first());
  await readRegistry();
  await collectorOf(false).collect(signal);
  expect(first().connections()).toBe(0);
  expect(await probeOf(first())).toMatchObject([{ outcome: 'not-asked' }]);
});

test('when nothing answers and the chain is silent too, nothing is said about the nodes', async () => {
  await register(first());
  await register(second());
  await readRegistry();
  await Promise.all(servers.map((server) => server.close()));
  const registry = new SourceTracker(REGISTRY_SOURCE, rig.store, clock);
  await registry.failed(new Error('no RPC answered'));
  await expect(collectorOf().collect(signal)).rejects.toThrow('this bot itself seems to be offline');
  expect(await probeOf(first())).toEqual([]);
  // The chain answers: then it is the nodes.
  await registry.succeeded();
  await collectorOf().collect(signal);
  expect(await probeOf(first())).toMatchObject([{ outcome: 'unreachable' }]);
  expect(await probeOf(second())).toMatchObject([{ outcome: 'unreachable' }]);
});

test('a round that is stopped stores nothing half-done', async () => {
  await register(first());
  await readRegistry();
  const controller = new AbortController();
  controller.abort();
  await collectorOf().collect(controller.signal);
  expect(await probeOf(first())).toEqual([]);
});
