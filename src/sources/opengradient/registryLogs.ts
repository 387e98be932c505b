import type { Hex, RegistryEvent, RegistryEventKind } from '../../lib/facts.ts';
import { timeOf } from '../evm/blockTimes.ts';
import type { EvmClient } from '../evm/client.ts';
import { type EventPage, eventPages } from '../evm/eventPages.ts';
import type { RawLog } from '../evm/rawLog.ts';

/** topic0 of the registry's events; derived from their signatures, and checked against viem in the tests. */
export const REGISTRY_TOPICS: Record<RegistryEventKind, Hex> = {
  registered: '0x97d0af70a4d2c616e9c1093d5f57c8b31b3a7d824f1d335e5d5416402ec14931',
  enabled: '0xcfe7e61b35fbf35c6b0d5c7ebe6feb619ab832dc476c4a02dbdc041fb92b5ca6',
  disabled: '0x01c235337ed5406ee8cebb3f299d60f237a2837430f8a14fbc81f94ce50236b6',
  heartbeat: '0x3cf0bf7708060bf073b6ddb921eef0485b3eb9da828e0ed751fa6582ef337f57',
  'pcr-approved': '0x98c6d69cba0181c4e436357d22ac56e02ec472c03f04df0fbf89d1bb614af2fe',
  'pcr-revoked': '0xd5a6741f8bbaee4cc3ea05953ea04c6a1863ce4c66a52da653dd0a315f84c2fb',
};

const KIND_OF = new Map(Object.entries(REGISTRY_TOPICS).map(([kind, topic]) => [topic, kind as RegistryEventKind]));

/** The registry's events from block to block, oldest first, page by page; other events of the contract are left out. */
export function registryLogs(
  client: EvmClient,
  registry: Hex,
  fromBlock: bigint,
  toBlock: bigint,
  signal?: AbortSignal,
): AsyncGenerator<EventPage<RegistryEvent>> {
  return eventPages(client, { filter: { address: registry }, fromBlock, toBlock, signal }, decodeRegistryLog);
}

/**
 * One log as an event; null when it is none of the registry's known ones or is malformed. By hand rather than
 * with viem's generic decoder, which costs several times as much: six fixed layouts of 32-byte words.
 */
export function decodeRegistryLog(log: RawLog, times: ReadonlyMap<Hex, number>): RegistryEvent | null {
  const kind = KIND_OF.get(log.topics[0] as Hex);
  if (kind === undefined) return null;
  const [, first = null, second = null] = log.topics;
  const blockTimestampSeconds = timeOf(log, times);
  if (first === null || blockTimestampSeconds === undefined) return null;
  const event: RegistryEvent = {
    kind,
    blockNumber: BigInt(log.blockNumber),
    blockTimestampSeconds,
    logIndex: Number.parseInt(log.logIndex, 16),
    txHash: log.transactionHash,
    teeId: null,
    pcrHash: null,
    teeType: null,
    owner: null,
    signedAtSeconds: null,
  };
  if (kind === 'pcr-approved' || kind === 'pcr-revoked') {
    event.pcrHash = first;
    event.teeType = second === null ? null : typeId(second);
    return event;
  }
  event.teeId = first;
  if (kind === 'registered') {
    event.owner = second === null ? null : `0x${second.slice(26)}`;
    event.teeType = typeId(log.data);
  }
  if (kind === 'heartbeat') event.signedAtSeconds = smallNumber(log.data);
  return event;
}

/** The last word's low 48 bits: enough for a moment or a small id; an absurd larger value is not one. */
function smallNumber(word: Hex): number | null {
  return /^0x0{52}[0-9a-f]{12}$/i.test(word) ? Number.parseInt(word.slice(-12), 16) : null;
}

/** A uint8. */
function typeId(word: Hex): number | null {
  const id = smallNumber(word);
  return id !== null && id <= 255 ? id : null;
}
