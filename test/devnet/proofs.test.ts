import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { type Abi, decodeEventLog, type Hex, hexToString, parseAbi, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerMessageHash, forged, fromUnknownNode, type SignedAnswer, unsigned } from './answers.ts';
import { type BlobStore, startBlobStore } from './blobStore.ts';
import { type DevChain, Reverted, startChain } from './chain.ts';
import type { Artifact } from './compile.ts';
import { type BatchFault, type Facilitator, type Settled, startFacilitator } from './facilitator.ts';
import { DevGateway } from './gateway.ts';
import { deploySettlements, type Settlements } from './settlements.ts';

let chain: DevChain;
let gateway: DevGateway;
let settlements: Settlements;
let blobs: BlobStore;
let facilitator: Facilitator;

beforeAll(async () => {
  [chain, gateway, blobs] = await Promise.all([startChain(), DevGateway.start('amber'), startBlobStore()]);
  settlements = await deploySettlements(chain);
  facilitator = await startFacilitator(chain, settlements, blobs);
  await chain.registerTee(gateway);
}, 60_000);

afterAll(async () => {
  await Promise.all([chain.close(), gateway.stop(), blobs.close(), facilitator.close()]);
});

let asked = 0;
const answer = (): SignedAnswer => gateway.answer(`question ${asked++}`, 'an answer', chain.nowSeconds());

async function event(txHash: Hex): Promise<{ eventName?: string; args: Record<string, unknown> }> {
  const { logs } = await chain.client.getTransactionReceipt({ hash: txHash });
  const log = logs[0] as (typeof logs)[number];
  const abi: Abi = (chain.contracts.BulkRelay as Artifact).abi;
  return decodeEventLog({ abi, data: log.data, topics: log.topics }) as never;
}

describe('settlements of the small network', () => {
  it('settles a batch at 20 items, with the root of what is in storage', async () => {
    for (let item = 0; item < 19; item += 1) facilitator.submit(answer());
    expect(await facilitator.tick()).toEqual([]);
    facilitator.submit(answer());
    const [one] = await facilitator.tick();
    const { args } = await event(one?.txHash as Hex);
    expect(args).toMatchObject({ batchSize: 20n });
    const blob = await fetch(`${blobs.url}/v1/blobs/${hexToString(args.walrusBlobId as Hex)}`);
    const tree = StandardMerkleTree.load((await blob.json()) as never);
    tree.validate();
    expect(tree.root).toBe(args.merkleRoot);
  });

  it('settles five minutes after the last answer, or fifteen after the first', async () => {
    facilitator.submit(answer());
    await chain.mine(299);
    expect(await facilitator.tick()).toEqual([]);
    await chain.mine(1);
    expect(await facilitator.tick()).toHaveLength(1);
    for (let minute = 0; minute < 15; minute += 1) {
      facilitator.submit(answer());
      expect(await facilitator.tick()).toEqual([]);
      await chain.mine(60);
    }
    expect((await facilitator.tick())[0]?.answers).toHaveLength(15);
  });

  it('settles an individual answer, and none that is forged, too old or of a disabled node', async () => {
    const good = answer();
    facilitator.submit(good, 'individual');
    const [one] = await facilitator.tick();
    expect((await event(one?.txHash as Hex)).args).toMatchObject({ teeId: gateway.teeId, inputHash: good.requestHash });

    for (const bad of [forged(answer()), unsigned(answer()), fromUnknownNode(answer())]) {
      await expect(settlements.settleIndividual(bad, 'x')).rejects.toThrow('Invalid signature');
    }
    const late = answer();
    facilitator.state.holdIndividuals = true;
    facilitator.submit(late, 'individual');
    await chain.mine(3_601);
    expect(await facilitator.tick()).toEqual([]);
    facilitator.state.holdIndividuals = false;
    expect(await facilitator.tick()).toEqual([]);
    expect(facilitator.failed).toMatchObject([{ answer: late, reason: expect.stringContaining('Invalid signature') }]);

    const disabled = answer();
    await chain.disable(gateway.teeId);
    await expect(settlements.settleIndividual(disabled, 'x')).rejects.toThrow('Invalid signature');
    await chain.enable(gateway.teeId);
    await settlements.settleIndividual(disabled, 'x');
  });

  it('has a relay for its own accounts and one that anyone may call', async () => {
    facilitator.submit(answer());
    const [one] = await facilitator.flush();
    if (one?.root == null) throw new Error('nothing was settled');
    const stranger = settlements.batchSettle(one.root, 1, one.blobId, { from: 'stranger' });
    await expect(stranger).rejects.toThrow(Reverted);
    expect((await event(await facilitator.repeat(one))).args).toMatchObject({ merkleRoot: one.root });
  });
});

it.each<BatchFault>(['wrong-root', 'wrong-count', 'not-uploaded', 'blob-gone', 'wrong-blob'])(
  'settles one batch that is wrong, and no second one: %s',
  async (fault) => {
    const isRight = async (one: Settled | undefined): Promise<boolean> => {
      const { args } = await event(one?.txHash as Hex);
      const blob = await fetch(`${blobs.url}/v1/blobs/${one?.blobId}`);
      const tree = blob.ok ? await blob.json().catch(() => null) : null;
      if (tree === null) return false;
      const { root, length } = StandardMerkleTree.load<unknown[]>(tree as never);
      return root === args.merkleRoot && BigInt(length) === args.batchSize;
    };
    facilitator.state.nextBatch = fault;
    for (const expected of [false, true]) {
      facilitator.submit(answer());
      facilitator.submit(answer());
      const [one] = await facilitator.flush();
      expect(await isRight(one)).toBe(expected);
    }
  },
);

it('puts whatever was handed in into a batch: nobody checks it on chain', async () => {
  for (const one of [forged(answer()), unsigned(answer()), unsigned(answer(), 'empty'), fromUnknownNode(answer())]) {
    facilitator.submit(one);
  }
  const [one] = await facilitator.flush();
  const blob = (await (await fetch(`${blobs.url}/v1/blobs/${one?.blobId}`)).json()) as {
    values: { value: string[] }[];
  };
  expect(blob.values.map(({ value }) => value[3]?.length)).toEqual([514, 4, 2, 514]);
});

it('emits the topics that the reference names, new forms and old ones, and hundreds of events a transaction', async () => {
  const before = await chain.client.getBlockNumber({ cacheTime: 0 });
  const hash: Hex = `0x${'ab'.repeat(32)}`;
  await settlements.oldBatch(hash, 3);
  await settlements.oldSettlement(hash, hash);
  await settlements.oldMetadata(hash, hash, 'gpt');
  await settlements.emitBatches(Array.from({ length: 350 }, () => ({ root: hash, size: 20, blobId: 'blob' })));
  await settlements.emitIndividuals(Array.from({ length: 120 }, answer), 'blob');
  await settlements.inventBatches(0, 1_200);
  await settlements.inventIndividuals(gateway.teeId, 0, 1_200);
  const logs = await chain.client.getLogs({ fromBlock: before + 1n });
  const counts: Record<string, number> = {};
  for (const { topics } of logs) counts[topics[0] as string] = (counts[topics[0] as string] ?? 0) + 1;
  expect(counts).toEqual({
    '0xfa7c610716cb742e297d9aaa305f688a478691d7bdda909887be587592075db0': 1,
    '0x2dec475996b83d8f0b0b5863ea37b28d71de0e635fecf1042fd2c6e41b2bdda3': 1,
    '0x699118b9cf4c170299a3cd2b24610f4bdd66f1492695baf29c49077ef64c056c': 1,
    '0xc2aff8d8a10a4543baabf39bd9ff45e7fc3881d19098df350a3b7f339e911127': 1_550,
    '0x74e71a1981c03bd0c36f3b1227f3ee2a34dca5d6fef25c4b2787e033ab60b782': 1_320,
  });
});

it('has a verifier that judges as the relay does', async () => {
  const abi = parseAbi([
    'function verifySignature(bytes32, bytes32, bytes32, uint256, bytes) view returns (bool)',
    'function verifySignatureNoTimestamp(bytes32, bytes32, bytes32, uint256, bytes) view returns (bool)',
    'function computeMessageHash(bytes32, bytes32, uint256) pure returns (bytes32)',
  ]);
  const { verifier: address, client } = chain;
  const one = answer();
  const { teeId, requestHash, outputHash, signedAtSeconds } = one;
  const args = [teeId, requestHash, outputHash, BigInt(signedAtSeconds), toHex(one.signature)] as const;
  const read = (functionName: 'verifySignature' | 'verifySignatureNoTimestamp'): Promise<boolean> =>
    client.readContract({ address, abi, functionName, args });
  expect(await read('verifySignature')).toBe(true);
  await chain.mine(3_700);
  expect(await read('verifySignature')).toBe(false);
  expect(await read('verifySignatureNoTimestamp')).toBe(true);
  const hashArgs = [requestHash, outputHash, BigInt(signedAtSeconds)] as const;
  const message = await client.readContract({ address, abi, functionName: 'computeMessageHash', args: hashArgs });
  expect(message).toBe(answerMessageHash(requestHash, outputHash, signedAtSeconds));
});
