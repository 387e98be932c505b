import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { EpochClock, GaugeReading } from '../../lib/gaugeFacts.ts';
import type { VeViews } from './contracts.ts';

/**
 * Epoch and vote window at the block; null when the clock does not say. Its own getters are about the next moment ("the next
 * vote start", and now while that is over): the window of this epoch is asked for with the epoch's start, and where that cannot be
 * asked, derived as in Clock.sol: it opens a margin after the epoch's start and closes the same margin before the epoch's half.
 */
export async function readClock(views: VeViews, clock: Hex | null, block: BlockRef): Promise<EpochClock | null> {
  const found = await views.named(clock, [
    ...(['currentEpoch', 'epochDuration', 'votingActive'] as const),
    ...(['epochVoteStartTs', 'epochVoteEndTs'] as const),
  ]);
  const { currentEpoch, epochDuration, votingActive } = found;
  if (currentEpoch === null || epochDuration === null || votingActive === null || epochDuration === 0n) return null;
  const now = BigInt(block.timestampSeconds);
  // Clock.sol counts epochs from 1970; one that counts otherwise is not understood.
  if (now / epochDuration !== currentEpoch) return null;
  const start = currentEpoch * epochDuration;
  const [startThere, endThere] = await views.all([
    { to: clock, name: 'resolveEpochVoteStartTs', args: [start] },
    { to: clock, name: 'resolveEpochVoteEndTs', args: [start] },
  ]);
  const isWithin = (at: bigint | null | undefined): at is bigint =>
    at != null && at >= start && at <= start + epochDuration;
  const ahead = (at: bigint | null): bigint | null => (at === null || at <= now ? null : at);
  const nextStart = ahead(found.epochVoteStartTs);
  const ownStart = nextStart !== null && nextStart >= start + epochDuration ? nextStart - epochDuration : nextStart;
  const ownEnd = ahead(found.epochVoteEndTs);
  const voteStart = [startThere, ownStart].find(isWithin);
  let voteEnd = [endThere, ownEnd].find(isWithin);
  if (voteEnd === undefined && voteStart !== undefined) voteEnd = start + epochDuration / 2n - (voteStart - start);
  if (voteEnd === undefined) return null;
  return {
    epoch: Number(currentEpoch),
    startSeconds: Number(start),
    endSeconds: Number(start + epochDuration),
    voteStartSeconds: Number(voteStart ?? start + max(0n, epochDuration / 2n - (voteEnd - start))),
    voteEndSeconds: Number(voteEnd),
    votingActive,
  };
}

/** The running season; null where the clock knows none. A season's end is 0 while it runs. */
export async function readSeason(views: VeViews, clock: Hex | null): Promise<GaugeReading['season']> {
  const { currentSeasonIndex, currentSeasonTs } = await views.named(clock, ['currentSeasonIndex', 'currentSeasonTs']);
  if (currentSeasonIndex === null || currentSeasonTs === null) return null;
  const [startSeconds, endSeconds] = currentSeasonTs;
  return { index: currentSeasonIndex, startSeconds, endSeconds: endSeconds === 0 ? null : endSeconds };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
