import { nodeLabel } from '../insight/nodeLabel.ts';
import { plural, shortHex } from '../lib/units.ts';
import type { View } from '../lib/view.ts';
import type { SubscriptionScope } from '../store/store.ts';
import { echo, errorView } from './answers.ts';
import type { Option } from './command.ts';
import { findNode, suggestNodes } from './findNode.ts';
import type { NetworkFacts } from './networkFacts.ts';

/** What a subscription or a question about alerts is about. */
export interface Target {
  scope: SubscriptionScope;
  /** Empty for all, the Node id for node, the lower-case address for owner. */
  subject: string;
  words: string;
}

/** The option that names a target. */
export const targetOption: Option = {
  name: 'target',
  summary: 'all, a node, or owner:0x…',
  type: 'text',
  required: true,
  async suggest(context, typed) {
    const nodes = await suggestNodes(context, typed);
    return 'all'.startsWith(typed.toLowerCase()) ? [{ label: 'all nodes', value: 'all' }, ...nodes] : nodes;
  },
};

/**
 * The target that was typed, or an answer instead; `again` makes the command for one of several nodes that it may mean.
 * null: a node cannot be found before the registry was read; everything else can be asked for.
 */
export function findTarget(
  typed: string,
  network: NetworkFacts | null,
  again: (id: string) => string,
): Target | { instead: View } | null {
  const text = typed.trim();
  if (/^all$/i.test(text)) return { scope: 'all', subject: '', words: 'all nodes' };
  const owner = /^owner:(.*)$/i.exec(text)?.[1]?.trim().toLowerCase();
  if (owner !== undefined) return ownerTarget(owner, network);
  if (network === null) return null;
  const found = findNode(network, text, again);
  if ('instead' in found) return found;
  return { scope: 'node', subject: String(found.node.id), words: nodeLabel(found.node) };
}

function ownerTarget(owner: string, network: NetworkFacts | null): Target | { instead: View } {
  if (!/^0x[0-9a-f]{40}$/.test(owner)) {
    const line = `After owner: comes an address of 0x and 40 hex digits, not ${echo(owner)}.`;
    return { instead: errorView('Not an address', [line]) };
  }
  const count = network?.nodes.filter(({ health }) => health.current?.owner === owner).length;
  const now = count === undefined ? 'those of now' : `${plural(count, 'node')} now`;
  return { scope: 'owner', subject: owner, words: `the nodes of ${shortHex(owner)} (${now}, and later ones)` };
}

/** A stored target in words: `all nodes`, `nodes of 0x12…ab`, `node gw3.example`. */
export function targetWords(
  { scope, subject }: { scope: SubscriptionScope; subject: string },
  network: NetworkFacts | null,
): string {
  if (scope === 'all') return 'all nodes';
  if (scope === 'owner') return `nodes of ${shortHex(subject)}`;
  const node = network?.nodes.find(({ id }) => String(id) === subject);
  return node ? `node ${nodeLabel(node)}` : 'a node that is no longer registered';
}

/** Does an incident of that node and owner concern the target? One of neither concerns everybody. */
export function isAbout(
  { scope, subject }: { scope: SubscriptionScope; subject: string },
  { nodeId, owner }: { nodeId: number | null; owner: string | null },
): boolean {
  if (scope === 'all' || (nodeId === null && owner === null)) return true;
  return scope === 'node' ? subject === String(nodeId) : subject === owner?.toLowerCase();
}
