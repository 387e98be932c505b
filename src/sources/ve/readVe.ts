import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { GaugeReading } from '../../lib/gaugeFacts.ts';
import { cleanText } from '../../lib/units.ts';
import { Views } from '../evm/abiCalls.ts';
import { smallNumber } from '../evm/gaugeEvent.ts';
import type { CallReader } from '../evm/multicall.ts';
import { namedContracts, type VeContracts } from './contracts.ts';
import { readClock, readSeason } from './epochClock.ts';
import { readGaugeList } from './gauges.ts';
import { type LockMemory, readLocks } from './locks.ts';
import { ticketAbi, veAbi } from './veAbi.ts';

export interface VeSource {
  source: string;
  chainId: number;
  /** The one that should be locked; null takes any. */
  token: Hex | null;
}

const ONE = 10n ** 18n;
/** Amounts with more are none that anybody could read. */
const MAX_DECIMALS = 36;
const NOWHERE: Hex = '0x0000000000000000000000000000000000000000';

/**
 * Everything that these contracts of a vote escrow answer at one block. What refuses is named in `missing`. Throws as
 * `EvmClient.ask`. `memory` is kept by the caller from reading to reading.
 */
export async function readVe(
  reader: CallReader,
  { source, chainId, token }: VeSource,
  contracts: VeContracts,
  block: BlockRef,
  memory: LockMemory,
  signal?: AbortSignal,
): Promise<GaugeReading> {
  const views = new Views(veAbi, reader, block, signal);
  const missing = absent(contracts, token);
  const { escrow, voter, clock, curve, queue } = contracts;
  const [found, exit, supply, epoch, season, listed, held] = await Promise.all([
    views.all([
      { to: escrow, name: 'totalLocked' },
      { to: voter, name: 'totalVotingPowerCast' },
      { to: curve, name: 'previewMaxBias', args: [ONE] },
    ]),
    views.named(queue, ['minLock', 'cooldown', 'feePercent']),
    views.named(contracts.token, ['totalSupply', 'decimals', 'symbol']),
    readClock(views, clock, block),
    readSeason(views, clock),
    readGaugeList(views, voter),
    readLocks(views, new Views(ticketAbi, reader, block, signal), contracts, memory),
  ]);
  const [totalLockedWei, totalCastWei, maxPowerWei] = found;
  missing.push(...held.missing, ...(listed?.missing ?? []));
  if (voter !== null && listed === null) missing.push('The voter contract does not list its gauges.');
  if (clock !== null && epoch === null) missing.push('The clock does not say which epoch and vote window it is.');
  if (queue !== null && exit.minLock === null && exit.cooldown === null)
    missing.push('The rules of leaving are not answered.');
  return {
    source,
    chainId,
    block,
    unit: {
      symbol: `ve${cleanText(supply.symbol ?? '', 12) || 'Token'}`,
      decimals: supply.decimals !== null && supply.decimals <= MAX_DECIMALS ? supply.decimals : 18,
    },
    token: contracts.token ?? token ?? NOWHERE,
    contracts: namedContracts(contracts),
    clock: epoch,
    season,
    gauges: listed?.gauges ?? [],
    totalCastWei: totalCastWei ?? null,
    totalLockedWei: totalLockedWei ?? null,
    tokenSupplyWei: supply.totalSupply,
    maxPowerWei: maxPowerWei ?? null,
    exitRules: {
      minLockSeconds: smallNumber(exit.minLock),
      cooldownSeconds: smallNumber(exit.cooldown),
      feePpm: feePpm(exit.feePercent),
    },
    locks: held.locks,
    standing: null,
    missing,
  };
}

/** Of 10,000 (ExitQueue.MAX_FEE_PERCENT); of 1e18 in the queues before that, whose fees are larger numbers. */
function feePpm(fee: bigint | null): number | null {
  if (fee === null || fee > ONE) return null;
  return Number(fee <= 10_000n ? fee * 100n : fee / 10n ** 12n);
}

function absent(contracts: VeContracts, token: Hex | null): string[] {
  const missing: string[] = [];
  if (contracts.token === null) missing.push('The escrow does not say which token it locks.');
  else if (token !== null && contracts.token !== token.toLowerCase()) {
    missing.push(
      `WRONG TOKEN: the escrow locks ${contracts.token}, the configured token is ${token.toLowerCase()}: it may be another community's escrow.`,
    );
  }
  if (contracts.voter === null) missing.push('The escrow names no voter: gauges and votes for them are not known.');
  if (contracts.clock === null)
    missing.push('The escrow names no clock: epochs, vote windows and seasons are not known.');
  if (contracts.queue === null) missing.push('The escrow names no exit queue: the rules of leaving are not known.');
  return missing;
}
