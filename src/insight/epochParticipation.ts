import { shareOf } from '../lib/amount.ts';
import type { Hex } from '../lib/facts.ts';
import type { EpochClock } from '../lib/gaugeFacts.ts';
import type { EpochVotes } from './epochVoters.ts';
import type { GaugeState } from './gaugeReplay.ts';
import type { EpochParticipation } from './participation.ts';

/** What could vote in an epoch; EpochEligible of the store fits. */
export interface Eligible {
  epoch: number;
  voteEndSeconds: number;
  season: number | null;
  powerWei: bigint;
  wallets: number;
}

/** Numbers that lie further apart are no count of epochs; those between are not filled in. */
const MAX_GAP = 1_000;

/**
 * Every epoch from the first with a vote to the newest with one, or to the clock's while its vote runs or is over; oldest first. One
 * in which nobody voted is there too, with nobody. Newcomers and who was always there are as far as the logs go back. Pure.
 */
export function epochParticipation(
  state: Pick<GaugeState, 'epochs' | 'leftAtSeconds'>,
  eligible: readonly Eligible[],
  nowSeconds: number,
  clock: EpochClock | null,
): EpochParticipation[] {
  const able = new Map(eligible.map((one) => [one.epoch, one]));
  const numbers = numbersOf([...state.epochs.keys()], nowSeconds, clock);
  const seen = new Set<Hex>();
  let always: Set<Hex> | null = null;
  let before = null as { voters: ReadonlyMap<Hex, bigint>; season: number | null } | null;
  const found: EpochParticipation[] = [];
  for (const [index, epoch] of numbers.entries()) {
    const votes = state.epochs.get(epoch);
    const could = able.get(epoch);
    const voters: ReadonlyMap<Hex, bigint> = votes?.voters ?? new Map();
    const season: number | null = votes?.season ?? could?.season ?? before?.season ?? null;
    const next = state.epochs.get(numbers[index + 1] ?? -1);
    const closed = could?.voteEndSeconds ?? next?.firstAtSeconds ?? nowSeconds;
    if (always === null) always = new Set(voters.keys());
    else for (const voter of always) if (!voters.has(voter)) always.delete(voter);
    let [newcomers, kept] = [0, 0];
    // There may be thousands in each epoch: nothing is copied.
    for (const voter of voters.keys()) {
      if (before?.voters.has(voter)) kept += 1;
      else if (!seen.has(voter)) {
        newcomers += 1;
        seen.add(voter);
      }
    }
    found.push({
      epoch,
      season,
      voters: voters.size,
      castWei: votes?.castWei ?? 0n,
      eligibleWei: could?.powerWei ?? null,
      eligibleWallets: could?.wallets ?? null,
      turnoutByPower: turnoutByPower(votes, could),
      turnoutByWallets: could === undefined || could.wallets === 0 ? null : voters.size / could.wallets,
      retention: before === null ? null : retentionOf(before.voters, voters, kept, state.leftAtSeconds, closed),
      newcomers,
      returned: voters.size - newcomers - kept,
      lapsed: (before?.voters.size ?? 0) - kept,
      always: always.size,
      // Of what was before the contracts were read the season may not be known: no reset is made up of that.
      acrossReset: before !== null && before.season !== null && before.season !== season,
      isOver: isOver(epoch, could, next, nowSeconds, clock),
    });
    before = { voters, season };
  }
  return found;
}

function numbersOf(voted: readonly number[], nowSeconds: number, clock: EpochClock | null): number[] {
  const begun = clock !== null && nowSeconds >= clock.voteStartSeconds ? [clock.epoch] : [];
  const known = [...new Set([...voted, ...(voted.length === 0 ? [] : begun)])].sort((a, b) => a - b);
  return known.flatMap((epoch, index) => {
    const next = known[index + 1] ?? epoch + 1;
    return next - epoch > MAX_GAP ? [epoch] : Array.from({ length: next - epoch }, (_, step) => epoch + step);
  });
}

/** Of votes whose power is not in the logs (Curve) it is not known. */
function turnoutByPower(votes: EpochVotes | undefined, could: Eligible | undefined): number | null {
  if (could === undefined) return null;
  const cast = votes?.castWei ?? 0n;
  return cast === 0n && (votes?.voters.size ?? 0) > 0 ? null : shareOf(cast, could.powerWei);
}

function retentionOf(
  then: ReadonlyMap<Hex, bigint>,
  now: ReadonlyMap<Hex, bigint>,
  kept: number,
  leftAtSeconds: ReadonlyMap<Hex, number>,
  closedSeconds: number,
): EpochParticipation['retention'] {
  let exited = 0;
  for (const voter of then.keys()) {
    if (!now.has(voter) && (leftAtSeconds.get(voter) ?? Number.POSITIVE_INFINITY) <= closedSeconds) exited += 1;
  }
  const of = then.size - exited;
  return of === 0 ? null : { kept, of, share: kept / of, exited };
}

function isOver(
  epoch: number,
  could: Eligible | undefined,
  next: EpochVotes | undefined,
  nowSeconds: number,
  clock: EpochClock | null,
): boolean {
  if (clock !== null && epoch === clock.epoch) return nowSeconds >= clock.voteEndSeconds;
  if (clock !== null) return epoch < clock.epoch;
  return next !== undefined || (could !== undefined && nowSeconds >= could.voteEndSeconds);
}
