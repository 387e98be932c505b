import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import type { Hex } from '../../src/lib/facts.ts';
import type { StoredProofWatch } from '../../src/store/proofRepository.ts';
import { batchBlob } from '../devnet/answers.ts';
import type { Reverted } from '../devnet/chain.ts';
import { type DevNetwork, startNetwork } from '../devnet/network.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { SteppingClock } from '../support/steppingClock.ts';
import { type ChainRig, startChainRig } from './chainRig.ts';

const { individualExpirySeconds } = defaultProofThresholds;
const HASH: Hex = `0x${'7'.repeat(64)}`;

let network: DevNetwork;
let rig: TemporaryStore;
let clock: SteppingClock;
let watch: ChainRig;
let ids: number;

beforeAll(async () => {
  network = await startNetwork({ gateways: 1 });
});
afterAll(() => network.close());
beforeEach(async () => {
  rig = await temporaryStore();
  clock = new SteppingClock();
  ids = 0;
  watch = startChainRig({
    ...{ chain: network.chain, urls: [network.chain.rpcUrl], store: rig.store, clock },
    aggregatorUrls: [network.blobs.url],
  });
  await watch.round();
});
afterEach(async () => {
  await watch.stop();
  await rig.cleanup();
});

async function follow(kind: 'tx' | 'request', hash: Hex, signedAtSeconds: number | null = null): Promise<number> {
  ids += 1;
  const answer = await rig.store.proofs.watch({
    ...{ kind, hash, signedAtSeconds, createdAtSeconds: network.chain.nowSeconds(), nowMs: clock.now() },
    place: { address: { platform: 'telegram', chatId: String(ids), threadId: null }, title: 'Ann', kind: 'private' },
    ...{ mention: '', createdBy: 'telegram:1', maxWaiting: 100 },
  });
  if (answer === 'limit') throw new Error('too many');
  return answer.watch.id;
}
const of = async (id: number): Promise<StoredProofWatch | undefined> => (await rig.store.proofs.watches([id]))[0];
/** A block that much later, and a round. */
async function later(seconds: number): Promise<void> {
  await network.chain.mine(seconds);
  clock.advance(seconds * 1_000);
  await watch.round();
}
const answer = () => network.find('amber').answer('q', `a ${Math.random()}`, network.chain.nowSeconds());

test('an answer is settled when it is found valid', async () => {
  const one = answer();
  const id = await follow('request', one.requestHash, one.signedAtSeconds);
  await later(60);
  expect(await of(id)).toMatchObject({ state: 'waiting' });
  network.facilitator.submit(one);
  const [settled] = await network.facilitator.flush();
  const byTransaction = await follow('tx', settled?.txHash as Hex);
  await later(1);
  expect(await of(id)).toMatchObject({ state: 'settled', mode: 'batch' });
  expect(await of(byTransaction)).toMatchObject({ state: 'settled' });
});

test('a transaction expires an hour after it was signed or asked for, an answer of which the mode is not known after a day', async () => {
  const signed = await follow('tx', HASH, network.chain.nowSeconds() - 600);
  const asked = await follow('tx', `0x${'8'.repeat(64)}`);
  const request = await follow('request', HASH);
  await later(individualExpirySeconds - 600);
  expect((await of(signed))?.state).toBe('waiting');
  await later(1);
  expect(await of(signed)).toMatchObject({
    state: 'expired',
    reason: expect.stringContaining('1 h after it was signed'),
  });
  expect((await of(asked))?.state).toBe('waiting');
  await later(600);
  expect(await of(asked)).toMatchObject({ state: 'expired', reason: expect.stringContaining('it was asked for') });
  await later(86_400 - individualExpirySeconds - 10);
  expect((await of(request))?.state).toBe('waiting');
  await later(60);
  expect(await of(request)).toMatchObject({ state: 'expired', reason: expect.stringContaining('within 1 d') });
});

test('nothing expires while the chain stands still, however late it is here', async () => {
  const id = await follow('tx', HASH);
  clock.advance(10 * individualExpirySeconds * 1_000);
  await watch.round();
  expect((await of(id))?.state).toBe('waiting');
});

test('a transaction that was reverted, or settled nothing, has failed', async () => {
  const { settlements, chain } = network;
  const reverted = await settlements
    .batchSettle(HASH, 1, 'x', { from: 'stranger' })
    .catch((error: unknown) => (error as Reverted).hash);
  const beside = await network.inference.infer('A'.repeat(43));
  const [first, second] = [await follow('tx', reverted), await follow('tx', beside)];
  await chain.mine();
  await watch.round();
  expect(await of(first)).toMatchObject({ state: 'failed', reason: 'the transaction was reverted' });
  expect(await of(second)).toMatchObject({ state: 'failed', reason: expect.stringContaining('settled nothing') });
});

test('one whose proof cannot be read yet neither fails nor expires', async () => {
  const { root } = batchBlob([answer()]);
  const txHash = await network.settlements.batchSettle(root, 1, 'N'.repeat(43));
  const id = await follow('tx', txHash);
  await watch.round();
  await later(2 * individualExpirySeconds);
  expect(await of(id)).toMatchObject({ state: 'waiting' });
  // Two weeks on nobody asks for it any more.
  for (let day = 0; day < 16; day += 1) await later(86_400);
  expect(await of(id)).toMatchObject({ state: 'expired', reason: expect.stringContaining('could never be read') });
});
