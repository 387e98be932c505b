import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { batchBlob, forged, fromUnknownNode, type SignedAnswer, unsigned } from './devnet/answers.ts';
import type { BatchFault, Settled } from './devnet/facilitator.ts';
import { type Answer, type ProofStory, startProofStory } from './devnet/proofStory.ts';

vi.setConfig({ testTimeout: 60_000 });

let story: ProofStory;
let first: Settled;
let alone: Settled;

beforeAll(async () => {
  story = await startProofStory(43_200);
  const { network, listener } = story;
  network.infer('amber', 12);
  network.infer('birch', 8);
  network.infer('amber', 5, 'private');
  await network.chain.mine(300);
  network.infer('birch', 6, 'individual');
  const settled = await network.facilitator.flush();
  first = settled.find(({ mode }) => mode === 'batch') as Settled;
  alone = settled[0] as Settled;
  await story.start();
  await story.settled();
  await story.ask(listener, 'alerts add', { kind: 'proof', target: 'all' });
}, 60_000);

afterAll(async () => {
  await story.close();
});

const both = ({ discord, telegram }: Answer): string[] => [discord, telegram];

async function expectBoth(command: string, options: Record<string, string>, ...patterns: RegExp[]): Promise<Answer> {
  const answer = await story.ask(story.asker, command, options);
  for (const text of both(answer)) for (const pattern of patterns) expect(text).toMatch(pattern);
  return answer;
}

/** A batch of these answers, on chain and looked at. */
async function settle(answers: readonly SignedAnswer[], fault: BatchFault | null = null): Promise<Settled> {
  const { facilitator } = story.network;
  await story.pass(60);
  for (const answer of answers) facilitator.submit(answer);
  facilitator.state.nextBatch = fault;
  const [settled] = await facilitator.flush();
  await story.settled();
  return settled as Settled;
}

let asked = 0;
const answersOf = (name: string, count: number): SignedAnswer[] =>
  Array.from({ length: count }, () => {
    asked += 1;
    const { network } = story;
    return network.find(name).answer(`question of ${asked}`, `answer for ${asked}`, network.chain.nowSeconds());
  });

const figures = async () => {
  const rows = await story.app.store.proofs.byNode({ fromHour: 0, toHour: 1_000_000 });
  const sum = (name: 'settled' | 'valid' | 'badSignature' | 'unsigned' | 'unknownNode' | 'signed'): number =>
    rows.reduce((total, row) => total + row[name], 0);
  return {
    ...{ settled: sum('settled'), valid: sum('valid'), badSignature: sum('badSignature') },
    ...{ unsigned: sum('unsigned'), unknownNode: sum('unknownNode'), signed: sum('signed') },
  };
};

async function restart(more: Record<string, string> = {}): Promise<void> {
  await story.stop();
  await story.start(more);
  await story.settled();
}

const silentSince = (before: { discord: string[]; telegram: string[] }): void => {
  const { discord, telegram } = story.heard(story.listener);
  expect(discord.slice(before.discord.length)).toEqual([]);
  expect(telegram.slice(before.telegram.length)).toEqual([]);
};

describe('what was settled', () => {
  it('is told in figures, with a picture, in both apps', async () => {
    const delay = await expectBoth(
      'proof delay',
      {},
      /20 answers; 100 % normal/,
      /p50 5 min/,
      /6 answers; 100 % normal/,
    );
    expect(delay.photos).toEqual({ discord: 1, telegram: 1 });
    const { teeId } = story.network.find('amber');
    await expectBoth(
      'proof node',
      { node: teeId },
      /12 answers settled, all valid/,
      /batch \d of 2/,
      /the other 1 node/,
    );
    const exposure = await expectBoth('proof exposure', {}, /26 answers/, /5 min \d+ s an answer/);
    expect(exposure.photos).toEqual({ discord: 1, telegram: 1 });
    for (const text of both(exposure)) {
      const atOnce = /: ([\d.,]+) at a time/.exec(text)?.[1];
      expect(Number(atOnce?.replace(',', '')), text).toBeLessThanOrEqual(26);
    }
    await expectBoth('usage', {}, /26 answers settled/, /20 in batches, 6 one by one/, /payers\W+1 of answers/i);
  });

  it('is proven step by step, whichever of its names it is asked by', async () => {
    const { txHash, root, blobId, answers } = first;
    for (const proof of [txHash, root as string, blobId, answers[3]?.requestHash as string]) {
      const { discord } = await expectBoth('proof check', { proof }, /Proof check: proven/, /20 valid/);
      expect(discord).not.toMatch(/could not ask|fails/);
    }
    await expectBoth('proof check', { proof: alone.txHash }, /Proof check: proven/, /Settled by itself/);
    await expectBoth('proof check', { proof: alone.blobId }, /Proof check: proven/, /Settled by itself/);
    await expectBoth('proof check', { proof: `0x${'5'.repeat(64)}` }, /Proof check: not found/);
  });
});

describe('a proof that is wrong', () => {
  it.each([
    ['wrong-root', /Proof does not match.*\n.*Merkle root on chain is not that/, /Merkle root\W+fails/],
    ['wrong-count', /Proof does not match.*\n.*another number of answers/, /leaf count\W+fails/],
    ['wrong-blob', /Proof does not match.*\n.*published as the proof is none/, /leaf count\W+fails/],
  ] as const)('%s: is told once in both apps, and found wrong by whoever checks it', async (fault, told, failing) => {
    const before = await figures();
    const settled = await settle(answersOf('amber', 20), fault);
    await story.toldOnce(story.listener, told);
    const { discord, telegram } = story.heard(story.listener);
    for (const text of [discord.at(-1), telegram.at(-1)]) expect(text).toContain(settled.txHash);
    await expectBoth('proof check', { proof: settled.root as string }, /Proof check: wrong/, failing);
    expect(await figures()).toEqual(before);
    await restart();
    await story.toldOnce(story.listener, told);
  });

  it('tells of one forged answer in a batch, once, and counts it', async () => {
    const before = await figures();
    const [one, ...others] = answersOf('birch', 20);
    await story.pass(10);
    await story.stop();
    for (const answer of [forged(one as SignedAnswer), ...others]) story.network.facilitator.submit(answer);
    const [settled] = await story.network.facilitator.flush();
    await story.start();
    await story.settled();
    await story.toldOnce(story.listener, /Bad signature.*\n.*1 answer not signed by.*19 others in it are valid/);
    expect(await figures()).toMatchObject({ valid: before.valid + 19, badSignature: before.badSignature + 1 });
    await expectBoth(
      'proof check',
      { proof: settled?.txHash ?? '' },
      /Proof check: wrong/,
      /signatures\W+fails/,
      /1 bad signature/,
    );
    await expectBoth(
      'proof check',
      { proof: one?.requestHash ?? '' },
      /Proof check: wrong/,
      /this answer is bad-signature/,
    );
    await expectBoth(
      'proof check',
      { proof: others[0]?.requestHash ?? '' },
      /Proof check: proven/,
      /this answer is valid/,
    );
    await expectBoth('proof node', { node: story.network.find('birch').teeId }, /1 |34 settled|34 answers settled, 33/);
    await restart();
    await story.toldOnce(story.listener, /Bad signature/);
  });

  it('counts answers without a signature and of unknown nodes apart, and tells when there are many without', async () => {
    const before = await figures();
    const [a, b, ...rest] = answersOf('amber', 24).map((answer, index) => (index < 20 ? unsigned(answer) : answer));
    const settled = await settle([
      unsigned(a as SignedAnswer, 'empty'),
      b as SignedAnswer,
      ...rest.slice(0, 17),
      fromUnknownNode(rest.at(-1) as SignedAnswer),
    ]);
    expect(await figures()).toMatchObject({
      unsigned: before.unsigned + 19,
      unknownNode: before.unknownNode + 1,
      valid: before.valid,
    });
    await story.pass(1);
    await story.toldOnce(story.listener, /Many unsigned answers/);
    await expectBoth('proof check', { proof: settled.txHash }, /Proof check: wrong/, /19 unsigned/, /1 unknown node/);
    await expectBoth('usage', {}, /21 other answers settled without a valid signature/);
    await restart();
    await story.toldOnce(story.listener, /Many unsigned answers/);
  });
});

describe('a proof that cannot be read', () => {
  it('is unknown and told to nobody, and is verified when it appears', async () => {
    const before = { heard: story.heard(story.listener), figures: await figures() };
    const settled = await settle(answersOf('amber', 20), 'not-uploaded');
    await expectBoth('proof check', { proof: settled.root as string }, /Proof check: open/, /blob\W+could not ask/);
    expect(await figures()).toEqual(before.figures);
    await restart();
    expect(story.network.blobs.put(batchBlob(settled.answers).bytes)).toBe(settled.blobId);
    await story.pass(60, 61_000);
    await story.settled();
    expect(await figures()).toMatchObject({ valid: before.figures.valid + 20 });
    await expectBoth('proof check', { proof: settled.root as string }, /Proof check: proven/);
    silentSince(before.heard);
  });
});

describe('settlements of others', () => {
  it('tells of a stranger who repeats a batch on a relay of its own, and counts nothing twice', async () => {
    const before = await figures();
    await story.pass(60);
    await story.network.facilitator.repeat(first);
    await story.settled();
    await story.toldOnce(story.listener, /New emitter of settlements/);
    await story.pass(1);
    await story.toldOnce(story.listener, /New sender of settlements/);
    expect(await figures()).toEqual(before);
    await expectBoth(
      'proof check',
      { proof: first.root as string },
      /Proof check: proven/,
      /by a known relay|belong to it/,
    );
    await restart();
    await story.toldOnce(story.listener, /New emitter of settlements/);
    await story.toldOnce(story.listener, /New sender of settlements/);
  });

  it('counts older forms apart', async () => {
    const before = await figures();
    const { settlements } = story.network;
    await story.pass(60);
    await settlements.oldBatch(`0x${'ab'.repeat(32)}`, 7);
    await settlements.oldSettlement(`0x${'ac'.repeat(32)}`, `0x${'ad'.repeat(32)}`);
    await settlements.oldMetadata(`0x${'ae'.repeat(32)}`, `0x${'af'.repeat(32)}`, '<b>@everyone</b>');
    await story.settled();
    expect(await figures()).toEqual(before);
    await expectBoth(
      'usage',
      {},
      /batches without a blob: 1 event \(7 answers\)/,
      /plain settlements: 1 event/,
      /with metadata: 1 event/,
    );
  });

  it('refuses whoever is not on the list of senders, and counts nothing of it', async () => {
    const { chain, settlements, blobs } = story.network;
    await restart({ OG_SETTLEMENT_SENDERS: `${chain.accounts.batches},${chain.accounts.individuals}` });
    const before = { figures: await figures(), heard: story.heard(story.listener) };
    const answers = answersOf('cedar', 20);
    const { root, bytes } = batchBlob(answers);
    await story.pass(60);
    const wrongRoot = await settlements.batchSettle(`0x${'1'.repeat(64)}`, 20, blobs.put(bytes), {
      from: 'stranger',
      relay: settlements.openRelay,
    });
    await settlements.batchSettle(root, 20, blobs.put(bytes), { from: 'stranger', relay: settlements.openRelay });
    await story.settled();
    expect(await figures()).toEqual(before.figures);
    await expectBoth('usage', {}, /2 settlements of senders that are not allowed/);
    await expectBoth('proof check', { proof: wrongRoot }, /Proof check: wrong/, /sender\W+fails/);
    silentSince(before.heard);
    const allowed = await settle(answersOf('cedar', 20));
    await expectBoth('proof check', { proof: allowed.txHash }, /Proof check: proven/, /on the list/);
    expect(await figures()).toMatchObject({ valid: before.figures.valid + 20 });
  });
});

describe('over all of this, with its restarts', () => {
  it('both apps were told the same, each once', () => {
    const { discord, telegram } = story.heard(story.listener);
    const headlines = (texts: readonly string[]): (string | undefined)[] =>
      texts.map((text) => /\S+ ([^:\n]+)/.exec(text)?.[1]);
    expect(headlines(discord)).toEqual(headlines(telegram));
    expect(headlines(telegram)).toEqual([
      ...Array.from({ length: 3 }, () => 'Proof does not match'),
      ...['Bad signature', 'Many unsigned answers'],
      ...['New emitter of settlements', 'New sender of settlements', 'New emitter of settlements'],
    ]);
  });

  it('nobody else heard of it', () => {
    expect(story.heard(story.asker)).toEqual({ discord: [], telegram: [] });
  });
});

describe('what was asked and answered', () => {
  it('is in no message, no log line and no file', () => {
    // The text of individual ones is not even fetched.
    expect(story.network.blobs.count(alone.blobId)).toBe(0);
    const all = story.everything();
    expect(all.length).toBeGreaterThan(100);
    expect(all.some((text) => text.includes(first.blobId))).toBe(true);
    for (const text of all) expect(text).not.toMatch(/question (of )?\d|answer (to|for) \d/);
  });
});
