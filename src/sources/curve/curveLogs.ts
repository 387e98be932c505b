import type { Hex } from '../../lib/facts.ts';
import type { GaugeEvent } from '../../lib/gaugeFacts.ts';
import { addressAt, uintAt } from '../evm/abiWords.ts';
import { timeOf } from '../evm/blockTimes.ts';
import type { EvmClient } from '../evm/client.ts';
import { type EventPage, eventPages } from '../evm/eventPages.ts';
import { gaugeEvent, smallNumber } from '../evm/gaugeEvent.ts';
import type { RawLog } from '../evm/rawLog.ts';

/** topic0 of each event; derived from their signatures, and checked against viem in the tests. */
export const CURVE_TOPICS = {
  deposit: '0x4566dfc29f6f11d13a418c26a02bef7c28bae749d4de47e4e6a7cddea6730d59',
  withdraw: '0xf279e6a1f5e320cca91135676d9cb6e44ca8a08c0b88342bcdb1144f6511b568',
  weighted: '0x45ca9a4c8d0119eb329e580d28fe689e484e1be230da8037ade9547d2d25cc91',
  'gauge-created': '0xfd55b3191f9c9dd92f4f134dd700e7d76f6a0c836a08687023d6d38f03ebd877',
} as const satisfies Record<string, Hex>;

const KIND_OF = new Map(
  Object.entries(CURVE_TOPICS).map(([kind, topic]) => [topic as Hex, kind as keyof typeof CURVE_TOPICS]),
);

/** GaugeController.vy: weights change at whole weeks since 1970. */
export const WEEK_SECONDS = 604_800;

const MAX_BPS = 10_000n;

/** In lower case. */
export interface CurveContracts {
  escrow: Hex;
  controller: Hex;
}

/** Events of both contracts from block to block, oldest first, page by page. */
export function curveLogs(
  client: EvmClient,
  contracts: CurveContracts,
  fromBlock: bigint,
  toBlock: bigint,
  signal?: AbortSignal,
): AsyncGenerator<EventPage<GaugeEvent>> {
  const filter = { address: [contracts.escrow, contracts.controller], topics: [Object.values(CURVE_TOPICS)] };
  return eventPages(client, { filter, fromBlock, toBlock, signal }, (log, times) =>
    decodeCurveLog(log, contracts, times),
  );
}

/** One log as an event; null when it is none, of another contract, or does not decode. The controller's events have no indexed fields. */
export function decodeCurveLog(
  log: RawLog,
  { escrow, controller }: CurveContracts,
  times: ReadonlyMap<Hex, number>,
): GaugeEvent | null {
  const kind = KIND_OF.get(log.topics[0]?.toLowerCase() as Hex);
  const blockSeconds = timeOf(log, times);
  if (kind === undefined || blockSeconds === undefined) return null;
  const isLock = kind === 'deposit' || kind === 'withdraw';
  if (log.address.toLowerCase() !== (isLock ? escrow : controller)) return null;
  const { data } = log;
  if (isLock) {
    const from = addressAt(log.topics[1] ?? '0x', 0);
    const valueWei = uintAt(data, 0);
    return from === null || valueWei === null ? null : gaugeEvent(log, kind, blockSeconds, { from, valueWei });
  }
  if (kind === 'gauge-created') {
    const gauge = addressAt(data, 0);
    return gauge === null ? null : gaugeEvent(log, kind, blockSeconds, { gauge });
  }
  const atSeconds = smallNumber(uintAt(data, 0));
  const from = addressAt(data, 32);
  const gauge = addressAt(data, 64);
  const weight = uintAt(data, 96);
  if (atSeconds === null || from === null || gauge === null || weight === null || weight > MAX_BPS) return null;
  const epoch = Math.floor(atSeconds / WEEK_SECONDS);
  return gaugeEvent(log, kind, blockSeconds, { from, gauge, epoch, weightBps: Number(weight), atSeconds });
}
