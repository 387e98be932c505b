import { encodeFunctionData, type Hex, stringToHex, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { forged, type SignedAnswer } from './devnet/answers.ts';
import type { Artifact } from './devnet/compile.ts';
import { type ProofStory, startProofStory } from './devnet/proofStory.ts';
import { DEFAULT_PAYER } from './devnet/settlements.ts';

vi.setConfig({ testTimeout: 60_000 });

let story: ProofStory;

beforeAll(async () => {
  story = await startProofStory(2 * 86_400);
  const { network, listener } = story;
  network.infer('amber', 20);
  await network.facilitator.flush();
  await story.start();
  await story.settled();
  await story.ask(listener, 'alerts add', { kind: 'proof', target: 'all' });
}, 60_000);

afterAll(async () => {
  await story.close();
});

const answer = (name = 'amber'): SignedAnswer => {
  const { network } = story;
  asked += 1;
  return network.find(name).answer(`question of ${asked}`, `answer for ${asked}`, network.chain.nowSeconds());
};
let asked = 0;

async function restart(): Promise<void> {
  await story.stop();
  await story.start();
  await story.settled();
}

/** What is told to who follows: the words, and the hash it is about. */
const about = (words: string, hash: Hex): RegExp => new RegExp(`${words}.*${hash}`, 's');

/** In both apps, with the bot restarted before it and after it; only there, and only once. */
async function told(words: string, hash: Hex): Promise<void> {
  await story.toldOnce(story.asker, about(words, hash));
  await restart();
  await story.toldOnce(story.asker, about(words, hash));
  expect(story.times(story.listener, new RegExp(hash))).toEqual([0, 0]);
}

/** Queued in the pool of the node: it has a hash, and no block. */
async function queueIndividual(one: SignedAnswer): Promise<Hex> {
  const { chain, blobs } = story.network;
  const data = encodeFunctionData({
    abi: (chain.contracts.OpenRelay as Artifact).abi,
    functionName: 'settleIndividual',
    args: [
      ...[one.teeId, one.requestHash, one.outputHash, BigInt(one.signedAtSeconds), DEFAULT_PAYER],
      ...[stringToHex(blobs.put('never read')), toHex(one.signature)],
    ],
  });
  return await chain.queue(chain.relay, data, { from: 'individuals' });
}

describe('an answer that is followed', () => {
  it('by its request hash: late, about to expire, expired, and settled after all, each told once to who asked', async () => {
    const one = answer();
    const { requestHash } = one;
    const watching = await story.ask(story.asker, 'proof watch', {
      hash: requestHash.slice(2),
      signed: String(one.signedAtSeconds),
    });
    for (const text of [watching.discord, watching.telegram]) expect(text).toMatch(/Watching/);
    await story.pass(1_750);
    await restart();
    expect(story.times(story.asker, /./)).toEqual([0, 0]);
    await story.pass(60);
    await told('Proof late', requestHash);
    await story.pass(900);
    await told('Proof about to expire', requestHash);
    await story.pass(900);
    await told('Proof expired', requestHash);
    await story.pass(60);
    story.network.facilitator.submit(one);
    await story.network.facilitator.flush();
    await told('Proven after 1 h', requestHash);
    const { discord, telegram } = story.heard(story.asker);
    expect([discord.length, telegram.length]).toEqual([4, 4]);
    for (const text of discord) expect(text).toContain(`<@${story.asker.userId}>`);
  });

  it('by its transaction, which never comes: late, about to expire and expired', async () => {
    const hash: Hex = `0x${'7c'.repeat(32)}`;
    await story.ask(story.asker, 'proof watch', { hash });
    await story.pass(1_810);
    await told('Proof late', hash);
    await story.pass(900);
    await told('Proof about to expire', hash);
    await story.pass(900);
    await told('Proof expired', hash);
    await story.pass(31_000);
    await restart();
    expect(story.times(story.asker, new RegExp(hash))).toEqual([3, 3]);
  });

  it('by its transaction: settled, invalid and reverted', async () => {
    const good = await queueIndividual(answer());
    const bad = await queueIndividual(forged(answer()));
    const { root, blobId } = { root: `0x${'9'.repeat(64)}` as Hex, blobId: story.network.blobs.put('{"no":"tree"}') };
    const wrong = await story.network.settlements.queueBatch(root, 20, blobId);
    for (const hash of [good, bad, wrong]) {
      const watching = await story.ask(story.asker, 'proof watch', { hash });
      expect(watching.telegram).toMatch(/Watching/);
    }
    await restart();
    await story.pass(30, 31_000);
    const ended = [
      ['Proven after', good],
      ['Settlement reverted', bad],
      ['Proof does not hold', wrong],
    ] as const;
    for (const [words, hash] of ended) {
      await story.toldOnce(story.asker, about(words, hash));
      await story.pass(1);
    }
    await restart();
    for (const [words, hash] of ended) await story.toldOnce(story.asker, about(words, hash));
    for (const [, hash] of [ended[0], ended[1]]) expect(story.times(story.listener, new RegExp(hash))).toEqual([0, 0]);
  });

  it('by its request hash, and forged in the batch: does not hold', async () => {
    const one = answer('birch');
    await story.ask(story.asker, 'proof watch', { hash: one.requestHash.slice(2) });
    await story.pass(60);
    story.network.facilitator.submit(forged(one));
    await story.stop();
    await story.network.facilitator.flush();
    await story.start();
    await told('Proof does not hold', one.requestHash);
  });

  it('settled while the bot was away, is told when it is back', async () => {
    const one = answer('cedar');
    await story.ask(story.asker, 'proof watch', { hash: one.requestHash.slice(2), signed: '1m' });
    await story.pass(60);
    await story.stop();
    story.network.facilitator.submit(one, 'individual');
    await story.network.facilitator.flush();
    await story.pass(60);
    await story.start();
    await told('Proven after', one.requestHash);
  });
});

describe('what was asked and answered', () => {
  it('is in no message, no log line and no file', () => {
    for (const text of story.everything()) expect(text).not.toMatch(/question (of )?\d|answer (to|for) \d/);
  });
});
