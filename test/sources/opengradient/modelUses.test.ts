import fc from 'fast-check';
import {
  type Abi,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  padHex,
  parseAbi,
  toEventSelector,
  toFunctionSelector,
  toHex,
} from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ModelUse } from '../../../src/lib/modelFacts.ts';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import {
  inferenceOf,
  modelUses,
  RUN_SELECTOR,
  runModelOf,
  USE_TOPICS,
  type UseSources,
} from '../../../src/sources/opengradient/modelUses.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { deployInference, type Inference } from '../../devnet/inference.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { announcing, emitting, forwarding } from '../../support/byteCode.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const OTHER = `${'a'.repeat(42)}B`;
const CID = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG';

// As the reference has them.
const OUT =
  '((string name, (int128 value, int128 decimals)[] values, uint32[] shape)[] numbers, (string name, string[] values)[] strings, (string name, string value)[] jsons, bool is_simulation_result)';
const IN =
  '((string name, (int128 value, int128 decimals)[] values, uint32[] shape)[] numbers, (string name, string[] values)[] strings)';
const SIGNATURES = {
  inference: `event ModelInferenceEvent(string inferenceID, (uint8 mode, string modelCID, ${IN} input) request, ${OUT} response)`,
  result: `event InferenceResult(${OUT} output)`,
  workflow: `event InferenceResultEmitted(address indexed caller, ${OUT} result)`,
};
const RUN = `function run(string modelId, uint8 inferenceMode, ${IN} modelInput) returns (${OUT})`;
const abi = parseAbi([SIGNATURES.inference, RUN] as never) as Abi;
const EMPTY = { numbers: [], strings: [] };

test('topics and selector are those of the signatures', () => {
  for (const [kind, signature] of Object.entries(SIGNATURES)) {
    expect(USE_TOPICS[kind as keyof typeof USE_TOPICS]).toBe(toEventSelector(signature));
  }
  expect(RUN_SELECTOR).toBe(toFunctionSelector(RUN));
});

const inferenceData = (modelCID: string, inferenceId = 'i', extra: readonly unknown[] = []): Hex => {
  const event = abi.find((item) => item.type === 'event') as unknown as { inputs: never };
  return encodeAbiParameters(event.inputs, [
    inferenceId,
    { mode: 1, modelCID, input: { numbers: [], strings: extra } },
    { ...EMPTY, jsons: [], is_simulation_result: false },
  ] as never);
};
const runInput = (modelId: string): Hex => encodeFunctionData({ abi, functionName: 'run', args: [modelId, 0, EMPTY] });

describe('reading by hand', () => {
  test('law: finds the model id wherever the encoder puts it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.constantFrom(BLOB, CID, OTHER), fc.nat(4), (id, blobId, n) => {
        const extra = Array.from({ length: n }, () => ({ name: id, values: [id, BLOB] }));
        const data = inferenceData(blobId, id, extra);
        expect(inferenceOf({ topics: [USE_TOPICS.inference], data })).toEqual({ kind: 'inference', blobId });
        expect(runModelOf(runInput(blobId))).toBe(blobId);
      }),
    );
  });

  test('law: whatever the data, it ends, and gives short ASCII or nothing', () => {
    const word = fc.oneof(
      fc.nat(400).map((n) => padHex(toHex(n), { size: 32 })),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes)),
      fc.constant(padHex(toHex(BLOB.slice(0, 32)), { dir: 'right', size: 32 })),
      fc.constant(`0x${'f'.repeat(64)}` as Hex),
    );
    const tail = fc.string({ maxLength: 5 }).map((text) => text as Hex);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), tail, (words, end) => {
        const data = `${concat(['0x', ...words])}${end}` as Hex;
        const read = [
          inferenceOf({ topics: [USE_TOPICS.inference], data })?.blobId,
          runModelOf(`${RUN_SELECTOR}${data.slice(2)}` as Hex),
        ];
        for (const text of read) {
          if (text == null) continue;
          expect(text).toMatch(/^[\x20-\x7e]{0,64}$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('another call or event, and text that is not ASCII, name no model', () => {
    expect(runModelOf('0x')).toBeNull();
    expect(runModelOf(`0xdeadbeef${runInput(BLOB).slice(10)}`)).toBeNull();
    expect(runModelOf(runInput('модель'))).toBeNull();
    expect(runModelOf(runInput('x'.repeat(65)))).toBeNull();
    expect(inferenceOf({ topics: [USE_TOPICS.result], data: inferenceData(BLOB) })).toBeNull();
    expect(inferenceOf({ topics: [], data: inferenceData(BLOB) })).toBeNull();
  });
});

describe('on chain', () => {
  const EMITTER: Hex = '0x00000000000000000000000000000000000e0001';
  const STRANGER: Hex = '0x00000000000000000000000000000000000e0002';
  const PROXY: Hex = '0x00000000000000000000000000000000000e0003';
  const RESULTS: Hex = '0x00000000000000000000000000000000000e0004';
  let chain: DevChain;
  let net: Inference;
  let proxy: RpcProxy;
  let workflow: Hex;
  let from: bigint;

  beforeAll(async () => {
    chain = await startChain();
    net = await deployInference(chain);
    workflow = (await net.schedule(OTHER)).toLowerCase() as Hex;
    for (const address of [EMITTER, STRANGER]) await chain.client.setCode({ address, bytecode: emitting(1) });
    await chain.client.setCode({ address: RESULTS, bytecode: announcing(USE_TOPICS.result) });
    await chain.client.setCode({ address: PROXY, bytecode: forwarding(RESULTS) });
    proxy = await startRpcProxy(chain.rpcUrl);
  });
  afterAll(() => Promise.all([proxy.close(), chain.close()]));
  beforeEach(async () => {
    proxy.heal();
    await chain.mine();
    from = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n;
  });

  const sources = (): UseSources => ({
    addresses: [net.precompile, net.inferenceHub, EMITTER, RESULTS],
    workflows: new Map([[workflow, OTHER]]),
  });
  const client = (): EvmClient =>
    new EvmClient({ urls: [proxy.url], chainId: chain.chainId, clock: new SteppingClock(), random: () => 0.5 });
  async function read(of: UseSources = sources()): Promise<ModelUse[]> {
    const head = await chain.client.getBlockNumber({ cacheTime: 0 });
    const uses: ModelUse[] = [];
    for await (const page of modelUses(client(), of, from, head)) uses.push(...page.uses);
    return uses;
  }
  const emit = (to: Hex, data: Hex, topic = USE_TOPICS.inference): Promise<Hex> =>
    chain.transact(to, concat([topic, data]), { from: 'stranger' });

  test('each kind of evidence names its model, block and transaction', async () => {
    const hashes = [await net.infer(BLOB), await net.runOnHub(CID), await net.runWorkflow(workflow)];
    const uses = await read();
    expect(uses.map(({ kind, blobId, txHash }) => [kind, blobId, txHash])).toEqual([
      ['inference', BLOB, hashes[0]],
      ['result', CID, hashes[1]],
      ['workflow', OTHER, hashes[2]],
    ]);
    for (const use of uses) {
      const block = await chain.client.getBlock({ blockNumber: use.blockNumber });
      expect(use.blockTimestampSeconds).toBe(Number(block.timestamp));
      expect(use.logIndex).toBe(0);
    }
  });

  test('what is no content id is no evidence', async () => {
    for (const id of ['', 'my-model', '<b>@everyone</b>', `${BLOB}=`, `../${BLOB}`]) {
      await emit(EMITTER, inferenceData(id));
      await net.runOnHub(id);
    }
    expect(await read()).toEqual([]);
  });

  test('hostile data is passed over, and what comes with it is not', async () => {
    const full = inferenceData(BLOB);
    for (const data of ['0x', full.slice(0, 300), `0x${'f'.repeat(640)}`, `${full.slice(0, 66)}${'0'.repeat(640)}`]) {
      await emit(EMITTER, data as Hex);
    }
    await emit(EMITTER, full);
    expect((await read()).map(({ blobId }) => blobId)).toEqual([BLOB]);
  });

  test('the same event of another contract says nothing', async () => {
    await emit(STRANGER, inferenceData(BLOB));
    await emit(STRANGER, '0x', USE_TOPICS.workflow);
    await emit(EMITTER, '0x', USE_TOPICS.workflow);
    expect(await read()).toEqual([]);
    // Anyone may register a workflow: what it says of other models is no evidence either.
    await emit(EMITTER, inferenceData(BLOB));
    expect(await read({ addresses: [net.precompile], workflows: new Map([[EMITTER, OTHER]]) })).toMatchObject([
      { kind: 'workflow', blobId: OTHER },
    ]);
  });

  test('a result says only what its own contract was asked: a contract in between may have asked for anything', async () => {
    await chain.transact(PROXY, runInput(BLOB), { from: 'stranger' });
    expect(await read()).toEqual([]);
    await chain.transact(RESULTS, runInput(BLOB), { from: 'stranger' });
    expect((await read()).map(({ blobId }) => blobId)).toEqual([BLOB]);
  });

  test('what a workflow runs is one use, not one for each contract on the way', async () => {
    const both = concat([USE_TOPICS.inference, inferenceData(OTHER)]);
    // A "workflow" that emits both events in one transaction: its own, and as if it were the precompile.
    const chatty: Hex = '0x00000000000000000000000000000000000e0005';
    const own = `7f${USE_TOPICS.workflow.slice(2)}5f5fa1`;
    await chain.client.setCode({ address: chatty, bytecode: `0x${own}${emitting(1).slice(2)}` });
    await chain.transact(chatty, both, { from: 'stranger' });
    const uses = await read({ addresses: [chatty], workflows: new Map([[chatty, OTHER]]) });
    expect(uses.map(({ kind }) => kind)).toEqual(['inference']);
  });

  test('without a contract nothing is asked', async () => {
    await net.infer(BLOB);
    expect(await read({ addresses: [], workflows: new Map() })).toEqual([]);
    expect(proxy.count('eth_getLogs')).toBe(0);
  });

  test('a node without an index of transactions still shows the other evidence', async () => {
    await net.infer(BLOB);
    await net.runOnHub(CID);
    proxy.inject('eth_getTransactionByHash', RPC_FAULTS.nullResult);
    expect((await read()).map(({ blobId }) => blobId)).toEqual([BLOB]);
  });

  test('a node that does not answer for transactions is an error: nothing is skipped', async () => {
    await net.runOnHub(CID);
    proxy.inject('eth_getTransactionByHash', RPC_FAULTS.serverError);
    await expect(read()).rejects.toThrow('no RPC of the network answered');
  });

  test('150 results come each with their own model', async () => {
    const ids = Array.from({ length: 150 }, (_, n) => keccak256(toHex(n)).slice(2, 45));
    for (const id of ids) await chain.queue(RESULTS, runInput(id));
    await chain.mine();
    expect((await read()).map(({ blobId }) => blobId).sort()).toEqual([...ids].sort());
  });
});
