import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SettledAnswer } from '../../../../src/lib/proofFacts.ts';
import { createProofChecker, type ProofChecker } from '../../../../src/sources/opengradient/proofs/checker.ts';
import { opensslNode } from '../../../support/opensslNode.ts';

const node = opensslNode();
afterAll(() => node.close());
const KEYS = new Map<Hex, Uint8Array>([[node.teeId, node.der]]);
const ENCODING = ['bytes32', 'bytes32', 'bytes32', 'bytes', 'uint256'];

const facts = { requestHash: keccak256('0x01'), outputHash: keccak256('0x02'), signedAtSeconds: 1_790_000_000 };
const signature = node.sign(facts);
const answer: SettledAnswer = { ...facts, teeId: node.teeId, signature: hexToBytes(signature), payer: null };

function batchOf(values: string[][]) {
  const tree = StandardMerkleTree.of(values, ENCODING);
  const bytes = new TextEncoder().encode(JSON.stringify(tree.dump()));
  return { bytes, expected: { root: tree.root as Hex, batchSize: values.length } };
}
const GOOD = batchOf([[node.teeId, facts.requestHash, facts.outputHash, signature, String(facts.signedAtSeconds)]]);

/** Threads of this process, as they are made. */
let threads: Worker[];
const onWorker = (worker: Worker): void => {
  threads.push(worker);
};
const alive = (): number => threads.filter(({ threadId }) => threadId !== -1).length;

let checker: ProofChecker;
beforeEach(() => {
  threads = [];
  process.on('worker', onWorker);
});
afterEach(async () => {
  process.off('worker', onWorker);
  await checker.close();
  expect(alive()).toBe(0);
});

function start(options: Parameters<typeof createProofChecker>[0] = {}): ProofChecker {
  checker = createProofChecker(options);
  checker.setKeys(KEYS);
  return checker;
}

test('batches and answers are checked in threads, which start with the first question', async () => {
  start({ threads: 2 });
  expect(threads).toHaveLength(0);
  const found = await Promise.all([checker.batch(GOOD.bytes, GOOD.expected), checker.answers([answer])]);
  expect(found).toMatchObject([{ state: 'verified', leaves: [{ position: 0, verdict: 'valid' }] }, ['valid']]);
  await Promise.all(Array.from({ length: 20 }, () => checker.batch(GOOD.bytes, GOOD.expected)));
  expect(threads).toHaveLength(2);
  // The caller's bytes stay his.
  expect(GOOD.bytes.length).toBeGreaterThan(500);
});

test('a long list keeps its order, an empty one is answered too', async () => {
  start({ threads: 2 });
  const list = Array.from({ length: 1_501 }, (_, n) =>
    n % 7 === 0 ? answer : { ...answer, signature: new Uint8Array(n % 2 === 0 ? 1 : 256) },
  );
  const expected = list.map((_, n) => (n % 7 === 0 ? 'valid' : n % 2 === 0 ? 'unsigned' : 'bad-signature'));
  expect(await checker.answers(list)).toEqual(expected);
  expect(await checker.answers([])).toEqual([]);
});

test('keys hold for what is asked after them, and the map may change behind them', async () => {
  start();
  const mine = new Map(KEYS);
  checker.setKeys(mine);
  mine.clear();
  expect(await checker.answers([answer])).toEqual(['valid']);
  const before = checker.answers([answer]);
  checker.setKeys(new Map());
  const after = checker.answers([answer]);
  checker.setKeys(new Map([[node.teeId, new Uint8Array()]]));
  expect(await Promise.all([before, after, checker.answers([answer])])).toEqual([
    ['valid'],
    ['unknown-node'],
    ['no-key'],
  ]);
});

test('a large batch hardly occupies the thread that asks', async () => {
  start();
  const values = Array.from({ length: 3_000 }, (_, n) => {
    const hash = keccak256(toHex(n));
    return [node.teeId, hash, hash, toHex(new Uint8Array(256).fill(n)), '1790000000'];
  });
  const large = batchOf(values);
  await checker.answers([answer]);
  const before = performance.eventLoopUtilization();
  const found = await checker.batch(large.bytes, large.expected);
  const { active } = performance.eventLoopUtilization(before);
  expect(found.leaves).toHaveLength(3_000);
  expect(active).toBeLessThan(50);
});

describe('a thread that ends', () => {
  /** Reads as a proof, and is more than this heap holds. */
  const heavy = new TextEncoder().encode(
    JSON.stringify({
      values: Array.from({ length: 20_000 }, (_, n) => ({
        value: [node.teeId, keccak256(toHex(n)), node.teeId, toHex(new Uint8Array(256).fill(n)), '1'],
      })),
    }),
  );

  test('at a blob that is too much for it, twice: that blob is malformed, the rest is served', async () => {
    start({ limits: { heapMb: 16 } });
    const found = await Promise.all([
      checker.batch(GOOD.bytes, GOOD.expected),
      checker.batch(heavy, GOOD.expected),
      checker.batch(GOOD.bytes, GOOD.expected),
      checker.answers([answer]),
    ]);
    const malformed = { state: 'malformed', reason: 'the blob could not be read as a proof', leaves: [] };
    expect(found).toMatchObject([{ state: 'verified' }, malformed, { state: 'verified' }, ['valid']]);
    expect(threads).toHaveLength(3);
  });

  test('for another reason: its question is asked again', async () => {
    start();
    const asked = checker.batch(GOOD.bytes, GOOD.expected);
    // The process is told of a thread in its next turn.
    await setImmediate();
    await threads[0]?.terminate();
    expect((await asked).state).toBe('verified');
    expect(threads).toHaveLength(2);
    await threads[1]?.terminate();
    expect((await checker.batch(GOOD.bytes, GOOD.expected)).state).toBe('verified');
    expect(threads).toHaveLength(3);
  });

  test('before it has started says nothing of the blob', async () => {
    start({ limits: { timeoutMs: 0 } });
    await expect(checker.batch(GOOD.bytes, GOOD.expected)).rejects.toMatchObject({
      message: 'proofs cannot be checked now',
      retryable: true,
    });
    await expect(checker.answers([answer])).rejects.toMatchObject({ retryable: true });
  });

  test('at a batch that takes too long', async () => {
    // The largest modulus that OpenSSL takes: whoever registers such a key makes each check a hundred times as dear.
    const n = Buffer.alloc(2_048, 0xff).toString('base64url');
    const der = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' }).export({
      type: 'spki',
      format: 'der',
    });
    start({ limits: { timeoutMs: 1_500 } });
    checker.setKeys(new Map([...KEYS, [keccak256(der), der]]));
    const sign = toHex(new Uint8Array(2_048).fill(9));
    const values = Array.from({ length: 8_000 }, (_, k) => [
      keccak256(der),
      keccak256(toHex(k)),
      node.teeId,
      sign,
      '1',
    ]);
    const slow = batchOf(values);
    const found = await Promise.all([
      checker.batch(slow.bytes, slow.expected),
      checker.batch(GOOD.bytes, GOOD.expected),
    ]);
    expect(found).toMatchObject([{ state: 'malformed' }, { state: 'verified' }]);
  }, 60_000);
});

test('closing rejects what waits, once and for all', async () => {
  start();
  const asked = Promise.allSettled([checker.batch(GOOD.bytes, GOOD.expected), checker.answers([answer])]);
  await Promise.all([checker.close(), checker.close()]);
  const late = Promise.allSettled([checker.answers([answer])]);
  const stopped = { message: 'checking proofs was stopped', retryable: true };
  for (const outcome of [...(await asked), ...(await late)]) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: stopped });
  }
});

test('idle threads do not keep the process alive, a question does', async () => {
  start();
  const module = new URL('../../../../src/sources/opengradient/proofs/checker.ts', import.meta.url).href;
  const script = `import { createProofChecker } from ${JSON.stringify(module)};
    const checker = createProofChecker({ threads: 2 });
    const bytes = new TextEncoder().encode('<html>');
    const { state } = await checker.batch(bytes, { root: '0x', batchSize: null });
    process.stdout.write(state);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
  });
  expect(stdout).toBe('malformed');
}, 30_000);

test('without work threads are let go, and a later question starts new ones', async () => {
  start({ threads: 2, limits: { idleMs: 30 } });
  await checker.answers([answer]);
  await expect.poll(alive, { timeout: 5_000 }).toBe(0);
  expect(await checker.answers([answer])).toEqual(['valid']);
  expect(threads).toHaveLength(2);
});
