import fc from 'fast-check';
import { encodeFunctionData, type Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import { WrongChainError } from '../../../src/sources/evm/endpoint.ts';
import { type LogPage, logPages } from '../../../src/sources/evm/logPages.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { LOG_REFUSALS, RPC_FAULTS, type RpcFault, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

let chain: DevChain;
let proxy: RpcProxy;
let other: RpcProxy;
let head: bigint;
/** Every log of the registry, as the node lists them at once. */
let all: string[];

const clientOf = (proxies: readonly RpcProxy[] = [proxy]): EvmClient =>
  new EvmClient({
    urls: proxies.map(({ url }) => url),
    chainId: chain.chainId,
    clock: new SteppingClock(),
    random: () => 0.5,
  });
const nameOf = ({ blockNumber, logIndex }: { blockNumber: Hex; logIndex: Hex }): string =>
  `${BigInt(blockNumber)}/${BigInt(logIndex)}`;

async function read(client: EvmClient, from = 0n, to = head, maxBlocks = 10_000n): Promise<LogPage[]> {
  const pages: LogPage[] = [];
  for await (const page of logPages(client, { address: chain.registry }, from, to, { maxBlocks })) pages.push(page);
  return pages;
}

/** Pages join without gap or overlap, from the first block to the last, and hold every log once, in order. */
function expectWhole(pages: readonly LogPage[], from = 0n, to = head): void {
  expect(pages.flatMap(({ logs }) => logs.map(nameOf))).toEqual(
    all.filter((name) => BigInt(name.split('/')[0] as string) >= from && BigInt(name.split('/')[0] as string) <= to),
  );
  expect(pages[0]?.fromBlock).toBe(from);
  expect(pages.at(-1)?.toBlock.number).toBe(to);
  for (const [index, page] of pages.slice(1).entries()) {
    expect(page.fromBlock).toBe((pages[index] as LogPage).toBlock.number + 1n);
  }
}
const blocksOf = (pages: readonly LogPage[]): number[] =>
  pages.map(({ fromBlock, toBlock }) => Number(toBlock.number - fromBlock) + 1);

beforeAll(async () => {
  chain = await startChain();
  // A busy block (seven logs), then quiet stretches with a log here and there.
  const approve = (n: number): Hex =>
    encodeFunctionData({
      abi: chain.abi,
      functionName: 'approvePCR',
      args: [`0x${n.toString(16).padStart(64, '0')}`, 0, 'v'],
    });
  for (let block = 0; block < 60; block += 1) {
    const count = block === 10 ? 7 : block % 5 === 0 ? 1 : 0;
    for (let n = 0; n < count; n += 1) {
      await chain.client.sendUnsignedTransaction({
        from: chain.client.account.address,
        to: chain.registry,
        data: approve(block * 10 + n),
        gas: 1_000_000n,
      });
    }
    await chain.mine();
  }
  head = await chain.client.getBlockNumber({ cacheTime: 0 });
  const logs = await chain.client.getLogs({ address: chain.registry, fromBlock: 0n, toBlock: head });
  all = logs.map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`);
  proxy = await startRpcProxy(chain.rpcUrl);
  other = await startRpcProxy(chain.rpcUrl);
});

afterAll(() => Promise.all([proxy.close(), other.close(), chain.close()]));

beforeEach(() => {
  proxy.heal();
  other.heal();
});

test('the chain under test has many logs, several of them in one block', () => {
  expect(all.length).toBeGreaterThan(20);
  expect(new Set(all.map((name) => name.split('/')[0])).size).toBeLessThan(all.length - 5);
});

test('law: under any limit of blocks and results every log comes once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        blocks: fc.integer({ min: 1, max: 80 }),
        // The busiest block has 7: fewer could not be served by any page.
        results: fc.integer({ min: 7, max: 40 }),
        maxBlocks: fc.bigInt({ min: 1n, max: 100n }),
        from: fc.bigInt({ min: 0n, max: head }),
        words: fc.constantFrom(...Object.values(LOG_REFUSALS)),
      }),
      async ({ blocks, results, maxBlocks, from, words }) => {
        proxy.heal();
        proxy.logLimit = { blocks, results, error: words };
        expectWhole(await read(clientOf(), from, head, maxBlocks), from);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

describe('page size', () => {
  test.each(Object.entries(LOG_REFUSALS))(
    'a range refused in the words of %s is halved until it fits',
    async (_, error) => {
      proxy.logLimit = { blocks: 20, error };
      const pages = await read(clientOf());
      expectWhole(pages);
      expect(Math.max(...blocksOf(pages))).toBeLessThanOrEqual(20);
      expect(Math.max(...blocksOf(pages))).toBeGreaterThan(10);
    },
  );

  test('goes down at a crowded stretch and up again behind it', async () => {
    await chain.client.mine({ blocks: 200 });
    proxy.logLimit = { results: 8, error: LOG_REFUSALS.infura };
    const pages = await read(clientOf(), 0n, head + 200n, 32n);
    const sizes = blocksOf(pages);
    const crowded = pages.findIndex(({ logs }) => logs.length >= 7);
    expect(sizes[crowded]).toBeLessThan(16);
    expect(Math.max(...sizes.slice(crowded))).toBeGreaterThanOrEqual(16);
    expect(pages.flatMap(({ logs }) => logs.map(nameOf))).toEqual(all);
  });

  test('a limit once met is not run into again with every page', async () => {
    proxy.logLimit = { blocks: 2, error: LOG_REFUSALS.ankr };
    const pages = await read(clientOf(), 0n, head, 64n);
    expectWhole(pages);
    // Down from 64 to 2 takes five refusals; later a larger page is tried once every 16.
    const refusals = proxy.count('eth_getLogs') - pages.length;
    expect(refusals).toBeLessThanOrEqual(5 + Math.ceil(pages.length / 16) * 2);
  });

  test('a time-out or a server error makes the page smaller too, and nothing is lost', async () => {
    proxy.inject('eth_getLogs', RPC_FAULTS.serverError, 2);
    proxy.inject('eth_getLogs', RPC_FAULTS.cut, 1);
    expectWhole(await read(clientOf(), 0n, head, 64n));
  });
});

describe('failures', () => {
  const TOO_MUCH: RpcFault = { kind: 'http', status: 200, body: ' '.repeat(11 * 1_048_576), json: true };

  test('a single block that is refused is read transaction by transaction, and nothing is lost', async () => {
    proxy.logLimit = { results: 6, error: LOG_REFUSALS['more than 10000 results'] };
    expectWhole(await read(clientOf()));
    // Only what passes the filter.
    const topics = [`0x${'0'.repeat(64)}`] as const;
    for await (const page of logPages(clientOf(), { topics }, 0n, head)) expect(page.logs).toEqual([]);
  });

  test('so is one whose logs are larger than what is read; a transaction that is larger alone is left out', async () => {
    const busy = all
      .filter((name, index) => all[index + 1]?.split('/')[0] === name.split('/')[0])
      .at(0)
      ?.split('/')[0];
    const block = BigInt(busy as string);
    proxy.inject('eth_getLogs', TOO_MUCH, 2);
    expectWhole(await read(clientOf(), block, block), block, block);
    proxy.inject('eth_getLogs', TOO_MUCH, 2);
    proxy.inject('eth_getTransactionReceipt', TOO_MUCH, 2);
    const [page] = await read(clientOf(), block, block);
    expect(page?.logs).toHaveLength(6);
  });

  test('a node that lists no logs at all is an error after one block, not a history read by transactions', async () => {
    proxy.inject('eth_getLogs', { kind: 'error', code: -32_601, message: 'the method does not exist' });
    const found: LogPage[] = [];
    const reading = async () => {
      for await (const page of logPages(clientOf(), { address: chain.registry }, 0n, head)) found.push(page);
    };
    await expect(reading()).rejects.toMatchObject({ retryable: true });
    expect(found).toHaveLength(1);
    proxy.heal();
    proxy.inject('eth_getLogs', RPC_FAULTS.serverError);
    await expect(reading()).rejects.toMatchObject({ retryable: true });
    expect(found).toHaveLength(1);
    expect(proxy.count('eth_getTransactionReceipt')).toBe(0);
  });

  test('a single block that cannot be read in any way is a retryable error, not an endless loop', async () => {
    proxy.logLimit = { results: 6, error: LOG_REFUSALS['more than 10000 results'] };
    proxy.inject('eth_getTransactionReceipt', RPC_FAULTS.nullResult);
    await expect(read(clientOf())).rejects.toMatchObject({
      message: 'the logs of a single block cannot be read',
      retryable: true,
    });
  });

  test('a wrong chain is not taken for a limit', async () => {
    proxy.chainId = 1;
    await expect(read(clientOf())).rejects.toBeInstanceOf(WrongChainError);
    expect(proxy.count('eth_getLogs')).toBe(0);
  });

  test.each([
    ['null', null],
    ['nothing', undefined],
    ['an object', { logs: [] }],
    ['a list of nonsense', [7, null, 'log']],
    ['a pending log', [{ blockNumber: null, logIndex: '0x0', transactionHash: '0x', topics: [], data: '0x' }]],
    ['a log without topics', [{ blockNumber: '0x1', logIndex: '0x0', transactionHash: '0x', data: '0x' }]],
  ])('a node that answers %s instead of logs is passed over', async (_, result) => {
    proxy.inject('eth_getLogs', { kind: 'result', result });
    expectWhole(await read(clientOf([proxy, other])));
  });

  test('a node that lags lists fewer logs without a word: its page is not taken', async () => {
    proxy.lag = (await chain.client.getBlockNumber({ cacheTime: 0 })) - head + 30n;
    // More blocks than it has, at once.
    const pages = await read(clientOf([proxy, other]), head - 3n);
    expectWhole(pages, head - 3n);
    expect(proxy.count('eth_getLogs')).toBe(0);
  });

  test('ends early when told to stop', async () => {
    const controller = new AbortController();
    const pages: LogPage[] = [];
    for await (const page of logPages(clientOf(), { address: chain.registry }, 0n, head, {
      maxBlocks: 4n,
      signal: controller.signal,
    })) {
      pages.push(page);
      if (pages.length === 3) controller.abort();
    }
    expect(pages).toHaveLength(3);
  });
});
