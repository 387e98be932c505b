import { toSeconds } from '../lib/clock.ts';
import { plural } from '../lib/units.ts';
import type { View } from '../lib/view.ts';
import { errorView } from './answers.ts';
import type { BotContext } from './context.ts';

/** Storage is asked for each of them again and again. */
const MAX_KNOWN = 250_000;

/** Uploads of a file: counted in the queue, told of to nobody. */
export interface Followed {
  ids: string[];
  /** Not known before. */
  fresh: number;
  twice: number;
}

/** Follows them, or an answer that there are too many. */
export async function follow(
  { store, clock }: BotContext,
  named: readonly string[],
): Promise<Followed | { instead: View }> {
  const ids = [...new Set(named)];
  if (ids.length === 0) return { ids, fresh: 0, twice: 0 };
  if ((await store.models.counts()).blobs > MAX_KNOWN) return { instead: noMore() };
  const fresh = await store.models.track(ids, 'watch', clock.now());
  return { ids, fresh, twice: named.length - ids.length };
}

/** The answer to a file alone. */
export const followedView = ({ ids, fresh, twice }: Followed, nowMs: number): View => ({
  title: `Following ${plural(ids.length, 'upload')}`,
  tone: 'ok',
  lines: [
    `${fresh} of them are new. Storage is asked for each; /model queue counts them.`,
    ...(twice > 0 ? [`${twice} ${twice === 1 ? 'was' : 'were'} named twice.`] : []),
    'Nobody is told of single ones: /alerts add model all does that.',
  ],
  actions: [{ label: 'Queue', command: 'model queue', mode: 'reply' }],
  asOf: toSeconds(nowMs),
  sources: ['this bot’s store'],
});

const noMore = (): View =>
  errorView('Too many uploads', [
    `This bot knows more than ${MAX_KNOWN} uploads, and follows no further files. Single ones can still be watched.`,
  ]);
