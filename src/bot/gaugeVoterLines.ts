import { readGauges } from '../alerts/gaugeBook.ts';
import { amount, shareOf } from '../lib/amount.ts';
import { percent, plural } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { BotContext } from './context.ts';
import { GAUGE_KINDS, gaugeName, standingOf } from './gaugeView.ts';
import type { GovernanceSources } from './governanceSources.ts';

/** Gauges that are named. */
const SHOWN = 5;

/** One owner's locks, the epochs in which they voted, and where their votes stand; empty when nothing is known of them. */
export async function gaugeVoterLines(
  { store }: BotContext,
  { network, origins }: GovernanceSources,
  voter: string,
): Promise<Line[]> {
  const origin = origins.find(({ kind }) => GAUGE_KINDS.includes(kind));
  const book = origin === undefined ? null : await readGauges(store, origin.source);
  if (book === null) return [];
  const { reading, state, completeSinceSeconds } = book;
  const locks = reading.locks.filter(({ owner }) => owner === voter);
  const epochs = [...state.epochs.values()].sort((a, b) => a.epoch - b.epoch);
  const own = epochs.filter(({ voters }) => voters.has(voter as `0x${string}`));
  if (locks.length === 0 && own.length === 0) return [];
  const live = locks.filter(({ exiting }) => !exiting);
  const exiting = locks.length - live.length;
  const sum = (all: typeof locks): bigint => all.reduce((total, { powerWei }) => total + powerWei, 0n);
  const share = shareOf(sum(live), sum(reading.locks.filter((lock) => !lock.exiting)));
  const power =
    live.length === 0
      ? 'no live lock'
      : `${amount(sum(live), reading.unit)} in ${plural(live.length, 'lock')}${share === null ? '' : ` (${percent(share)} of all power)`}`;
  const newest = own.at(-1);
  const since = completeSinceSeconds === null ? '' : `; voted in ${own.length} of ${plural(epochs.length, 'epoch')}`;
  const last = newest === undefined ? '' : `, last in ${newest.epoch}`;
  return [
    [
      {
        strong: `${network.title}: ${power}${exiting === 0 ? '' : `, ${exiting} exiting`}${since}${last}${streakWords(own, epochs, reading.clock?.epoch ?? null)}.`,
      },
    ],
    ...standingLines(voter, book),
  ];
}

function standingLines(voter: string, book: Parameters<typeof standingOf>[0]): Line[] {
  const sums = new Map<`0x${string}`, bigint>();
  for (const { owner, gauge, powerWei } of standingOf(book)) {
    if (owner === voter) sums.set(gauge, (sums.get(gauge) ?? 0n) + powerWei);
  }
  const on = [...sums]
    .sort(([, a], [, b]) => (b > a ? 1 : b < a ? -1 : 0))
    .map(([gauge, wei]) => `${gaugeName(gauge, book)}${wei === 0n ? '' : ` ${amount(wei, book.reading.unit)}`}`);
  if (on.length === 0) return [];
  return [`Stands on ${on.slice(0, SHOWN).join(', ')}${on.length > SHOWN ? ` and ${on.length - SHOWN} more` : ''}.`];
}

/** How many of the newest epochs with votes, one after the other, they voted in; the running one counts only if they did. */
function streakWords(
  own: readonly { epoch: number }[],
  all: readonly { epoch: number }[],
  running: number | null,
): string {
  const voted = new Set(own.map(({ epoch }) => epoch));
  const counted = all.filter(({ epoch }) => epoch !== running || voted.has(epoch)).toReversed();
  const missed = counted.findIndex(({ epoch }) => !voted.has(epoch));
  const streak = missed === -1 ? counted.length : missed;
  return streak > 1 ? `, ${streak} in a row` : '';
}
