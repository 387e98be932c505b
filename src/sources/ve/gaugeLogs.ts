import type { Hex } from '../../lib/facts.ts';
import type { GaugeEvent, GaugeSays } from '../../lib/gaugeFacts.ts';
import { cleanText } from '../../lib/units.ts';
import { addressAt, textAt, uintAt, wordAt } from '../evm/abiWords.ts';
import { timeOf } from '../evm/blockTimes.ts';
import type { EvmClient } from '../evm/client.ts';
import { type EventPage, eventPages } from '../evm/eventPages.ts';
import { gaugeEvent, smallNumber } from '../evm/gaugeEvent.ts';
import type { RawLog } from '../evm/rawLog.ts';
import { MAX_GAUGE_TEXT } from './gauges.ts';

/** Which contract of the escrow's says it: the same topic from another one does not count. */
export type VeRole = 'escrow' | 'lockNFT' | 'queue' | 'clock' | 'voter';

/** topic0 of each event; derived from their signatures, and checked against viem in the tests. */
export const VE_TOPICS = {
  voted: '0xc2e08dda2639fb332996dc4eee129c35a993f33a0362e69439c5d2e9df903c2e',
  reset: '0x7a881a18bc3d2c64d59fea076f490b4df6ca4a14d87059fcab1e4c04ec516bf9',
  /** AddressGaugeVoter's, without a token. */
  'later-voted': '0x9597ca1d5e7730de0b0614eeeea16ce1a90d9798253c18b1b4941ae3d2d454ec',
  'later-reset': '0xe87470fcfb5344dc8e12bed9dd48daacd950077df9304ffc65c423ee4fb44355',
  'gauge-created': '0xe72b86315c30bd1bf352c4cf97594ba793f3e31b74bc874ce47ede0df6920ae9',
  'gauge-activated': '0x34521f8891f6149b4baf837b8eea01eeefc28708be34ac8e705484dd34dde818',
  'gauge-deactivated': '0x4a6f8353ec8700967336a2982804d34c6a35d417d5cb457ac11caa9eb917f0d4',
  'gauge-metadata': '0x98c22290de5c8f771a9b53bc6833b5ad1b69539ef5fdd73a0ebf36fba1cdab6b',
  transfer: '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
  deposit: '0x7162984403f6c73c8639375d45a9187dfd04602231bd8e587c415718b5f7e5f9',
  withdraw: '0xe08737ac48a1dab4b1a46c7dc9398bd5bfc6d7ad6fabb7cd8caa254de14def35',
  'exit-queued': '0x11c29007060e964dd76773c12f776a14f50d668a156f0eb2c8b536e70c1bf183',
  'season-started': '0x29f55245751b3bf251897141c5269f23f864bf2bb8608050dc476c5d49957fa8',
} as const satisfies Record<string, Hex>;

type VeEvent = keyof typeof VE_TOPICS;

const EVENT_OF = new Map(Object.entries(VE_TOPICS).map(([event, topic]) => [topic as Hex, event as VeEvent]));

const ROLE_OF: Record<VeEvent, VeRole> = {
  voted: 'voter',
  reset: 'voter',
  'later-voted': 'voter',
  'later-reset': 'voter',
  'gauge-created': 'voter',
  'gauge-activated': 'voter',
  'gauge-deactivated': 'voter',
  'gauge-metadata': 'voter',
  transfer: 'lockNFT',
  deposit: 'escrow',
  withdraw: 'escrow',
  'exit-queued': 'queue',
  'season-started': 'clock',
};

const KIND_OF = { 'later-voted': 'voted', 'later-reset': 'reset' } as const;

/** What each contract is there for, in lower case: a replaced one stays. One contract may have several roles. */
export type VeEmitters = ReadonlyMap<Hex, ReadonlySet<VeRole>>;

/** Events of these contracts from block to block, oldest first, page by page. */
export function gaugeLogs(
  client: EvmClient,
  emitters: VeEmitters,
  fromBlock: bigint,
  toBlock: bigint,
  signal?: AbortSignal,
): AsyncGenerator<EventPage<GaugeEvent>> {
  const filter = { address: [...emitters.keys()], topics: [Object.values(VE_TOPICS)] };
  return eventPages(client, { filter, fromBlock, toBlock, signal }, (log, times) =>
    decodeGaugeLog(log, emitters, times),
  );
}

/**
 * One log as an event; null when it is none of these, comes from a contract that has no say in it, or does not decode. By hand
 * rather than with viem's decoder, which costs many times as much.
 */
export function decodeGaugeLog(log: RawLog, emitters: VeEmitters, times: ReadonlyMap<Hex, number>): GaugeEvent | null {
  const event = EVENT_OF.get(log.topics[0]?.toLowerCase() as Hex);
  const atSeconds = timeOf(log, times);
  if (event === undefined || atSeconds === undefined) return null;
  if (emitters.get(log.address.toLowerCase() as Hex)?.has(ROLE_OF[event]) !== true) return null;
  const says = SAYS[event](log);
  const kind = event === 'later-voted' || event === 'later-reset' ? KIND_OF[event] : event;
  return says === null ? null : gaugeEvent(log, kind, atSeconds, says);
}

/** Reads topic `at` (from 1) as an address, or as a number. */
const address = ({ topics }: RawLog, at: number): Hex | null => addressAt(topics[at] ?? '0x', 0);
const uint = ({ topics }: RawLog, at: number): bigint | null => uintAt(topics[at] ?? '0x', 0);

/** null where one of the fields could not be read. */
function whole<T extends Partial<GaugeSays>>(says: T): T | null {
  return Object.values(says).includes(null) ? null : says;
}

function vote(log: RawLog, withToken: boolean): Partial<GaugeSays> | null {
  const at = withToken ? 32 : 0;
  const { data } = log;
  return whole({
    from: address(log, 1),
    gauge: address(log, 2),
    epoch: smallNumber(uint(log, 3)),
    ...(withToken ? { tokenId: uintAt(data, 0) } : {}),
    valueWei: uintAt(data, at),
    gaugeTotalWei: uintAt(data, at + 32),
    totalWei: uintAt(data, at + 64),
  });
}

/** Bytes before cleaning: cleaning only shortens. Text that is cut short, or none, is no reason to lose the gauge. */
function text({ data }: RawLog): string | null {
  const offset = wordAt(data, 0);
  const found = offset === null ? null : textAt(data, offset, MAX_GAUGE_TEXT * 4);
  return found === null ? null : cleanText(found, MAX_GAUGE_TEXT) || null;
}

const withText = (says: Partial<GaugeSays> | null, log: RawLog): Partial<GaugeSays> | null =>
  says === null ? null : { ...says, text: text(log) };

const SAYS: Record<VeEvent, (log: RawLog) => Partial<GaugeSays> | null> = {
  voted: (log) => vote(log, true),
  reset: (log) => vote(log, true),
  'later-voted': (log) => vote(log, false),
  'later-reset': (log) => vote(log, false),
  'gauge-created': (log) => withText(whole({ gauge: address(log, 1), from: address(log, 2) }), log),
  'gauge-activated': (log) => whole({ gauge: address(log, 1) }),
  'gauge-deactivated': (log) => whole({ gauge: address(log, 1) }),
  'gauge-metadata': (log) => withText(whole({ gauge: address(log, 1) }), log),
  transfer: (log) => whole({ from: address(log, 1), to: address(log, 2), tokenId: uint(log, 3) }),
  deposit: (log) =>
    whole({
      from: address(log, 1),
      tokenId: uint(log, 2),
      atSeconds: smallNumber(uint(log, 3)),
      valueWei: uintAt(log.data, 0),
      totalWei: uintAt(log.data, 32),
    }),
  withdraw: (log) =>
    whole({
      from: address(log, 1),
      tokenId: uint(log, 2),
      valueWei: uintAt(log.data, 0),
      totalWei: uintAt(log.data, 64),
    }),
  'exit-queued': (log) =>
    whole({ tokenId: uint(log, 1), from: address(log, 2), atSeconds: smallNumber(uintAt(log.data, 0)) }),
  'season-started': ({ data }) =>
    whole({ season: smallNumber(uintAt(data, 0)), atSeconds: smallNumber(uintAt(data, 32)) }),
};
