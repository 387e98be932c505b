import { nodeLabel, shortNodeId } from '../../insight/nodeLabel.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import { echo, errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import { type JudgedNode, type NetworkFacts, notReadYet, readNetwork } from '../networkFacts.ts';
import { STATES } from '../nodeStates.ts';
import { MAX_TYPE, typeName, typeWord } from '../nodeTypes.ts';

const ROWS = 10;

/** Worst first: a list is opened to see what is wrong. */
const ORDER = { down: 0, degraded: 1, unknown: 2, ok: 3 } as const;

const MARK = { ok: '🟢', degraded: '🟡', down: '🔴', unknown: '⚪' } as const;

export const nodeList: Command = {
  path: ['node', 'list'],
  summary: 'Nodes with their state, worst first',
  options: [
    { name: 'state', summary: 'Only this state', type: 'text', required: false, choices: STATES },
    {
      name: 'type',
      summary: 'Only this node type',
      type: 'text',
      required: false,
      maxLength: MAX_TYPE,
      async suggest(context, typed) {
        const facts = await context.store.nodes.facts();
        const names = facts?.registry.types.map(({ name }) => typeWord(name)) ?? [];
        return names
          .filter((name) => name !== '' && name.toLowerCase().includes(typed.toLowerCase()))
          .map((name) => ({ label: name, value: name }));
      },
    },
    { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 10_000 },
  ],
  permission: 'everyone',
  examples: ['node list', 'node list down', 'node list type:LLMProxy'],
  async run(context, { args }): Promise<View> {
    const network = await readNetwork(context);
    if (network === null) return await notReadYet(context);
    const state = args.state as string | undefined;
    const type = typeWord(String(args.type ?? '')) || undefined;
    const types = network.facts.registry.types.map(({ name }) => typeWord(name)).filter((name) => name !== '');
    if (type !== undefined && !types.some((name) => name.toLowerCase() === type.toLowerCase())) {
      return { ...unknownType(type, types), ...network.stamp };
    }
    const wanted = network.nodes
      .filter(({ health }) => state === undefined || health.state === state)
      .filter((node) => type === undefined || typeName(node, network).toLowerCase() === type.toLowerCase())
      .sort((a, b) => ORDER[a.health.state] - ORDER[b.health.state] || a.id - b.id);
    const pages = Math.max(1, Math.ceil(wanted.length / ROWS));
    const page = Math.min(Number(args.page ?? 1), pages);
    const shown = wanted.slice((page - 1) * ROWS, page * ROWS);
    const filter = [state, type && `type:${quoted(type)}`].filter(Boolean).join(' ');
    const command = ['node list', filter].filter(Boolean).join(' ');
    return {
      title: filter === '' ? 'Nodes' : `Nodes: ${[state, type].filter(Boolean).join(', ')}`,
      tone: 'info',
      lines: [
        ...network.warning,
        headline(wanted.length, network, state ?? type),
        ...shown.map((node) => row(node, network)),
      ],
      actions: [
        { label: 'Refresh', command: pages > 1 ? `${command} page:${page}` : command },
        ...shown.slice(0, 5).flatMap((node) => {
          const id = node.health.current?.teeId;
          return id
            ? [
                {
                  label: nodeLabel(node).slice(0, 24),
                  command: `node status ${shortNodeId(id)}`,
                  mode: 'reply' as const,
                },
              ]
            : [];
        }),
      ],
      ...(pages > 1 ? { page: { number: page, of: pages, command } } : {}),
      ...network.stamp,
    };
  },
};

/** A word that is neither a state nor a type must not read as "nothing is wrong". */
const unknownType = (typed: string, types: readonly string[]): View =>
  errorView(
    'No such state or type',
    [
      `${echo(typed)} is neither a state (${STATES.join(', ')}) nor a node type (${types.join(', ') || 'the registry has none'}).`,
    ],
    [...STATES, ...types].slice(0, 10).map((name) => ({ label: name, command: `node list ${quoted(name)}` })),
  );

const quoted = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);

function headline(count: number, { nodes }: NetworkFacts, filter: string | undefined): Line {
  if (nodes.length === 0) return 'The registry lists no nodes.';
  if (count === 0) return `None of the ${plural(nodes.length, 'node')} fits.`;
  return [{ strong: filter === undefined ? plural(count, 'node') : `${count} of ${plural(nodes.length, 'node')}` }];
}

function row(node: JudgedNode, network: NetworkFacts): Line {
  const { state, reasons, heartbeatAgeSeconds, current } = node.health;
  const worst = reasons.find((reason) => reason.state === state && state !== 'ok');
  const beat = heartbeatAgeSeconds === null ? '' : `, beat ${duration(heartbeatAgeSeconds)} ago`;
  return [
    `${MARK[state]} `,
    { strong: nodeLabel(node) },
    ' ',
    { code: current ? shortNodeId(current.teeId) : '?' },
    ` ${typeName(node, network)}: ${worst ? worst.text : `${state}${beat}`}`,
  ];
}
