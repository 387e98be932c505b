import { nodeLabel, shortNodeId } from '../insight/nodeLabel.ts';
import { resolveNode } from '../insight/nodeName.ts';
import type { Action, View } from '../lib/view.ts';
import { echo, errorView } from './answers.ts';
import type { Option, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';
import { type JudgedNode, type NetworkFacts, namesOf, readNetwork } from './networkFacts.ts';

const MAX_CHOICES = 10;

/** The node that was typed, or an answer that offers those which may be meant: `again` makes the command for one. */
export function findNode(
  network: NetworkFacts,
  typed: string,
  again: (id: string) => string,
): { node: JudgedNode } | { instead: View } {
  const answer = resolve(network, typed, again);
  return 'instead' in answer ? { instead: { ...answer.instead, ...network.stamp } } : answer;
}

function resolve(
  network: NetworkFacts,
  typed: string,
  again: (id: string) => string,
): { node: JudgedNode } | { instead: View } {
  const found = resolveNode(typed, namesOf(network.nodes));
  const byId = new Map(network.nodes.map((node) => [node.id, node]));
  const buttons = (ids: readonly number[]): Action[] =>
    ids.slice(0, MAX_CHOICES).flatMap((id) => {
      const node = byId.get(id);
      return node?.health.current
        ? [{ label: nodeLabel(node), command: again(shortNodeId(node.health.current.teeId)) }]
        : [];
    });
  switch (found.kind) {
    case 'node':
      return { node: byId.get(found.id) as JudgedNode };
    case 'owner':
      if (found.ids.length === 1) return { node: byId.get(found.ids[0] as number) as JudgedNode };
      return { instead: choose(`This owner has ${found.ids.length} nodes`, 'Which one?', buttons(found.ids)) };
    case 'ambiguous':
      return {
        instead: choose('More than one node fits', `${echo(typed)} could be any of these.`, buttons(found.ids)),
      };
    case 'unknown': {
      const line =
        network.nodes.length === 0
          ? 'The registry lists no nodes.'
          : `No node is called ${echo(typed)}. Name one by id, the start of its id, endpoint or owner.`;
      return { instead: errorView('No such node', [line], buttons(found.nearest)) };
    }
  }
}

const choose = (title: string, line: string, actions: Action[]): View => ({
  ...errorView(title, [line], actions),
  tone: 'info',
});

/** The option by which a command is told its node. */
export const nodeOption: Option = {
  name: 'node',
  summary: 'Node id, start of it, endpoint or owner',
  type: 'text',
  required: true,
  suggest: suggestNodes,
};

/** Nodes that begin with or contain what is typed, for autocomplete. */
export async function suggestNodes(context: BotContext, typed: string): Promise<Suggestion[]> {
  const network = await readNetwork(context);
  const text = typed.trim().toLowerCase();
  return (network?.nodes ?? [])
    .filter(({ key, health }) => key.toLowerCase().includes(text) || health.current?.teeId.startsWith(text))
    .slice(0, 25)
    .flatMap((node) => {
      const teeId = node.health.current?.teeId;
      if (teeId === undefined) return [];
      return [
        {
          label: `${nodeLabel(node)} · ${node.health.state} · ${shortNodeId(teeId)}`.slice(0, 100),
          value: shortNodeId(teeId),
        },
      ];
    });
}
