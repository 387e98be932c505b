import { concat, type Hex, keccak256 } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import { transactionInputs } from '../../../src/sources/evm/transactions.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { RPC_FAULTS, type RpcFault, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const TO: Hex = '0x00000000000000000000000000000000000E0001';
let chain: DevChain;
let first: RpcProxy;
let second: RpcProxy;
let hash: Hex;

beforeAll(async () => {
  chain = await startChain();
  hash = await chain.transact(TO, '0x1234');
  first = await startRpcProxy(chain.rpcUrl);
  second = await startRpcProxy(chain.rpcUrl);
});
afterAll(() => Promise.all([first.close(), second.close(), chain.close()]));
beforeEach(() => {
  first.heal();
  second.heal();
});

/** `then`: what happens to the nodes once the head is known. */
async function read(hashes: readonly Hex[] = [hash], then = () => {}) {
  const urls = [first.url, second.url];
  const client = new EvmClient({ urls, chainId: chain.chainId, clock: new SteppingClock(), random: () => 0.5 });
  const head = await client.head();
  then();
  return await transactionInputs(client, hashes, head);
}
const expected = () => new Map([[hash, { to: TO.toLowerCase(), input: '0x1234' }]]);

test('what a transaction asked for, and of whom', async () => {
  expect(await read()).toEqual(expected());
});

test('one that nobody knows is left out', async () => {
  expect(await read([keccak256(concat([hash, '0x'])), hash])).toEqual(expected());
});

test('those that are together more than is read are asked for in smaller portions; one that is so alone is left out', async () => {
  const tooMuch: RpcFault = { kind: 'http', status: 200, body: ' '.repeat(11 * 1_048_576), json: true };
  const two = [hash, await chain.transact(TO, '0x5678')];
  // Both rounds of both.
  const tooMuchOf = (count: number) => (): void => {
    for (const node of [first, second]) node.inject('eth_getTransactionByHash', tooMuch, 2 * count);
  };
  expect([...(await read(two, tooMuchOf(2))).keys()]).toEqual(two);
  expect(await read([hash], tooMuchOf(1))).toEqual(new Map());
});

test('a node that lags does not count as one that does not know it', async () => {
  const lag = (): void => {
    first.inject('eth_getBlockByNumber', RPC_FAULTS.nullResult);
    first.inject('eth_getTransactionByHash', RPC_FAULTS.nullResult);
  };
  expect(await read([hash], lag)).toEqual(expected());
});

test.each([RPC_FAULTS.wrongType, { kind: 'result', result: { to: 7, input: 7 } } as const])(
  'an answer that is no transaction is none: %j',
  async (fault) => {
    first.inject('eth_getTransactionByHash', fault);
    expect(await read()).toEqual(new Map());
  },
);

test('the making of a contract asked nobody', async () => {
  const made = await chain.queue(null, '0x5f5ff3');
  await chain.mine();
  expect(await read([made])).toEqual(new Map([[made, { to: null, input: '0x5f5ff3' }]]));
});
