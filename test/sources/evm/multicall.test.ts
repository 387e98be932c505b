import fc from 'fast-check';
import {
  type AbiFunction,
  decodeFunctionData,
  decodeFunctionResult,
  encodeFunctionData,
  encodeFunctionResult,
  parseAbi,
} from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlockRef, Hex } from '../../../src/lib/facts.ts';
import { decodeAggregate3, encodeAggregate3 } from '../../../src/sources/evm/aggregate3.ts';
import { type Call, EvmClient } from '../../../src/sources/evm/client.ts';
import { CallReader, MULTICALL3 } from '../../../src/sources/evm/multicall.ts';
import { plainFunction } from '../../../src/sources/evm/plainAbi.ts';
import { type DevBedrock, startBedrock, walletOf } from '../../devnet/bedrock.ts';
import { type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const abi = parseAbi([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])',
]);
const hex = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex);
const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex);

describe('aggregate3', () => {
  test('law: calls are encoded as viem does', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ to: address, data: hex(100) }), { maxLength: 20 }), (calls) => {
        const data = encodeAggregate3(calls);
        const asked = calls.map(({ to, data: callData }) => ({ target: to, allowFailure: true, callData }));
        expect(data).toBe(encodeFunctionData({ abi, functionName: 'aggregate3', args: [asked] }));
        expect(decodeFunctionData({ abi, data }).functionName).toBe('aggregate3');
      }),
    );
  });

  test('law: results are decoded as viem does, and what is cut short is none', () => {
    const results = fc.array(fc.record({ success: fc.boolean(), returnData: hex(100) }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(results, fc.nat(5_000), (result, cut) => {
        const data = encodeFunctionResult({ abi, functionName: 'aggregate3', result });
        expect(decodeAggregate3(data, result.length)).toEqual(result);
        expect(decodeAggregate3(data, result.length + 1)).toBeNull();
        const short = decodeAggregate3(data.slice(0, Math.max(2, data.length - 64 - cut)) as Hex, result.length);
        // Padding at the end says nothing.
        if (short !== null) expect(short).toEqual(result);
      }),
    );
  });
});

describe('functions of single words', () => {
  const functions = parseAbi([
    'function locked(uint256 id, address who) view returns (int128 amount, uint256 end)',
    'function small(uint8 a, bool b) view returns (uint48)',
    'function who() view returns (address)',
    'function is() view returns (bool)',
  ]);
  test('are encoded and decoded as viem does', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        address,
        fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }),
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        (id, who, amount, end, small, flag) => {
          const cases = [
            ['locked', [id, who], [amount, end]],
            ['small', [small, flag], small * 1_000],
            ['who', [], who],
            ['is', [], flag],
          ] as const;
          for (const [functionName, args, result] of cases) {
            const plain = plainFunction(functions.find(({ name }) => name === functionName) as AbiFunction);
            expect(plain?.encode(args)).toBe(encodeFunctionData({ abi: functions, functionName, args } as never));
            const data = encodeFunctionResult({ abi: functions, functionName, result } as never);
            const found = decodeFunctionResult({ abi: functions, functionName, data } as never) as unknown;
            expect(plain?.decode(data)).toEqual(typeof found === 'string' ? found.toLowerCase() : found);
          }
        },
      ),
    );
  });

  test('that have others are left to viem, and what does not fit is no value', () => {
    const [text, small] = parseAbi(['function text() view returns (string)', 'function small() view returns (uint48)']);
    expect(plainFunction(text)).toBeNull();
    const plain = plainFunction(small);
    expect(() => plain?.decode('0x')).toThrow();
    expect(() => plain?.decode(`0x${'ff'.repeat(32)}`)).toThrow();
  });
});

describe('reading many calls', () => {
  let bedrock: DevBedrock;
  let proxy: RpcProxy;
  let block: BlockRef;
  let ask: (name: string) => Call;
  let client: EvmClient;
  const TOTAL = parseAbi([
    'function totalLocked() view returns (uint256)',
    'function nothing() view returns (uint256)',
  ]);

  async function start(multicall: boolean) {
    bedrock = await startBedrock({ multicall });
    proxy = await startRpcProxy(bedrock.chain.rpcUrl);
    client = new EvmClient({ urls: [proxy.url], chainId: null, clock: new SteppingClock(), random: () => 0.5 });
    block = await client.head();
    ask = (name) => ({
      to: bedrock.at.escrow,
      data: encodeFunctionData({ abi: TOTAL, functionName: name as 'nothing' }),
    });
  }
  afterEach(async () => {
    await proxy.close();
    await bedrock.close();
  });

  describe.each([true, false])('with multicall %s', (multicall) => {
    beforeEach(() => start(multicall));

    test('answers come in order; what is refused, or not there, is null', async () => {
      const reader = new CallReader(client, bedrock.at.escrow);
      const nobody = { ...ask('totalLocked'), to: walletOf('nobody') };
      const calls = Array.from({ length: 700 }, (_, index) =>
        index % 7 === 3 ? ask('nothing') : index % 7 === 5 ? nobody : ask('totalLocked'),
      );
      const answers = await reader.read(calls, block);
      expect(answers.map((answer) => answer === null)).toEqual(
        calls.map((_, index) => index % 7 === 3 || index % 7 === 5),
      );
      expect(new Set(answers)).toEqual(new Set([`0x${'0'.repeat(64)}`, null]));
    });

    test('a node that knows nothing of that block is passed over', async () => {
      const reader = new CallReader(client, bedrock.at.escrow);
      await reader.read([ask('totalLocked')], block);
      proxy.instead = (method) => (method === 'eth_call' || method === 'eth_getCode' ? '0x' : null);
      await expect(reader.read([ask('totalLocked'), ask('nothing')], block)).rejects.toThrow(/no contract/);
    });
  });

  test('calls that fail without a word among others are asked alone: the gas of all may have been used up', async () => {
    await start(true);
    const reader = new CallReader(client, bedrock.at.escrow);
    const result = Array.from({ length: 3 }, (_, index) => ({
      success: index === 0,
      returnData: index === 0 ? (`0x${'0'.repeat(63)}7` as Hex) : ('0x' as Hex),
    }));
    proxy.instead = (method, params) =>
      method === 'eth_call' && (params[0] as Call).to.toLowerCase() === MULTICALL3
        ? encodeFunctionResult({ abi, functionName: 'aggregate3', result })
        : null;
    const answers = await reader.read([ask('totalLocked'), ask('totalLocked'), ask('nothing')], block);
    expect(answers).toEqual([`0x${'0'.repeat(63)}7`, `0x${'0'.repeat(64)}`, null]);
  });

  test('too much for one question is asked in halves', async () => {
    await start(true);
    const reader = new CallReader(client, bedrock.at.escrow);
    const target = (params: readonly unknown[]) => (params[0] as Call).to.toLowerCase();
    proxy.instead = (method, params) =>
      method === 'eth_call' && target(params) === MULTICALL3 && (params[0] as Call).data.length > 30_000
        ? '0x00'
        : null;
    const answers = await reader.read(
      Array.from({ length: 300 }, () => ask('totalLocked')),
      block,
    );
    expect(answers.every((answer) => answer !== null)).toBe(true);
    const asked = proxy.calls.filter(({ method }) => method === 'eth_call').length;
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThan(40);
  });
});
