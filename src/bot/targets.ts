import { nodeLabel } from '../insight/nodeLabel.ts';
import type { GovernanceNetwork } from '../lib/governanceNetwork.ts';
import { isBlobId } from '../lib/modelFacts.ts';
import { cleanText, plural, shortHex } from '../lib/units.ts';
import type { View } from '../lib/view.ts';
import type { StoredIncident, SubscriptionScope } from '../store/store.ts';
import { echo, errorView } from './answers.ts';
import type { Option, Place, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';
import { shortBlob, suggestModels } from './findModel.ts';
import { findNode, suggestNodes } from './findNode.ts';
import { readAuthor, readModelKey } from './modelNames.ts';
import type { NetworkFacts } from './networkFacts.ts';
import { FAMILIES, type Family } from './rules.ts';

/** What a subscription or a question about alerts is about. */
export interface Target {
  scope: SubscriptionScope;
  /** As a Subscription keeps it. */
  subject: string;
  words: string;
}

/** The option that names a target. */
export const targetOption: Option = {
  name: 'target',
  summary: 'all, a node, author/name, a blob id, owner:… (of models an author), a network, or a voter’s 0x…',
  type: 'text',
  required: true,
  suggest: suggestTargets,
};

/** Where it was said which kind, only targets of that kind. */
async function suggestTargets(
  context: BotContext,
  typed: string,
  _place?: Place,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Suggestion[]> {
  const kind = FAMILIES.find((family) => family === String(given.kind ?? '').toLowerCase());
  if (kind === 'voter') return await suggestVoters(context, typed);
  if (kind === 'gov') return suggestNetworks(context, typed);
  const [nodes, models] = await Promise.all([
    kind === 'model' ? [] : suggestNodes(context, typed),
    kind === 'node' || kind === 'proof' ? [] : suggestModels(context, typed),
  ]);
  // Of many nodes some make room for models.
  const found = [...nodes.slice(0, Math.max(12, 24 - models.length)), ...models].slice(0, 24);
  const all = { label: kind === undefined ? 'all' : everything(kind), value: 'all' };
  return 'all'.startsWith(typed.toLowerCase()) ? [all, ...found] : found;
}

function suggestNetworks({ governance }: BotContext, typed: string): Suggestion[] {
  const text = typed.trim().toLowerCase();
  return [
    { label: everything('gov'), value: 'all' },
    ...governance
      .filter(({ origins }) => origins.length > 0)
      .map(({ name, title }) => ({ label: networkWords(title), value: name })),
  ].filter(({ label, value }) => value.includes(text) || label.toLowerCase().includes(text));
}

/** Validators vote with addresses that are known; of other voters nobody has a list that is short. */
async function suggestVoters({ governance, store }: BotContext, typed: string): Promise<Suggestion[]> {
  const text = typed.trim().toLowerCase();
  const sources = governance.flatMap(({ origins }) => origins.filter(({ kind }) => kind === 'validators'));
  const validators = await Promise.all(sources.map(({ source }) => store.governance.validators(source)));
  return validators
    .flat()
    .filter(({ goneAtMs }) => goneAtMs === null)
    .map(({ address, moniker }) => ({
      label: `${cleanText(moniker, 50) || 'validator'} (${shortHex(address)})`,
      value: address,
    }))
    .filter(({ label, value }) => value.startsWith(text) || label.toLowerCase().includes(text))
    .slice(0, 24);
}

/**
 * The target that was typed, or an answer instead; `again` makes the command for one of several nodes that it may mean.
 * null: a node cannot be found before the registry was read; everything else can be asked for.
 */
export function findTarget(
  typed: string,
  network: NetworkFacts | null,
  again: (id: string) => string,
  family: Family = 'node',
  governance: readonly GovernanceNetwork[] = [],
): Target | { instead: View } | null {
  const text = typed.trim();
  if (family === 'voter') return voterTarget(text);
  if (/^all$/i.test(text)) return { scope: 'all', subject: '', words: everything(family) };
  const owner = /^owner:(.*)$/i.exec(text)?.[1]?.trim().toLowerCase();
  if (family === 'model') return modelTarget(text, owner);
  if (family === 'gov') return networkTarget(text, governance, again);
  if (owner !== undefined) return ownerTarget(owner, network, family);
  if (network === null) return null;
  const found = findNode(network, text, again);
  if ('instead' in found) return found;
  const words = nodeLabel(found.node);
  return { scope: 'node', subject: String(found.node.id), words: family === 'proof' ? `proofs of ${words}` : words };
}

/** `all nodes` */
export const everything = (family: string): string =>
  family === 'gov' ? 'governance of every network' : `all ${family}s`;

/** `governance of Bedrock` */
const networkWords = (title: string): string => `governance of ${cleanText(title, 40)}`;

/** The commands that `again` makes for one network, where another was typed. */
function networkTarget(
  text: string,
  governance: readonly GovernanceNetwork[],
  again: (id: string) => string,
): Target | { instead: View } {
  const named = text.toLowerCase();
  const found = governance.find(({ name, title }) => name === named || title.toLowerCase() === named);
  if (found !== undefined) return { scope: 'network', subject: found.name, words: networkWords(found.title) };
  const known = governance.map(({ name }) => name).join(', ');
  const line = `Of governance name all, or a network (${known || 'none is configured'}), not ${echo(text)}.`;
  const actions = governance.slice(0, 10).map(({ name, title }) => ({ label: title, command: again(name) }));
  return { instead: errorView('No such network', [line], actions) };
}

/** One address: nobody waits for the votes of all. */
function voterTarget(text: string): Target | { instead: View } {
  const subject = text.toLowerCase();
  if (/^0x[0-9a-f]{40}$/.test(subject)) return { scope: 'voter', subject, words: `votes of ${shortHex(subject)}` };
  const line = /^all$/i.test(text)
    ? 'An alert about a voter is about one: it comes when that one has not voted. Name an address of 0x and 40 hex digits; for the end of every vote use the kind gov.'
    : `Of voters name an address of 0x and 40 hex digits, not ${echo(text)}.`;
  return { instead: errorView('Which voter?', [line]) };
}

function ownerTarget(owner: string, network: NetworkFacts | null, family: Family): Target | { instead: View } {
  if (!/^0x[0-9a-f]{40}$/.test(owner)) {
    const line = `After owner: comes an address of 0x and 40 hex digits, not ${echo(owner)}.`;
    return { instead: errorView('Not an address', [line]) };
  }
  const count = network?.nodes.filter(({ health }) => health.current?.owner === owner).length;
  const now = count === undefined ? 'those of now' : `${plural(count, 'node')} now`;
  const of = family === 'proof' ? 'proofs of the nodes' : 'the nodes';
  return { scope: 'owner', subject: owner, words: `${of} of ${shortHex(owner)} (${now}, and later ones)` };
}

/** One that the hub does not list yet can be asked for as well: that is what waiting for it means. */
function modelTarget(text: string, author: string | undefined): Target | { instead: View } {
  if (author !== undefined) {
    const subject = readAuthor(author);
    if (subject !== null) return { scope: 'owner', subject, words: `the models of ${cleanText(subject, 60)}` };
  } else if (isBlobId(text)) {
    return { scope: 'blob', subject: text, words: `the upload ${shortBlob(text)}` };
  } else {
    const subject = readModelKey(text);
    if (subject !== null) return { scope: 'model', subject, words: `model ${cleanText(text, 80)}` };
  }
  const line = `Of models name all, author/name, a blob id (43 characters), or owner:author, not ${echo(text)}.`;
  return { instead: errorView('No such model', [line]) };
}

/** Does a text name a model, an upload or an author rather than a node or its owner? */
export function namesModel(typed: string): boolean {
  const text = typed.trim();
  const owner = /^owner:(.*)$/i.exec(text)?.[1]?.trim();
  if (owner !== undefined) return owner !== '' && !/^0x/i.test(owner);
  return isBlobId(text) || (!text.includes(':') && readModelKey(text) !== null);
}

/** Does an incident concern the target? One of no node, owner and topic concerns everybody. */
export function isAbout(
  { scope, subject }: { scope: SubscriptionScope; subject: string },
  { nodeId, owner, topics }: Pick<StoredIncident, 'nodeId' | 'owner' | 'topics'>,
): boolean {
  if (scope === 'all' || (nodeId === null && owner === null && topics.length === 0)) return true;
  if (scope === 'node') return subject === String(nodeId);
  return scope === 'owner' ? subject === owner?.toLowerCase() : topics.includes(`${scope}:${subject}`);
}
