import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REGISTRY_SOURCE } from '../../src/lib/facts.ts';
import { BehindError } from '../../src/sources/evm/client.ts';
import { runCollector } from '../../src/watch/collector.ts';
import { SourceTracker } from '../../src/watch/sourceStatus.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { makeCollector, someTee } from './harness.ts';

const FRESH = { kind: 'fresh' };

let old: DevChain;
let rpc: RpcProxy;
let spare: RpcProxy;
let rig: TemporaryStore;
let clock: SteppingClock;
let oldHead: bigint;

beforeEach(async () => {
  old = await startChain();
  await old.registerTee(someTee({ endpoint: 'https://old.example.com' }));
  for (let n = 0; n < 20; n += 1) await old.mine();
  oldHead = await old.client.getBlockNumber({ cacheTime: 0 });
  [rpc, spare] = await Promise.all([startRpcProxy(old.rpcUrl), startRpcProxy(old.rpcUrl)]);
  rig = await temporaryStore();
  clock = new SteppingClock();
});

afterEach(() => Promise.all([rpc.close(), spare.close(), old.close(), rig.cleanup()]));

const watching = (proxies: readonly RpcProxy[] = [rpc, spare]) =>
  makeCollector({ urls: proxies.map(({ url }) => url), chain: old, store: rig.store, clock });
const endpoints = async (): Promise<string[]> =>
  ((await rig.store.nodes.facts())?.nodes ?? []).filter(({ records }) => records.length > 0).map(({ key }) => key);
const registered = async (): Promise<bigint[]> =>
  (await rig.store.nodes.events({ kinds: ['registered'], limit: 10 })).map(({ blockNumber }) => blockNumber);
const cursorOf = async (): Promise<bigint | undefined> =>
  (await rig.store.nodes.cursor(`registry:${old.chainId}:${old.registry.toLowerCase()}`))?.block.number;

/** The same network from its first block again: same chain id, same registry address, other blocks, a lower head. */
async function resetNetwork(blocks = 0): Promise<{ chain: DevChain; head: bigint }> {
  const chain = await startChain({ startSeconds: old.nowSeconds() + 10 });
  expect(chain.registry).toBe(old.registry);
  await chain.registerTee(someTee({ endpoint: 'https://new.example.com' }));
  for (let n = 0; n < blocks; n += 1) await chain.mine();
  rpc.target = chain.rpcUrl;
  spare.target = chain.rpcUrl;
  return { chain, head: await chain.client.getBlockNumber({ cacheTime: 0 }) };
}

describe('a chain reset to a lower head', () => {
  test('is refused at first, and believed once it has lasted a minute on every RPC', async () => {
    const watch = watching();
    await watch.round();
    expect(await endpoints()).toEqual(['https://old.example.com']);
    const { chain, head } = await resetNetwork();
    try {
      expect(head).toBeLessThan(oldHead);
      // Until then it might be lag, which is no failure.
      expect(await watch.round()).toEqual(FRESH);
      clock.advance(55_000);
      expect(await watch.round()).toEqual(FRESH);
      expect(await endpoints()).toEqual(['https://old.example.com']);
      clock.advance(5_000);
      const note = `the chain was reset: head went from ${oldHead} to ${head}`;
      expect(await watch.round()).toEqual({ kind: 'fresh', note });
      expect(watch.notices).toEqual([note]);
      expect(watch.log.some((line) => line.includes('"level":40') && line.includes(note))).toBe(true);
      expect(await endpoints()).toEqual(['https://new.example.com']);
      expect(await cursorOf()).toBe(head);
      expect(await registered()).toEqual([head]);
    } finally {
      await chain.close();
    }
  });

  test('is believed as well while one of the RPCs is dead', async () => {
    const watch = watching();
    await watch.round();
    const { chain, head } = await resetNetwork();
    try {
      spare.inject('*', RPC_FAULTS.serverError);
      expect(await watch.round()).toEqual(FRESH);
      clock.advance(61_000);
      await watch.round();
      expect(watch.notices).toEqual([`the chain was reset: head went from ${oldHead} to ${head}`]);
      expect(await endpoints()).toEqual(['https://new.example.com']);
    } finally {
      await chain.close();
    }
  });

  test('is not believed while another RPC still has the chain as it was', async () => {
    const watch = watching();
    await watch.round();
    const { chain } = await resetNetwork(30);
    try {
      spare.target = old.rpcUrl;
      await expect(watch.round()).rejects.toMatchObject({
        message: 'the RPCs of the network do not serve the same chain',
        detail: expect.stringContaining('OG_RPC_URLS'),
      });
      expect(await endpoints()).toEqual(['https://old.example.com']);
      expect(watch.notices).toEqual([]);
      spare.target = chain.rpcUrl;
      await watch.round();
      expect(watch.notices).toHaveLength(1);
      expect(await endpoints()).toEqual(['https://new.example.com']);
    } finally {
      await chain.close();
    }
  });

  test('keeps the hours that will not be read again', async () => {
    const watch = makeCollector({ urls: [rpc.url], chain: old, store: rig.store, clock, backfillDays: 2 });
    await watch.round();
    const nodeId = (await rig.store.nodes.facts())?.nodes[0]?.id ?? 0;
    const { chain, head } = await resetNetwork();
    try {
      const { timestamp } = await chain.client.getBlock({ blockNumber: head });
      const border = Math.floor((Number(timestamp) - 2 * 86_400) / 3_600);
      const counted = { nodeId, beats: 4, coveredSeconds: 3_600, activeSeconds: 3_600 };
      const probed = { probes: 0, reached: 0, latencyHistogram: null };
      const hours = [border - 1, border, border + 1].map((hour) => ({ ...counted, ...probed, hour }));
      await rig.store.history.addHours(hours);
      await watch.round();
      clock.advance(61_000);
      await watch.round();
      expect(watch.notices).toHaveLength(1);
      const left = await rig.store.history.hours({ nodeIds: [nodeId], fromHour: border - 1, toHour: border + 1 });
      expect(left.map(({ beats }) => beats)).toEqual([4, 0, 0]);
    } finally {
      await chain.close();
    }
  });

  test('is followed as an ordinary chain from there on, and said for an hour, once to the operator', async () => {
    const watch = watching();
    await watch.round();
    const { chain, head } = await resetNetwork();
    try {
      await watch.round();
      clock.advance(61_000);
      await watch.round();
      await chain.registerTee(someTee({ endpoint: 'https://later.example.com' }));
      expect(await watch.round()).toMatchObject({ note: expect.stringContaining('was reset') });
      expect(await endpoints()).toEqual(['https://new.example.com', 'https://later.example.com']);
      expect(await registered()).toEqual([head + 1n, head]);
      clock.advance(3_600_001);
      await chain.mine();
      expect(await watch.round()).toEqual(FRESH);
      expect(watch.notices).toHaveLength(1);
      // The head guard is up again, for the new chain.
      rpc.lag = 1n;
      spare.lag = 1n;
      await expect(watch.client.head()).rejects.toBeInstanceOf(BehindError);
    } finally {
      await chain.close();
    }
  });

  test('has its nodes read before its history, so that their beats count', async () => {
    const watch = watching();
    await watch.round();
    const { chain } = await resetNetwork();
    try {
      await watch.round();
      clock.advance(61_000);
      // Records are stored slowly: history that did not wait for them would find no node for its beats.
      const saved = Promise.withResolvers<void>();
      const save = rig.store.nodes.saveEvents.bind(rig.store.nodes);
      rig.store.nodes.saveEvents = (...args) => save(...args).finally(() => saved.resolve());
      const snapshot = rig.store.nodes.saveSnapshot.bind(rig.store.nodes);
      rig.store.nodes.saveSnapshot = async (...args) => {
        await Promise.race([saved.promise, delay(1_000)]);
        await snapshot(...args);
      };
      await watch.round();
      const node = (await rig.store.nodes.facts())?.nodes.find(({ key }) => key === 'https://new.example.com');
      expect(node?.lastBeatAtSeconds).toBe(chain.nowSeconds());
    } finally {
      await chain.close();
    }
  });

  test('while the bot was off is found out in the same way', async () => {
    await watching().round();
    const { chain, head } = await resetNetwork();
    try {
      const restarted = watching();
      expect(await restarted.round()).toEqual(FRESH);
      expect(await endpoints()).toEqual(['https://old.example.com']);
      clock.advance(61_000);
      await restarted.round();
      expect(restarted.notices).toEqual([`the chain was reset: head went from ${oldHead} to ${head}`]);
      expect(await endpoints()).toEqual(['https://new.example.com']);
    } finally {
      await chain.close();
    }
  });

  test('is believed also when anvil_reset made it, no contract stands there then', async () => {
    const watch = watching();
    await watch.round();
    // viem's own reset() asks for a fork, which this is not.
    await fetch(old.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_reset', params: [] }),
    });
    expect(await watch.round()).toEqual(FRESH);
    clock.advance(61_000);
    // Reset and said; that the registry is gone is the next thing that fails.
    await expect(watch.round()).rejects.toMatchObject({ detail: expect.stringContaining('knows no contract') });
    expect(watch.notices).toEqual([`the chain was reset: head went from ${oldHead} to 0`]);
  });

  test('to a chain with another id is a configuration error, and nothing is dropped', async () => {
    const watch = watching();
    await watch.round();
    const other = await startChain({ chainId: 777, startSeconds: old.nowSeconds() + 10 });
    try {
      rpc.target = other.rpcUrl;
      spare.target = other.rpcUrl;
      await expect(watch.round()).rejects.toBeInstanceOf(Error);
      clock.advance(61_000);
      await expect(watch.round()).rejects.toThrow(/serves chain 777, but chain 10740 is configured/);
      expect(await endpoints()).toEqual(['https://old.example.com']);
      expect(watch.notices).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('shows in the source’s status: fresh as long as it may be lag, then fresh with what happened', async () => {
    const watch = watching();
    const tracker = new SourceTracker(REGISTRY_SOURCE, rig.store, clock);
    const controller = new AbortController();
    const seen: string[] = [];
    const { chain, head } = await (async () => {
      await watch.round();
      return await resetNetwork();
    })();
    try {
      await runCollector(
        watch.collector,
        tracker,
        {
          clock,
          logger: watch.logger,
          async afterRound() {
            const status = await rig.store.sources.get(REGISTRY_SOURCE);
            seen.push(`${status?.state}: ${status?.shortError}`);
            if (status?.shortError !== null || seen.length > 200) controller.abort();
          },
        },
        controller.signal,
      );
      expect(new Set(seen.slice(0, -1))).toEqual(new Set(['fresh: null']));
      expect(seen.at(-1)).toBe(`fresh: the chain was reset: head went from ${oldHead} to ${head}`);
    } finally {
      await watch.history.settled();
      await chain.close();
    }
  });
});

describe('nodes that lag', () => {
  test.each([
    { confirmations: 1, lag: 1n },
    { confirmations: 1, lag: 15n },
    // Here the cursor stays ten blocks below the head.
    { confirmations: 11, lag: 5n },
  ])(
    'stay refused however long they lag ($lag blocks, $confirmations confirmations)',
    async ({ confirmations, lag }) => {
      const watch = makeCollector({ urls: [rpc.url], chain: old, store: rig.store, clock, confirmations });
      await watch.round();
      const cursor = await cursorOf();
      const seenAtMs = clock.now();
      rpc.lag = lag;
      for (let seconds = 0; seconds < 120; seconds += 30) {
        expect(await watch.round()).toEqual(FRESH);
        clock.advance(30_000);
      }
      // Too long to speak of now, but no failure.
      const shortError = `every RPC is behind: the newest block is ${oldHead - lag}, ${oldHead} was seen before`;
      expect(await watch.round()).toEqual({ kind: 'stale', shortError, sinceMs: seenAtMs });
      expect(watch.notices).toEqual([]);
      expect(await endpoints()).toEqual(['https://old.example.com']);
      expect(await cursorOf()).toBe(cursor);
      expect(await registered()).toHaveLength(1);
      rpc.lag = 0n;
      clock.advance(30_000);
      await old.mine();
      expect(await watch.round()).toEqual(FRESH);
    },
  );

  test('and all others leave few traces: what a chain is known by stays small', async () => {
    const watch = watching([rpc]);
    for (let n = 0; n < 150; n += 1) {
      await old.mine();
      await watch.round();
    }
    const known = await watch.history.checkpoints();
    expect(known.length).toBeLessThan(25);
    expect(known[0]?.number).toBe(oldHead + 150n);
    expect(known.at(-1)?.number).toBe(0n);
  });

  test('one URL that keeps lagging beside a good one never counts', async () => {
    const watch = watching();
    await watch.round();
    rpc.lag = 15n;
    for (let minute = 0; minute < 5; minute += 1) {
      await watch.round();
      clock.advance(60_000);
    }
    expect(watch.notices).toEqual([]);
  });

  test('one that lags and one that is silent are not enough to believe in a reset', async () => {
    const watch = watching();
    await watch.round();
    rpc.lag = 15n;
    spare.inject('*', RPC_FAULTS.serverError);
    for (let minute = 0; minute < 5; minute += 1) {
      await watch.round();
      clock.advance(60_000);
    }
    expect(await watch.round()).toMatchObject({
      kind: 'stale',
      shortError: expect.stringContaining('every RPC that answers is behind'),
    });
    expect(watch.notices).toEqual([]);
    expect(await endpoints()).toEqual(['https://old.example.com']);
  });

  test('a good head in between starts the minute anew', async () => {
    const watch = watching([rpc]);
    await watch.round();
    const { chain } = await resetNetwork();
    try {
      for (let turn = 0; turn < 4; turn += 1) {
        rpc.target = chain.rpcUrl;
        await watch.round();
        clock.advance(50_000);
        rpc.target = old.rpcUrl;
        await watch.round();
      }
      expect(watch.notices).toEqual([]);
    } finally {
      await chain.close();
    }
  });

  test('after a restart a node below the cursor is refused, not taken for a reset', async () => {
    await watching().round();
    const restarted = watching();
    rpc.lag = 4n;
    spare.lag = 4n;
    const facts = await rig.store.nodes.facts();
    expect(await restarted.round()).toEqual(FRESH);
    expect(await rig.store.nodes.facts()).toEqual(facts);
    rpc.lag = 0n;
    clock.advance(31_000);
    expect(await restarted.round()).toEqual(FRESH);
    expect(await endpoints()).toEqual(['https://old.example.com']);
    expect(restarted.notices).toEqual([]);
  });
});

test('a chain that was replaced by a longer one is found by the hash at the cursor', async () => {
  const watch = watching();
  await watch.round();
  const { chain, head } = await resetNetwork(30);
  try {
    expect(head).toBeGreaterThan(oldHead);
    expect(await watch.round()).toMatchObject({ note: expect.stringContaining(`no longer has block ${oldHead}`) });
    expect(watch.notices).toHaveLength(1);
    expect(await endpoints()).toEqual(['https://new.example.com']);
    expect(await registered()).toEqual([head - 30n]);
    expect(await cursorOf()).toBe(head);
  } finally {
    await chain.close();
  }
});

describe('a chain that was reorganised deeper than the cursor', () => {
  test.each([
    { depth: 1, more: 1 },
    { depth: 1, more: 3 },
    { depth: 9, more: 12 },
  ])('loses the $depth blocks that changed, and nothing else ($more new ones)', async ({ depth, more }) => {
    const watch = watching([rpc]);
    await watch.round();
    const before = await rig.store.nodes.events({ limit: 100 });
    const fork = await old.snapshot();
    for (let n = 1; n < depth; n += 1) {
      await old.mine();
      await watch.round();
    }
    await old.registerTee(someTee({ endpoint: 'https://vanished.example.com' }));
    await watch.round();
    expect(await endpoints()).toContain('https://vanished.example.com');
    expect(await registered()).toHaveLength(2);

    await old.revert(fork);
    for (let n = 0; n < more; n += 1) await old.mine(2);
    expect(await watch.round()).toMatchObject({ note: expect.stringContaining('the chain was reorganised') });
    expect(watch.notices).toHaveLength(1);
    expect(await endpoints()).toEqual(['https://old.example.com']);
    expect(await rig.store.nodes.events({ limit: 100 })).toEqual(before);
    expect(await cursorOf()).toBe(oldHead + BigInt(more));
    await old.mine();
    await watch.round();
    expect(watch.notices).toHaveLength(1);
  });

  test('and is shorter now is believed after a minute, without its history being dropped', async () => {
    const watch = watching([rpc]);
    const fork = await old.snapshot();
    for (let n = 0; n < 6; n += 1) {
      await old.mine();
      await watch.round();
    }
    await old.revert(fork);
    for (let n = 0; n < 3; n += 1) await old.mine(2);
    await watch.round();
    clock.advance(61_000);
    expect(await watch.round()).toMatchObject({ note: expect.stringContaining('the chain was reorganised') });
    expect(await cursorOf()).toBe(oldHead + 3n);
    expect(await registered()).toHaveLength(1);
  });
});

describe('another network with a registry at the same address', () => {
  test('is read anew, with nothing of the first one', async () => {
    await watching().round();
    const other = await startChain({ chainId: 777, startSeconds: old.nowSeconds() });
    try {
      expect(other.registry).toBe(old.registry);
      await other.registerTee(someTee({ endpoint: 'https://other.example.com' }));
      for (const proxy of [rpc, spare]) proxy.target = other.rpcUrl;
      const watch = makeCollector({ urls: [rpc.url], chain: other, store: rig.store, clock });
      await watch.round();
      expect(watch.notices).toEqual([expect.stringContaining('is of chain 10740')]);
      expect(await endpoints()).toEqual(['https://other.example.com']);
      expect(await registered()).toHaveLength(1);
      // And back again.
      for (const proxy of [rpc, spare]) proxy.target = old.rpcUrl;
      await watching().round();
      expect(await endpoints()).toEqual(['https://old.example.com']);
      expect(await cursorOf()).toBe(oldHead);
    } finally {
      await other.close();
    }
  });

  test('that only is a mistake in the configuration drops nothing', async () => {
    await watching().round();
    const mistyped = makeCollector({
      ...{ urls: [rpc.url], store: rig.store, clock },
      chain: { chainId: 1, registry: old.registry },
    });
    await expect(mistyped.round()).rejects.toThrow(/serves chain 10740, but chain 1 is configured/);
    expect(await endpoints()).toEqual(['https://old.example.com']);
  });
});
