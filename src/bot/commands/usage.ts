import { nodeLabel } from '../../insight/nodeLabel.ts';
import { type Usage, usageOf } from '../../insight/usage.ts';
import { percent, plural } from '../../lib/units.ts';
import type { Field, Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import type { NetworkFacts } from '../networkFacts.ts';
import { WINDOW_NAMES, type Window } from '../nodeHours.ts';
import {
  facilitatorSource,
  nodeSource,
  proofsNotRead,
  proofWindow,
  readProofSources,
  sinceLines,
  unsettledWords,
  usageDaysOf,
  windowOption,
} from '../proofView.ts';

const NODES_SHOWN = 10;

const OLDER_WORDS: Readonly<Record<string, string>> = {
  'old-batch': 'batches without a blob',
  'old-settlement': 'plain settlements',
  'old-metadata': 'settlements with metadata',
};

export const usageCommand: Command = {
  path: ['usage'],
  summary: 'What the network was used for: settled answers by mode and node, payers, growth',
  options: [windowOption],
  permission: 'everyone',
  examples: ['usage', 'usage 7d'],
  async run(context, { args }): Promise<View> {
    const name = (args.window ?? '24h') as Window;
    const sources = await readProofSources(context);
    if (sources.facts === null) return proofsNotRead(sources, 'Usage', `usage ${name}`);
    const { proofs } = context.store;
    const window = await proofWindow(context, sources, name);
    const { fromHour, toHour } = window;
    const [fromSeconds, toSeconds] = [fromHour * 3_600, (toHour + 1) * 3_600];
    const hours = toHour - fromHour + 1;
    const [current, previous, nodes, kinds, usageDays, payers] = await Promise.all([
      proofs.hours({ nodeId: 0, fromHour, toHour }),
      proofs.hours({ nodeId: 0, fromHour: fromHour - hours, toHour: fromHour - 1 }),
      proofs.byNode({ fromHour, toHour }),
      proofs.countsByKind(fromSeconds, toSeconds - 1),
      usageDaysOf(context, window),
      proofs.payers(fromSeconds, toSeconds - 1),
    ]);
    const usage = usageOf({ current, previous, nodes, kinds, usageDays, window: window.known });
    const refused = kinds.reduce((sum, kind) => sum + kind.refused, 0);
    return {
      title: `Usage: last ${name}`,
      tone: usage.settled === null ? 'unknown' : 'info',
      lines: [
        [{ strong: headline(usage, name) }],
        ...sources.warning,
        ...sinceLines(window),
        ...nodeLines(usage, sources.network),
        ...(refused === 0 ? [] : [`${plural(refused, 'settlement')} of senders that are not allowed: not counted.`]),
        ...(usage.notValid === 0
          ? []
          : [
              `${plural(usage.notValid, 'other answer')} settled without a valid signature of a known node: not counted, anyone may settle those.`,
            ]),
        'Counted are answers whose signature was checked and is valid, each once, by the time it was settled.',
      ],
      fields: fieldsOf(usage, payers, unsettledWords(usage.privateShare, sources)),
      actions: [
        ...WINDOW_NAMES.map((one) => ({ label: one, command: `usage ${one}` })),
        { label: 'Proof delay', command: `proof delay ${name}`, mode: 'reply' as const },
      ],
      asOf: sources.stamp.asOf,
      sources: [...sources.stamp.sources, ...nodeSource(sources), ...facilitatorSource(usageDays)],
    };
  },
};

function headline({ settled, byMode, growth }: Usage, window: Window): string {
  if (settled === null) return `Nothing is known of settlements in the last ${window}: not known, not zero.`;
  if (settled === 0) return `No answer was settled in the last ${window}.`;
  const change = growth === null ? '' : `, ${signed(growth)} against the ${window} before`;
  return `${plural(settled, 'answer')} settled in the last ${window}: ${byMode.batch} in batches, ${byMode.individual} one by one${change}.`;
}

/** `+12 %`, `-3.4 %` */
const signed = (change: number): string => `${change < 0 ? '-' : '+'}${percent(Math.abs(change))}`;

function nodeLines({ byNode }: Usage, network: NetworkFacts | null): Line[] {
  if (byNode.length === 0) return [];
  const labelOf = (nodeId: number): string => {
    if (nodeId === -1) return 'no known node';
    const node = network?.nodes.find(({ id }) => id === nodeId);
    return node === undefined ? 'a node that is no longer registered' : nodeLabel(node);
  };
  return [
    byNode.length === 1 ? 'All of one node:' : 'By node:',
    ...byNode
      .slice(0, NODES_SHOWN)
      .map(
        ({ nodeId, settled, share }): Line => ['• ', { strong: labelOf(nodeId) }, `: ${settled} (${percent(share)})`],
      ),
    ...(byNode.length > NODES_SHOWN ? [`+${byNode.length - NODES_SHOWN} more`] : []),
  ];
}

function fieldsOf(usage: Usage, payers: number, unsettled: string): Field[] {
  const { growth, growthReason, previousSettled, byMode, older } = usage;
  return [
    {
      name: 'Growth',
      value:
        growth === null
          ? `not known: ${growthReason}`
          : `${signed(growth)} (${usage.settled} against ${previousSettled})`,
    },
    {
      name: 'Distinct payers',
      value:
        byMode.individual === 0
          ? 'not known: batches name none'
          : `${payers} of answers settled one by one; batches name none, and some of these may be a contract that pays for others`,
    },
    { name: 'Settled by nobody (private ones, estimated)', value: unsettled },
    ...(older.length === 0
      ? []
      : [
          {
            name: 'Older forms, apart and unchecked',
            value: older
              .map(
                ({ kind, events, answers }) =>
                  `${OLDER_WORDS[kind] ?? kind}: ${plural(events, 'event')} (${plural(answers, 'answer')})`,
              )
              .join(', '),
          },
        ]),
  ];
}
