import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import type { StoredSettlement } from '../../src/store/proofRepository.ts';
import { nextCheckAt } from '../../src/watch/proofCollector.ts';
import { batchBlob, forged, fromUnknownNode, unsigned } from '../devnet/answers.ts';
import type { BatchFault, Settled } from '../devnet/facilitator.ts';
import { type DevNetwork, startNetwork } from '../devnet/network.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type ChainRig, type ChainRigOptions, startChainRig } from './chainRig.ts';

let network: DevNetwork;
let rpc: RpcProxy;
let rig: TemporaryStore;
let clock: SteppingClock;
let watch: ChainRig;

beforeAll(async () => {
  network = await startNetwork({ gateways: 3 });
  rpc = await startRpcProxy(network.chain.rpcUrl);
});
afterAll(() => Promise.all([rpc.close(), network.close()]));

beforeEach(async () => {
  rpc.heal();
  network.blobs.failAll(null);
  rig = await temporaryStore();
  clock = new SteppingClock();
});
afterEach(async () => {
  await watch.stop();
  await rig.cleanup();
});

function start(more: Partial<ChainRigOptions> = {}): ChainRig {
  watch = startChainRig({
    ...{ chain: network.chain, urls: [rpc.url], store: rig.store, clock },
    aggregatorUrls: [network.blobs.url],
    settlementRelays: [network.chain.relay],
    ...more,
  });
  return watch;
}
const found = async ({ txHash }: Pick<Settled, 'txHash'>): Promise<StoredSettlement> => {
  const [one] = await rig.store.proofs.byHash(txHash);
  if (one === undefined) throw new Error('it was not stored');
  return one;
};
const settle = async (count: number, mode: 'batch' | 'individual' = 'batch'): Promise<Settled> => {
  const [one] = await network.settle('amber', count, mode);
  return one as Settled;
};
const settleFaulty = async (fault: BatchFault): Promise<Settled> => {
  network.facilitator.state.nextBatch = fault;
  return await settle(2);
};
/** A batch of answers as they are given, on a relay that checks nothing. */
const settleAsIs = async (answers: Parameters<typeof batchBlob>[0]): Promise<{ txHash: Hex }> => {
  const { root, bytes } = batchBlob(answers);
  const txHash = await network.settlements.batchSettle(root, answers.length, network.blobs.put(bytes));
  return { txHash };
};
const answer = (name = 'amber') =>
  network.find(name).answer(`q ${Math.random()}`, `a ${Math.random()}`, network.chain.nowSeconds());
const totals = async () => {
  const [hours] = [await rig.store.proofs.hours({ nodeId: 0, fromHour: 0, toHour: 2 ** 31 - 1 })];
  return hours.reduce((sum, { settled, valid }) => ({ settled: sum.settled + settled, valid: sum.valid + valid }), {
    settled: 0,
    valid: 0,
  });
};

describe('what was settled', () => {
  test('is checked with all that is in it: batches by their blob, individual ones by their event', async () => {
    start();
    const batch = await settle(3);
    const one = await settle(1, 'individual');
    const asked = network.blobs.count(one.blobId);
    expect(await watch.round()).toEqual({ kind: 'fresh' });
    expect(await found(batch)).toMatchObject({
      state: 'verified',
      counts: { valid: 3, 'bad-signature': 0 },
      sender: network.chain.accounts.batches.toLowerCase(),
    });
    expect(await found(one)).toMatchObject({ state: 'verified', counts: { valid: 1 } });
    // What somebody asked and was told is private.
    expect(network.blobs.count(one.blobId)).toBe(asked);
    const [leaf] = await rig.store.proofs.leavesOf((batch.answers[0] as { requestHash: Hex }).requestHash);
    expect(leaf).toMatchObject({ verdict: 'valid', standing: 'fine', repeat: false });
  });

  test('with a wrong root, a wrong count or another blob is wrong', async () => {
    start();
    const all = [];
    for (const fault of ['wrong-root', 'wrong-count', 'wrong-blob'] as const) all.push(await settleFaulty(fault));
    await watch.round();
    expect(await Promise.all(all.map(async (one) => (await found(one)).state))).toEqual([
      'root-mismatch',
      'count-mismatch',
      'malformed',
    ]);
  });

  test('forged, unsigned or of an unknown node is told leaf by leaf', async () => {
    start();
    const odd = await settleAsIs([answer(), forged(answer()), unsigned(answer()), fromUnknownNode(answer())]);
    await watch.round();
    expect(await found(odd)).toMatchObject({
      state: 'verified',
      counts: { valid: 1, 'bad-signature': 1, unsigned: 1, 'unknown-node': 1, 'no-key': 0 },
    });
  });

  test('by a node that was disabled before it signed says so', async () => {
    start();
    await network.disable('cedar');
    await network.chain.mine(60);
    const late = answer('cedar');
    await network.chain.mine(60);
    const one = await settleAsIs([late]);
    await network.enable('cedar');
    await watch.round();
    expect((await found(one)).counts.valid).toBe(1);
    const [leaf] = await rig.store.proofs.leavesOf(late.requestHash);
    expect(leaf?.standing).toBe('disabled');
  });

  test('again by anyone, on a relay that is open to all, counts once; emitter and sender are new', async () => {
    start();
    await settle(1);
    await watch.round();
    const first = await settle(2);
    const before = await totals();
    const txHash = await network.facilitator.repeat(first);
    await watch.round();
    expect(await found({ txHash })).toMatchObject({ state: 'verified', counts: { valid: 0, repeated: 2 } });
    expect(await totals()).toEqual({ settled: before.settled + 2, valid: before.valid + 2 });
    const parties = new Map((await rig.store.proofs.parties()).map((party) => [party.address, party]));
    expect(parties.get(network.settlements.openRelay.toLowerCase() as Hex)?.atFirst).toBe(false);
    expect(parties.get(network.chain.accounts.stranger.toLowerCase() as Hex)?.atFirst).toBe(false);
    expect(parties.get(network.chain.relay.toLowerCase() as Hex)?.atFirst).toBe(true);
    expect(parties.get(network.chain.accounts.batches.toLowerCase() as Hex)?.atFirst).toBe(true);
  });

  test('by a sender or on a contract that is not on the list is refused, and counts nowhere', async () => {
    const { batches, stranger } = network.chain.accounts;
    start({ settlementSenders: [batches], backfillDays: 0 });
    await watch.round();
    const good = await settle(1);
    const repeated = await network.facilitator.repeat(good);
    await watch.round();
    expect((await found(good)).state).toBe('verified');
    expect(await found({ txHash: repeated })).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('OG_SETTLEMENT_RELAYS'),
      sender: stranger.toLowerCase(),
    });
    expect(await totals()).toEqual({ settled: 1, valid: 1 });
  });
});

describe('a blob that cannot be read', () => {
  test('is unknown, not a fault, and asked for again on schedule until it is there', async () => {
    start();
    const one = await settleFaulty('not-uploaded');
    await watch.round();
    expect(await found(one)).toMatchObject({ state: 'unreadable', attempts: 1, nextCheckAtMs: clock.now() + 60_000 });
    const asked = network.blobs.count(one.blobId);
    clock.advance(59_000);
    await watch.round();
    expect(network.blobs.count(one.blobId)).toBe(asked);
    clock.advance(1_000);
    await watch.round();
    expect(await found(one)).toMatchObject({ attempts: 2, nextCheckAtMs: clock.now() + 300_000 });
    network.blobs.put(batchBlob(one.answers).bytes);
    clock.advance(300_000);
    await watch.round();
    expect(await found(one)).toMatchObject({ state: 'verified', counts: { valid: 2 } });
  });

  test('because the aggregator is down is read elsewhere, or later', async () => {
    start();
    const one = await settle(2);
    network.blobs.failAll('error');
    await watch.round();
    expect(await found(one)).toMatchObject({ state: 'unreadable', reason: expect.stringContaining('500') });
    network.blobs.failAll(null);
    clock.advance(60_000);
    await watch.round();
    expect((await found(one)).state).toBe('verified');
  });

  test.each([
    [0, 60_000],
    [1, 300_000],
    [2, 900_000],
    [3, 3_600_000],
    [4, 21_600_000],
    [5, 86_400_000],
    [12, 86_400_000],
  ])('after %i attempts it is asked for again after %i ms', (attempts, afterMs) => {
    watch ??= start();
    expect(nextCheckAt({ attempts, seenAtMs: 0 }, 1_000)).toBe(1_000 + afterMs);
  });

  test('for two weeks is not asked for any more', () => {
    watch = start();
    expect(nextCheckAt({ attempts: 15, seenAtMs: 0 }, 14 * 86_400_000)).toBeNull();
  });
});

test('nothing is decided before the registry was read as far', async () => {
  start();
  const one = await settle(1);
  rpc.inject('eth_call', RPC_FAULTS.serverError);
  await expect(watch.registry()).rejects.toThrow();
  await watch.settlements();
  await watch.settled();
  expect(await watch.proofs()).toMatchObject({ kind: 'stale', shortError: 'it waits for the registry to be read' });
  expect(await found(one)).toMatchObject({ state: 'pending', attempts: 0 });
  rpc.heal();
  await watch.round();
  expect((await found(one)).state).toBe('verified');
});

test('while the RPC fails everything waits, and nothing is lost', async () => {
  start();
  await watch.round();
  const one = await settle(2);
  rpc.inject('*', RPC_FAULTS.serverError);
  await expect(watch.round()).rejects.toThrow('no RPC of the network answered');
  await expect(watch.settlements()).rejects.toThrow('no RPC of the network answered');
  rpc.heal();
  clock.advance(60_000);
  await watch.round();
  expect((await found(one)).state).toBe('verified');
  // Logs come, and who sent them does not.
  const two = await settle(2);
  rpc.inject('eth_getTransactionByHash', RPC_FAULTS.tooManyRequests);
  await expect(watch.round()).rejects.toThrow('no RPC of the network answered');
  expect(await found(two)).toMatchObject({ state: 'pending', attempts: 0 });
  rpc.heal();
  await watch.round();
  expect((await found(two)).state).toBe('verified');
});
