import type { GaugeEvent, GaugeReading, Lock } from '../../src/lib/gaugeFacts.ts';
import { block, hex } from './sample.ts';

/** Plain facts about locks and gauges to store, each valid as it is; a test says only what matters to it. */

export const SOURCE = 'bedrock.votes';
export const GAUGE_CURSOR = 'gauges:bedrock.votes:56';
export const ESCROW = hex(0xe5, 20);
export const VOTER = hex(0x70, 20);
export const WEI = 10n ** 18n;

/** A log that is alone in a block whose number is its time. */
export const log = (kind: GaugeEvent['kind'], at: number, more: Partial<GaugeEvent> = {}): GaugeEvent => ({
  kind,
  blockNumber: BigInt(at),
  logIndex: 0,
  blockTimestampSeconds: at,
  txHash: hex(at),
  emitter: VOTER,
  from: null,
  to: null,
  gauge: null,
  tokenId: null,
  epoch: null,
  valueWei: null,
  gaugeTotalWei: null,
  totalWei: null,
  weightBps: null,
  atSeconds: null,
  season: null,
  text: null,
  ...more,
});

export const minted = (at: number, tokenId: bigint, to: Lock['owner']): GaugeEvent =>
  log('transfer', at, { emitter: hex(0x7f, 20), from: hex(0, 20), to, tokenId });

/** The contract's sums after it are left out: they would have to fit. */
export const voted = (at: number, tokenId: bigint, gauge: Lock['owner'], valueWei: bigint): GaugeEvent =>
  log('voted', at, { from: hex(0xab, 20), tokenId, gauge, epoch: 1, valueWei });

export const lock = (id: number, owner: Lock['owner'], powerWei: bigint, more: Partial<Lock> = {}): Lock => ({
  id: String(id),
  owner,
  amountWei: 5n * WEI,
  startSeconds: 100,
  endSeconds: null,
  powerWei,
  exiting: false,
  exitAtSeconds: null,
  ...more,
});

export const gaugeReading = (more: Partial<GaugeReading> = {}): GaugeReading => ({
  source: SOURCE,
  chainId: 56,
  block: block(1_000),
  unit: { symbol: 'BR', decimals: 18 },
  token: hex(0xb7, 20),
  contracts: { escrow: ESCROW, voter: VOTER },
  clock: {
    epoch: 7,
    startSeconds: 900,
    endSeconds: 2_000,
    voteStartSeconds: 910,
    voteEndSeconds: 1_400,
    votingActive: true,
  },
  season: { index: 2, startSeconds: 500, endSeconds: null },
  gauges: [{ address: hex(0x61, 20), active: true, createdAtSeconds: 10, text: '#1 pool', votesWei: 3n * WEI }],
  totalCastWei: 3n * WEI,
  totalLockedWei: 10n * WEI,
  tokenSupplyWei: 10n ** 27n,
  maxPowerWei: 8n * WEI,
  exitRules: { minLockSeconds: 2_419_200, cooldownSeconds: 1_209_600, feePpm: 0 },
  locks: [lock(1, hex(0xa1, 20), 4n * WEI), lock(2, hex(0xa2, 20), 6n * WEI)],
  standing: null,
  missing: [],
  ...more,
});
