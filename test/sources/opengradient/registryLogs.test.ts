import fc from 'fast-check';
import {
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  encodePacked,
  type Hex,
  keccak256,
  parseAbi,
  toEventSelector,
} from 'viem';
import { describe, expect, test } from 'vitest';
import type { RegistryEvent } from '../../../src/lib/facts.ts';
import type { RawLog } from '../../../src/sources/evm/rawLog.ts';
import { decodeRegistryLog, REGISTRY_TOPICS } from '../../../src/sources/opengradient/registryLogs.ts';

const abi = parseAbi([
  'event PCRApproved(bytes32 indexed pcrHash, uint8 indexed teeType, string version)',
  'event PCRRevoked(bytes32 indexed pcrHash, uint8 indexed teeType)',
  'event TEERegistered(bytes32 indexed teeId, address indexed owner, uint8 teeType)',
  'event TEEDisabled(bytes32 indexed teeId)',
  'event TEEEnabled(bytes32 indexed teeId)',
  'event HeartbeatReceived(bytes32 indexed teeId, uint256 timestamp)',
]);

const hexOf = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value): Hex => `0x${Buffer.from(value).toString('hex')}`);
const moment = fc.bigInt({ min: 0n, max: 2n ** 48n - 1n });
const uint8 = fc.integer({ min: 0, max: 255 });
const where = fc.record({ block: fc.bigInt({ min: 0n, max: 2n ** 52n }), index: fc.nat(5_000), tx: hexOf(32) });
const NOTHING = { teeId: null, pcrHash: null, teeType: null, owner: null, signedAtSeconds: null };
type Topics = [Hex, ...Hex[]];

const logOf = (topics: readonly Hex[], data: Hex, at: { block: bigint; index: number; tx: Hex }): RawLog => ({
  address: '0x1111111111111111111111111111111111111111',
  blockNumber: `0x${at.block.toString(16)}`,
  blockHash: keccak256('0x01'),
  blockTimestamp: '0x65f00000',
  logIndex: `0x${at.index.toString(16)}`,
  transactionHash: at.tx,
  topics: [...topics],
  data,
});

/** What viem's generic decoder makes of the same log. */
function byViem(log: RawLog): Partial<RegistryEvent> {
  const event = decodeEventLog({ abi, topics: log.topics as Topics, data: log.data });
  switch (event.eventName) {
    case 'PCRApproved':
      return { ...NOTHING, kind: 'pcr-approved', pcrHash: event.args.pcrHash, teeType: event.args.teeType };
    case 'PCRRevoked':
      return { ...NOTHING, kind: 'pcr-revoked', pcrHash: event.args.pcrHash, teeType: event.args.teeType };
    case 'TEERegistered': {
      const { teeId, owner, teeType } = event.args;
      return { ...NOTHING, kind: 'registered', teeId, owner: owner.toLowerCase() as Hex, teeType };
    }
    case 'TEEDisabled':
      return { ...NOTHING, kind: 'disabled', teeId: event.args.teeId };
    case 'TEEEnabled':
      return { ...NOTHING, kind: 'enabled', teeId: event.args.teeId };
    case 'HeartbeatReceived':
      return {
        ...NOTHING,
        kind: 'heartbeat',
        teeId: event.args.teeId,
        signedAtSeconds: Number(event.args.timestamp),
      };
  }
}

const anyLog: fc.Arbitrary<[readonly Hex[], Hex]> = fc.oneof(
  fc
    .record({ pcrHash: hexOf(32), teeType: uint8, version: fc.string() })
    .map(({ pcrHash, teeType, version }): [readonly Hex[], Hex] => [
      encodeEventTopics({ abi, eventName: 'PCRApproved', args: { pcrHash, teeType } }) as Hex[],
      encodeAbiParameters([{ type: 'string' }], [version]),
    ]),
  fc
    .record({ pcrHash: hexOf(32), teeType: uint8 })
    .map((args): [readonly Hex[], Hex] => [encodeEventTopics({ abi, eventName: 'PCRRevoked', args }) as Hex[], '0x']),
  fc
    .record({ teeId: hexOf(32), owner: hexOf(20), teeType: uint8 })
    .map(({ teeId, owner, teeType }): [readonly Hex[], Hex] => [
      encodeEventTopics({ abi, eventName: 'TEERegistered', args: { teeId, owner } }) as Hex[],
      encodeAbiParameters([{ type: 'uint8' }], [teeType]),
    ]),
  fc
    .record({ eventName: fc.constantFrom('TEEDisabled' as const, 'TEEEnabled' as const), teeId: hexOf(32) })
    .map(({ eventName, teeId }): [readonly Hex[], Hex] => [
      encodeEventTopics({ abi, eventName, args: { teeId } }) as Hex[],
      '0x',
    ]),
  fc
    .record({ teeId: hexOf(32), timestamp: moment })
    .map(({ teeId, timestamp }): [readonly Hex[], Hex] => [
      encodeEventTopics({ abi, eventName: 'HeartbeatReceived', args: { teeId } }) as Hex[],
      encodePacked(['uint256'], [timestamp]),
    ]),
);

test('the six topics are the hashes of the events’ signatures', () => {
  expect(Object.values(REGISTRY_TOPICS).toSorted()).toEqual(abi.map((event) => toEventSelector(event)).toSorted());
});

test('law: every log decodes as viem’s generic decoder reads it', () => {
  fc.assert(
    fc.property(anyLog, where, ([topics, data], at) => {
      const log = logOf(topics, data, at);
      expect(decodeRegistryLog(log, new Map())).toEqual({
        ...byViem(log),
        blockNumber: at.block,
        logIndex: at.index,
        txHash: at.tx,
        blockTimestampSeconds: 0x65f00000,
      });
    }),
    { numRuns: 2_000 },
  );
});

describe('time', () => {
  const at = { block: 17n, index: 0, tx: keccak256('0x') };
  const { blockTimestamp: _, ...timeless } = logOf([REGISTRY_TOPICS.enabled, keccak256('0x02')], '0x', at);

  test('comes from the block where the log has none', () => {
    for (const log of [timeless, { ...timeless, blockTimestamp: null }]) {
      expect(decodeRegistryLog(log, new Map([['0x11' as Hex, 1_700_000_000]]))).toMatchObject({
        blockTimestampSeconds: 1_700_000_000,
      });
    }
  });

  test('is needed: a log without any is no event', () => {
    expect(decodeRegistryLog(timeless, new Map())).toBeNull();
  });
});

describe('garbage', () => {
  const garbage: fc.Arbitrary<Hex> = fc.oneof(
    hexOf(32),
    fc.uint8Array({ maxLength: 100 }).map((value): Hex => `0x${Buffer.from(value).toString('hex')}`),
    fc.string({ maxLength: 80 }).map((text): Hex => `0x${text}`),
    fc.constant('0x' as Hex),
    fc.constant(`0x${'ff'.repeat(32)}` as Hex),
  );

  test('law: whatever stands in topics and data, the decoder answers with storable values or null', () => {
    const topics = fc
      .tuple(fc.constantFrom(...Object.values(REGISTRY_TOPICS)), fc.array(garbage, { maxLength: 4 }))
      .map(([first, rest]) => [first, ...rest]);
    fc.assert(
      fc.property(fc.oneof(topics, fc.array(garbage, { maxLength: 4 })), garbage, where, (some, data, at) => {
        const event = decodeRegistryLog(logOf(some, data, at), new Map());
        if (event === null) return;
        if (event.teeType !== null)
          expect(event.teeType).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n < 256);
        if (event.signedAtSeconds !== null) expect(Number.isSafeInteger(event.signedAtSeconds)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('an unknown event, an anonymous one and one without its id are none of ours', () => {
    const at = { block: 1n, index: 0, tx: keccak256('0x') };
    for (const topics of [[keccak256('0x03'), keccak256('0x04')], [], [REGISTRY_TOPICS.heartbeat]]) {
      expect(decodeRegistryLog(logOf(topics, '0x', at), new Map())).toBeNull();
    }
  });

  test('a signed time beyond any clock is not kept', () => {
    const at = { block: 1n, index: 0, tx: keccak256('0x') };
    const data = encodePacked(['uint256'], [2n ** 255n]);
    expect(decodeRegistryLog(logOf([REGISTRY_TOPICS.heartbeat, keccak256('0x05')], data, at), new Map())).toMatchObject(
      { kind: 'heartbeat', signedAtSeconds: null },
    );
  });
});
