import { toSeconds } from '../lib/clock.ts';
import type { GovernanceNetwork, GovernanceOrigin } from '../lib/governanceNetwork.ts';
import { cleanText } from '../lib/units.ts';
import type { Action, Line, Tone, View } from '../lib/view.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { GaugeBook } from './gaugeBook.ts';
import type { AlertFacts, Sample } from './rule.ts';

export const GOV_FAMILY = 'gov';
/** Rules of this family speak to who follows that voter, and to nobody else. */
export const VOTER_FAMILY = 'voter';

const MAX_TITLE = 90;

/** Sources of networks that are configured, by name: what is read of no other is old, and told by nobody. */
export type GovSources = ReadonlyMap<string, GovernanceOrigin & { network: GovernanceNetwork }>;

export const govSources = (networks: readonly GovernanceNetwork[]): GovSources =>
  new Map(networks.flatMap((network) => network.origins.map((origin) => [origin.source, { ...origin, network }])));

/** One source at this moment. */
export interface SourceNow {
  source: string;
  network: GovernanceNetwork;
  words: string;
  /** By its own clock when it was read last, unix seconds. */
  clockSeconds: number;
  readAtMs: number;
  /** Otherwise nothing is known about now. */
  isFresh: boolean;
}

/** The sources that governance was read from, by name. */
export function sourcesNow(facts: AlertFacts, sources: GovSources): ReadonlyMap<string, SourceNow> {
  return new Map(
    (facts.governance?.sources ?? []).flatMap(({ source, readAtMs, clockSeconds }) => {
      const origin = sources.get(source);
      if (origin === undefined) return [];
      return [[source, { ...origin, clockSeconds, readAtMs, isFresh: isFresh(facts, source) }] as const];
    }),
  );
}

const isFresh = ({ sources }: AlertFacts, source: string): boolean => sources.get(source)?.state === 'fresh';

/** The moment of this bot by the clock of the source: the two need not agree. */
export const bySourceClock = (
  atMs: number,
  { clockSeconds, readAtMs }: Pick<SourceNow, 'clockSeconds' | 'readAtMs'>,
): number => clockSeconds + (atMs - readAtMs) / 1000;

/** A proposal with the source that it is of. */
export interface ProposalNow {
  proposal: StoredProposal;
  at: SourceNow;
}

export function proposalsNow(facts: AlertFacts, sources: GovSources): ProposalNow[] {
  const now = sourcesNow(facts, sources);
  return (facts.governance?.proposals ?? []).flatMap((proposal) => {
    const at = now.get(proposal.source);
    return at === undefined ? [] : [{ proposal, at }];
  });
}

/** A gauge source with all that is known of it. */
export interface GaugesNow {
  book: GaugeBook;
  at: SourceNow;
  /** From when on it was surely read, by its clock; null: not known. What happened before is no news. */
  knownSinceSeconds: number | null;
}

export function gaugesNow(facts: AlertFacts, sources: GovSources): GaugesNow[] {
  return facts.gauges.flatMap((book) => {
    const origin = sources.get(book.source);
    if (origin === undefined) return [];
    const { block, readAtMs } = book.reading;
    const at = { ...origin, clockSeconds: block.timestampSeconds, readAtMs, isFresh: isFresh(facts, book.source) };
    // What was kept of earlier days and epochs says that it was read then.
    const days = facts.shifts
      .filter(({ today }) => today.set.startsWith(`${origin.network.name}.`))
      .flatMap(({ today, before, weekAgo }) => [today, before, weekAgo])
      .flatMap((day) => (day === null ? [] : [bySourceClock(day.openAtMs, at)]));
    const known = [...days, ...book.eligible.map(({ readAtSeconds }) => readAtSeconds)];
    return [{ book, at, knownSinceSeconds: known.length === 0 ? null : Math.min(...known) }];
  });
}

/** What every sample of the family has: by the clock of its source, about its network. */
export const govSample = (
  { source, network, words, clockSeconds }: SourceNow,
  { detail, ...sample }: Pick<Sample, 'subject' | 'verdict' | 'level' | 'detail'> & Partial<Sample>,
): Sample => ({
  ...{ nodeId: null, owner: null, value: null, topics: [`network:${network.name}`] },
  ...sample,
  detail: { source, sourceWords: words, network: network.name, networkTitle: network.title, ...detail },
  atSeconds: clockSeconds,
});

/** `#12`; of a long one its beginning. */
const refWords = (ref: string): string => (/^\d{1,10}$/.test(ref) ? `#${ref}` : cleanText(ref, 200).slice(0, 10));

/** `#12 Raise the block gas limit`, safe to show. */
const proposalLabel = ({ ref, title }: Pick<StoredProposal, 'ref' | 'title'>): string =>
  `${refWords(ref)} ${cleanText(title, MAX_TITLE) || '(without a title)'}`;

/**
 * What incidents about a proposal are about. The numbers of a chain that was reset begin anew, so when one was first seen tells it from
 * another of its number.
 */
export const proposalSubject = ({ source, ref, firstSeenAtMs }: StoredProposal): string =>
  `proposal:${source}:${ref}${/^\d{1,10}$/.test(ref) ? `@${firstSeenAtMs}` : ''}`;

/** What texts about a proposal need of it. */
export const proposalDetail = (proposal: StoredProposal): Record<string, unknown> => ({
  label: proposalLabel(proposal),
  ref: proposal.ref.slice(0, 100),
});

/** A button that leads to a proposal; none where its name would not survive as a command. */
export function proposalButton({ ref, network }: Record<string, unknown>): Action[] {
  if (typeof ref !== 'string' || !/^[\w-]+$/.test(ref)) return [];
  // Telegram takes 64 bytes with a button; a long one is found by its beginning.
  const named = ref.length <= 12 ? ref : ref.slice(0, 12);
  return [{ label: 'Proposal', command: `gov proposal ${named} network:${String(network)}`, mode: 'reply' }];
}

/** A button about a network: `gov epoch`. */
export const networkButton = (label: string, command: string, { network }: Record<string, unknown>): Action => ({
  label,
  command: `${command} network:${String(network)}`,
  mode: 'reply',
});

interface Words {
  headline: string;
  about: string;
  tone: Tone;
  lines: Line[];
  actions?: Action[];
}

/** The frame that all alerts about governance share. */
export const govAlert = ({ about, ...words }: Words, detail: Record<string, unknown>, facts: AlertFacts): View => ({
  ...words,
  title: about === '' ? words.headline : `${words.headline}: ${about}`,
  asOf: readAt(detail.source, facts),
  sources: [String(detail.sourceWords)],
});

function readAt(source: unknown, { governance, gauges, nowMs }: AlertFacts): number {
  const read = governance?.sources.find((one) => one.source === source)?.readAtMs;
  return toSeconds(read ?? gauges.find((one) => one.source === source)?.reading.readAtMs ?? nowMs);
}
