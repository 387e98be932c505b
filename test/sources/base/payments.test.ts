import { concat, type Hex, padHex, toEventSelector, toHex } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countPayments, TRANSFER_TOPIC } from '../../../src/sources/base/payments.ts';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { emitting } from '../../support/byteCode.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const TOKEN: Hex = '0xfbc2051ae2265686a469421b2c5a2d5462fbf5eb';
const OTHER_TOKEN: Hex = '0x00000000000000000000000000000000000e0001';
const PAYEE: Hex = '0x9deEBB5D1b22e4a6e027977CeAd13893A7E4cC1a';
const SECOND: Hex = '0x00000000000000000000000000000000000e0002';
const SOMEBODY: Hex = '0x00000000000000000000000000000000000e0003';

let chain: DevChain;
let proxy: RpcProxy;
let from: bigint;

beforeAll(async () => {
  chain = await startChain();
  await chain.client.setCode({ address: TOKEN, bytecode: emitting(3) });
  await chain.client.setCode({ address: OTHER_TOKEN, bytecode: emitting(3) });
  proxy = await startRpcProxy(chain.rpcUrl);
});
afterAll(() => Promise.all([proxy.close(), chain.close()]));
beforeEach(async () => {
  proxy.heal();
  from = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n;
});

const word = (value: Hex | bigint): Hex => padHex(typeof value === 'bigint' ? toHex(value) : value, { size: 32 });
const transfer = (to: Hex, amount: bigint, token = TOKEN, topic = TRANSFER_TOPIC): Promise<Hex> =>
  chain.transact(token, concat([topic, word(SOMEBODY), word(to), word(amount)]));
const head = (): Promise<bigint> => chain.client.getBlockNumber({ cacheTime: 0 });
const client = (): EvmClient =>
  new EvmClient({ urls: [proxy.url], chainId: chain.chainId, clock: new SteppingClock(), random: () => 0.5 });
const count = async (payees: Hex[] = [PAYEE, SECOND], signal?: AbortSignal) =>
  await countPayments(client(), { token: TOKEN, payees }, from, await head(), signal);

test('the topic is that of an ERC-20 transfer', () => {
  expect(TRANSFER_TOPIC).toBe(toEventSelector('Transfer(address,address,uint256)'));
});

test('transfers of that token to the payees count, and nothing else', async () => {
  await transfer(PAYEE, 5n);
  await transfer(SECOND, 10n ** 17n);
  await transfer(PAYEE, 2n ** 255n);
  await transfer(SOMEBODY, 5n);
  await transfer(PAYEE, 5n, OTHER_TOKEN);
  await transfer(PAYEE, 5n, TOKEN, toEventSelector('Approval(address,address,uint256)'));
  const { count: found, toBlock } = await count();
  expect(found).toBe(3);
  expect(toBlock?.number).toBe(await head());
  expect((await count([PAYEE, PAYEE.toLowerCase() as Hex])).count).toBe(2);
});

test('a transfer of nothing is no payment', async () => {
  await transfer(PAYEE, 0n);
  expect((await count()).count).toBe(0);
});

test('without a payee nothing is asked: a node would take no payee for any', async () => {
  await transfer(SOMEBODY, 5n);
  expect(await count([])).toEqual({ count: 0, toBlock: null });
});

test('every transfer counts once, however narrow the pages', async () => {
  for (let n = 0; n < 25; n += 1) await transfer(n % 2 === 0 ? PAYEE : SECOND, 1n);
  proxy.logLimit = { blocks: 3, error: { code: -32614, message: 'eth_getLogs is limited to a 3 range' } };
  expect((await count()).count).toBe(25);
});

test('what is stopped says up to where it counted', async () => {
  await transfer(PAYEE, 5n);
  expect(await count([PAYEE], AbortSignal.abort())).toEqual({ count: 0, toBlock: null });
});

test('a node that does not answer is an error, not zero', async () => {
  await transfer(PAYEE, 5n);
  const to = await head();
  proxy.inject('*', RPC_FAULTS.serverError);
  await expect(countPayments(client(), { token: TOKEN, payees: [PAYEE] }, from, to)).rejects.toThrow();
});
