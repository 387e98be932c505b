import type { GaugesNow } from './govRule.ts';
import { NEWS_SECONDS } from './news.ts';

/**
 * Epochs whose vote has ended within a day, newest last, and when that was by this bot's clock. What could vote is kept only of epochs
 * that were read before their vote ended: of others, their end is no news.
 */
export function endedEpochs({ book, at }: GaugesNow): { epoch: number; voteEndSeconds: number; atMs: number }[] {
  if (!at.isFresh) return [];
  return book.eligible.flatMap(({ epoch, voteEndSeconds }) => {
    const age = at.clockSeconds - voteEndSeconds;
    return age < 0 || age > NEWS_SECONDS ? [] : [{ epoch, voteEndSeconds, atMs: at.readAtMs - age * 1000 }];
  });
}
