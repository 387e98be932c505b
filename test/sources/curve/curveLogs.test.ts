import {
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  type Hex,
  keccak256,
  parseAbi,
  toEventSelector,
} from 'viem';
import { expect, test } from 'vitest';
import { CURVE_TOPICS, decodeCurveLog } from '../../../src/sources/curve/curveLogs.ts';
import type { RawLog } from '../../../src/sources/evm/rawLog.ts';

const abi = parseAbi([
  'event Deposit(address indexed provider, uint256 value, uint256 indexed locktime, int128 type, uint256 ts)',
  'event Withdraw(address indexed provider, uint256 value, uint256 ts)',
  'event VoteForGauge(uint256 time, address user, address gauge_addr, uint256 weight)',
  'event NewGauge(address addr, int128 gauge_type, uint256 weight)',
]);
const NAMES = {
  Deposit: 'deposit',
  Withdraw: 'withdraw',
  VoteForGauge: 'weighted',
  NewGauge: 'gauge-created',
} as const;
const [ESCROW, CONTROLLER, WHO, GAUGE] = ['aa', 'bb', 'cc', 'dd'].map((two) => getAddress(`0x${two.repeat(20)}`)) as [
  Hex,
  Hex,
  Hex,
  Hex,
];
const low = (address: Hex): Hex => address.toLowerCase() as Hex;
const HASH = keccak256('0x01');

function decode(eventName: keyof typeof NAMES, emitter: Hex, args: Record<string, unknown>) {
  const event = abi.find(({ name }) => name === eventName);
  if (event === undefined) throw new Error('no such event');
  const plain = event.inputs.filter((input) => !('indexed' in input && input.indexed));
  const log: RawLog = {
    ...{ address: emitter, blockNumber: '0x10', blockHash: HASH, blockTimestamp: '0x65f00000', logIndex: '0x3' },
    transactionHash: HASH,
    topics: encodeEventTopics({ abi: [event], args } as never) as Hex[],
    data: encodeAbiParameters(plain, plain.map((input) => args[input.name as string]) as never),
  };
  return decodeCurveLog(log, { escrow: low(ESCROW), controller: low(CONTROLLER) }, new Map());
}

const vote = { time: 1_700_000_000n, user: WHO, gauge_addr: GAUGE, weight: 2_500n };
const deposit = { provider: WHO, value: 5n, locktime: 1_800_000_000n, type: 1n, ts: 1_700_000_000n };

test('topics are those of the signatures', () => {
  for (const event of abi) expect(toEventSelector(event)).toBe(CURVE_TOPICS[NAMES[event.name]]);
});

test('votes without indexed fields, gauges, deposits and withdrawals are read', () => {
  expect(decode('VoteForGauge', CONTROLLER, vote)).toMatchObject({
    ...{ kind: 'weighted', from: low(WHO), gauge: low(GAUGE), weightBps: 2_500, atSeconds: 1_700_000_000 },
    ...{ epoch: 2_810, valueWei: null, tokenId: null, emitter: low(CONTROLLER), blockNumber: 16n, logIndex: 3 },
  });
  expect(decode('NewGauge', CONTROLLER, { addr: GAUGE, gauge_type: -1n, weight: 7n })).toMatchObject({
    ...{ kind: 'gauge-created', gauge: low(GAUGE), from: null },
  });
  expect(decode('Deposit', ESCROW, deposit)).toMatchObject({ kind: 'deposit', from: low(WHO), valueWei: 5n });
  expect(decode('Withdraw', ESCROW, { provider: WHO, value: 5n, ts: 1n })).toMatchObject({
    kind: 'withdraw',
    valueWei: 5n,
  });
});

test('of another contract they do not count, and an absurd share is none', () => {
  expect(decode('VoteForGauge', ESCROW, vote)).toBeNull();
  expect(decode('Deposit', CONTROLLER, deposit)).toBeNull();
  expect(decode('VoteForGauge', CONTROLLER, { ...vote, weight: 10_001n })).toBeNull();
  expect(decode('VoteForGauge', CONTROLLER, { ...vote, weight: 10_000n })).not.toBeNull();
});
