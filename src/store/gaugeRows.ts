import type { Hex } from '../lib/facts.ts';
import { type GaugeEvent, type GaugeEventKind, type GaugeSays, SAYS_NOTHING } from '../lib/gaugeFacts.ts';
import { clampWhole } from './numbers.ts';
import { bare } from './settlementRows.ts';

/** A log as it is stored; hashes travel without `0x` to the store, and with it from there. */
export interface GaugeEventRow {
  kind: string;
  blockNumber: number;
  logIndex: number;
  blockTimestampSeconds: number;
  txHash: string;
  emitter: string;
  says: string;
}

const FIELDS = Object.keys(SAYS_NOTHING) as (keyof GaugeSays)[];
const WHOLE = ['tokenId', 'valueWei', 'gaugeTotalWei', 'totalWei'] as const satisfies readonly (keyof GaugeSays)[];

export const placeOf = ({ blockNumber, logIndex }: { blockNumber: bigint | number; logIndex: number }): string =>
  `${blockNumber}/${logIndex}`;

export const inLogOrder = (a: GaugeEvent, b: GaugeEvent): number =>
  a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1;

export function toGaugeRow(event: GaugeEvent): GaugeEventRow {
  const says: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = event[field];
    if (value !== null) says[field] = typeof value === 'bigint' ? value.toString() : value;
  }
  return {
    kind: event.kind,
    blockNumber: Number(event.blockNumber),
    logIndex: event.logIndex,
    blockTimestampSeconds: clampWhole(event.blockTimestampSeconds),
    txHash: bare(event.txHash),
    emitter: event.emitter.toLowerCase(),
    says: JSON.stringify(says),
  };
}

export function toGaugeEvent(row: GaugeEventRow): GaugeEvent {
  const says = { ...SAYS_NOTHING, ...(JSON.parse(row.says) as Partial<Record<keyof GaugeSays, unknown>>) } as GaugeSays;
  for (const field of WHOLE) if (says[field] !== null) says[field] = BigInt(says[field]);
  return {
    kind: row.kind as GaugeEventKind,
    blockNumber: BigInt(row.blockNumber),
    logIndex: row.logIndex,
    blockTimestampSeconds: row.blockTimestampSeconds,
    txHash: row.txHash as Hex,
    emitter: row.emitter as Hex,
    ...says,
  };
}
