import { nodeLabel, shortNodeId } from '../insight/nodeLabel.ts';
import { plural, shortHex } from '../lib/units.ts';
import type { Action, View } from '../lib/view.ts';
import type { JudgedNode, NetworkFacts } from './networkFacts.ts';

/** As many buttons as one message shows on every platform. */
const MAX_BUTTONS = 20;

const named = (network: NetworkFacts): JudgedNode[] =>
  network.nodes
    .filter(({ health }) => health.current !== null)
    .sort((a, b) => nodeLabel(a).localeCompare(nodeLabel(b), 'en', { numeric: true }));

/**
 * Which nodes are yours: up to 20 by a button each; more by parts of the alphabet first, so that two taps reach any of
 * 400. `part` counts from 1.
 */
export function chooseNode(network: NetworkFacts, start: string, part: number | undefined): View {
  const nodes = named(network);
  const parts = Math.ceil(nodes.length / MAX_BUTTONS);
  const actions =
    parts <= 1 || part !== undefined
      ? nodes.slice(((part ?? 1) - 1) * MAX_BUTTONS, (part ?? 1) * MAX_BUTTONS).map((node) => nodeButton(node, start))
      : Array.from({ length: Math.min(parts, MAX_BUTTONS) }, (_, at) => partButton(nodes, at, start));
  return {
    title: 'Which node is yours?',
    tone: 'info',
    lines:
      nodes.length === 0
        ? ['The registry lists no nodes.']
        : [
            ['Choose one, or type it: ', { code: `/${start} <node>` }],
            'Others of the same owner can be added with it.',
          ],
    actions: actions.filter((action) => action !== null),
    ...network.stamp,
  };
}

function nodeButton(node: JudgedNode, start: string): Action {
  return { label: nodeLabel(node).slice(0, 40), command: `${start} ${shortNodeId(node.health.current?.teeId ?? '')}` };
}

function partButton(nodes: readonly JudgedNode[], at: number, start: string): Action {
  const some = nodes.slice(at * MAX_BUTTONS, (at + 1) * MAX_BUTTONS);
  const ends = [some[0], some.at(-1)].map((node) => (node ? nodeLabel(node).slice(0, 18) : ''));
  return { label: ends.join(' … '), command: `${start} part:${at + 1}` };
}

/** This node alone, or all of its owner; null when the owner has no other. */
export function chooseWhole(network: NetworkFacts, nodeId: string, start: string): View | null {
  const node = network.nodes.find(({ id }) => String(id) === nodeId);
  const current = node?.health.current;
  if (node === undefined || !current) return null;
  const owner = current.owner.toLowerCase();
  const count = network.nodes.filter(({ health }) => health.current?.owner.toLowerCase() === owner).length;
  if (count < 2) return null;
  return {
    title: 'Only this node?',
    tone: 'info',
    lines: [['The owner of ', { strong: nodeLabel(node) }, ` has ${plural(count, 'node')}.`]],
    actions: [
      { label: `All of ${shortHex(owner)}`, command: `${start} owner:${owner}` },
      { label: 'Only this node', command: `${start} ${shortNodeId(current.teeId)} only:yes` },
    ],
    ...network.stamp,
  };
}
