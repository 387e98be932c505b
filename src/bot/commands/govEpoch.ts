import { participationOf } from '../../alerts/participationOf.ts';
import { amount } from '../../lib/amount.ts';
import { knowsAllLocks } from '../../lib/gaugeFacts.ts';
import { duration, percent, plural } from '../../lib/units.ts';
import type { Field, Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { findGauges, type GaugeSources } from '../gaugeView.ts';
import { networkOption } from '../governanceSources.ts';

export const govEpoch: Command = {
  path: ['gov', 'epoch'],
  summary: 'The vote window of this epoch, the season, and the next reset',
  options: [networkOption],
  permission: 'everyone',
  examples: ['gov epoch', 'gov epoch bedrock'],
  async run(context, { args }): Promise<View> {
    const again = (network?: string): string => (network === undefined ? 'gov epoch' : `gov epoch network:${network}`);
    const found = await findGauges(context, args.network, { what: 'epochs', again });
    if ('instead' in found) return found.instead;
    const { network, book } = found;
    const { clock } = book.reading;
    return {
      title: clock === null ? `Epochs of ${network.title}` : `Epoch ${clock.epoch} of ${network.title}`,
      tone: clock === null || !found.isCurrent ? 'unknown' : isOpen(found) ? 'ok' : 'info',
      lines: [
        [{ strong: headline(found) }],
        ...found.warning,
        ...windowLines(found),
        ...seasonLines(found),
        ...network.caution,
      ],
      fields: fieldsOf(found),
      actions: [
        { label: 'Refresh', command: again(network.name) },
        { label: 'Gauges', command: `gov gauges network:${network.name}`, mode: 'reply' },
        { label: 'Participation', command: `gov participation network:${network.name}`, mode: 'reply' },
      ],
      ...found.stamp,
    };
  },
};

function isOpen({ book: { reading }, nowSeconds }: GaugeSources): boolean {
  const { clock } = reading;
  return clock !== null && nowSeconds >= clock.voteStartSeconds && nowSeconds < clock.voteEndSeconds;
}

function headline(found: GaugeSources): string {
  const { clock } = found.book.reading;
  const now = found.nowSeconds;
  if (clock === null) return 'When votes are open is not known: its clock did not say.';
  if (isOpen(found)) return `Voting is open for ${duration(clock.voteEndSeconds - now)} more.`;
  if (clock.voteStartSeconds > now) return `Voting is closed; it opens in ${duration(clock.voteStartSeconds - now)}.`;
  if (clock.endSeconds <= now) return 'This epoch is over; the next one has not been read yet.';
  return `Voting is over; the next epoch begins in ${duration(clock.endSeconds - now)}.`;
}

function windowLines({ book: { reading } }: GaugeSources): Line[] {
  const { clock } = reading;
  if (clock === null) return [];
  return [
    ['Vote: ', { time: clock.voteStartSeconds }, ' to ', { time: clock.voteEndSeconds }],
    ['Next epoch: ', { time: clock.endSeconds }],
  ];
}

/** Of Curve there are none; Bedrock's start when its admin says so. */
function seasonLines({ book: { reading, state }, origins, nowSeconds }: GaugeSources): Line[] {
  const { season } = reading;
  if (season === null) {
    const hasSeasons = origins.some(({ kind }) => kind === 've-season') && !reading.missing.some(isOfSeasons);
    return hasSeasons ? ['Its clock knows no seasons: power is not reset.'] : [];
  }
  const announced = state.seasons.filter(({ startSeconds }) => startSeconds > nowSeconds).at(0)?.startSeconds ?? null;
  const next = announced ?? (season.endSeconds !== null && season.endSeconds > nowSeconds ? season.endSeconds : null);
  return [
    season.startSeconds === 0
      ? `Season ${season.index}: it has run since the beginning.`
      : [`Season ${season.index}: since `, { time: season.startSeconds }, ', when all power began at 1x again.'],
    next === null
      ? 'Next reset: none is announced. An admin starts a season, at the next weekly checkpoint.'
      : ['Next reset: ', { time: next }, ', announced.'],
  ];
}

const isOfSeasons = (words: string): boolean => /season/i.test(words);

function fieldsOf(found: GaugeSources): Field[] {
  const { reading } = found.book;
  const { unit, exitRules } = reading;
  const live = reading.locks.filter(({ exiting }) => !exiting);
  const leaving = reading.locks.filter(({ exiting }) => exiting);
  const sum = (locks: typeof live, of: 'powerWei' | 'amountWei'): bigint =>
    locks.reduce((all, lock) => all + lock[of], 0n);
  const owners = new Set(live.map(({ owner }) => owner)).size;
  const onGauges = reading.gauges.reduce((all, { votesWei }) => all + votesWei, 0n);
  const standing = reading.totalCastWei ?? (reading.gauges.length > 0 ? onGauges : null);
  return [
    { name: 'Voted this epoch', value: votedWords(found) },
    {
      name: 'Standing on gauges',
      value: standing === null ? 'not known' : `${amount(standing, unit)}, votes of earlier epochs among it`,
    },
    {
      name: 'Power that could vote',
      value: knowsAllLocks(reading)
        ? `${amount(sum(live, 'powerWei'), unit)} in ${plural(live.length, 'lock')} of ${plural(owners, 'wallet')}`
        : `not known; of what could be read ${amount(sum(live, 'powerWei'), unit)} in ${plural(live.length, 'lock')}`,
    },
    ...(leaving.length === 0
      ? []
      : [
          {
            name: 'Exiting, not counted',
            value: `${plural(leaving.length, 'lock')} with ${amount(sum(leaving, 'amountWei'), unit)}`,
          },
        ]),
    ...(exitRules.minLockSeconds === null || exitRules.cooldownSeconds === null
      ? []
      : [
          {
            name: 'To leave',
            value: `locked ${duration(exitRules.minLockSeconds)} at least, then ${duration(exitRules.cooldownSeconds)} of waiting`,
          },
        ]),
  ];
}

/** Who voted in this epoch, of both denominators. */
function votedWords({ book }: GaugeSources): string {
  const { reading, completeSinceSeconds } = book;
  const now = participationOf(book).find(({ epoch }) => epoch === reading.clock?.epoch);
  if (now === undefined || now.voters === 0)
    return completeSinceSeconds === null || reading.clock === null ? 'not known yet' : 'nobody so far';
  const { voters, castWei, turnoutByPower, turnoutByWallets } = now;
  const wallets = `${plural(voters, 'wallet')}${turnoutByWallets === null ? '' : ` (${percent(turnoutByWallets)} of wallets)`}`;
  // Curve's logs say no power.
  if (castWei === 0n) return wallets;
  return `${wallets} with ${amount(castWei, reading.unit)}${turnoutByPower === null ? '' : ` (${percent(turnoutByPower)} of power)`}`;
}
