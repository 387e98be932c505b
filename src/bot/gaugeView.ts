import { type GaugeBook, readGauges } from '../alerts/gaugeBook.ts';
import { bySourceClock } from '../alerts/govRule.ts';
import type { GaugeState } from '../insight/gaugeReplay.ts';
import { ownerOfVotes } from '../insight/sets/gauges.ts';
import { shareOf } from '../lib/amount.ts';
import { toSeconds } from '../lib/clock.ts';
import type { Hex } from '../lib/facts.ts';
import type { GaugeReading } from '../lib/gaugeFacts.ts';
import { nameInMetadata } from '../lib/gaugeText.ts';
import type { GovernanceKind } from '../lib/governanceFacts.ts';
import { cleanText, percent, shortHex } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import { echo, errorView } from './answers.ts';
import type { Option, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';
import { findOneSource, type GovernanceSources, notReadOf } from './governanceSources.ts';

/** Kinds of sources that have gauges. */
export const GAUGE_KINDS: readonly GovernanceKind[] = ['ve-season', 'curve'];

/** One network's gauges with what is known of them. */
export interface GaugeSources extends GovernanceSources {
  book: GaugeBook;
  /** This moment by the clock of its chain, unix seconds. */
  nowSeconds: number;
}

/** The gauges of the network that was named, or of the only one that has any; or an answer instead. */
export async function findGauges(
  context: BotContext,
  typed: string | number | undefined,
  { what, again }: { what: string; again: (network?: string) => string },
): Promise<GaugeSources | { instead: View }> {
  const found = await findOneSource(context, typed, GAUGE_KINDS, { what, again });
  if ('instead' in found) return found;
  const [origin] = found.origins;
  const book = origin === undefined ? null : await readGauges(context.store, origin.source);
  if (book === null) return { instead: notReadOf([found], capital(what), again(found.network.name)) };
  const { block, readAtMs } = book.reading;
  const nowSeconds = bySourceClock(context.clock.now(), { clockSeconds: block.timestampSeconds, readAtMs });
  // Contracts may answer where logs could never be read.
  const stamp = { ...found.stamp, asOf: found.stamp.asOf ?? toSeconds(readAtMs) };
  return { ...found, stamp, warning: [...found.warning, ...lackLines(book)], book, nowSeconds };
}

const capital = (text: string): string => text.replace(/^./, (letter) => letter.toUpperCase());

/** What the contracts did not say, and what of the logs is not read. */
function lackLines({ reading, completeSinceSeconds }: GaugeBook): Line[] {
  return [
    ...reading.missing.map((words): Line => cleanText(words, 200)),
    ...(completeSinceSeconds === null
      ? ['Its history of votes is still being read: who voted, and when, is not complete.']
      : []),
  ];
}

/** What the contracts say, and the logs where they were replayed. */
interface Described {
  reading: Pick<GaugeReading, 'gauges'>;
  state?: Pick<GaugeState, 'gauges'>;
}

/** A gauge as readers know it: what its metadata says, else its address. */
export function gaugeName(address: Hex, { reading, state }: Described): string {
  const text =
    reading.gauges.find((gauge) => gauge.address === address)?.text ?? state?.gauges.get(address)?.text ?? '';
  return cleanText(nameInMetadata(text), 40) || shortHex(address);
}

/** Gauges by the power that stands on them, the heaviest first, with its share of all that stands. */
export function rankedGauges(
  book: Pick<Described, 'reading'>,
): { address: Hex; votesWei: bigint; share: number | null; active: boolean }[] {
  const total = book.reading.gauges.reduce((sum, { votesWei }) => sum + votesWei, 0n);
  return book.reading.gauges
    .map(({ address, votesWei, active }) => ({ address, votesWei, active, share: shareOf(votesWei, total) }))
    .sort((a, b) => (a.votesWei === b.votesWei ? (a.address < b.address ? -1 : 1) : b.votesWei > a.votesWei ? 1 : -1));
}

/** The command that shows one; by its beginning, so that a Telegram button can carry it. */
export const gaugeCommand = (address: Hex, network: string): string =>
  `gov gauge ${address.slice(0, 12)} network:${network}`;

/** Names one gauge. */
export const gaugeOption: Option = {
  name: 'gauge',
  summary: 'Its name or its address',
  type: 'text',
  required: true,
  maxLength: 80,
  suggest: suggestGauges,
};

async function suggestGauges({ store, governance }: BotContext, typed: string): Promise<Suggestion[]> {
  const text = typed.trim().toLowerCase();
  const sources = governance.flatMap(({ origins }) => origins.filter(({ kind }) => GAUGE_KINDS.includes(kind)));
  // Of the logs nothing is needed, and their replay may take long.
  const readings = await Promise.all(sources.map(({ source }) => store.gauges.reading(source)));
  return readings
    .flatMap((reading) =>
      reading === null
        ? []
        : rankedGauges({ reading }).map(({ address, share }) => ({
            label: `${gaugeName(address, { reading })}${share === null ? '' : `, ${percent(share)}`}`,
            value: address as string,
          })),
    )
    .filter(({ label, value }) => label.toLowerCase().includes(text) || value.startsWith(text))
    .slice(0, 25);
}

/** The gauge that was named (name, address or its beginning); or an answer that offers those that it may be. */
export function findGauge(book: GaugeBook, typed: string, again: (gauge: Hex) => string): Hex | { instead: View } {
  const text = typed.trim().toLowerCase();
  const named = rankedGauges(book).map(({ address }) => ({ address, name: gaugeName(address, book) }));
  const exact = named.filter(({ address, name }) => address === text || name.toLowerCase() === text);
  const near = named.filter(
    ({ address, name }) =>
      (text.length >= 4 && address.startsWith(text)) || (text !== '' && name.toLowerCase().includes(text)),
  );
  const [only] = exact.length > 0 ? exact : near;
  if (only !== undefined && (exact.length === 1 || (exact.length === 0 && near.length === 1))) return only.address;
  const several = exact.length > 0 ? exact : near;
  const offered = (several.length > 0 ? several : named).slice(0, 8);
  const actions = offered.map(({ address, name }) => ({ label: name, command: again(address) }));
  const words = several.length > 0 ? `${echo(typed)} may be several gauges.` : `There is no gauge ${echo(typed)}.`;
  return { instead: errorView(several.length > 0 ? 'Which gauge?' : 'No such gauge', [words], actions) };
}

/** Power that one owner has standing on one gauge. */
export interface Standing {
  owner: Hex;
  gauge: Hex;
  powerWei: bigint;
  /** Of Curve's form, whose logs have no power. */
  weightBps: number | null;
  thisEpoch: boolean;
}

/** Votes that stand, by owner: what the contract says of it where it does, else what the logs add up to. */
export function standingOf({ state, reading }: GaugeBook): Standing[] {
  if (reading.standing !== null) return reading.standing.map((one) => ({ ...one, weightBps: null, thisEpoch: false }));
  return [...state.standing].flatMap(([key, votes]) => {
    const owner = ownerOfVotes(key, state);
    if (owner === null) return [];
    return [...votes].map(([gauge, { powerWei, weightBps, epoch }]) => ({
      ...{ owner, gauge, powerWei, weightBps },
      thisEpoch: epoch !== null && epoch === reading.clock?.epoch,
    }));
  });
}

/** What is said wherever gauges are: they signal. */
export const GAUGE_CAUTION =
  'Gauge votes are a signal: what is paid out is decided off chain. A vote stands until it is cast anew or reset, or a season begins.';
