import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { batchBlob } from './devnet/answers.ts';
import { type ProofStory, startProofStory } from './devnet/proofStory.ts';

vi.setConfig({ testTimeout: 60_000 });

let story: ProofStory;
let asked = 0;

beforeAll(async () => {
  story = await startProofStory(3 * 86_400);
  const { network, listener } = story;
  network.infer('amber', 120);
  network.infer('birch', 20);
  await network.facilitator.flush();
  await story.start();
  await story.settled();
  await story.ask(listener, 'alerts add', { kind: 'proof', target: 'all' });
}, 60_000);

afterAll(async () => {
  await story.close();
});

/** A batch on chain now, of answers that old. The facilitator has not counted them. */
async function put(name: string, count: number, ageSeconds = 0): Promise<void> {
  const { find, chain, blobs, settlements } = story.network;
  const answers = Array.from({ length: count }, () => {
    asked += 1;
    return find(name).answer(`question of ${asked}`, `answer for ${asked}`, chain.nowSeconds() - ageSeconds);
  });
  const { root, bytes } = batchBlob(answers);
  await settlements.batchSettle(root, count, blobs.put(bytes));
}

async function settle(name: string, count: number, ageSeconds = 0): Promise<void> {
  await put(name, count, ageSeconds);
  await story.settled();
}

/** The bot is stopped, so much time goes by for it and for the chain, and it starts again. */
async function away(seconds: number, meanwhile = async (): Promise<void> => undefined): Promise<void> {
  await story.stop();
  await story.pass(seconds, seconds * 1000);
  await meanwhile();
  await story.start();
  await story.settled();
}

async function told(what: RegExp): Promise<void> {
  await story.toldOnce(story.listener, what);
  await away(1);
  await story.toldOnce(story.listener, what);
}

/** Nothing is told by it. */
async function silently(work: () => Promise<void>): Promise<void> {
  const heard = story.heard(story.listener);
  await work();
  expect(story.heard(story.listener)).toEqual(heard);
}

describe('no batch for half an hour of the chain’s time', () => {
  it('while use rises: told once, and once more when a batch comes', async () => {
    await silently(async () => {
      await settle('birch', 5);
      await away(1_700);
      story.network.infer('cedar', 7, 'private');
      await away(1);
    });
    const { store } = story.app;
    const now = story.clock.now();
    await story.until(
      'it was counted',
      async () => (await store.proofs.usageRise('facilitator', now - 1_800_000, now + 60_000))?.rise === 7,
    );
    await story.pass(200);
    await told(/No proofs while in use\n.*No batch for 31 min[\s\S]*: 7 requests at the facilitator/);
    await settle('birch', 5);
    await told(/Batches are settled again/);
  });

  it('while nobody asks: told to nobody', async () => {
    await silently(async () => {
      await away(600);
      await settle('birch', 5);
      await away(1_700);
      await story.pass(200);
      await away(1_500);
      await settle('birch', 5);
      await story.pass(1);
      await story.settled();
    });
  });

  it('while nobody can say whether it is used: told as that', async () => {
    const { state } = story.network.facilitator.server;
    state.fault = 'error';
    await away(1_900);
    await told(/No proofs, no sign of use either way/);
    state.fault = null;
    await settle('birch', 5);
    await story.until('over', () =>
      story.times(story.listener, /Batches are settled again/).every((count) => count === 2),
    );
  });

  it('is told to nobody where the bot itself was away, and batches were settled', async () => {
    await silently(async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await away(2_400, () => put('birch', 5));
        await story.pass(1);
        await story.settled();
      }
    });
  });
});

describe('a node that beats and is proven no more', () => {
  it('is told once while others are proven, and again when it is proven', async () => {
    const { network } = story;
    // By 140 in a week six usual gaps are 7 h 12 min.
    await silently(async () => {
      await settle('amber', 20);
      await away(1, async () => {
        for (let at = 0; at < 17; at += 1) {
          await story.pass(1_500, 1_500_000);
          await put('birch', 2);
        }
        await network.beat('amber');
      });
    });
    await story.pass(600);
    await network.beat('amber');
    await settle('birch', 5);
    await told(/Node’s proofs stopped[\s\S]*140 in 7 days/);
    await settle('amber', 5);
    await told(/Node’s proofs are back/);
  });
});

describe('proofs that take long', () => {
  it('are told when p90 was high for half an hour, once, and again when it is low', async () => {
    await silently(async () => {
      for (let part = 0; part < 3; part += 1) {
        await settle('birch', 20, 2_000);
        await away(590);
      }
      await settle('birch', 20, 2_000);
    });
    await story.pass(100);
    await told(/Proofs are slow\n.*p90 33 min/);
    await silently(async () => {
      await away(1_000);
      await settle('birch', 20, 60);
      await away(1_000);
      await settle('birch', 20, 60);
    });
    await story.pass(700);
    await told(/Proofs come in time again/);
  });
});

describe('what was asked and answered', () => {
  it('is in no message, no log line and no file', () => {
    for (const text of story.everything()) expect(text).not.toMatch(/question (of )?\d|answer (to|for) \d/);
  });
});
