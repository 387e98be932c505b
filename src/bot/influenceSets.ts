import { networkOf } from '../lib/governanceFacts.ts';
import { SET_KINDS, SET_WORDS, type SetKind, setId } from '../lib/influence.ts';
import type { Action, Line, View } from '../lib/view.ts';
import type { SetDay } from '../store/setRepository.ts';
import { echo, errorView } from './answers.ts';
import type { Option, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';

/** A set that was found: how it is kept and called. */
export interface FoundSet {
  id: string;
  kind: SetKind;
  /** `Locked voting power, Bedrock` */
  title: string;
  /** `Bedrock` */
  network: string;
  /** How votes work there, where the set is of who votes on proposals. */
  caution: readonly string[];
  day: SetDay;
}

/** What people may call them besides. */
const ALIASES: ReadonlyMap<string, SetKind> = new Map([
  ['validator', 'validators'],
  ['operator', 'operators'],
  ['nodes', 'operators'],
  ['inference', 'inferences'],
  ['answers', 'inferences'],
  ['publisher', 'publishers'],
  ['authors', 'publishers'],
  ['models', 'publishers'],
  ['vebr', 'power'],
  ['locks', 'power'],
  ['gauge-voter', 'gauge-voters'],
  ['gaugevoters', 'gauge-voters'],
  ['gauge', 'gauges'],
  ['emissions', 'gauges'],
  ['voter', 'voters'],
  ['holder', 'holders'],
]);

/** Sets in which proposals are voted on. */
const OF_PROPOSALS: readonly SetKind[] = ['validators', 'voters'];

const MAX_OFFERS = 10;

export const SETS_SUMMARY = 'validators, power, gauge-voters, gauges, voters, operators, publishers, …';

/** Names one set: `power`, or `bedrock.power`. */
export const setOption = (name: string, summary: string): Option => ({
  name,
  summary,
  type: 'text',
  required: true,
  maxLength: 60,
  suggest: suggestSets,
});

async function suggestSets({ store, governance }: BotContext, typed: string): Promise<Suggestion[]> {
  const text = typed.trim().toLowerCase();
  const known = await store.sets.known();
  return known
    .map((id) => ({ label: titleOf(id, governance), value: id }))
    .filter(({ label, value }) => value.includes(text) || label.toLowerCase().includes(text))
    .slice(0, 25);
}

const kindOf = (id: string): SetKind | undefined => SET_KINDS.find((kind) => setId(networkOf(id), kind) === id);

/** The same command for another set; null where it cannot be said again. */
type Again = (set: string) => string | null;

/** What there is to choose from. */
interface Known {
  ids: readonly string[];
  governance: BotContext['governance'];
  again: Again;
}

const networkTitle = (name: string, governance: BotContext['governance']): string =>
  governance.find((one) => one.name === name)?.title ?? name;

function titleOf(id: string, governance: BotContext['governance']): string {
  const kind = kindOf(id);
  return `${kind === undefined ? id : SET_WORDS[kind].title}, ${networkTitle(networkOf(id), governance)}`;
}

/**
 * The set that was named, with its newest day; or an answer instead: no such set or network, several that it may be, or none that
 * was read, with why. `again` makes the command for one of them.
 */
export async function findSet(
  { store, governance }: BotContext,
  typed: string | number | undefined,
  network: string | number | undefined,
  again: Again,
): Promise<FoundSet | { instead: View }> {
  const known: Known = { ids: await store.sets.known(), governance, again };
  const { kind, at } = read(String(typed), network === undefined ? '' : String(network));
  if (kind === undefined) return { instead: unknownSet(typed, known) };
  const isNetwork = at === '' || [...known.ids.map(networkOf), ...governance.map(({ name }) => name)].includes(at);
  if (!isNetwork) return { instead: unknownNetwork(at, kind, known) };
  const found = known.ids.filter((id) => kindOf(id) === kind && (at === '' || networkOf(id) === at));
  const [only] = found;
  if (found.length > 1) {
    const line = `Several have ${SET_WORDS[kind].title.toLowerCase()}: choose one.`;
    return { instead: errorView('Which network?', [line], offers(found, known)) };
  }
  const day = only === undefined ? null : await store.sets.latest(only);
  if (only === undefined || day === null) return { instead: unreadSet(kind, at, known) };
  const own = governance.find(({ name }) => name === networkOf(only));
  return {
    ...{ id: only, kind, title: titleOf(only, governance), day },
    network: own?.title ?? networkOf(only),
    caution: OF_PROPOSALS.includes(kind) ? (own?.caution ?? []) : [],
  };
}

/** `power bedrock`, `bedrock.power`, `veBR`, and `gauge voters`, which is one name of two words. */
function read(typed: string, network: string): { kind: SetKind | undefined; at: string } {
  const [text, other] = [typed, network].map((word) => word.trim().toLowerCase()) as [string, string];
  const dot = text.indexOf('.');
  const [head, name] = dot < 0 ? ['', text] : [text.slice(0, dot), text.slice(dot + 1)];
  const inTwoWords = kindNamed(`${name}-${other}`);
  return inTwoWords === undefined
    ? { kind: kindNamed(name), at: other === '' ? head : other }
    : { kind: inTwoWords, at: head };
}

function kindNamed(text: string): SetKind | undefined {
  const name = text.replace(/[\s_-]+/g, '-');
  return SET_KINDS.find((one) => one === name) ?? ALIASES.get(name);
}

const offers = (ids: readonly string[], { governance, again }: Known): Action[] =>
  ids.slice(0, MAX_OFFERS).flatMap((id) => {
    const command = again(id);
    return command === null ? [] : [{ label: titleOf(id, governance).slice(0, 60), command }];
  });

function unknownSet(typed: unknown, known: Known): View {
  const line = `${echo(typed)} is no set. There are: ${SET_KINDS.join(', ')}.`;
  return errorView('No such set', [line], offers(known.ids, known));
}

function unknownNetwork(at: string, kind: SetKind, known: Known): View {
  const titles = known.governance.map(({ title }) => title).join(', ');
  const line = `${echo(at)} is not read here; known: ${titles}.`;
  const having = known.ids.filter((id) => kindOf(id) === kind);
  return errorView('No such network', [line], offers(having.length > 0 ? having : known.ids, known));
}

/** It exists, and was never read: what the network lacks says why. */
function unreadSet(kind: SetKind, network: string, known: Known): View {
  const asked = known.governance.filter(({ name }) => network === '' || name === network);
  const [only] = asked;
  const of = asked.length === 1 && only !== undefined ? ` of ${only.title}` : '';
  const missing = asked.flatMap((one): Line[] => [...one.missing]);
  return {
    title: `${SET_WORDS[kind].title}: not known`,
    tone: 'unknown',
    lines: [[{ strong: `This set${of} has not been read so far` }, '. This says nothing about it.'], ...missing],
    actions: offers(known.ids, known),
    asOf: null,
    sources: ['daily snapshots of this bot'],
  };
}
