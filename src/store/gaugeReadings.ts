import type { BlockRef, Hex } from '../lib/facts.ts';
import { type GaugeReading, knowsAllLocks, type Lock } from '../lib/gaugeFacts.ts';
import type { Db } from './client.ts';
import type { EpochEligible, StoredReading } from './gaugeRepository.ts';
import { fromBig, toBig } from './numbers.ts';
import { pack, unpack } from './packed.ts';

/** A reading made ready to be stored, so that the transaction is short. */
interface PackedReading {
  block: BlockRef;
  /** JSON without the two lists that may be long. */
  reading: string;
  locks: Uint8Array<ArrayBuffer>;
  eligible: Pick<EpochEligible, 'epoch' | 'voteEndSeconds' | 'season' | 'powerWei' | 'wallets'> | null;
}

type StandingRow = NonNullable<GaugeReading['standing']>[number];

export async function packReading({ locks, standing, ...rest }: GaugeReading): Promise<PackedReading> {
  const short = { ...rest, hasStanding: standing !== null };
  return {
    block: rest.block,
    reading: JSON.stringify(short, toJson),
    // Told apart by how many columns they have.
    locks: await pack([...locks.map(lockRow), ...(standing ?? []).map(standingRow)]),
    eligible: eligibleOf({ ...rest, locks }),
  };
}

export async function saveReadingRow(db: Db, source: string, packed: PackedReading, nowMs: number): Promise<void> {
  const { block, eligible } = packed;
  const row = {
    readAtMs: toBig(nowMs),
    blockNumber: block.number,
    blockHash: new Uint8Array(Buffer.from(block.hash.slice(2), 'hex')),
    blockTimestampSeconds: toBig(block.timestampSeconds),
    reading: packed.reading,
    locks: packed.locks,
  };
  await db.gaugeState.upsert({ where: { source }, create: { source, ...row }, update: row });
  if (eligible === null) return;
  const { epoch } = eligible;
  const epochRow = {
    voteEndSeconds: toBig(eligible.voteEndSeconds),
    season: eligible.season,
    eligiblePower: String(eligible.powerWei),
    eligibleWallets: eligible.wallets,
    readAtSeconds: toBig(block.timestampSeconds),
    readAtMs: toBig(nowMs),
  };
  const where = { source_epoch: { source, epoch } };
  await db.gaugeEpoch.upsert({ where, create: { source, epoch, ...epochRow }, update: epochRow });
}

/** null when that source was never read. */
export async function loadReading(db: Db, source: string): Promise<StoredReading | null> {
  const row = await db.gaugeState.findUnique({ where: { source } });
  if (row === null) return null;
  const { hasStanding, ...rest } = JSON.parse(row.reading, fromJson) as Omit<GaugeReading, 'locks' | 'standing'> & {
    hasStanding: boolean;
  };
  const locks: Lock[] = [];
  const standing: StandingRow[] = [];
  for (const values of await unpack(row.locks)) {
    if (values.length === LOCK_COLUMNS) locks.push(toLock(values as LockRow));
    else standing.push(toStanding(values as [Hex, Hex, string]));
  }
  return { ...rest, locks, standing: hasStanding ? standing : null, readAtMs: fromBig(row.readAtMs) };
}

/** Oldest first. */
export async function readEligible(db: Db, source: string, fromEpoch: number): Promise<EpochEligible[]> {
  const rows = await db.gaugeEpoch.findMany({
    where: { source, epoch: { gte: fromEpoch } },
    orderBy: { epoch: 'asc' },
  });
  return rows.map(({ epoch, voteEndSeconds, season, eligiblePower, eligibleWallets, readAtSeconds }) => ({
    epoch,
    voteEndSeconds: fromBig(voteEndSeconds),
    season,
    powerWei: BigInt(eligiblePower),
    wallets: eligibleWallets,
    readAtSeconds: fromBig(readAtSeconds),
  }));
}

/** What could vote, while the vote of that epoch has not ended; null after that, without a clock, or where some locks are not known. */
function eligibleOf({
  clock,
  season,
  block,
  locks,
  totalLockedWei,
}: Pick<GaugeReading, 'clock' | 'season' | 'block' | 'locks' | 'totalLockedWei'>): PackedReading['eligible'] {
  if (clock === null || block.timestampSeconds > clock.voteEndSeconds) return null;
  if (!knowsAllLocks({ locks, totalLockedWei })) return null;
  let powerWei = 0n;
  const owners = new Set<Hex>();
  for (const lock of locks) {
    if (lock.exiting || lock.powerWei <= 0n) continue;
    powerWei += lock.powerWei;
    owners.add(lock.owner);
  }
  const { epoch, voteEndSeconds } = clock;
  return { epoch, voteEndSeconds, season: season?.index ?? null, powerWei, wallets: owners.size };
}

type LockRow = [string, Hex, string, number | null, number | null, string, boolean, number | null];
const LOCK_COLUMNS = 8;

const lockRow = (lock: Lock): LockRow => [
  lock.id,
  lock.owner,
  String(lock.amountWei),
  lock.startSeconds,
  lock.endSeconds,
  String(lock.powerWei),
  lock.exiting,
  lock.exitAtSeconds,
];

const toLock = ([id, owner, amount, startSeconds, endSeconds, power, exiting, exitAtSeconds]: LockRow): Lock => ({
  id,
  owner,
  amountWei: BigInt(amount),
  startSeconds,
  endSeconds,
  powerWei: BigInt(power),
  exiting,
  exitAtSeconds,
});

const standingRow = ({ owner, gauge, powerWei }: StandingRow): [Hex, Hex, string] => [owner, gauge, String(powerWei)];
const toStanding = ([owner, gauge, power]: [Hex, Hex, string]): StandingRow => ({
  owner,
  gauge,
  powerWei: BigInt(power),
});

/** Whole numbers of any size as `#123`; a text that begins like that has one mark more. */
const toJson = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `#${value}`;
  return typeof value === 'string' && value.startsWith('#') ? `#${value}` : value;
};

const fromJson = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'string' || !value.startsWith('#')) return value;
  return /^#-?\d+$/.test(value) ? BigInt(value.slice(1)) : value.slice(1);
};
