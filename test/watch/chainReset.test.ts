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
      await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
      clock.advance(55_000);
      await expect(watch.round()).rejects.toThrow(
        `every RPC is behind: the newest block is ${head}, ${oldHead} was seen before`,
      );
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

  test('is followed as an ordinary chain from there on, and said for an hour, once to the operator', async () => {
    const watch = watching();
    await watch.round();
    const { chain, head } = await resetNetwork();
    try {
      await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
      clock.advance(61_000);
      await watch.round();
      await chain.registerTee(someTee({ endpoint: 'https://later.example.com' }));
      expect(await watch.round()).toMatchObject({ note: expect.stringContaining('was reset') });
      expect(await endpoints()).toEqual(['https://new.example.com', 'https://later.example.com']);
      expect(await registered()).toEqual([head + 1n, head]);
      clock.advance(3_600_001);
      await chain.mine();
      expect(await watch.round()).toEqual({ kind: 'fresh' });
      expect(watch.notices).toHaveLength(1);
      // The head guard is up again, for the new chain.
      rpc.lag = 1n;
      spare.lag = 1n;
      await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
    } finally {
      await chain.close();
    }
  });

  test('has its nodes read before its history, so that their beats count', async () => {
    const watch = watching();
    await watch.round();
    const { chain } = await resetNetwork();
    try {
      await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
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
      await expect(restarted.round()).rejects.toBeInstanceOf(BehindError);
      expect(await endpoints()).toEqual(['https://old.example.com']);
      clock.advance(61_000);
      await restarted.round();
      expect(restarted.notices).toEqual([`the chain was reset: head went from ${oldHead} to ${head}`]);
      expect(await endpoints()).toEqual(['https://new.example.com']);
    } finally {
      await chain.close();
    }
  });

  test('is believed also when anvil_reset made it: no contract stands there then', async () => {
    const watch = watching();
    await watch.round();
    // viem's own reset() asks for a fork, which this is not.
    await fetch(old.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_reset', params: [] }),
    });
    await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
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

  test('shows in the source’s status: failing with the cause, then fresh with what happened', async () => {
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
            if (status?.state === 'fresh' || seen.length > 200) controller.abort();
          },
        },
        controller.signal,
      );
      const failing = `failing: every RPC is behind: the newest block is ${head}, ${oldHead} was seen before`;
      expect(new Set(seen.slice(0, -1))).toEqual(new Set([failing]));
      expect(seen.at(-1)).toBe(`fresh: the chain was reset: head went from ${oldHead} to ${head}`);
    } finally {
      await watch.history.settled();
      await chain.close();
    }
  });
});

describe('nodes that lag', () => {
  test('stay refused however long they lag, as long as they have the cursor’s block as it was', async () => {
    // Eleven confirmations: the cursor stays ten blocks below the head.
    const watch = makeCollector({
      urls: [rpc.url, spare.url],
      chain: old,
      store: rig.store,
      clock,
      confirmations: 11,
    });
    await watch.round();
    rpc.lag = 5n;
    spare.lag = 3n;
    for (let minute = 0; minute < 5; minute += 1) {
      await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
      clock.advance(60_000);
    }
    expect(watch.notices).toEqual([]);
    expect(await endpoints()).toEqual(['https://old.example.com']);
    rpc.lag = 0n;
    clock.advance(30_000);
    await old.mine();
    expect(await watch.round()).toEqual({ kind: 'fresh' });
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
      await expect(watch.round()).rejects.toMatchObject({ message: 'no RPC of the network answered' });
      clock.advance(60_000);
    }
    expect(watch.notices).toEqual([]);
    expect(await endpoints()).toEqual(['https://old.example.com']);
  });

  test('a good head in between starts the minute anew', async () => {
    const watch = watching([rpc]);
    await watch.round();
    for (let turn = 0; turn < 4; turn += 1) {
      rpc.lag = 15n;
      await expect(watch.round()).rejects.toBeInstanceOf(BehindError);
      clock.advance(50_000);
      rpc.lag = 0n;
      await watch.round();
    }
    expect(watch.notices).toEqual([]);
  });

  test('after a restart a node below the cursor is refused, not taken for a reset', async () => {
    await watching().round();
    const restarted = watching();
    rpc.lag = 4n;
    spare.lag = 4n;
    await expect(restarted.round()).rejects.toBeInstanceOf(BehindError);
    rpc.lag = 0n;
    clock.advance(31_000);
    expect(await restarted.round()).toEqual({ kind: 'fresh' });
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
