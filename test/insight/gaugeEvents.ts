import type { Hex } from '../../src/lib/facts.ts';
import type { GaugeEvent } from '../../src/lib/gaugeFacts.ts';
import { log as logAt } from '../store/gaugeSample.ts';

export const address = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`;

export const ZERO = address(0);
export const ESCROW = address(0xe5c);
export const VOTER = address(0x707e);
export const OTHER_VOTER = address(0x707f);
export const LOCKS = address(0x10c);
export const CLOCK = address(0xc10c);
export const QUEUE = address(0x90e);
export const A = address(0xa);
export const B = address(0xb);
export const GAUGE = address(0x61);
export const GAUGE_2 = address(0x62);

let blockNumber = 0n;

/** One log, a block after the last one that was made here. */
export const log = (changes: Partial<GaugeEvent> & Pick<GaugeEvent, 'kind'>): GaugeEvent => {
  blockNumber += 1n;
  const { kind, ...more } = changes;
  return logAt(kind, Number(blockNumber), { emitter: VOTER, ...more });
};

export const minted = (tokenId: bigint, to: Hex): GaugeEvent =>
  log({ kind: 'transfer', emitter: LOCKS, tokenId, from: ZERO, to });
