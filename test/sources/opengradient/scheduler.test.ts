import { encodeFunctionResult, type Hex, parseAbi } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import { readWorkflows, type Workflow } from '../../../src/sources/opengradient/scheduler.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { deployInference, type Inference } from '../../devnet/inference.ts';
import { ENDLESS, INVALID, POURING, REVERTING, returning } from '../../support/byteCode.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const CID = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG';
const FAKE: Hex = '0x00000000000000000000000000000000000e0001';
const abi = parseAbi([
  'function getAllTasks() view returns ((address user, address contractAddress, uint256 endTime, uint256 frequency)[])',
  'function modelId() view returns (string)',
]);

let chain: DevChain;
let net: Inference;
let next = 0x10_000n;

beforeAll(async () => {
  chain = await startChain();
  net = await deployInference(chain);
});
afterAll(() => chain.close());
beforeEach(() => chain.mine());

async function read(scheduler: Hex): Promise<Workflow[]> {
  const client = new EvmClient({
    urls: [chain.rpcUrl],
    chainId: chain.chainId,
    clock: new SteppingClock(),
    random: () => 0.5,
  });
  return await readWorkflows(client, scheduler, await client.head());
}
async function contract(bytecode: Hex): Promise<Hex> {
  next += 1n;
  const address: Hex = `0x${next.toString(16).padStart(40, '0')}`;
  await chain.client.setCode({ address, bytecode });
  return address;
}
const naming = (modelId: string): Hex =>
  returning(encodeFunctionResult({ abi, functionName: 'modelId', result: modelId }));

/** A scheduler that says of itself that it has these tasks. */
async function claim(tasks: { contractAddress: Hex; endTime?: bigint; frequency?: bigint }[]): Promise<void> {
  const result = tasks.map((task) => ({ user: FAKE, endTime: 2n ** 40n, frequency: 3_600n, ...task }));
  await chain.client.setCode({
    address: FAKE,
    bytecode: returning(encodeFunctionResult({ abi, functionName: 'getAllTasks', result })),
  });
  await chain.mine();
}

test('workflows come with their model, end and frequency', async () => {
  const first = await net.schedule(BLOB, 600, 1_000);
  const second = await net.schedule('not a content id', 60, 5_000);
  const third = await net.schedule(CID);
  await net.stopTask(third);
  const workflows = await read(net.scheduler);
  expect(workflows.map(({ contract, modelId, frequencySeconds }) => [contract, modelId, frequencySeconds])).toEqual([
    [first.toLowerCase(), BLOB, 600],
    [second.toLowerCase(), null, 60],
  ]);
  const lasting = (workflows[0] as Workflow).endTimeSeconds - chain.nowSeconds();
  expect(lasting).toBeGreaterThan(900);
  expect(lasting).toBeLessThanOrEqual(1_000);
});

test('a scheduler without tasks has none', async () => {
  await claim([]);
  expect(await read(FAKE)).toEqual([]);
});

test('hostile workflows have no model, and do not hide the others', async () => {
  const hostile = await Promise.all(
    [
      REVERTING,
      INVALID,
      ENDLESS,
      POURING,
      returning('0x'),
      returning(`0x${'f'.repeat(128)}`),
      naming('x'.repeat(100_000)),
      naming('<b>@everyone</b>'),
      naming(`${BLOB.slice(0, 42)}\u202E`),
    ].map(contract),
  );
  const nobody: Hex = '0x00000000000000000000000000000000deadbeef';
  const good = await contract(naming(CID));
  await claim([...hostile, nobody, good].map((contractAddress) => ({ contractAddress })));
  const workflows = await read(FAKE);
  expect(workflows.map(({ modelId }) => modelId)).toEqual([...hostile.map(() => null), null, CID]);
});

test('those that have not ended come first; a contract comes once, with its latest end; times are bounded', async () => {
  const [a, b] = (await Promise.all([naming(BLOB), naming(CID)].map(contract))) as [Hex, Hex];
  await claim([
    { contractAddress: a, endTime: 5n },
    { contractAddress: b, endTime: 7n },
    { contractAddress: b, endTime: 2n ** 256n - 1n, frequency: 2n ** 255n },
  ]);
  expect(await read(FAKE)).toEqual([
    { contract: b, modelId: CID, endTimeSeconds: 2 ** 48, frequencySeconds: 2 ** 48 },
    { contract: a, modelId: BLOB, endTimeSeconds: 5, frequencySeconds: 3_600 },
  ]);
});

test('of 700 tasks 500 are read, the first ones', async () => {
  const tasks = Array.from({ length: 700 }, (_, n) => ({
    contractAddress: `0x${(0xabc000 + n).toString(16).padStart(40, '0')}` as Hex,
  }));
  await claim(tasks);
  const workflows = await read(FAKE);
  expect(workflows.map(({ contract }) => contract)).toEqual(
    tasks.slice(0, 500).map(({ contractAddress }) => contractAddress),
  );
});

describe('what is no scheduler is an error', () => {
  test.each([
    ['nothing there', '0x'],
    ['refuses', REVERTING],
    ['answers otherwise', returning(`0x${'12'.repeat(40)}`)],
  ] satisfies [string, Hex][])('%s', async (_, bytecode) => {
    await chain.client.setCode({ address: FAKE, bytecode });
    await chain.mine();
    const error = await read(FAKE).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AssayError);
    expect((error as AssayError).retryable).toBe(true);
  });
});
