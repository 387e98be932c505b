import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GaugeReplay } from '../../src/insight/gaugeReplay.ts';
import { gaugeCursor } from '../../src/lib/gaugeFacts.ts';
import { knownFromKey } from '../../src/lib/proofFacts.ts';
import {
  type BedrockOptions,
  BR,
  type DevBedrock,
  EPOCH_SECONDS,
  startBedrock,
  WEEK_SECONDS,
  walletOf,
} from '../devnet/bedrock.ts';
import { type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { asView, SOURCE, startVeRig } from './veRig.ts';

const [alice, bob, carol] = [walletOf('alice'), walletOf('bob'), walletOf('carol')];

let temporary: TemporaryStore;
let stops: (() => Promise<unknown>)[] = [];
const rigOf = (...args: Parameters<typeof startVeRig>) => {
  const rig = startVeRig(...args);
  stops.push(() => rig.stop());
  return rig;
};
const bedrockOf = async (options: BedrockOptions = {}): Promise<DevBedrock> => {
  const bedrock = await startBedrock(options);
  stops.push(() => bedrock.close());
  return bedrock;
};

beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  stops = [];
  await temporary.cleanup();
});

/** Three locks that have grown, two gauges, and votes for them. */
async function someVotes(bedrock: DevBedrock) {
  const ids = [
    await bedrock.lock(alice, 100n * BR),
    await bedrock.lock(bob, 50n * BR),
    await bedrock.lock(carol, 7n * BR),
  ];
  const gauges = [await bedrock.gauge('pool one'), await bedrock.gauge('ipfs://two')] as const;
  await bedrock.toNextEpoch();
  await bedrock.toVoteWindow();
  await bedrock.vote(alice, ids[0] as bigint, [
    [gauges[0], 1],
    [gauges[1], 3],
  ]);
  await bedrock.vote(bob, ids[1] as bigint, [[gauges[0], 10]]);
  return { ids: ids as [bigint, bigint, bigint], gauges };
}

const viewOf = async (bedrock: DevBedrock, block: bigint) => {
  const { standing, ...view } = await bedrock.view(block);
  return { standing, view };
};

describe.each([true, false])('with multicall %s', (multicall) => {
  test('the reading is what the views answer at its block, and the replay agrees', async () => {
    const bedrock = await bedrockOf({ multicall });
    await someVotes(bedrock);
    const rig = rigOf(bedrock, temporary.store);
    expect(await rig.caughtUp()).toEqual({ kind: 'fresh' });

    const reading = await rig.reading();
    const { standing, view } = await viewOf(bedrock, reading.block.number);
    expect(asView(reading, bedrock.at.escrow)).toEqual(view);
    expect(reading.missing).toEqual([]);
    expect(reading.contracts).toEqual({
      ...{ escrow: bedrock.at.escrow, voter: bedrock.at.voter, clock: bedrock.at.clock, curve: bedrock.at.curve },
      ...{ queue: bedrock.at.queue, lockNFT: bedrock.at.lockNft },
    });
    expect(reading.unit).toEqual({ symbol: 'veBR', decimals: 18 });
    expect(reading.tokenSupplyWei).toBe(157n * BR);
    expect((reading.maxPowerWei ?? 0n) > BR).toBe(true);

    const replay = new GaugeReplay(bedrock.at.voter);
    replay.apply(await rig.events());
    const state = replay.stateAt(reading.block.timestampSeconds);
    expect(state.totalWei).toBe(view.totalCastWei);
    for (const [key, votes] of standing) {
      for (const [gauge, powerWei] of votes) expect(state.standing.get(key)?.get(gauge)?.powerWei).toBe(powerWei);
    }
  });

  test('a lock that leaves belongs to who gets it, and one that has left is gone', async () => {
    const bedrock = await bedrockOf({ multicall });
    const { ids } = await someVotes(bedrock);
    await bedrock.exitRules(1_209_600, 1, 0n);
    await bedrock.exit(carol, ids[2]);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    const lock = (await rig.reading()).locks.find(({ id }) => id === ids[2].toString());
    const left = bedrock.chain.nowSeconds();
    expect(lock).toMatchObject({ owner: carol, exiting: true });
    expect(lock?.exitAtSeconds).toBeGreaterThanOrEqual(left + 1_209_599);
    expect((await rig.events()).filter(({ kind }) => kind === 'exit-queued')).toEqual([
      expect.objectContaining({ from: carol, tokenId: ids[2], atSeconds: lock?.exitAtSeconds }),
    ]);

    await bedrock.chain.toSeconds((lock?.exitAtSeconds ?? 0) + 1);
    await bedrock.withdraw(carol, ids[2]);
    for (let at = 0; at < 2; at += 1) {
      await rig.round();
      const reading = await rig.reading();
      expect(asView(reading, bedrock.at.escrow)).toEqual((await viewOf(bedrock, reading.block.number)).view);
      await bedrock.chain.mine();
    }
  });
});

const completeSince = (chainId = 5_656) => temporary.store.meta.get(knownFromKey(gaugeCursor(SOURCE, chainId)));

/** The replay of what is stored against the contracts, at the newest reading. */
async function expectReplayed(bedrock: DevBedrock, rig: ReturnType<typeof startVeRig>) {
  const reading = await rig.reading();
  const { view, standing } = await viewOf(bedrock, reading.block.number);
  expect(asView(reading, bedrock.at.escrow)).toEqual(view);
  const replay = new GaugeReplay(bedrock.at.voter);
  replay.apply(await rig.events());
  const state = replay.stateAt(reading.block.timestampSeconds, reading.clock?.epoch ?? null);
  const replayed = [...state.standing].map(([key, votes]): [string, Map<string, bigint>] => [
    key,
    new Map([...votes].map(([gauge, { powerWei }]) => [gauge, powerWei])),
  ]);
  expect(new Map(replayed.filter(([, votes]) => votes.size > 0))).toEqual(standing);
  expect(state.totalWei).toBe(view.totalCastWei);
  return { reading, view, state };
}

describe('the vote window', () => {
  test('is that of the running epoch before, while and after votes are taken, though the clock tells of the next', async () => {
    const bedrock = await bedrockOf({ seasons: false });
    const rig = rigOf(bedrock, temporary.store);
    const clocks: unknown[] = [];
    for (const go of [bedrock.toNextEpoch, bedrock.toVoteWindow, bedrock.toVoteEnd]) {
      await go();
      await rig.caughtUp();
      const { clock, season, block } = await rig.reading();
      expect(season).toBeNull();
      if (clock === null) throw new Error('there is a clock');
      expect(block.timestampSeconds).toBeGreaterThanOrEqual(clock.startSeconds);
      const { startSeconds, ...rest } = clock;
      expect(rest).toEqual({
        epoch: startSeconds / EPOCH_SECONDS,
        endSeconds: startSeconds + EPOCH_SECONDS,
        voteStartSeconds: startSeconds + 3_600,
        voteEndSeconds: startSeconds + WEEK_SECONDS - 3_600,
        votingActive: clocks.length === 1,
      });
      clocks.push(clock);
    }
  });

  test('has a season where the clock knows them', async () => {
    const bedrock = await bedrockOf();
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    expect((await rig.reading()).season).toEqual({ index: 0, startSeconds: 0, endSeconds: null });
    await bedrock.newSeason();
    await rig.round();
    const [announced] = (await rig.events()).filter(({ kind }) => kind === 'season-started');
    expect(announced).toMatchObject({ season: 1, emitter: bedrock.at.clock });
    expect((await rig.reading()).season).toEqual({ index: 0, startSeconds: 0, endSeconds: announced?.atSeconds });
    await bedrock.toNextCheckpoint();
    await rig.round();
    expect((await rig.reading()).season).toEqual({ index: 1, startSeconds: announced?.atSeconds, endSeconds: null });
  });
});

describe('votes', () => {
  test('of an operator are stored with who sent them, and stand for the lock', async () => {
    const bedrock = await bedrockOf();
    const { ids, gauges } = await someVotes(bedrock);
    await bedrock.approveOperator(carol, bob);
    await bedrock.vote(bob, ids[2], [[gauges[1], 1]]);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    const { state } = await expectReplayed(bedrock, rig);
    expect((await rig.events()).at(-1)).toMatchObject({ kind: 'voted', from: bob, tokenId: ids[2], gauge: gauges[1] });
    expect(state.owners.get(ids[2].toString())).toBe(carol);
  });

  test('of the later form have no lock', async () => {
    const bedrock = await bedrockOf({ form: 'address' });
    const { gauges } = await someVotes(bedrock);
    await bedrock.vote(alice, 0n, [[gauges[1], 1]]);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    await expectReplayed(bedrock, rig);
    const votes = (await rig.events()).filter(({ kind }) => kind === 'voted' || kind === 'reset');
    expect(votes.map(({ kind, from, tokenId }) => `${kind} ${from} ${tokenId}`)).toEqual([
      ...[`voted ${alice} null`, `voted ${alice} null`, `voted ${bob} null`],
      ...[`reset ${alice} null`, `reset ${alice} null`, `voted ${alice} null`],
    ]);
  });
});

describe('a voter that replaced another one', () => {
  test('before the first reading is the one that counts', async () => {
    const bedrock = await bedrockOf();
    await bedrock.gauge('old');
    await bedrock.switchVoter('token');
    await someVotes(bedrock);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    await expectReplayed(bedrock, rig);
  });

  test('before this bot was is found where a node keeps old states; where none does, that is said', async () => {
    const bedrock = await bedrockOf();
    const { ids } = await someVotes(bedrock);
    const old = bedrock.at.voter;
    await bedrock.chain.client.mine({ blocks: 10 });
    await bedrock.switchVoter('token');
    const gauge = await bedrock.gauge('of the new one');
    await bedrock.vote(carol, ids[2], [[gauge, 1]]);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    await expectReplayed(bedrock, rig);
    expect((await rig.events()).filter(({ kind, emitter }) => kind === 'voted' && emitter === old)).toHaveLength(3);

    const other = await temporaryStore();
    stops.push(() => other.cleanup());
    const proxy = await startRpcProxy(bedrock.chain.rpcUrl);
    stops.push(() => proxy.close());
    const head = await bedrock.chain.client.getBlockNumber({ cacheTime: 0 });
    proxy.instead = (method, params) => (method === 'eth_call' && BigInt(params[1] as string) < head ? 7 : null);
    const late = rigOf(bedrock, other.store, { rpcUrls: [proxy.url] });
    await late.caughtUp();
    const said = [expect.stringContaining('Whether the escrow had other voters before')];
    expect((await late.reading()).missing).toEqual(said);
    await late.stop();
    const again = rigOf(bedrock, other.store, { rpcUrls: [proxy.url] });
    await bedrock.chain.mine();
    await again.caughtUp();
    expect((await again.reading()).missing).toEqual(said);
  });

  test('is noticed, and what it emitted before that is read, in log order and once', async () => {
    const bedrock = await bedrockOf();
    const { ids } = await someVotes(bedrock);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    const first = bedrock.at.voter;
    // Nobody looks while it is made, voted on, and blocks pass.
    await bedrock.switchVoter('token');
    const gauge = await bedrock.gauge('of the new one');
    await bedrock.vote(carol, ids[2], [[gauge, 1]]);
    await bedrock.chain.client.mine({ blocks: 20 });
    expect(await rig.caughtUp()).toEqual({ kind: 'fresh' });
    await expectReplayed(bedrock, rig);
    expect(await temporary.store.gauges.voters(SOURCE)).toEqual([first, bedrock.at.voter]);
    expect(await completeSince()).toBe(String((await bedrock.chain.client.getBlock({ blockNumber: 0n })).timestamp));
    const events = await rig.events();
    const places = events.map(({ blockNumber, logIndex }) => Number(blockNumber) * 1_000 + logIndex);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(new Set(events.filter(({ kind }) => kind === 'voted').map(({ emitter }) => emitter)).size).toBe(2);
  });

  test('whose first log was followed over is read again from there, after a restart too', async () => {
    const bedrock = await bedrockOf();
    const { ids } = await someVotes(bedrock);
    const first = rigOf(bedrock, temporary.store);
    await first.caughtUp();
    const old = bedrock.at.voter;
    const next = await bedrock.switchVoter('token');
    const gauge = await bedrock.gauge('of the new one');
    await bedrock.vote(carol, ids[2], [[gauge, 1]]);
    // The escrow names the old one for a while: its collector follows past the new one's logs.
    await bedrock.setVoter(old);
    await first.round();
    expect((await first.events()).some(({ emitter }) => emitter === next)).toBe(false);
    await first.stop();
    await bedrock.setVoter(next);
    const second = rigOf(bedrock, temporary.store);
    expect(await second.caughtUp()).toEqual({ kind: 'fresh' });
    await expectReplayed(bedrock, second);
    expect((await second.events()).filter(({ emitter }) => emitter === next)).toHaveLength(2);
  });
});

test('while what a new voter emitted is looked for, the others are followed, and nothing is called complete', async () => {
  const bedrock = await bedrockOf();
  const { ids } = await someVotes(bedrock);
  const proxy = await startRpcProxy(bedrock.chain.rpcUrl);
  stops.push(() => proxy.close());
  const rig = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
  await rig.caughtUp();
  expect(await completeSince()).not.toBe('');
  const next = await bedrock.switchVoter('token');
  const gauge = await bedrock.gauge('of the new one');
  await bedrock.vote(carol, ids[2], [[gauge, 1]]);
  await bedrock.lock(alice, BR);
  proxy.instead = (method, params) =>
    method === 'eth_getLogs' && (params[0] as { address: string[] }).address.length === 1 ? 'nonsense' : null;
  await expect(rig.round()).rejects.toThrow(/logs/);
  expect(await completeSince()).toBe('');
  expect((await rig.events()).at(-1)).toMatchObject({ kind: 'deposit', from: alice });
  expect((await rig.reading()).contracts.voter).toBe(next);
  proxy.instead = null;
  rig.clock.advance(60_000);
  await rig.caughtUp();
  expect(await completeSince()).not.toBe('');
  await expectReplayed(bedrock, rig);
});

describe('trouble', () => {
  let proxy: RpcProxy | null = null;
  afterEach(async () => {
    await proxy?.close();
    proxy = null;
  });

  test('many calls go in few questions where the chain has Multicall3', async () => {
    const counts: number[] = [];
    for (const multicall of [true, false]) {
      const bedrock = await bedrockOf({ multicall });
      await bedrock.chain.actAll(bedrock.fund(alice, 100n * BR));
      await bedrock.chain.actAll(Array.from({ length: 50 }, () => bedrock.calls.createLock(alice, BR)));
      const seen = await startRpcProxy(bedrock.chain.rpcUrl);
      stops.push(() => seen.close());
      const store = await temporaryStore();
      stops.push(() => store.cleanup());
      const rig = rigOf(bedrock, store.store, { rpcUrls: [seen.url] });
      await rig.caughtUp();
      counts.push(seen.calls.filter(({ method }) => method === 'eth_call').length);
    }
    expect(counts[0]).toBeLessThan(40);
    expect(counts[1]).toBeGreaterThan(150);
  });

  test('a node that fails in the middle of a reading leaves the last one as it was', async () => {
    const bedrock = await bedrockOf();
    await someVotes(bedrock);
    proxy = await startRpcProxy(bedrock.chain.rpcUrl);
    const rig = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
    await rig.caughtUp();
    const before = await rig.reading();
    await bedrock.lock(alice, BR);
    const node = proxy;
    let asked = 0;
    node.instead = (method) => {
      if (method !== 'eth_call') return null;
      asked += 1;
      return asked > 30 ? '0x' : null;
    };
    node.inject('eth_getCode', { kind: 'result', result: '0x' });
    await expect(rig.round()).rejects.toThrow(/no contract/);
    expect(asked).toBeGreaterThan(30);
    expect(await rig.reading()).toEqual(before);
    node.instead = null;
    node.heal();
    rig.clock.advance(60_000);
    await rig.caughtUp();
    await expectReplayed(bedrock, rig);
  });

  test('a node that lists no logs still answers for the contracts, and the round says that it failed', async () => {
    const bedrock = await bedrockOf();
    await someVotes(bedrock);
    proxy = await startRpcProxy(bedrock.chain.rpcUrl);
    const rig = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
    await rig.caughtUp();
    await bedrock.lock(alice, BR);
    proxy.instead = (method) => (method === 'eth_getLogs' ? 'nonsense' : null);
    await expect(rig.round()).rejects.toThrow(/logs/);
    expect((await rig.reading()).locks).toHaveLength(4);
  });

  test.each(['once', 'at first'])(
    'logs that a node kept back %s are missed by their sums, and read again',
    async (when) => {
      const bedrock = await bedrockOf();
      const { ids, gauges } = await someVotes(bedrock);
      proxy = await startRpcProxy(bedrock.chain.rpcUrl);
      const node = proxy;
      const rig = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
      if (when === 'once') {
        await rig.caughtUp();
        expect(await completeSince()).not.toBe('');
      }
      node.instead = (method) => (method === 'eth_getLogs' ? [] : null);
      await bedrock.vote(carol, ids[2], [[gauges[1], 1]]);
      if (when === 'at first') await rig.round();
      await rig.collector.settled();
      expect(await rig.round()).toMatchObject({ kind: 'fresh', note: expect.stringContaining('do not add up') });
      expect(await completeSince()).toBe('');
      // Another run asks no more than this one would.
      const asked = node.count('eth_getLogs');
      const next = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
      for (let round = 0; round < 6; round += 1) {
        await bedrock.chain.mine();
        await next.caughtUp();
        expect(await completeSince()).toBe('');
      }
      expect(node.count('eth_getLogs')).toBeLessThan(asked + 30);
      // Even when it is asked for everything again: what was read stays.
      const read = (await next.events()).length;
      expect(read > 0).toBe(when === 'once');
      next.clock.advance(86_400_000);
      await bedrock.chain.mine();
      await next.caughtUp();
      expect(await next.events()).toHaveLength(read);
      node.instead = null;
      next.clock.advance(86_400_000);
      await bedrock.chain.mine();
      await next.caughtUp();
      await next.caughtUp();
      await bedrock.chain.mine();
      expect(await next.caughtUp()).toEqual({ kind: 'fresh' });
      expect((await next.events()).at(-1)).toMatchObject({ from: carol, kind: 'voted' });
      await expectReplayed(bedrock, next);
      expect(await completeSince()).not.toBe('');
    },
  );

  test('a start in the middle of history goes on where the last one stopped, and is complete only then', async () => {
    const bedrock = await bedrockOf();
    const { ids, gauges } = await someVotes(bedrock);
    await bedrock.chain.client.mine({ blocks: 30 });
    await bedrock.vote(carol, ids[2], [[gauges[1], 1]]);
    proxy = await startRpcProxy(bedrock.chain.rpcUrl);
    const first = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
    const node = proxy;
    let logQueries = 0;
    node.instead = (method) => {
      if (method !== 'eth_getLogs') return null;
      logQueries += 1;
      return logQueries > 2 ? 'nonsense' : null;
    };
    expect(await first.round()).toMatchObject({ kind: 'stale', shortError: 'its history is being read' });
    await first.collector.settled();
    expect((await first.reading()).locks).toHaveLength(3);
    const cursor = await temporary.store.nodes.cursor(gaugeCursor(SOURCE, 5_656));
    const head = await bedrock.chain.client.getBlockNumber({ cacheTime: 0 });
    expect(cursor?.block.number).toBeLessThan(head);
    expect(await completeSince()).toBe('');
    await first.stop();
    node.instead = null;
    const second = rigOf(bedrock, temporary.store, { rpcUrls: [proxy.url] });
    await second.caughtUp();
    await expectReplayed(bedrock, second);
    expect(await completeSince()).not.toBe('');
  });

  test('logs and contracts are read at one and the same confirmed block', async () => {
    const bedrock = await bedrockOf();
    const { ids, gauges } = await someVotes(bedrock);
    const rig = rigOf(bedrock, temporary.store, { confirmations: 3 });
    await rig.caughtUp();
    await bedrock.vote(carol, ids[2], [[gauges[1], 1]]);
    await rig.round();
    const head = await bedrock.chain.client.getBlockNumber({ cacheTime: 0 });
    expect((await rig.reading()).block.number).toBe(head - 2n);
    expect((await temporary.store.nodes.cursor(gaugeCursor(SOURCE, 5_656)))?.block).toEqual(
      (await rig.reading()).block,
    );
    expect((await rig.events()).some(({ from, kind }) => from === carol && kind === 'voted')).toBe(false);
    await bedrock.chain.mine();
    await bedrock.chain.mine();
    await rig.round();
    expect((await rig.events()).at(-1)).toMatchObject({ from: carol, kind: 'voted' });
    await expectReplayed(bedrock, rig);
  });

  test('what a reorganisation took back is taken back', async () => {
    const bedrock = await bedrockOf();
    const { ids, gauges } = await someVotes(bedrock);
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    const { client } = bedrock.chain;
    const snapshot = await client.snapshot();
    await bedrock.vote(carol, ids[2], [[gauges[1], 1]]);
    await rig.round();
    expect((await rig.events()).at(-1)).toMatchObject({ from: carol });
    await client.revert({ id: snapshot });
    await client.mine({ blocks: 3 });
    expect(await rig.caughtUp()).toMatchObject({ kind: 'fresh', note: expect.stringContaining('reorganised') });
    expect((await rig.events()).some(({ from, kind }) => from === carol && kind === 'voted')).toBe(false);
    await expectReplayed(bedrock, rig);
    expect(rig.notices).toEqual([expect.stringContaining('bedrock.votes: the chain was reorganised')]);
  });

  test('an escrow of another token is said loudly', async () => {
    const bedrock = await bedrockOf();
    const rig = rigOf(bedrock, temporary.store, { token: walletOf('another token') });
    expect(await rig.caughtUp()).toMatchObject({ note: 'the escrow locks another token than the configured one' });
    expect((await rig.reading()).missing[0]).toContain(`WRONG TOKEN: the escrow locks ${bedrock.at.token}`);
  });

  test.each([true, false])(
    'parts that are missing are said, and the rest is read (multicall %s)',
    async (multicall) => {
      const bedrock = await bedrockOf({ multicall });
      await someVotes(bedrock);
      // Anything that has no code: the escrow names it all the same.
      await bedrock.setVoter(walletOf('no contract'));
      const rig = rigOf(bedrock, temporary.store);
      await rig.caughtUp();
      const reading = await rig.reading();
      expect(reading.missing).toEqual(['The voter contract does not list its gauges.']);
      expect(reading.totalCastWei).toBeNull();
      expect(reading.locks).toHaveLength(3);
    },
  );

  test('an address without an escrow is an error, in words', async () => {
    const bedrock = await bedrockOf();
    const nothing = rigOf(bedrock, temporary.store, { escrow: walletOf('nothing') });
    await expect(nothing.round()).rejects.toThrow(/no contract at/);
    const token = rigOf(bedrock, temporary.store, { escrow: bedrock.at.token });
    await expect(token.round()).rejects.toThrow(/no vote escrow at/);
  });

  test('what was read of a later start, or of another escrow, is read anew', async () => {
    const bedrock = await bedrockOf();
    await someVotes(bedrock);
    const head = await bedrock.chain.client.getBlockNumber({ cacheTime: 0 });
    const later = rigOf(bedrock, temporary.store, { startBlock: head });
    await later.caughtUp();
    // Votes before that block are missed, and looked for once.
    await later.caughtUp();
    expect(await completeSince()).toBe('');
    expect((await later.events()).map(({ kind }) => kind)).toEqual(['voted']);
    await later.stop();
    const rig = rigOf(bedrock, temporary.store);
    await rig.caughtUp();
    await expectReplayed(bedrock, rig);
  });
});
