import { amount, shareOf } from '../../lib/amount.ts';
import type { Hex } from '../../lib/facts.ts';
import { setId } from '../../lib/influence.ts';
import { percent, plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import {
  findGauge,
  findGauges,
  GAUGE_CAUTION,
  type GaugeSources,
  gaugeCommand,
  gaugeName,
  gaugeOption,
  rankedGauges,
  standingOf,
} from '../gaugeView.ts';
import { networkOption } from '../governanceSources.ts';

const VOTERS_SHOWN = 5;
/** Snapshots before this epoch that may stand for its beginning. */
const LOOK_BACK_DAYS = 14;
const DAY_MS = 86_400_000;

export const govGauge: Command = {
  path: ['gov', 'gauge'],
  summary: 'One gauge: its share, who decides it, and what changed since the last epoch',
  options: [gaugeOption, networkOption],
  permission: 'everyone',
  examples: ['gov gauge "uniBTC vault"', 'gov gauge 0x51a2'],
  async run(context, { args }): Promise<View> {
    const typed = String(args.gauge);
    const again = (network?: string): string =>
      `gov gauge "${typed.replaceAll('"', '')}"${network === undefined ? '' : ` network:${network}`}`;
    const found = await findGauges(context, args.network, { what: 'gauges', again });
    if ('instead' in found) return found.instead;
    const { network, book } = found;
    const address = findGauge(book, typed, (gauge) => gaugeCommand(gauge, network.name));
    if (typeof address === 'object') return address.instead;
    const ranked = rankedGauges(book);
    const place = ranked.findIndex((one) => one.address === address);
    const { votesWei = 0n, share = null, active = false } = ranked[place] ?? {};
    const point = share === null ? 'No power stands on any gauge' : `${percent(share)} of the power on gauges`;
    return {
      title: `Gauge ${gaugeName(address, book)}`,
      tone: active ? 'info' : 'unknown',
      lines: [
        [
          { strong: `${point}${active ? '' : ', and it is not active'}.` },
          ` ${amount(votesWei, book.reading.unit)}, place ${place + 1} of ${ranked.length}.`,
        ],
        ...found.warning,
        ...deciderLines(found, address),
        await changeLine(context, found, address, share),
        GAUGE_CAUTION,
        'Wallets are not people: one person may vote from several.',
        ...network.caution,
      ],
      fields: [{ name: 'Address', value: [{ code: address }] }],
      actions: [
        { label: 'All gauges', command: `gov gauges network:${network.name}`, mode: 'reply' },
        { label: 'Influence', command: `influence show gauge-voters network:${network.name}`, mode: 'reply' },
      ],
      ...found.stamp,
    };
  },
};

/** Owners by the power that they have standing on the gauge, the heaviest first: several locks of one owner are one. */
function votersOf({ book }: GaugeSources, gauge: Hex): { owner: Hex; powerWei: bigint; thisEpoch: boolean }[] {
  const sums = new Map<Hex, { owner: Hex; powerWei: bigint; thisEpoch: boolean }>();
  for (const { owner, powerWei, thisEpoch, ...one } of standingOf(book)) {
    if (one.gauge !== gauge) continue;
    const sum = sums.get(owner) ?? { owner, powerWei: 0n, thisEpoch: false };
    sums.set(owner, { owner, powerWei: sum.powerWei + powerWei, thisEpoch: sum.thisEpoch || thisEpoch });
  }
  return [...sums.values()].sort((a, b) =>
    b.powerWei > a.powerWei ? 1 : b.powerWei < a.powerWei ? -1 : a.owner < b.owner ? -1 : 1,
  );
}

function deciderLines(found: GaugeSources, gauge: Hex): Line[] {
  const { reading, completeSinceSeconds } = found.book;
  // Then who voted is said to be incomplete already.
  if (completeSinceSeconds === null && reading.standing === null) return ['Who decides it is not known yet.'];
  const voters = votersOf(found, gauge);
  if (voters.length === 0) return ['Nobody’s votes stand on it.'];
  const total = voters.reduce((sum, { powerWei }) => sum + powerWei, 0n);
  const shown = voters.slice(0, VOTERS_SHOWN).map(({ owner, powerWei }) => {
    const share = shareOf(powerWei, total);
    return `${shortHex(owner)}${share === null ? '' : ` ${percent(share)}`}`;
  });
  const more = voters.length > VOTERS_SHOWN ? ` and ${voters.length - VOTERS_SHOWN} more` : '';
  const fresh = voters.filter(({ thisEpoch }) => thisEpoch).length;
  const when = reading.standing === null && reading.clock !== null ? ` ${freshWords(fresh, voters.length)}` : '';
  return [[{ strong: `Decided by ${plural(voters.length, 'wallet')}` }, `: ${shown.join(', ')}${more}.${when}`]];
}

function freshWords(fresh: number, all: number): string {
  if (fresh === 0) return 'None of these votes is of this epoch.';
  return fresh === all
    ? 'All voted this epoch.'
    : `${fresh} of ${all} voted this epoch; the others’ votes still stand.`;
}

/** Against the last day before this epoch of which a snapshot is stored. */
async function changeLine(
  { store }: BotContext,
  { network, book: { reading } }: GaugeSources,
  gauge: Hex,
  share: number | null,
): Promise<Line> {
  const unknown = 'What changed since the last epoch is not known';
  if (reading.clock === null || share === null) return `${unknown}.`;
  const beginMs = reading.clock.startSeconds * 1000;
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const set = setId(network.name, 'gauges');
  const days = await store.sets.days(set, dayOf(beginMs - LOOK_BACK_DAYS * DAY_MS), dayOf(beginMs - DAY_MS));
  const day = days.at(-1)?.day;
  const then = day === undefined ? null : await store.sets.members(set, day);
  if (then === null || day === undefined) return `${unknown}: no snapshot of it is stored.`;
  const total = then.members.reduce((sum, { weight }) => sum + weight, then.others.weight);
  const before = shareOf(then.members.find(({ id }) => id === gauge)?.weight ?? 0n, total);
  if (before === null) return `In the last epoch (${day}) nothing stood on any gauge.`;
  const moved = share - before;
  const words =
    Math.abs(moved) < 0.0005 ? 'as it was' : moved > 0 ? `up from ${percent(before)}` : `down from ${percent(before)}`;
  return `Since the last epoch (${day}): ${words}.`;
}
