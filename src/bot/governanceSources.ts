import { currentStatus, notAsked } from '../insight/currentStatus.ts';
import { sourceWords } from '../insight/sourceWords.ts';
import { toSeconds } from '../lib/clock.ts';
import type { SourceStatus } from '../lib/facts.ts';
import type { GovernanceKind } from '../lib/governanceFacts.ts';
import type { GovernanceNetwork, GovernanceOrigin } from '../lib/governanceNetwork.ts';
import type { Line, View } from '../lib/view.ts';
import { echo, errorView } from './answers.ts';
import type { Option } from './command.ts';
import type { BotContext } from './context.ts';

/** Names the network that is asked about. */
export const networkOption: Option = {
  name: 'network',
  summary: 'opengradient, bedrock, or another one that is read here',
  type: 'text',
  required: false,
  maxLength: 30,
  check: (typed) =>
    /^[a-z][a-z0-9-]{1,29}$/i.test(typed.trim()) ? null : `network must be a name like bedrock, not ${echo(typed)}.`,
  async suggest({ governance }, typed) {
    const text = typed.trim().toLowerCase();
    return governance
      .filter(({ name, title }) => name.includes(text) || title.toLowerCase().includes(text))
      .map(({ name, title }) => ({ label: title, value: name }));
  },
};

/** What one network says of one kind of thing: where it is read, and how that stands. */
export interface GovernanceSources {
  network: GovernanceNetwork;
  /** Those of the kinds that were asked for. */
  origins: readonly GovernanceOrigin[];
  stamp: Pick<View, 'asOf' | 'sources'>;
  /** Words to begin with where a source is not current; empty otherwise. */
  warning: Line[];
  /** None of them was ever read. */
  isUnread: boolean;
  /** All of them are read as they should be: otherwise what is known is not from now. */
  isCurrent: boolean;
}

/** As old as the oldest of several; null where none was read. */
export function asOfAll(found: readonly GovernanceSources[]): number | null {
  const times = found.flatMap(({ stamp }) => stamp.asOf ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/**
 * The networks that have sources of these kinds, or the one that was named; or an answer instead: no such network, or nothing of
 * the kind is read of it, with what it lacks and what was tried. `what`: "proposals", "gauges".
 */
export async function findSources(
  context: BotContext,
  typed: string | number | undefined,
  kinds: readonly GovernanceKind[],
  { what, again }: { what: string; again: (network: string) => string },
): Promise<GovernanceSources[] | { instead: View }> {
  const { governance } = context;
  const having = governance.filter(({ origins }) => origins.some(({ kind }) => kinds.includes(kind)));
  const buttons = having.slice(0, 5).map(({ name, title }) => ({ label: title, command: again(name) }));
  if (typed !== undefined) {
    const text = String(typed).trim().toLowerCase();
    const named = governance.find(({ name, title }) => name === text || title.toLowerCase() === text);
    if (named === undefined) {
      const known = governance.map(({ title }) => title).join(', ');
      return { instead: errorView('No such network', [`${echo(typed)} is not read here; known: ${known}.`], buttons) };
    }
    if (!having.includes(named)) return { instead: lacking([named], what, buttons) };
    return [await sourcesOf(context, named, kinds)];
  }
  if (having.length === 0) return { instead: lacking(governance, what, []) };
  return await Promise.all(having.map((network) => sourcesOf(context, network, kinds)));
}

/** One network, where the question needs one; several that could be meant are offered. */
export async function findOneSource(
  context: BotContext,
  typed: string | number | undefined,
  kinds: readonly GovernanceKind[],
  words: { what: string; again: (network: string) => string },
): Promise<GovernanceSources | { instead: View }> {
  const found = await findSources(context, typed, kinds, words);
  if ('instead' in found) return found;
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  const actions = found
    .slice(0, 5)
    .map(({ network: { name, title } }) => ({ label: title, command: words.again(name) }));
  return { instead: errorView('Which network?', [`Several have ${words.what}: choose one.`], actions) };
}

function lacking(networks: readonly GovernanceNetwork[], what: string, actions: View['actions'] = []): View {
  const titles = networks.map(({ title }) => title).join(' and ');
  return {
    title: `No ${what} of ${titles}`,
    tone: 'unknown',
    lines: [
      [{ strong: `No source of ${what} is configured for ${titles}` }, ': this says nothing about them.'],
      ...networks.flatMap(({ missing }) => missing),
    ],
    actions,
    asOf: null,
    sources: ['the configuration of this bot'],
  };
}

async function sourcesOf(
  { store, clock }: BotContext,
  network: GovernanceNetwork,
  kinds: readonly GovernanceKind[],
): Promise<GovernanceSources> {
  const nowMs = clock.now();
  const origins = network.origins.filter(({ kind }) => kinds.includes(kind));
  const statuses = await Promise.all(
    origins.map(async ({ source }) => currentStatus(await store.sources.get(source), nowMs) ?? notAsked(source)),
  );
  const times = statuses.flatMap(({ lastSuccessAtMs }) => lastSuccessAtMs ?? []);
  return {
    network,
    origins,
    stamp: {
      // As old as the oldest of what it rests on.
      asOf: times.length === 0 ? null : toSeconds(Math.min(...times)),
      sources: origins.map(({ words }) => words),
    },
    warning: statuses.flatMap((status, at) => statusLines(status, origins[at]?.words ?? status.source)),
    isUnread: times.length === 0,
    isCurrent: statuses.every(({ state }) => state === 'fresh'),
  };
}

/** With its age where it was read before; a fresh source may have a note. */
function statusLines(status: SourceStatus, name: string): Line[] {
  const problem = sourceWords(status, `the ${name}`);
  const { lastSuccessAtMs: read, shortError } = status;
  if (problem === null) return shortError === null ? [] : [`About the ${name}: ${shortError}.`];
  if (read === null) return [[{ strong: 'Not read so far' }, `: ${problem}.`]];
  return [[{ strong: 'This is not from now' }, `: ${problem}. It was last read `, { time: toSeconds(read) }, '.']];
}

/** The answer before any of the sources was read for the first time. */
export function notReadOf(found: readonly GovernanceSources[], what: string, command: string): View {
  const titles = found.map(({ network }) => network.title).join(' and ');
  return {
    title: `${what}: not known yet`,
    tone: 'unknown',
    lines: [
      [{ strong: `${what} of ${titles} have not been read so far` }, '. This says nothing about them.'],
      ...found.flatMap(({ warning }) => warning),
    ],
    actions: [{ label: 'Try again', command }],
    asOf: asOfAll(found),
    sources: found.flatMap(({ stamp }) => stamp.sources),
  };
}
