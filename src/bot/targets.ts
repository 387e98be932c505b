import { nodeLabel } from '../insight/nodeLabel.ts';
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
  summary: 'all, a node, author/name, a blob id, or owner:0x… (owner:author for models)',
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
  const [nodes, models] = await Promise.all([
    kind === 'model' ? [] : suggestNodes(context, typed),
    kind === 'node' || kind === 'proof' ? [] : suggestModels(context, typed),
  ]);
  // Of many nodes some make room for models.
  const found = [...nodes.slice(0, Math.max(12, 24 - models.length)), ...models].slice(0, 24);
  const all = { label: kind === undefined ? 'all' : everything(kind), value: 'all' };
  return 'all'.startsWith(typed.toLowerCase()) ? [all, ...found] : found;
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
): Target | { instead: View } | null {
  const text = typed.trim();
  if (/^all$/i.test(text)) return { scope: 'all', subject: '', words: everything(family) };
  const owner = /^owner:(.*)$/i.exec(text)?.[1]?.trim().toLowerCase();
  if (family === 'model') return modelTarget(text, owner);
  if (owner !== undefined) return ownerTarget(owner, network, family);
  if (network === null) return null;
  const found = findNode(network, text, again);
  if ('instead' in found) return found;
  const words = nodeLabel(found.node);
  return { scope: 'node', subject: String(found.node.id), words: family === 'proof' ? `proofs of ${words}` : words };
}

/** `all nodes` */
export const everything = (family: string): string => `all ${family}s`;

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
