import { encodeFunctionData, type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import { receiptOf, sendersOf } from '../../../src/sources/evm/senders.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { RPC_FAULTS, type RpcFault, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const OTHER: Hex = '0x00000000000000000000000000000000000ABCdE';
const UNKNOWN = keccak256('0x07');

let chain: DevChain;
let proxy: RpcProxy;
let other: RpcProxy;
/** A hundred and thirty transactions of one account, then one of another. */
let hashes: Hex[];
let reverted: Hex;

const clientOf = (proxies: readonly RpcProxy[] = [proxy, other]): EvmClient =>
  new EvmClient({
    urls: proxies.map(({ url }) => url),
    chainId: chain.chainId,
    clock: new SteppingClock(),
    random: () => 0.5,
  });

const send = (from: Hex, data: Hex = '0x'): Promise<Hex> =>
  chain.client.sendUnsignedTransaction({ from, to: data === '0x' ? OTHER : chain.registry, data, gas: 1_000_000n });

beforeAll(async () => {
  chain = await startChain();
  await chain.client.setBalance({ address: OTHER, value: 10n ** 18n });
  await chain.client.impersonateAccount({ address: OTHER });
  const mine = chain.client.account.address;
  hashes = [];
  for (let n = 0; n < 130; n += 1) hashes.push(await send(mine));
  hashes.push(await send(OTHER));
  reverted = await send(
    mine,
    encodeFunctionData({ abi: chain.abi, functionName: 'disableTEE', args: [keccak256(toHex('nobody'))] }),
  );
  await chain.mine();
  proxy = await startRpcProxy(chain.rpcUrl);
  other = await startRpcProxy(chain.rpcUrl);
});
afterAll(() => Promise.all([proxy.close(), other.close(), chain.close()]));
beforeEach(() => {
  proxy.heal();
  other.heal();
});

describe('senders', () => {
  test('of many transactions, in lower case, a hundred a batch, each asked for once', async () => {
    const senders = await sendersOf(clientOf([proxy]), [...hashes, ...hashes]);
    expect([...senders.keys()]).toEqual(hashes);
    expect(senders.get(hashes[0] as Hex)).toBe(chain.client.account.address.toLowerCase());
    expect(senders.get(hashes.at(-1) as Hex)).toBe(OTHER.toLowerCase());
    expect(proxy.count('eth_getTransactionByHash')).toBe(131);
    expect(Math.max(...proxy.batches)).toBe(100);
  });

  test('of transactions that are together more than is read: fewer at a time, and one that is alone is left out', async () => {
    const tooMuch: RpcFault = { kind: 'http', status: 200, body: ' '.repeat(11 * 1_048_576), json: true };
    // Both rounds of the whole hundred.
    proxy.inject('eth_getTransactionByHash', tooMuch, 200);
    expect([...(await sendersOf(clientOf([proxy]), hashes)).keys()]).toEqual(hashes);
    proxy.inject('eth_getTransactionByHash', tooMuch, 2);
    expect((await sendersOf(clientOf([proxy]), hashes.slice(0, 1))).size).toBe(0);
  });

  test('a transaction that the node does not know is left out', async () => {
    const senders = await sendersOf(clientOf([proxy]), [UNKNOWN, hashes[0] as Hex]);
    expect([...senders.keys()]).toEqual([hashes[0]]);
    expect(await sendersOf(clientOf([proxy]), [])).toEqual(new Map());
  });

  test.each([
    ['no answer', RPC_FAULTS.serverError],
    ['nothing', RPC_FAULTS.noResult],
    ['no sender', { kind: 'result', result: { hash: UNKNOWN } } as const],
    ['a sender that is none', { kind: 'result', result: { from: '0x1234' } } as const],
    ['a text', { kind: 'result', result: 'sent' } as const],
  ])('a node with %s is passed over', async (_, fault) => {
    proxy.inject('eth_getTransactionByHash', fault);
    expect((await sendersOf(clientOf(), hashes.slice(0, 3))).size).toBe(3);
    expect(other.count('eth_getTransactionByHash')).toBe(3);
  });
});

describe('receipts', () => {
  test('of one that went through, one that was reverted, and one that is in no block', async () => {
    const client = clientOf([proxy]);
    const { number } = await client.head();
    expect(await receiptOf(client, hashes[0] as Hex)).toEqual({ status: 'success', blockNumber: number });
    expect(await receiptOf(client, reverted)).toEqual({ status: 'reverted', blockNumber: number });
    expect(await receiptOf(client, UNKNOWN)).toBeNull();
    const waiting = await send(OTHER);
    expect(await receiptOf(client, waiting)).toBeNull();
    await chain.mine();
    expect(await receiptOf(client, waiting)).toMatchObject({ status: 'success' });
  });

  test.each([
    ['no outcome', { blockNumber: '0x1' }],
    ['another outcome', { status: '0x2', blockNumber: '0x1' }],
    ['no block', { status: '0x1', blockNumber: null }],
    ['nothing', undefined],
  ])('a node that answers %s is passed over', async (_, result) => {
    proxy.inject('eth_getTransactionReceipt', { kind: 'result', result });
    expect(await receiptOf(clientOf(), hashes[0] as Hex)).toMatchObject({ status: 'success' });
    expect(other.count('eth_getTransactionReceipt')).toBe(1);
  });
});
