import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import { registryLogs } from '../../src/sources/opengradient/registryLogs.ts';
import { type DevChain, startChain } from '../devnet/chain.ts';
import { LOG_REFUSALS, RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type CollectorOptions, makeCollector, mineMany, someTee } from './harness.ts';

let chain: DevChain;
let rpc: RpcProxy;
let rig: TemporaryStore;
let clock: SteppingClock;
/** A node of its own for each test, registered before it. */
let teeId: Hex;

beforeAll(async () => {
  chain = await startChain();
  rpc = await startRpcProxy(chain.rpcUrl);
});
afterAll(() => Promise.all([rpc.close(), chain.close()]));

beforeEach(async () => {
  rpc.heal();
  rig = await temporaryStore();
  clock = new SteppingClock();
  teeId = await chain.registerTee(someTee());
});
afterEach(() => rig.cleanup());

const watching = (more: Partial<CollectorOptions> = {}) =>
  makeCollector({ urls: [rpc.url], chain, store: rig.store, clock, ...more });
const head = (): Promise<bigint> => chain.client.getBlockNumber({ cacheTime: 0 });
const cursorOf = async (): Promise<bigint | undefined> =>
  (await rig.store.nodes.cursor(`registry:${chain.chainId}:${chain.registry.toLowerCase()}`))?.block.number;
const kinds = async (of: Hex = teeId): Promise<string[]> =>
  (await rig.store.nodes.events({ teeIds: [of], limit: 100 })).map(({ kind }) => kind).toReversed();
const record = async () =>
  (await rig.store.nodes.facts())?.nodes.flatMap(({ records }) => records).find((one) => one.teeId === teeId);

/** Every log of the registry that is one of ours, as the node has them. */
const onChain = async (): Promise<number> =>
  (await chain.client.getLogs({ address: chain.registry, fromBlock: 0n, toBlock: await head() })).length - 2;

describe('following the head', () => {
  test('the first round reads every record and all of history', async () => {
    expect(await watching().round()).toEqual({ kind: 'fresh' });
    expect(await record()).toMatchObject({ enabled: true, layout: 11 });
    expect(await kinds()).toEqual(['registered']);
    expect(await cursorOf()).toBe(await head());
    // Two of the registry's logs name its types: not of interest.
    expect(await rig.store.nodes.events({ limit: 1_000 })).toHaveLength(await onChain());
  });

  test('a new log is stored and only the record it names is read again', async () => {
    const watch = watching();
    await watch.round();
    rpc.calls.length = 0;
    await chain.disable(teeId);
    await watch.round();
    expect(await kinds()).toEqual(['registered', 'disabled']);
    expect(await record()).toMatchObject({ enabled: false });
    expect(rpc.count('eth_call')).toBe(1);
  });

  test('a block without logs moves cursor and snapshot forward and reads no record', async () => {
    const watch = watching();
    await watch.round();
    rpc.calls.length = 0;
    await chain.mine();
    await watch.round();
    expect(rpc.count('eth_call')).toBe(0);
    expect(await cursorOf()).toBe(await head());
    expect((await rig.store.nodes.facts())?.registry.block.number).toBe(await head());
  });

  test('a revoked measurement touches more than one record: all are read', async () => {
    const pcrHash: Hex = `0x${'5c'.repeat(32)}`;
    await chain.approvePcr(pcrHash);
    teeId = await chain.registerTee(someTee({ pcrHash }));
    const watch = watching();
    await watch.round();
    await chain.revokePcr(pcrHash);
    await watch.round();
    expect(await record()).toMatchObject({ enabled: false });
    const approved = (await rig.store.nodes.facts())?.registry.approvedPcrs ?? [];
    expect(approved.map((pcr) => pcr.pcrHash)).not.toContain(pcrHash);
  });

  test('a record that a log named is read even when it could not be at once', async () => {
    const watch = watching();
    await watch.round();
    await chain.disable(teeId);
    rpc.inject('eth_call', RPC_FAULTS.serverError, 2);
    await expect(watch.round()).rejects.toMatchObject({ message: 'no RPC of the network answered' });
    await watch.round();
    expect(await record()).toMatchObject({ enabled: false });
  });

  test('the same head is asked for no facts; after two minutes it is a standing chain', async () => {
    const watch = watching();
    await watch.round();
    const seenAtMs = clock.now();
    rpc.calls.length = 0;
    clock.advance(119_000);
    expect(await watch.round()).toEqual({ kind: 'fresh' });
    expect(rpc.calls.map(({ method }) => method)).toEqual(['eth_getBlockByNumber']);
    clock.advance(2_000);
    expect(await watch.round()).toEqual({
      kind: 'stale',
      shortError: 'the chain has produced no block for over 2 minutes',
      sinceMs: seenAtMs,
    });
    await chain.mine();
    expect(await watch.round()).toEqual({ kind: 'fresh' });
  });

  test('after a restart a chain that stands still has done so since before', async () => {
    await watching().round();
    const seenAtMs = clock.now();
    clock.advance(200_000);
    const restarted = watching();
    const stale = {
      kind: 'stale',
      shortError: 'the chain has produced no block for over 2 minutes',
      sinceMs: seenAtMs,
    };
    expect(await restarted.round()).toEqual(stale);
    expect((await rig.store.nodes.facts())?.readAtMs).toBe(seenAtMs);
    expect(await restarted.round()).toEqual(stale);
    // And a second time, from what the first restart stored.
    expect(await watching().round()).toEqual(stale);
    await chain.mine();
    expect(await restarted.round()).toEqual({ kind: 'fresh' });
  });

  test('with confirmations, logs are stored only once they are that deep', async () => {
    const watch = watching({ confirmations: 3 });
    await watch.round();
    await chain.disable(teeId);
    const at = await head();
    await watch.round();
    expect(await kinds()).not.toContain('disabled');
    await chain.mine();
    await watch.round();
    expect(await kinds()).not.toContain('disabled');
    await chain.mine();
    await watch.round();
    expect(await kinds()).toContain('disabled');
    expect(await cursorOf()).toBe(at);
  });
});

describe('catching up', () => {
  test('history that broke off goes on from its cursor after a restart, nothing lost or doubled', async () => {
    await mineMany(chain, 40);
    await chain.disable(teeId);
    await mineMany(chain, 40);
    await chain.enable(teeId);
    // Pages of at most 30 blocks; the fourth page and all after it are not served.
    rpc.logLimit = { blocks: 30, error: LOG_REFUSALS.ankr };
    const signal = new AbortController();
    const first = watching();
    let saved = 0;
    const save = rig.store.nodes.saveEvents.bind(rig.store.nodes);
    rig.store.nodes.saveEvents = async (...args) => {
      await save(...args);
      saved += 1;
      if (saved === 3) signal.abort();
    };
    await first.collector.collect(signal.signal);
    await first.history.settled();
    const reached = await cursorOf();
    expect(reached).toBeLessThan(await head());
    const second = watching();
    rpc.calls.length = 0;
    await second.round();
    await second.round();
    const asked = rpc.calls.filter(({ method }) => method === 'eth_getLogs');
    const from = asked.map(({ params }) => Number((params[0] as { fromBlock: Hex }).fromBlock));
    expect(Math.min(...from)).toBe(Number(reached) + 1);
    expect(await cursorOf()).toBe(await head());
    expect(await kinds()).toEqual(['registered', 'disabled', 'enabled']);
    expect(await rig.store.nodes.events({ limit: 1_000 })).toHaveLength(await onChain());
  });

  test('history begins as many days back as configured', async () => {
    await chain.mine(3 * 86_400);
    teeId = await chain.registerTee(someTee());
    const watch = watching({ backfillDays: 1 });
    await watch.round();
    expect(await kinds()).toEqual(['registered']);
    const events = await rig.store.nodes.events({ limit: 1_000 });
    expect(events).toHaveLength(1);
    // Older nodes are known all the same, from the records.
    expect((await rig.store.nodes.facts())?.nodes.length).toBeGreaterThan(1);
  });

  test('no days back and some confirmations: history begins at the newest block that is deep enough', async () => {
    const watch = watching({ backfillDays: 0, confirmations: 3 });
    await watch.round();
    expect(await cursorOf()).toBe((await head()) - 2n);
    await chain.disable(teeId);
    await chain.mine();
    await chain.mine();
    await watch.round();
    expect((await kinds()).at(-1)).toBe('disabled');
  });

  test('what is known of the nodes is never said to be newer than it was read', async () => {
    const watch = watching();
    const signal = new AbortController().signal;
    const gate = Promise.withResolvers<void>();
    rpc.inject('eth_getLogs', { kind: 'wait', until: gate.promise });
    await watch.collector.collect(signal);
    const readAt = { block: await head(), readAtMs: clock.now() };
    await chain.disable(teeId);
    clock.advance(20_000);
    expect(await watch.collector.collect(signal)).toEqual({ kind: 'fresh' });
    const during = await rig.store.nodes.facts();
    expect({ block: during?.registry.block.number, readAtMs: during?.readAtMs }).toEqual(readAt);
    expect(await record()).toMatchObject({ enabled: true });
    gate.resolve();
    await watch.history.settled();
    await chain.mine();
    await watch.round();
    expect(await record()).toMatchObject({ enabled: false });
    expect((await rig.store.nodes.facts())?.registry.block.number).toBe(await head());
  });

  test('logs without a time of their own get their block’s', async () => {
    rpc.withoutLogTimes = true;
    const watch = watching();
    await watch.round();
    const [event] = await rig.store.nodes.events({ teeIds: [teeId], limit: 1 });
    const block = await chain.client.getBlock({ blockNumber: event?.blockNumber as bigint });
    expect(event?.blockTimestampSeconds).toBe(Number(block.timestamp));
  });

  test('a log whose block the node does not give is an error, not a log less', async () => {
    rpc.withoutLogTimes = true;
    const from = await head();
    await chain.mine();
    const { client } = watching();
    const pages = registryLogs(client, chain.registry, from, from + 1n);
    // The page's own end is given; the block of the log is not.
    rpc.inject('eth_getBlockByNumber', { kind: 'wait', until: Promise.resolve() }, 1);
    rpc.inject('eth_getBlockByNumber', RPC_FAULTS.nullResult);
    await expect(pages.next()).rejects.toMatchObject({ message: `no block ${from} for a log in it`, retryable: true });
  });

  test('a chain replaced between two pages of a catch-up is not joined to the old history', async () => {
    rpc.logLimit = { blocks: 4, error: LOG_REFUSALS.ankr };
    const other = await startChain({ startSeconds: chain.nowSeconds() });
    try {
      await mineMany(other, Number(await head()) + 50);
      const watch = watching();
      let saved = 0;
      const save = rig.store.nodes.saveEvents.bind(rig.store.nodes);
      rig.store.nodes.saveEvents = async (...args) => {
        await save(...args);
        saved += 1;
        if (saved === 2) rpc.target = other.rpcUrl;
      };
      await watch.round();
      expect(watch.log.join('')).toContain('the chain was replaced while its history was read');
      expect(saved).toBe(2);
      await watch.round();
      expect(watch.notices).toHaveLength(1);
      expect(await cursorOf()).toBe(await other.client.getBlockNumber({ cacheTime: 0 }));
      const blocks = await rig.store.nodes.events({ limit: 1_000 });
      const logs = await other.client.getLogs({ address: other.registry, fromBlock: 0n, toBlock: 'latest' });
      expect(blocks).toHaveLength(logs.length - 2);
    } finally {
      rpc.target = chain.rpcUrl;
      await other.close();
    }
  });

  test('a long way back is read beside the head, which never waits for it', async () => {
    const first = watching();
    await first.round();
    await chain.disable(teeId);
    await mineMany(chain, 2_500);
    await chain.enable(teeId);
    // The node holds back every log query: history cannot move, the head can.
    const gate = Promise.withResolvers<void>();
    rpc.inject('eth_getLogs', { kind: 'wait', until: gate.promise });
    const watch = watching();
    const signal = new AbortController().signal;
    expect(await watch.collector.collect(signal)).toEqual({ kind: 'fresh' });
    expect((await rig.store.nodes.facts())?.registry.block.number).toBe(await head());
    expect(await record()).toMatchObject({ enabled: true });
    expect(await kinds()).toEqual(['registered']);
    // The next block finds it still under way, and is not held up either.
    await chain.mine();
    expect(await watch.collector.collect(signal)).toEqual({ kind: 'fresh' });
    expect(await cursorOf()).toBeLessThan(await head());
    gate.resolve();
    await watch.history.settled();
    // No block comes any more; the last ones are read all the same.
    await watch.round();
    expect(await kinds()).toEqual(['registered', 'disabled', 'enabled']);
    expect(await cursorOf()).toBe(await head());
  });

  test('records that changed while history was caught up are read when it is', async () => {
    const long = await startChain();
    try {
      teeId = await long.registerTee(someTee());
      const watch = makeCollector({ urls: [long.rpcUrl], chain: long, store: rig.store, clock });
      await watch.round();
      await long.disable(teeId);
      await mineMany(long, 2_010);
      // Read a moment ago, so not again at once; and its log is one of those that are only stored.
      await watch.round();
      expect(await record()).toMatchObject({ enabled: true });
      await long.mine();
      await watch.round();
      expect(await record()).toMatchObject({ enabled: false });
    } finally {
      await long.close();
    }
  });
});
