import type { Hex } from '../../lib/facts.ts';
import type { GaugeReading } from '../../lib/gaugeFacts.ts';
import { nameInMetadata } from '../../lib/gaugeText.ts';
import type { SetReading } from '../../lib/influence.ts';
import { cleanText, percent, plural } from '../../lib/units.ts';
import type { GaugeState } from '../gaugeReplay.ts';
import { merged, some } from './count.ts';
import { type SetInput, setReading, Weights } from './weights.ts';

const MAX_LABEL = 60;

/** Less than this of the whole is no reading of it, in hundredths: the largest may be what could not be asked. */
const ENOUGH = 90n;

/**
 * Owners of locks by their power. What is leaving has none; what a contract of the source itself holds is nobody's. null: too many of
 * the locks could not be read.
 */
export function powerSet(reading: GaugeReading, input: SetInput): SetReading | null {
  const amount = sumOf(reading.locks, ({ amountWei }) => amountWei);
  if (!isRead(reading.locks.length, amount, reading.totalLockedWei, reading)) return null;
  const own = new Set(Object.values(reading.contracts).map((address) => address.toLowerCase()));
  const weights = new Weights();
  let [counted, exiting, powerless, held] = [0, 0, 0, 0];
  for (const lock of reading.locks) {
    if (lock.exiting) exiting += 1;
    else if (own.has(lock.owner)) held += 1;
    else if (lock.powerWei <= 0n) powerless += 1;
    else {
      counted += 1;
      weights.add(lock.owner, lock.powerWei);
    }
  }
  return setReading('power', input, reading.unit, weights.members(), [
    some(exiting, 'lock', 'on the way out'),
    some(powerless, 'lock', 'without power'),
    some(held, 'lock', 'held by a contract of the escrow itself'),
    merged(counted, 'lock', weights.size, 'owner'),
    covers(amount, reading.totalLockedWei ?? 0n, 'of what is locked is known by lock'),
    ...reading.missing,
  ]);
}

/**
 * Owners of locks by the power of theirs that stands on gauges. null: not known, for neither the contracts nor all of the logs say it.
 */
export function gaugeVoterSet(
  reading: GaugeReading,
  { state, isComplete }: { state: GaugeState; isComplete: boolean },
  input: SetInput,
): SetReading | null {
  const weights = new Weights();
  let strays = 0;
  const locks = new Set<string>();
  if (reading.standing !== null) {
    for (const { owner, powerWei } of reading.standing) weights.add(owner, powerWei);
  } else {
    if (!isComplete) return null;
    for (const [key, votes] of state.standing) {
      const owner = ownerOfVotes(key, state);
      for (const { powerWei, weightBps } of votes.values()) {
        // A share of one's power says nothing of how much that is.
        if (owner === null || (powerWei === 0n && weightBps !== null)) strays += 1;
        else {
          weights.add(owner, powerWei);
          locks.add(key);
        }
      }
    }
  }
  const [known, all] = [weights.total, reading.totalCastWei ?? 0n];
  return setReading('gauge-voters', input, reading.unit, weights.members(), [
    some(strays, 'vote', 'whose owner or power is not known'),
    merged(locks.size, 'lock', weights.size, 'owner'),
    covers(known, all, 'of the power that the contract counts is known by voter'),
    ...reading.missing,
  ]);
}

/** Gauges by the power that stands on them, as the contract counts it. null: too many of them could not be read. */
export function gaugeSet(reading: GaugeReading, input: SetInput): SetReading | null {
  const votes = sumOf(reading.gauges, ({ votesWei }) => votesWei);
  if (!isRead(reading.gauges.length, votes, reading.totalCastWei, reading)) return null;
  const weights = new Weights();
  let [empty, inactive] = [0, 0];
  for (const { address, active, text, votesWei } of reading.gauges) {
    if (votesWei <= 0n) empty += 1;
    else {
      if (!active) inactive += 1;
      weights.add(address, votesWei, cleanText(nameInMetadata(text ?? ''), MAX_LABEL) || address);
    }
  }
  return setReading('gauges', input, reading.unit, weights.members(), [
    some(empty, 'gauge', 'that nobody votes for'),
    inactive === 0 ? '' : `${plural(inactive, 'gauge')} among them not active: what stands there directs nothing`,
    ...reading.missing,
  ]);
}

/** Of a lock token (decimal), or the address itself where votes are by address. */
export const ownerOfVotes = (key: string, { owners, exiting }: Pick<GaugeState, 'owners' | 'exiting'>): Hex | null =>
  key.startsWith('0x') ? (key as Hex) : (exiting.get(key)?.holder ?? owners.get(key) ?? null);

const sumOf = <Item>(items: readonly Item[], weightOf: (item: Item) => bigint): bigint =>
  items.reduce((sum, item) => sum + weightOf(item), 0n);

/** Nothing at all is only believed of a reading that lacks nothing. */
const isRead = (count: number, known: bigint, whole: bigint | null, { missing }: GaugeReading): boolean =>
  (count > 0 || missing.length === 0) && known * 100n >= (whole ?? 0n) * ENOUGH;

/** `97.5 % <what>`, where it is not all. */
const covers = (known: bigint, whole: bigint, what: string): string =>
  known < whole ? `${percent(Number((known * 1_000_000n) / whole) / 1e6)} ${what}` : '';
