import type { Hex } from '../../lib/facts.ts';
import { WALRUS_ID } from '../../lib/modelFacts.ts';
import type { SettledAnswer, SettlementEvent, SettlementKind } from '../../lib/proofFacts.ts';
import { asciiAt, wordAt } from '../evm/abiWords.ts';
import { timeOf } from '../evm/blockTimes.ts';
import type { EvmClient } from '../evm/client.ts';
import { type EventPage, eventPages } from '../evm/eventPages.ts';
import type { RawLog } from '../evm/rawLog.ts';

/** topic0 of every form of settlement; derived from their signatures, and checked against viem in the tests. */
export const SETTLEMENT_TOPICS: Record<SettlementKind, Hex> = {
  batch: '0xc2aff8d8a10a4543baabf39bd9ff45e7fc3881d19098df350a3b7f339e911127',
  individual: '0x74e71a1981c03bd0c36f3b1227f3ee2a34dca5d6fef25c4b2787e033ab60b782',
  'old-batch': '0xfa7c610716cb742e297d9aaa305f688a478691d7bdda909887be587592075db0',
  'old-settlement': '0x2dec475996b83d8f0b0b5863ea37b28d71de0e635fecf1042fd2c6e41b2bdda3',
  'old-metadata': '0x699118b9cf4c170299a3cd2b24610f4bdd66f1492695baf29c49077ef64c056c',
};

const KIND_OF = new Map(Object.entries(SETTLEMENT_TOPICS).map(([kind, topic]) => [topic, kind as SettlementKind]));

/** More answers in one batch than this are not meant: relays close a batch at 20. */
const MAX_BATCH = 1_000_000;

/** Real ones are 256 bytes; what a stranger emits may be anything, and is stored. */
const MAX_SIGNATURE_BYTES = 4_096;
const MAX_BLOB_ID_BYTES = 64;

/** Later than the year 2106: no moment at which something was signed. */
const MAX_SECONDS = 2 ** 32 - 1;

/**
 * Settlements of every form from block to block, oldest first, page by page, whoever emitted them: the live relay's address
 * is known to its operator only.
 */
export function settlementLogs(
  client: EvmClient,
  fromBlock: bigint,
  toBlock: bigint,
  signal?: AbortSignal,
): AsyncGenerator<EventPage<SettlementEvent>> {
  const filter = { topics: [Object.values(SETTLEMENT_TOPICS)] };
  return eventPages(client, { filter, fromBlock, toBlock, signal }, decodeSettlementLog);
}

/**
 * One log as a settlement; null when it is none or lacks what names it. Anyone may emit such a log: a batch size, blob id or
 * answer that does not decode, or is absurd, is null. By hand rather than with viem's decoder, which costs many times as much.
 */
export function decodeSettlementLog(log: RawLog, times: ReadonlyMap<Hex, number>): SettlementEvent | null {
  const kind = KIND_OF.get(log.topics[0]?.toLowerCase() as Hex);
  const blockTimestampSeconds = timeOf(log, times);
  if (kind === undefined || blockTimestampSeconds === undefined) return null;
  const { topics, data } = log;
  const event: SettlementEvent = {
    kind,
    blockNumber: BigInt(log.blockNumber),
    logIndex: Number.parseInt(log.logIndex, 16),
    blockTimestampSeconds,
    txHash: log.transactionHash.toLowerCase() as Hex,
    emitter: log.address.toLowerCase() as Hex,
    root: null,
    batchSize: null,
    blobId: null,
    answer: null,
  };
  if (kind === 'batch' || kind === 'old-batch') {
    event.root = hash(topics[1]);
    if (event.root === null) return null;
    event.batchSize = atMost(wordAt(data, 0), MAX_BATCH);
    if (kind === 'batch') event.blobId = blobIdAt(data, 32);
  } else if (kind === 'individual') {
    event.answer = answerIn(log);
    event.blobId = blobIdAt(data, 96);
  }
  return event;
}

function answerIn({ topics, data }: RawLog): SettledAnswer | null {
  const teeId = hash(topics[1]);
  const payer = hash(topics[2]);
  const requestHash = hash(`0x${data.slice(2, 66)}`);
  const outputHash = hash(`0x${data.slice(66, 130)}`);
  const signedAtSeconds = atMost(wordAt(data, 64), MAX_SECONDS);
  const signature = signatureIn(data);
  if (teeId === null || payer === null || requestHash === null || outputHash === null) return null;
  if (signedAtSeconds === null || signature === null) return null;
  return { teeId, requestHash, outputHash, signedAtSeconds, signature, payer: `0x${payer.slice(26)}` };
}

/** A longer one is cut: it is none either way. */
function signatureIn(data: Hex): Uint8Array | null {
  const offset = wordAt(data, 128);
  const length = offset === null ? null : wordAt(data, offset);
  if (offset === null || length === null) return null;
  const start = 2 + (offset + 32) * 2;
  const end = start + length * 2;
  if (end > data.length) return null;
  const wanted = Math.min(length, MAX_SIGNATURE_BYTES);
  // Decoding stops at the first character that is no hexadecimal digit.
  const bytes = Uint8Array.from(Buffer.from(data.slice(start, start + wanted * 2), 'hex'));
  return bytes.length === wanted ? bytes : null;
}

/** The blob id whose place stands in the word at that byte. */
function blobIdAt(data: Hex, byte: number): string | null {
  const offset = wordAt(data, byte);
  const text = offset === null ? null : asciiAt(data, offset, MAX_BLOB_ID_BYTES);
  return text !== null && WALRUS_ID.test(text) ? text : null;
}

const atMost = (value: number | null, max: number): number | null => (value !== null && value <= max ? value : null);

const HASH = /^0x[0-9a-f]{64}$/;

/** 32 bytes in lower case; null when it is not that. */
function hash(text: string | undefined): Hex | null {
  const lower = text?.toLowerCase() ?? '';
  return HASH.test(lower) ? (lower as Hex) : null;
}
