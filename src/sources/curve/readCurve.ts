import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { EpochClock, Gauge, GaugeReading, Lock } from '../../lib/gaugeFacts.ts';
import { cleanText, shortHex } from '../../lib/units.ts';
import { Views } from '../evm/abiCalls.ts';
import { smallNumber } from '../evm/gaugeEvent.ts';
import type { CallReader } from '../evm/multicall.ts';
import { curveAbi, relativeWeightAbi } from './curveAbi.ts';
import { type CurveContracts, WEEK_SECONDS } from './curveLogs.ts';

/** More are not read: the controller's admin could add any number. */
const MAX_GAUGES = 2_000;
/** Amounts with more are none that anybody could read. */
const MAX_DECIMALS = 36n;
/** Power of a token that is locked for as long as can be (four years): one, and less from then on. */
const ONE = 10n ** 18n;

export interface CurveSource {
  source: string;
  chainId: number;
  contracts: CurveContracts;
  /** By its logs: who ever locked, and who voted for which gauge with some share. */
  owners: readonly Hex[];
  votes: readonly { owner: Hex; gauge: Hex }[];
  /** Whether those logs are all that there are. */
  isComplete: boolean;
}

type CurveViews = Views<typeof curveAbi>;

/**
 * Everything that the escrow and the controller answer at one block. Who locked is known by logs only. AssayError when there are
 * no such contracts, or no node answers.
 */
export async function readCurve(
  reader: CallReader,
  { source, chainId, contracts, owners, votes, isComplete }: CurveSource,
  block: BlockRef,
  signal?: AbortSignal,
): Promise<GaugeReading> {
  const { escrow, controller } = contracts;
  const views = new Views(curveAbi, reader, block, signal);
  const about = await views.named(escrow, ['token', 'supply', 'totalSupply', 'decimals', 'symbol']);
  if (about.supply === null || about.totalSupply === null)
    throw new AssayError(`there is no vote escrow at ${shortHex(escrow)}`, { retryable: true });
  const [held, listed, standing, token] = await Promise.all([
    readHeld(views, escrow, owners),
    readGauges(views, new Views(relativeWeightAbi, reader, block, signal), controller),
    readStanding(views, controller, votes, block),
    views.named(about.token, ['totalSupply', 'symbol']),
  ]);
  const missing = [...held.missing, ...listed.missing, ...standing.missing];
  const power = held.locks.reduce((sum, { powerWei }) => sum + powerWei, 0n);
  // The sum is rounded for each lock; beyond that, somebody's lock is not known.
  if (!isComplete) missing.push('Its history is being read: locks and votes that are not read yet are missing.');
  else if (power * 1_000n < about.totalSupply * 999n) {
    missing.push(
      'The known locks have less power than the escrow counts: some were made before the start block, or not listed.',
    );
  }
  return {
    source,
    chainId,
    block,
    unit: {
      symbol: cleanText(about.symbol ?? '', 12) || `ve${cleanText(token.symbol ?? '', 10) || 'Token'}`,
      decimals: about.decimals !== null && about.decimals <= MAX_DECIMALS ? Number(about.decimals) : 18,
    },
    token: (about.token?.toLowerCase() ?? escrow) as Hex,
    contracts: { escrow, voter: controller },
    clock: weekOf(block.timestampSeconds),
    season: null,
    gauges: listed.gauges,
    totalCastWei: listed.gauges.reduce((sum, { votesWei }) => sum + votesWei, 0n),
    totalLockedWei: about.supply,
    tokenSupplyWei: token.totalSupply,
    maxPowerWei: ONE,
    exitRules: { minLockSeconds: null, cooldownSeconds: null, feePpm: null },
    locks: held.locks,
    standing: standing.standing,
    missing,
  };
}

/** Votes are taken at any time, and count from the next week on. */
function weekOf(seconds: number): EpochClock {
  const epoch = Math.floor(seconds / WEEK_SECONDS);
  const startSeconds = epoch * WEEK_SECONDS;
  const endSeconds = startSeconds + WEEK_SECONDS;
  const window = { voteStartSeconds: startSeconds, voteEndSeconds: endSeconds, votingActive: true };
  return { epoch, startSeconds, endSeconds, ...window };
}

async function readHeld(
  views: CurveViews,
  escrow: Hex,
  owners: readonly Hex[],
): Promise<{ locks: Lock[]; missing: string[] }> {
  const [balances, powers] = await Promise.all([
    views.all(owners.map((owner) => ({ to: escrow, name: 'locked', args: [owner] }))),
    views.all(owners.map((owner) => ({ to: escrow, name: 'balanceOf', args: [owner] }))),
  ]);
  const locks: Lock[] = [];
  let unknown = 0;
  for (const [index, owner] of owners.entries()) {
    const balance = balances[index] ?? null;
    const powerWei = powers[index] ?? null;
    if (balance === null || powerWei === null) {
      unknown += 1;
      continue;
    }
    const [amountWei, end] = balance;
    if (amountWei <= 0n) continue;
    locks.push({
      ...{ id: owner, owner, amountWei, powerWei },
      ...{ startSeconds: null, endSeconds: smallNumber(end), exiting: false, exitAtSeconds: null },
    });
  }
  const missing =
    unknown > 0 ? [`Locks of ${unknown} of ${owners.length} wallets could not be read: they are left out.`] : [];
  return { locks, missing };
}

/** Weights as power of votes: a gauge's own sum, or its share of all of them. */
async function readGauges(
  views: CurveViews,
  weights: Views<typeof relativeWeightAbi>,
  controller: Hex,
): Promise<{ gauges: Gauge[]; missing: string[] }> {
  const [count] = await views.all([{ to: controller, name: 'n_gauges' }]);
  if (count == null || count < 0n) return { gauges: [], missing: ['The gauge controller does not list its gauges.'] };
  const indexes = Array.from({ length: Math.min(Number(count), MAX_GAUGES) }, (_, index) => BigInt(index));
  const found = await views.all(indexes.map((index) => ({ to: controller, name: 'gauges', args: [index] })));
  const addresses = [...new Set(found.flatMap((address) => (address === null ? [] : [address.toLowerCase() as Hex])))];
  const own = await views.all(addresses.map((gauge) => ({ to: controller, name: 'get_gauge_weight', args: [gauge] })));
  const shares = own.includes(null)
    ? await weights.all(addresses.map((gauge) => ({ to: controller, name: 'gauge_relative_weight', args: [gauge] })))
    : [];
  const [total] = own.includes(null) ? await weights.all([{ to: controller, name: 'get_total_weight' }]) : [null];
  const gauges = addresses.flatMap((address, index): Gauge[] => {
    const share = shares[index] ?? null;
    // The total is of weights times weights of their types, with 18 decimals; so is a share.
    const votesWei = own[index] ?? (share === null || total == null ? null : (share * total) / ONE / ONE);
    return votesWei === null ? [] : [{ address, active: true, createdAtSeconds: null, text: null, votesWei }];
  });
  const unread = Number(count) - gauges.length;
  return { gauges, missing: unread > 0 ? [`${unread} of ${count} gauges could not be read: they are left out.`] : [] };
}

/** What stands of each vote: its slope until the end of the lock that it was cast with (GaugeController.vy, VotedSlope). */
async function readStanding(
  views: CurveViews,
  controller: Hex,
  votes: CurveSource['votes'],
  block: BlockRef,
): Promise<{ standing: { owner: Hex; gauge: Hex; powerWei: bigint }[]; missing: string[] }> {
  const slopes = await views.all(
    votes.map(({ owner, gauge }) => ({ to: controller, name: 'vote_user_slopes', args: [owner, gauge] })),
  );
  const now = BigInt(block.timestampSeconds);
  let unknown = 0;
  const standing = votes.flatMap(({ owner, gauge }, index) => {
    const [slope, , end] = slopes[index] ?? [null, 0n, 0n];
    if (slope === null) unknown += 1;
    return slope === null || slope === 0n || end <= now ? [] : [{ owner, gauge, powerWei: slope * (end - now) }];
  });
  return {
    standing,
    missing: unknown > 0 ? [`${unknown} of ${votes.length} votes could not be read: they are left out.`] : [],
  };
}
