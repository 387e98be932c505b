import type { Hex } from '../../lib/facts.ts';
import { type GaugeEvent, type GaugeEventKind, type GaugeSays, SAYS_NOTHING } from '../../lib/gaugeFacts.ts';
import type { RawLog } from './rawLog.ts';

/** A log as an event of that kind. */
export function gaugeEvent(
  log: RawLog,
  kind: GaugeEventKind,
  blockTimestampSeconds: number,
  says: Partial<GaugeSays>,
): GaugeEvent {
  return {
    kind,
    blockNumber: BigInt(log.blockNumber),
    logIndex: Number.parseInt(log.logIndex, 16),
    blockTimestampSeconds,
    txHash: log.transactionHash.toLowerCase() as Hex,
    emitter: log.address.toLowerCase() as Hex,
    ...SAYS_NOTHING,
    ...says,
  };
}

/** A number that is a moment or an epoch; null when it is absurd. */
export const smallNumber = (value: bigint | null): number | null =>
  value !== null && value < 2n ** 48n ? Number(value) : null;
