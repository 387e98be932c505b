import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import type { ProofCheck, ProofSubject, StepOutcome } from '../../src/lib/proofFacts.ts';
import { createProofCheck } from '../../src/watch/proofCheck.ts';
import { batchBlob, forged, unsigned } from '../devnet/answers.ts';
import type { Settled } from '../devnet/facilitator.ts';
import { type DevNetwork, startNetwork } from '../devnet/network.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../rigs/rpcProxy.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type ChainRig, type ChainRigOptions, startChainRig } from './chainRig.ts';

const HASH: Hex = `0x${'7'.repeat(64)}`;

let network: DevNetwork;
let rpc: RpcProxy;
let rig: TemporaryStore;
let watch: ChainRig;
let told: ProofCheck[];

beforeAll(async () => {
  network = await startNetwork({ gateways: 2 });
  rpc = await startRpcProxy(network.chain.rpcUrl);
});
afterAll(() => Promise.all([rpc.close(), network.close()]));
beforeEach(async () => {
  rpc.heal();
  network.blobs.failAll(null);
  rig = await temporaryStore();
  told = [];
  start();
});
afterEach(async () => {
  await watch.stop();
  await rig.cleanup();
});

function start(more: Partial<ChainRigOptions> = {}): void {
  watch = startChainRig({
    ...{ chain: network.chain, urls: [rpc.url], store: rig.store, clock: new SteppingClock() },
    aggregatorUrls: [network.blobs.url],
    settlementRelays: [network.chain.relay.toLowerCase() as Hex],
    ...more,
  });
}
async function check(subject: Hex | { blobId: string }, signal = AbortSignal.timeout(20_000)): Promise<ProofCheck> {
  const clock = new SteppingClock();
  const run = createProofCheck({ network: watch.network, store: rig.store, clock, random: () => 0.5 });
  const asked: ProofSubject =
    typeof subject === 'string' ? { kind: 'hash', hash: subject } : { kind: 'blob', blobId: subject.blobId };
  return await run(asked, (part) => told.push(part), signal);
}
const outcomes = ({ steps }: ProofCheck): Record<string, StepOutcome> =>
  Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]));
const settle = async (count: number, mode: 'batch' | 'individual' = 'batch'): Promise<Settled> =>
  (await network.settle('amber', count, mode))[0] as Settled;
const requestHash = ({ answers }: Settled): Hex => (answers[0] as { requestHash: Hex }).requestHash;
const PROVEN_BATCH = {
  'understood as': 'holds',
  'settled on chain': 'holds',
  sender: 'not needed',
  blob: 'holds',
  'leaf count': 'holds',
  'Merkle root': 'holds',
  signatures: 'holds',
  nodes: 'holds',
  delay: 'holds',
};

describe('a batch that is in order', () => {
  test('is proven by transaction, root, request hash and blob id alike', async () => {
    await settle(3);
    await network.chain.mine(30);
    const one = await settle(3);
    await watch.round();
    for (const subject of [one.txHash, one.root as Hex, requestHash(one), { blobId: one.blobId }]) {
      const found = await check(subject);
      expect(outcomes(found)).toEqual(PROVEN_BATCH);
      expect(found).toMatchObject({ verdict: 'proven', leaves: { valid: 3 }, mode: 'batch', txHash: one.txHash });
      expect(found.delaySeconds === null).toBe(subject !== requestHash(one));
    }
  });

  test('is proven from the chain alone before it was stored, given that its nodes are known', async () => {
    await network.chain.mine();
    const one = await settle(2);
    await watch.registry();
    await watch.settled();
    const found = await check(one.txHash);
    expect(found.verdict).toBe('proven');
    expect(found.steps[0]?.detail).toContain('on chain');
  });

  test('is told step by step', async () => {
    const one = await settle(2);
    await watch.round();
    await check(one.txHash);
    expect(told.map(({ steps }) => steps.length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(told.every(({ verdict }) => verdict === 'checking')).toBe(true);
  });
});

test('an individual one is proven by its event; its private text is neither fetched nor told', async () => {
  const one = await settle(1, 'individual');
  await watch.round();
  const asked = network.blobs.count(one.blobId);
  const found = await check(one.txHash);
  expect(found).toMatchObject({ verdict: 'proven', mode: 'individual', leaves: { valid: 1 } });
  expect(outcomes(found)).toMatchObject({ blob: 'not needed', 'Merkle root': 'not needed', signatures: 'holds' });
  expect(found.delaySeconds).toBeGreaterThanOrEqual(0);
  expect(network.blobs.count(one.blobId)).toBe(asked);
  const [answer] = one.answers;
  expect(JSON.stringify(told)).not.toContain(answer?.requestText);
  expect(JSON.stringify(told)).not.toContain(answer?.outputText);
});

describe('what is wrong fails at its step', () => {
  test.each([
    ['wrong-root', 'Merkle root'],
    ['wrong-count', 'leaf count'],
    ['wrong-blob', 'leaf count'],
  ] as const)('%s', async (fault, step) => {
    network.facilitator.state.nextBatch = fault;
    const one = await settle(2);
    await watch.round();
    const found = await check(one.txHash);
    expect(found.verdict).toBe('wrong');
    expect(outcomes(found)[step]).toBe('fails');
  });

  test('a forged and an unsigned answer, not the good one beside them', async () => {
    const answers = [1, 2, 3].map((n) =>
      network.find('amber').answer(`q${n}${Math.random()}`, 'a', network.chain.nowSeconds()),
    );
    const [good, bad, none] = answers as [(typeof answers)[0], (typeof answers)[0], (typeof answers)[0]];
    const { root, bytes } = batchBlob([good, forged(bad), unsigned(none)]);
    const txHash = await network.settlements.batchSettle(root, 3, network.blobs.put(bytes));
    await watch.round();
    expect(await check(txHash)).toMatchObject({
      verdict: 'wrong',
      leaves: { valid: 1, 'bad-signature': 1, unsigned: 1 },
    });
    expect((await check(good.requestHash)).verdict).toBe('proven');
    expect((await check(bad.requestHash)).verdict).toBe('wrong');
    expect((await check(none.requestHash)).verdict).toBe('wrong');
  });

  test('a number of answers that cannot be true', async () => {
    const { root, bytes } = batchBlob([network.find('amber').answer('q', 'a', network.chain.nowSeconds())]);
    const { settlements, blobs } = network;
    for (const size of [2 ** 40, 1_000_001]) {
      const txHash = await settlements.batchSettle(root, size, blobs.put(bytes));
      const unread = await check(txHash);
      await watch.round();
      for (const found of [unread, await check(txHash)]) {
        expect(found.verdict).toBe('wrong');
        expect(outcomes(found)['leaf count']).toBe('fails');
      }
      expect((await rig.store.proofs.byHash(txHash)).map(({ state }) => state)).toEqual(['count-mismatch']);
    }
  });

  test('but not an answer or a batch that others settled wrongly as well, before it or after', async () => {
    const one = network.find('amber').answer(`q${Math.random()}`, 'a', network.chain.nowSeconds());
    const { settlements, blobs } = network;
    await settlements.emitIndividuals([forged(one)], 'A'.repeat(43));
    const { root, bytes } = batchBlob([one]);
    const blobId = blobs.put(bytes);
    await settlements.batchSettle(root, 1, blobId);
    const wrong = { from: 'stranger', relay: settlements.openRelay } as const;
    const wrongTx = await settlements.batchSettle(root, 7, blobId, wrong);
    await watch.round();
    for (const subject of [one.requestHash, root, { blobId }]) expect((await check(subject)).verdict).toBe('proven');
    expect((await check(wrongTx)).verdict).toBe('wrong');
  });

  test('a sender that is not on the list', async () => {
    await watch.stop();
    start({ settlementSenders: [network.chain.accounts.batches] });
    const good = await settle(1);
    const txHash = await network.facilitator.repeat(good);
    await watch.round();
    expect(outcomes(await check(good.txHash)).sender).toBe('holds');
    expect(await check(txHash)).toMatchObject({ verdict: 'wrong' });
  });
});

describe('what cannot be asked is open, never wrong', () => {
  test('a blob that is missing, and an aggregator that is down', async () => {
    const one = await settle(2);
    await watch.round();
    for (const fault of ['missing', 'error'] as const) {
      network.blobs.failAll(fault);
      const found = await check(one.txHash);
      expect([found.verdict, outcomes(found).blob]).toEqual(['open', 'could not ask']);
    }
  });

  test('a chain that does not answer: what is stored is checked all the same', async () => {
    const one = await settle(2);
    await watch.round();
    rpc.inject('*', RPC_FAULTS.serverError);
    const found = await check(one.txHash);
    expect(found.verdict).toBe('open');
    expect(outcomes(found)).toMatchObject({ 'settled on chain': 'could not ask', signatures: 'holds' });
    expect((await check(HASH)).verdict).toBe('open');
  });

  test('nodes, while the registry was never read', async () => {
    const one = await settle(2);
    const found = await check(one.txHash);
    expect(found.verdict).toBe('open');
    expect(outcomes(found)).toMatchObject({ signatures: 'could not ask', nodes: 'could not ask' });
  });

  test('whatever hangs when the time is over', async () => {
    const one = await settle(2);
    await watch.round();
    rpc.inject('*', RPC_FAULTS.hang);
    network.blobs.failAll('hang');
    const startedAt = Date.now();
    const found = await check(one.txHash, AbortSignal.timeout(300));
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(found.verdict).toBe('open');
  });

  test('a blob of no settlement: it is compared with itself', async () => {
    const answers = [network.find('amber').answer('q', `a${Math.random()}`, network.chain.nowSeconds())];
    await watch.round();
    const found = await check({ blobId: network.blobs.put(batchBlob(answers).bytes) });
    expect(found).toMatchObject({ verdict: 'open', leaves: { valid: 1 }, txHash: null });
    const other = await check({ blobId: network.blobs.put('no tree, but <b>a secret</b>') });
    expect(other.verdict).toBe('open');
    expect(JSON.stringify(other)).not.toContain('secret');
  });
});

test('a hash that nobody knows is not found', async () => {
  await watch.round();
  expect(await check(HASH)).toMatchObject({ verdict: 'not found', txHash: null });
});
