import { encodeFunctionData } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import type { BlockRef, Hex } from '../../../src/lib/facts.ts';
import { BehindError, EvmClient, NoContractError } from '../../../src/sources/evm/client.ts';
import { WrongChainError } from '../../../src/sources/evm/endpoint.ts';
import { registryAbi } from '../../../src/sources/opengradient/registryAbi.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { RPC_FAULTS, type RpcFault, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const START = 1_700_000_000;
let chain: DevChain;
let first: RpcProxy;
let second: RpcProxy;
let clock: SteppingClock;

beforeAll(async () => {
  chain = await startChain({ startSeconds: START });
  first = await startRpcProxy(chain.rpcUrl);
  second = await startRpcProxy(chain.rpcUrl);
});

afterAll(() => Promise.all([first.close(), second.close(), chain.close()]));

beforeEach(() => {
  first.heal();
  second.heal();
  clock = new SteppingClock();
});

/** Patient, since the machine may be busy; only where a node hangs is the time-out waited for. */
const clientOf = (proxies: readonly RpcProxy[] = [first, second], rounds?: number, timeoutMs = 5_000): EvmClient =>
  new EvmClient({
    urls: proxies.map(({ url }) => url),
    chainId: chain.chainId,
    clock,
    random: () => 0.5,
    timeoutMs,
    ...(rounds === undefined ? {} : { rounds }),
  });

const timeoutFor = (fault: RpcFault): number => (fault.kind === 'hang' ? 300 : 5_000);

const failure = async (promise: Promise<unknown>): Promise<AssayError> => {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (cause: unknown) => cause,
  );
  if (!(error instanceof AssayError)) throw error;
  return error;
};
const latest = async (): Promise<bigint> => await chain.client.getBlockNumber({ cacheTime: 0 });
const maxAge = encodeFunctionData({ abi: registryAbi, functionName: 'heartbeatMaxAge' });

describe('fallback', () => {
  test.each(Object.entries<RpcFault>(RPC_FAULTS))('a first URL that fails (%s) is passed over', async (_, fault) => {
    first.inject('eth_getBlockByNumber', fault);
    expect((await clientOf([first, second], 1, timeoutFor(fault)).head()).number).toBe(await latest());
  });

  test('a URL that failed is asked last for 30 s, then first again', async () => {
    const client = clientOf();
    first.inject('*', RPC_FAULTS.serverError, 1);
    await client.head();
    first.calls.length = 0;
    await client.head();
    expect(first.calls).toEqual([]);
    clock.advance(30_000);
    await client.head();
    expect(first.count('eth_getBlockByNumber')).toBe(1);
  });

  test('when none answers, all are tried a second time after a pause with jitter', async () => {
    first.inject('*', RPC_FAULTS.serverError);
    second.inject('*', RPC_FAULTS.tooManyRequests, 1);
    expect((await clientOf().head()).number).toBe(await latest());
    // Round 1 pauses 250 ms * 2 * (0.5 + random).
    expect(clock.slept).toEqual([500]);
  });

  test.each(Object.entries<RpcFault>(RPC_FAULTS))('every URL failing (%s) is a retryable error', async (_, fault) => {
    for (const proxy of [first, second]) proxy.inject('*', fault);
    const error = await failure(clientOf([first, second], 1, timeoutFor(fault)).head());
    expect(error).toMatchObject({ message: 'no RPC of the network answered', retryable: true });
    expect(error).not.toBeInstanceOf(WrongChainError);
    expect(error.detail).toContain(first.host);
    expect(error.detail).toContain(second.host);
    expect(`${error.message} ${error.detail}`).not.toContain('secret-key');
  });

  test.each([
    [RPC_FAULTS.cutJson, 'an answer that is not JSON-RPC'],
    [RPC_FAULTS.emptyList, 'an answer that is not JSON-RPC'],
    [RPC_FAULTS.cut, 'could not connect'],
    [RPC_FAULTS.serverError, 'HTTP 500'],
    [{ kind: 'error', code: -32001, message: 'rate limited' } as const, 'error -32001: rate limited'],
    [RPC_FAULTS.nullResult, 'the node answered without a block'],
  ])('%o is told as what it is', async (fault, words) => {
    first.inject('eth_getBlockByNumber', fault);
    expect((await failure(clientOf([first], 1).head())).detail).toContain(words);
  });

  test('the causes are told apart in words', async () => {
    first.inject('*', RPC_FAULTS.hang);
    second.inject('*', RPC_FAULTS.tooManyRequests);
    const { detail } = await failure(clientOf([first, second], 1, 300).head());
    expect(detail).toBe(`${first.host}: no answer in time; ${second.host}: HTTP 429`);
  });
});

describe('chain id', () => {
  test('the wrong chain on every URL is a configuration error that names both ids', async () => {
    first.chainId = 1;
    second.chainId = 1;
    const error = await failure(clientOf().head());
    expect(error).toBeInstanceOf(WrongChainError);
    expect(error.retryable).toBe(false);
    expect(error.message).toMatch(/serves chain 1, but chain 10740 is configured \(OG_CHAIN_ID\)/);
    // Waiting does not help: no second round.
    expect(clock.slept).toEqual([]);
    expect(first.count('eth_getBlockByNumber')).toBe(0);
  });

  test('one URL of the wrong chain is passed over, and never asked for facts', async () => {
    first.chainId = 1;
    expect((await clientOf().head()).number).toBe(await latest());
    expect(first.count('eth_getBlockByNumber')).toBe(0);
  });

  test('wrong chain on one, no answer from the other: may pass, so no configuration error', async () => {
    first.chainId = 1;
    second.inject('*', RPC_FAULTS.serverError);
    const error = await failure(clientOf().head());
    expect(error).not.toBeInstanceOf(WrongChainError);
    expect(error.retryable).toBe(true);
  });

  test('an empty answer to the chain id is a failure, not another chain', async () => {
    first.inject('eth_chainId', RPC_FAULTS.nullResult);
    const error = await failure(clientOf([first], 1).head());
    expect(error).not.toBeInstanceOf(WrongChainError);
  });

  test('a URL that failed must say its chain id again', async () => {
    const client = clientOf([first]);
    await client.head();
    first.chainId = 5;
    await client.head();
    first.inject('eth_getBlockByNumber', RPC_FAULTS.serverError, 1);
    expect(await failure(client.head())).toBeInstanceOf(WrongChainError);
  });
});

describe('head', () => {
  test('never goes back: a node behind is passed over for one that is not', async () => {
    const client = clientOf();
    const head = await client.head();
    first.lag = 2n;
    expect(await client.head()).toEqual(head);
    expect(second.count('eth_getBlockByNumber')).toBe(1);
  });

  test('every node behind is an error of its own that carries the best head', async () => {
    const client = clientOf();
    const head = await client.head();
    first.lag = 3n;
    second.lag = 1n;
    const error = await failure(client.head());
    expect(error).toBeInstanceOf(BehindError);
    expect(error).toMatchObject({ retryable: true, newest: head.number, head: { number: head.number - 1n } });
    expect(error.message).toBe(
      `every RPC is behind: the newest block is ${head.number - 1n}, ${head.number} was seen before`,
    );
  });

  test('one behind and one silent: the chain’s word is that of the one that answers', async () => {
    const client = clientOf();
    const head = await client.head();
    first.lag = 3n;
    second.inject('*', RPC_FAULTS.serverError);
    const error = await failure(client.head());
    expect(error).toBeInstanceOf(BehindError);
    expect(error).toMatchObject({
      head: { number: head.number - 3n },
      message: expect.stringContaining('every RPC that answers is behind'),
      detail: expect.stringContaining('HTTP 500'),
    });
  });

  test('a head known from elsewhere is expected, and can be forgotten', async () => {
    const client = clientOf();
    const now = await latest();
    client.expectHead(now + 5n);
    client.expectHead(1n);
    expect(await failure(client.head())).toMatchObject({ newest: now + 5n });
    client.forgetHead();
    expect((await client.head()).number).toBe(now);
  });

  test('a block without a time or a hash is no block', async () => {
    for (const result of [{ number: '0x5', hash: '0x1' }, { number: '0x5', timestamp: '0x5' }, []]) {
      first.heal();
      first.inject('eth_getBlockByNumber', { kind: 'result', result });
      expect(await failure(clientOf([first], 1).head())).toMatchObject({ retryable: true });
    }
  });
});

describe('being stopped', () => {
  const stoppable = (signal: AbortSignal): EvmClient =>
    new EvmClient({
      ...{ urls: [first.url, second.url], chainId: chain.chainId, clock, random: () => 0.5, signal },
      timeoutMs: 60_000,
      rounds: 5,
    });

  test('does not wait for a node that hangs, and asks no other one', async () => {
    const controller = new AbortController();
    const client = stoppable(controller.signal);
    const elsewhere: BlockRef = { number: 1n, hash: `0x${'ab'.repeat(32)}`, timestampSeconds: START };
    first.inject('*', RPC_FAULTS.hang);
    const asking = [failure(client.head()), failure(client.block(1n)), client.isKnown(elsewhere)];
    await expect.poll(() => first.calls.length).toBeGreaterThan(0);
    second.calls.length = 0;
    const startedAt = Date.now();
    controller.abort();
    expect(await Promise.all(asking)).toMatchObject([{ retryable: true }, { retryable: true }, false]);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(second.count('eth_getBlockByNumber')).toBe(0);
    expect(clock.slept).toEqual([]);
  });

  test('is for good: nothing is asked any more', async () => {
    const controller = new AbortController();
    const client = stoppable(controller.signal);
    controller.abort();
    await failure(client.head());
    expect([...first.calls, ...second.calls]).toEqual([]);
  });
});

describe('calls', () => {
  test('many calls are few requests, answered in order at the block asked for', async () => {
    const client = clientOf([first]);
    const head = await client.head();
    first.batches.length = 0;
    const ids = Array.from({ length: 250 }, (_, index) => index % 2);
    const answers = await client.calls(
      ids.map((id) => ({
        to: chain.registry,
        data: encodeFunctionData({
          abi: chain.abi,
          functionName: 'isValidTEEType',
          args: [id === 0 ? 0 : 9],
        }),
      })),
      head,
    );
    expect(answers.map((answer) => BigInt(answer as Hex))).toEqual(ids.map((id) => (id === 0 ? 1n : 0n)));
    // They arrive in any order.
    expect(first.batches.toSorted((a, b) => a - b)).toEqual([50, 100, 100]);
    const asked = first.calls.filter(({ method }) => method === 'eth_call');
    expect(new Set(asked.map(({ params }) => params[1]))).toEqual(new Set([`0x${head.number.toString(16)}`]));
  });

  test('a log query never shares a request, so that a slow one holds up nothing else', async () => {
    const client = clientOf([first]);
    const head = await client.head();
    const gate = Promise.withResolvers<void>();
    first.inject('eth_getLogs', { kind: 'wait', until: gate.promise });
    const logs = client.ask((request) =>
      request({ method: 'eth_getLogs', params: [{ address: chain.registry, fromBlock: '0x0', toBlock: '0x1' }] }),
    );
    expect(await client.head()).toEqual(head);
    gate.resolve();
    await logs;
  });

  test('a reverted call is null and does not spend another URL', async () => {
    const client = clientOf();
    const data = encodeFunctionData({ abi: registryAbi, functionName: 'getTEE', args: [`0x${'11'.repeat(32)}`] });
    expect(await client.calls([{ to: chain.registry, data }], await client.head())).toEqual([null]);
    expect(second.calls).toEqual([]);
  });

  test.each([
    ['null', null],
    ['nothing', undefined],
    ['an object', {}],
    ['no contract there', '0x'],
  ])('a node that answers a call with %s is passed over', async (_, result) => {
    first.inject('eth_call', { kind: 'result', result });
    const client = clientOf();
    const [answer] = await client.calls([{ to: chain.registry, data: maxAge }], await client.head());
    expect(BigInt(answer as Hex)).toBe(1800n);
  });

  test('an address without a contract on any node is an error, not an empty answer', async () => {
    const client = clientOf();
    const nowhere: Hex = '0x00000000000000000000000000000000000000ff';
    const error = await failure(client.calls([{ to: nowhere, data: maxAge }], await client.head()));
    expect(error).toBeInstanceOf(NoContractError);
    expect(error.detail).toContain(`knows no contract at ${nowhere}`);
  });

  test('no contract on one node, no answer from the other: there is none, as far as anybody answers', async () => {
    const client = clientOf();
    const head = await client.head();
    first.inject('eth_call', { kind: 'result', result: '0x' });
    second.inject('*', RPC_FAULTS.serverError);
    const error = await failure(client.calls([{ to: chain.registry, data: maxAge }], head));
    expect(error).toBeInstanceOf(NoContractError);
    expect(error.detail).toMatch(/knows no contract.*HTTP 500/);
  });
});

describe('a block that was read', () => {
  const rawBlock = async (number: bigint) => {
    const { hash, timestamp } = await chain.client.getBlock({ blockNumber: number });
    return { number: `0x${number.toString(16)}`, hash, timestamp: `0x${timestamp.toString(16)}` };
  };
  const at = async (client: EvmClient, number: bigint): Promise<BlockRef> => {
    const block = await client.block(number);
    if (block === null) throw new Error(`no block ${number}`);
    return block;
  };

  test('is the same, or another one; a chain that is too short for it says neither', async () => {
    const client = clientOf();
    const head = await client.head();
    const block = await at(client, 3n);
    expect(await client.compare(block, head)).toBe('same');
    expect(await client.compare({ ...block, hash: `0x${'ab'.repeat(32)}` }, head)).toBe('other');
    expect(await client.compare({ ...head, number: head.number + 1n }, head)).toBe('unknown');
  });

  test('is known as long as any node that answers has it as it was', async () => {
    const client = clientOf();
    const head = await client.head();
    first.lag = 1n;
    expect(await client.isKnown(head)).toBe(true);
    second.inject('*', RPC_FAULTS.serverError);
    expect(await client.isKnown(head)).toBe(false);
    expect(await client.isKnown(await at(client, 3n))).toBe(true);
  });

  test('is not what a node answers with another number', async () => {
    // Cosmos nodes take block 0 for their newest.
    first.inject('eth_getBlockByNumber', { kind: 'result', result: await rawBlock(3n) });
    expect(await clientOf([first]).block(0n)).toBeNull();
  });

  test('a node that lags behind the head does not make the chain look shorter', async () => {
    const client = clientOf();
    const head = await client.head();
    first.lag = 2n;
    expect(await client.compare(head, head)).toBe('same');
    second.lag = 1n;
    expect(await failure(client.compare(head, head))).toBeInstanceOf(BehindError);
  });

  test('a node that has pruned the cursor’s block says nothing against the chain', async () => {
    const client = clientOf([first]);
    const head = await client.head();
    const cursor = await at(client, 2n);
    first.inject('eth_getBlockByNumber', RPC_FAULTS.nullResult, 1);
    expect(await client.compare(cursor, head)).toBe('unknown');
  });
});

describe('block at a time', () => {
  test('is the first at or after it, for every moment of the chain', async () => {
    for (const step of [1, 1, 7, 60, 1, 3_600, 2]) await chain.mine(step);
    const client = clientOf();
    const head = await client.head();
    const blocks: BlockRef[] = [];
    for (let number = 0n; number <= head.number; number += 1n) blocks.push((await client.block(number)) as BlockRef);
    const moments = blocks.flatMap(({ timestampSeconds: s }) => [s - 1, s, s + 1]);
    for (const moment of moments) {
      const expected = blocks.find(({ timestampSeconds }) => timestampSeconds >= moment) ?? head;
      expect((await client.blockAtTime(moment)).number, `at ${moment}`).toBe(expected.number);
    }
  });
});
