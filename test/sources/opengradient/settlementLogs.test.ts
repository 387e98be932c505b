import fc from 'fast-check';
import {
  type Abi,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionData,
  getAddress,
  type Hex,
  hexToBytes,
  keccak256,
  parseAbi,
  parseAbiParameters,
  toEventSelector,
  toHex,
} from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SettlementEvent, SettlementKind } from '../../../src/lib/proofFacts.ts';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import type { RawLog } from '../../../src/sources/evm/rawLog.ts';
import {
  decodeSettlementLog,
  SETTLEMENT_TOPICS,
  settlementLogs,
} from '../../../src/sources/opengradient/settlementLogs.ts';
import { type DevChain, startChain } from '../../devnet/chain.ts';
import { type Artifact, compileContracts } from '../../devnet/compile.ts';
import { LOG_REFUSALS, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const BATCH = parseAbi(['event BatchSettlement(bytes32 indexed merkleRoot, uint256 batchSize, bytes walrusBlobId)']);
const OLD_BATCH = parseAbi(['event BatchSettlement(bytes32 indexed merkleRoot, uint256 batchSize)']);
const INDIVIDUAL = parseAbi([
  'event IndividualSettlement(bytes32 indexed teeId, address indexed ethAddress, bytes32 inputHash, bytes32 outputHash, uint256 timestamp, bytes walrusBlobId, bytes signature)',
]);
const SIGNATURES: Record<SettlementKind, string> = {
  batch: 'BatchSettlement(bytes32,uint256,bytes)',
  individual: 'IndividualSettlement(bytes32,address,bytes32,bytes32,uint256,bytes,bytes)',
  'old-batch': 'BatchSettlement(bytes32,uint256)',
  'old-settlement': 'Settlement(bytes32,bytes32)',
  'old-metadata': 'SettlementWithMetadata(bytes32,bytes32,string,bytes,bytes)',
};

const BLOB_ID = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const HASH = keccak256('0x01');
/** In mixed case, as viem writes addresses; nodes do not. */
const EMITTER = getAddress('0x00000000000000000000000000000000000abcde');

const logOf = (topics: readonly unknown[], data: Hex, more: Partial<RawLog> = {}): RawLog => ({
  address: EMITTER,
  blockNumber: '0x10',
  blockHash: HASH,
  blockTimestamp: '0x65f00000',
  logIndex: '0x3',
  transactionHash: HASH,
  topics: topics as Hex[],
  data,
  ...more,
});
const decode = (log: RawLog): SettlementEvent | null => decodeSettlementLog(log, new Map());

const BATCH_DATA = parseAbiParameters('uint256, bytes');
const INDIVIDUAL_DATA = parseAbiParameters('bytes32, bytes32, uint256, bytes, bytes');
const batchLog = (size: bigint, blobId: Hex): RawLog =>
  logOf([SETTLEMENT_TOPICS.batch, HASH], encodeAbiParameters(BATCH_DATA, [size, blobId]));
const individualLog = (time: bigint, blobId: Hex, signature: Hex): RawLog =>
  logOf(
    [SETTLEMENT_TOPICS.individual, HASH, `0x${'00'.repeat(12)}${EMITTER.slice(2)}`],
    encodeAbiParameters(INDIVIDUAL_DATA, [HASH, HASH, time, blobId, signature]),
  );

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => toHex(bytes));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((value) => toHex(value));
const blobId = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);

test.each(Object.entries(SIGNATURES))('the topic of %s is that of %s', (kind, signature) => {
  expect(SETTLEMENT_TOPICS[kind as SettlementKind]).toBe(toEventSelector(signature));
});

describe('law: what viem encodes is decoded', () => {
  test('batches', () => {
    fc.assert(
      fc.property(hash, fc.bigInt(0n, 1_000_000n), blobId, (root, size, id) => {
        const topics = encodeEventTopics({ abi: BATCH, args: { merkleRoot: root } });
        const data = encodeAbiParameters(BATCH_DATA, [size, toHex(id)]);
        const expected = { kind: 'batch', root, batchSize: Number(size), blobId: id, answer: null };
        expect(decode(logOf(topics, data))).toMatchObject(expected);
      }),
    );
  });

  test('older batches', () => {
    fc.assert(
      fc.property(hash, fc.bigInt(0n, 1_000_000n), (root, size) => {
        const topics = encodeEventTopics({ abi: OLD_BATCH, args: { merkleRoot: root } });
        const data = encodeAbiParameters(parseAbiParameters('uint256'), [size]);
        const expected = { kind: 'old-batch', root, batchSize: Number(size), blobId: null, answer: null };
        expect(decode(logOf(topics, data))).toMatchObject(expected);
      }),
    );
  });

  test('individual ones', () => {
    fc.assert(
      fc.property(
        ...([hash, address, hash, hash, fc.bigInt(0n, 2n ** 32n - 1n), blobId, bytes(600)] as const),
        (teeId, payer, requestHash, outputHash, time, id, signature) => {
          const topics = encodeEventTopics({ abi: INDIVIDUAL, args: { teeId, ethAddress: payer } });
          const data = encodeAbiParameters(INDIVIDUAL_DATA, [requestHash, outputHash, time, toHex(id), signature]);
          const expected = {
            ...{ teeId, requestHash, outputHash, payer },
            signedAtSeconds: Number(time),
            signature: hexToBytes(signature),
          };
          const event = decode(logOf(topics, data));
          expect(event).toMatchObject({ kind: 'individual', root: null, batchSize: null, blobId: id });
          expect(event?.answer).toEqual(expected);
        },
      ),
    );
  });
});

test('where and when it happened, in lower case; a time that neither log nor block gives makes it none', () => {
  const upper = batchLog(20n, toHex(BLOB_ID));
  upper.topics = upper.topics.map((topic): Hex => `0x${topic.slice(2).toUpperCase()}`);
  expect(decode(upper)).toEqual({
    kind: 'batch',
    blockNumber: 16n,
    logIndex: 3,
    blockTimestampSeconds: 0x65f00000,
    txHash: HASH,
    emitter: EMITTER.toLowerCase(),
    root: HASH,
    batchSize: 20,
    blobId: BLOB_ID,
    answer: null,
  });
  const timeless = { ...upper, blockTimestamp: null };
  expect(decode(timeless)).toBeNull();
  expect(decodeSettlementLog(timeless, new Map([['0x10', 99]]))?.blockTimestampSeconds).toBe(99);
});

describe('hostile logs', () => {
  test.each([
    ['another event', [keccak256('0x02'), HASH]],
    ['no topic at all', []],
    ['a batch without a root', [SETTLEMENT_TOPICS.batch]],
    ['a batch with half a root', [SETTLEMENT_TOPICS.batch, '0x1234']],
  ])('%s is none', (_, topics) => {
    expect(decode(logOf(topics, '0x'))).toBeNull();
  });

  test.each([1_000_001n, 2n ** 48n, 2n ** 53n, 2n ** 256n - 1n])('a batch of %i answers has no known size', (size) => {
    expect(decode(batchLog(size, toHex(BLOB_ID)))).toMatchObject({ root: HASH, batchSize: null, blobId: BLOB_ID });
  });

  test.each([
    '',
    'short',
    `${BLOB_ID}x`,
    BLOB_ID.replace('h', '/'),
    BLOB_ID.replace('h', '\n'),
    BLOB_ID.replace('h', '\u202e'),
    'é'.repeat(43),
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
    'x'.repeat(100_000),
  ])('a blob id that is none is not kept (%#)', (text) => {
    expect(decode(batchLog(3n, toHex(text)))).toMatchObject({ root: HASH, batchSize: 3, blobId: null });
    expect(decode(individualLog(1n, toHex(text), '0x01'))).toMatchObject({ blobId: null, answer: { teeId: HASH } });
  });

  test('a signature of a megabyte is kept to 4 KiB; none stays none', () => {
    const long = decode(individualLog(1n, '0x', `0x${'ab'.repeat(1_000_000)}`));
    expect(long?.answer?.signature).toEqual(new Uint8Array(4_096).fill(0xab));
    expect(decode(individualLog(1n, '0x', '0x'))?.answer?.signature).toHaveLength(0);
  });

  test.each([2n ** 32n, 2n ** 64n, 2n ** 256n - 1n])('an answer signed at second %i is not known', (time) => {
    expect(decode(individualLog(time, toHex(BLOB_ID), '0x01'))).toMatchObject({ answer: null, blobId: BLOB_ID });
  });

  test('offsets and lengths that lead out of the data lead nowhere', () => {
    const word = (n: number | bigint): string => n.toString(16).padStart(64, '0');
    const whole = HASH.slice(2);
    for (const offset of [1, 33, 161, 2 ** 31, 2 ** 47, 2n ** 255n]) {
      const data: Hex = `0x${whole}${whole}${word(5)}${word(offset)}${word(offset)}${word(2 ** 40)}`;
      const event = decode({ ...individualLog(1n, '0x', '0x'), data });
      expect(event).toMatchObject({ kind: 'individual', blobId: null, answer: null });
    }
  });

  test('law: whatever the data, an event or none, and no error', () => {
    const topic = fc.oneof(fc.constantFrom(...Object.values(SETTLEMENT_TOPICS)), hash, fc.string());
    const good = individualLog(1n, toHex(BLOB_ID), `0x${'ab'.repeat(256)}`).data;
    const cut = fc.tuple(fc.nat(good.length), fc.nat(90), fc.string({ maxLength: 70 }));
    fc.assert(
      fc.property(
        fc.array(topic, { maxLength: 4 }),
        fc.oneof(
          bytes(400),
          fc.string(),
          cut.map(([at, length, put]) => good.slice(0, at) + put + good.slice(at + length)),
        ),
        (topics, data) => {
          const event = decode(logOf(topics, data as Hex));
          if (event?.answer) {
            expect(event.answer.requestHash).toMatch(/^0x[0-9a-f]{64}$/);
            expect(event.answer.signature.length).toBeLessThanOrEqual(4_096);
          }
          if (event?.blobId) expect(event.blobId).toMatch(/^[A-Za-z0-9_-]{43}$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('on a real chain', () => {
  const RELAY: Hex = '0x00000000000000000000000000000000000000c1';
  const OTHER_RELAY: Hex = '0x00000000000000000000000000000000000000c2';
  const OLD_RELAY: Hex = '0x00000000000000000000000000000000000000c3';
  let chain: DevChain;
  let proxy: RpcProxy;

  beforeAll(async () => {
    chain = await startChain();
    proxy = await startRpcProxy(chain.rpcUrl);
    const contracts = compileContracts();
    const { BulkRelay, OldRelay } = contracts as { BulkRelay: Artifact; OldRelay: Artifact };
    const deployed = [
      [RELAY, BulkRelay],
      [OTHER_RELAY, BulkRelay],
      [OLD_RELAY, OldRelay],
    ] as const;
    for (const [at, artifact] of deployed) await chain.client.setCode({ address: at, bytecode: artifact.deployed });
    const send = (to: Hex, abi: Abi, functionName: string, args: readonly unknown[]) =>
      chain.client.sendUnsignedTransaction({
        from: chain.client.account.address,
        to,
        data: encodeFunctionData({ abi, functionName, args }),
        gas: 5_000_000n,
      });
    const batch = { root: HASH, size: 20n, blobId: toHex(BLOB_ID) };
    const one = {
      ...{ teeId: HASH, payer: EMITTER, inputHash: HASH, outputHash: HASH, timestamp: 1_790_000_000n },
      ...{ blobId: toHex(BLOB_ID), signature: toHex(new Uint8Array(256).fill(5)) },
    };
    await send(RELAY, BulkRelay.abi, 'emitBatches', [[batch, { ...batch, size: 2n ** 255n, blobId: '0x3c' }]]);
    await send(OTHER_RELAY, BulkRelay.abi, 'emitIndividuals', [[one]]);
    await chain.mine();
    await send(OLD_RELAY, OldRelay.abi, 'batchSettle', [HASH, 7n]);
    await send(OLD_RELAY, OldRelay.abi, 'settle', [HASH, HASH]);
    await send(OLD_RELAY, OldRelay.abi, 'settleWithMetadata', [HASH, HASH, 'model', '0x01', '0x02']);
    await chain.mine();
  });
  afterAll(() => Promise.all([proxy.close(), chain.close()]));
  beforeEach(() => proxy.heal());

  async function read(): Promise<SettlementEvent[]> {
    const client = new EvmClient({
      urls: [proxy.url],
      chainId: chain.chainId,
      clock: new SteppingClock(),
      random: () => 0.5,
    });
    const head = await client.head();
    const events: SettlementEvent[] = [];
    let last = 0n;
    for await (const page of settlementLogs(client, 0n, head.number)) {
      events.push(...page.events);
      last = page.toBlock.number;
    }
    expect(last).toBe(head.number);
    return events;
  }

  test('every form is found by its topic, whoever emitted it, in order', async () => {
    const events = await read();
    expect(events.map(({ kind, emitter, batchSize, blobId }) => [kind, emitter, batchSize, blobId])).toEqual([
      ['batch', RELAY, 20, BLOB_ID],
      ['batch', RELAY, null, null],
      ['individual', OTHER_RELAY, null, BLOB_ID],
      ['old-batch', OLD_RELAY, 7, null],
      ['old-settlement', OLD_RELAY, null, null],
      ['old-metadata', OLD_RELAY, null, null],
    ]);
    expect(events[2]?.answer).toEqual({
      ...{ teeId: HASH, requestHash: HASH, outputHash: HASH, signedAtSeconds: 1_790_000_000 },
      ...{ signature: new Uint8Array(256).fill(5), payer: EMITTER.toLowerCase() },
    });
    expect(events.at(-1)?.blockTimestampSeconds).toBe(chain.nowSeconds());
  });

  test('the same in pages of single blocks, from a node that tells no times', async () => {
    const whole = await read();
    proxy.withoutLogTimes = true;
    proxy.logLimit = { blocks: 1, error: LOG_REFUSALS.ankr };
    expect(await read()).toEqual(whole);
  });
});
