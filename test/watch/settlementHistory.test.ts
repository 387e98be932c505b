import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DevNetwork, startNetwork } from '../devnet/network.ts';
import { LOG_REFUSALS, RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type ChainRig, startChainRig } from './chainRig.ts';

const FOREVER = 2 ** 31 - 1;

let network: DevNetwork;
let rpc: RpcProxy;
let rig: TemporaryStore;
let clock: SteppingClock;
let rigs: ChainRig[];

beforeEach(async () => {
  network = await startNetwork({ gateways: 2 });
  rpc = await startRpcProxy(network.chain.rpcUrl);
  rig = await temporaryStore();
  clock = new SteppingClock();
  rigs = [];
});
afterEach(async () => {
  for (const one of rigs) await one.stop();
  await Promise.all([rpc.close(), network.close(), rig.cleanup()]);
});

function start(of: DevNetwork = network, { store } = rig): ChainRig {
  const watch = startChainRig({
    ...{ chain: of.chain, urls: [rpc.url], store, clock },
    aggregatorUrls: [of.blobs.url],
    settlementRelays: [of.chain.relay],
    inferenceAddresses: [of.inference.precompile, of.inference.inferenceHub],
    scheduler: of.inference.scheduler,
  });
  rigs.push(watch);
  return watch;
}
const valid = async (): Promise<number> => {
  const hours = await rig.store.proofs.hours({ nodeId: 0, fromHour: 0, toHour: FOREVER });
  return hours.reduce((sum, hour) => sum + hour.valid, 0);
};
const stored = async (store = rig.store): Promise<number> => {
  const counts = await store.proofs.countsByKind(0, FOREVER);
  return counts.reduce((sum, { events }) => sum + events, 0);
};
const used = async (): Promise<number> => (await rig.store.models.counts()).used;

/** The same network from its first block again, with less in it. */
async function resetNetwork(): Promise<DevNetwork> {
  const next = await startNetwork({ gateways: 1, startSeconds: network.chain.nowSeconds() + 10 });
  expect(next.chain.registry).toBe(network.chain.registry);
  await next.settle('amber', 2);
  rpc.target = next.chain.rpcUrl;
  return next;
}

test('a chain that was reset loses settlements and uses with it, and the operator hears of it once', async () => {
  await network.settle('amber', 5);
  await network.settle('birch', 1, 'individual');
  await network.inference.infer('A'.repeat(43));
  for (let n = 0; n < 30; n += 1) await network.chain.mine();
  await start().round();
  expect([await stored(), await valid(), await used()]).toEqual([2, 6, 1]);
  await rigs[0]?.stop();
  const next = await resetNetwork();
  try {
    const watch = start(next);
    await watch.round();
    clock.advance(30_000);
    await watch.round();
    expect([await stored(), await valid(), await used()]).toEqual([2, 6, 1]);
    clock.advance(31_000);
    await watch.round();
    expect(watch.notices).toEqual([expect.stringContaining('the chain was reset: head went from')]);
    expect([await stored(), await valid(), await used()]).toEqual([1, 2, 0]);
    await next.settle('amber', 1, 'individual');
    await watch.round();
    expect([await stored(), await valid()]).toEqual([2, 3]);
    expect(watch.notices).toHaveLength(1);
  } finally {
    await next.close();
  }
});

test('a reset that was interrupted half way is finished after the restart', async () => {
  await network.settle('amber', 5);
  for (let n = 0; n < 30; n += 1) await network.chain.mine();
  await start().round();
  const next = await resetNetwork();
  try {
    const rewind = rig.store.proofs.rewind;
    rig.store.proofs.rewind = () => Promise.reject(new Error('the process was killed here'));
    const killed = start(next);
    await killed.round();
    clock.advance(61_000);
    await expect(killed.round()).rejects.toThrow('killed');
    rig.store.proofs.rewind = rewind;
    expect([await stored(), await valid()]).toEqual([1, 5]);
    const watch = start(next);
    await watch.round().catch(() => undefined);
    clock.advance(61_000);
    await watch.round();
    await watch.round();
    expect([await stored(), await valid()]).toEqual([1, 2]);
    expect(watch.notices).toHaveLength(1);
  } finally {
    await next.close();
  }
});

test('blocks that were reorganised away take their settlements with them, also those that were checked', async () => {
  const watch = start();
  const kept = await network.settle('amber', 2, 'individual');
  await watch.round();
  const fork = await network.chain.snapshot();
  const [gone] = await network.settle('amber', 4);
  await watch.round();
  expect([await stored(), await valid()]).toEqual([3, 6]);
  await network.chain.revert(fork);
  for (let n = 0; n < 3; n += 1) await network.chain.mine(2);
  // The same answers, on a relay that anyone may call.
  if (gone !== undefined) await network.facilitator.repeat(gone);
  await watch.round();
  expect(watch.notices).toEqual([expect.stringContaining('the chain was reorganised')]);
  expect([await stored(), await valid()]).toEqual([3, 6]);
  expect(await rig.store.proofs.byHash(gone?.txHash ?? '0x')).toEqual([]);
  expect(await rig.store.proofs.byHash(kept[0]?.txHash ?? '0x')).toHaveLength(1);
});

test('a reorganisation between reading the head and reading its logs joins nothing', async () => {
  const watch = start();
  await watch.round();
  const fork = await network.chain.snapshot();
  await network.settle('amber', 4);
  await watch.round();
  await network.chain.mine();
  await watch.registry();
  await network.chain.revert(fork);
  for (let n = 0; n < 6; n += 1) await network.chain.mine(2);
  await expect(watch.settlements()).rejects.toThrow('the chain was replaced while its history was read');
  await watch.round();
  expect([await stored(), await valid()]).toEqual([0, 0]);
});

test('its first reading takes a while: until then its source stands still, and what comes is not new', async () => {
  await network.settle('amber', 1);
  const watch = start();
  await watch.registry();
  await watch.settled();
  expect(await watch.settlements()).toEqual({
    kind: 'stale',
    shortError: 'its history is being read',
    sinceMs: clock.now(),
  });
  await watch.settled();
  expect(await watch.settlements()).toEqual({ kind: 'fresh' });
  expect((await rig.store.proofs.parties()).map(({ atFirst }) => atFirst)).toEqual([true]);
});

test('a history that no node lists is said, and read as soon as one does', async () => {
  await network.settle('amber', 1);
  const watch = start();
  await watch.registry();
  await watch.settled();
  rpc.inject('eth_getLogs', RPC_FAULTS.serverError);
  for (let n = 0; n < 2; n += 1) {
    await watch.settlements();
    await watch.settled();
  }
  expect(await watch.settlements()).toMatchObject({
    kind: 'stale',
    shortError: expect.stringContaining('its history cannot be read: '),
  });
  await watch.settled();
  rpc.heal();
  await watch.round();
  expect(await watch.settlements()).toEqual({ kind: 'fresh' });
  expect(await valid()).toBe(1);
});

test('20 restarts at any moment repeat and skip nothing', async () => {
  const { settlements, chain } = network;
  for (let n = 0; n < 12; n += 1) {
    const [batch] = await network.settle(n % 2 === 0 ? 'amber' : 'birch', 3 + (n % 4));
    await network.settle('amber', 1, 'individual');
    if (n % 3 === 0 && batch !== undefined) await network.facilitator.repeat(batch);
    await settlements.oldBatch(`0x${String(n).padStart(64, '0')}`, n);
    await network.inference.infer(String.fromCharCode(65 + n).repeat(43));
    await chain.mine(300);
  }
  rpc.logLimit = { blocks: 4, error: LOG_REFUSALS.ankr };
  const whole = await temporaryStore();
  try {
    await start(network, whole).round();
    const expected = await picture(whole);
    expect(await stored(whole.store)).toBe(40);
    let read = 0;
    const seen = new Set<number>();
    let onWrite: () => void = () => undefined;
    const { proofs, models } = rig.store;
    for (const [repository, name] of [
      ...[[proofs, 'saveEvents'] as const, [proofs, 'saveSenders'] as const, [proofs, 'saveVerdicts'] as const],
      [models, 'saveUses'] as const,
    ]) {
      const write = (repository as never)[name] as (...args: unknown[]) => Promise<unknown>;
      Object.assign(repository, {
        [name]: async (...args: unknown[]) => {
          onWrite();
          return await write(...args);
        },
      });
    }
    for (let n = 0; n < 20; n += 1) {
      const watch = start();
      // It is stopped at one of its next writes, which is then stored, or is not.
      let left = 1 + Math.floor(Math.random() * 8);
      const isLost = Math.random() < 0.5;
      const stopping = Promise.withResolvers<void>();
      onWrite = () => {
        left -= 1;
        if (left > 0) return;
        stopping.resolve();
        if (isLost) throw new Error('killed before it was written');
      };
      let stopped = false;
      const rounds = (async () => {
        for (let round = 0; round < 6 && !stopped; round += 1) await watch.round().catch(() => undefined);
        stopping.resolve();
      })();
      await stopping.promise;
      stopped = true;
      await watch.stop();
      await rounds;
      const now = await stored();
      expect(now).toBeGreaterThanOrEqual(read);
      read = now;
      seen.add(now);
    }
    onWrite = () => undefined;
    // Some of them in the middle of it.
    expect(seen.size).toBeGreaterThan(2);
    const last = start();
    for (let n = 0; n < 3; n += 1) await last.round();
    expect(await picture(rig)).toEqual(expected);
  } finally {
    await whole.cleanup();
  }
}, 60_000);

/** Everything that reading and checking has left behind, without when this bot did it. */
async function picture({ store }: TemporaryStore) {
  const [states, kinds, nodes, hours, parties, models] = await Promise.all([
    store.proofs.states(0, FOREVER),
    store.proofs.countsByKind(0, FOREVER),
    store.proofs.byNode({ fromHour: 0, toHour: FOREVER }),
    store.proofs.hours({ nodeId: 0, fromHour: 0, toHour: FOREVER }),
    store.proofs.parties(),
    store.models.counts(),
  ]);
  const known = parties.map(({ firstSeenAtMs: _, ...party }) => party);
  known.sort((a, b) => `${a.address}${a.kind}`.localeCompare(`${b.address}${b.kind}`));
  return { states, kinds, nodes, hours, parties: known, models };
}
