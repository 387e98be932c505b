import { nodeLabel, shortNodeId } from '../../insight/nodeLabel.ts';
import { UPTIME_DEFINITION, type UptimeStep, uptime, uptimeSteps } from '../../insight/uptime.ts';
import type { Chart } from '../../lib/chart.ts';
import type { RegistryEvent } from '../../lib/facts.ts';
import { duration, percent, plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { findNode, nodeOption } from '../findNode.ts';
import { notReadYet, readNetwork } from '../networkFacts.ts';
import { hoursOf, type NodeHours, WINDOW_NAMES, WINDOWS, type Window } from '../nodeHours.ts';

const EVENTS_SHOWN = 5;

export const nodeHistory: Command = {
  path: ['node', 'history'],
  summary: 'One node over time: uptime and latency as a picture, and what happened to it',
  options: [
    nodeOption,
    { name: 'window', summary: 'How far back', type: 'text', required: false, choices: WINDOW_NAMES },
  ],
  permission: 'everyone',
  examples: ['node history 0x12ab34cd56ef 7d'],
  async run(context, { args }): Promise<View> {
    const network = await readNetwork(context);
    if (network === null) return await notReadYet(context);
    const window = (args.window ?? '24h') as Window;
    const found = findNode(network, String(args.node), (id) => `node history ${id} ${window}`);
    if ('instead' in found) return found.instead;
    const { node } = found;
    const seen = await hoursOf(context, network, node, window);
    const events = await context.store.nodes.events({
      teeIds: node.records.map(({ teeId }) => teeId),
      kinds: ['registered', 'enabled', 'disabled'],
      limit: EVENTS_SHOWN,
    });
    const id = shortNodeId(node.health.current?.teeId ?? '');
    return {
      title: `${nodeLabel(node)}: last ${window}`,
      tone: node.health.state,
      lines: [...network.warning, ...summary(uptime(seen.hours), window), ...eventLines(events)],
      chart: chartOf(nodeLabel(node), window, seen),
      actions: [
        ...WINDOW_NAMES.map((name) => ({ label: name, command: `node history ${id} ${name}` })),
        { label: 'Status', command: `node status ${id}`, mode: 'reply' as const },
      ],
      asOf: network.stamp.asOf,
      sources: [...network.stamp.sources, 'hourly roll-ups of heartbeats on chain and of probes from this bot'],
    };
  },
};

function summary(
  { activeShare, coveredSeconds, reachedShare, probes, latencyP50Ms, latencyP95Ms }: ReturnType<typeof uptime>,
  window: Window,
): Line[] {
  if (activeShare === null && reachedShare === null)
    return [`Nothing is recorded for the last ${window}: not known, not zero.`];
  const chain =
    activeShare === null
      ? 'Active on chain: not known.'
      : `Active on chain ${percent(activeShare)} of ${duration(coveredSeconds)} that heartbeats account for.`;
  const reach =
    reachedShare === null
      ? 'Reachable from this bot: not known.'
      : `Reachable from this bot in ${percent(reachedShare)} of ${plural(probes, 'probe')}.`;
  const latency =
    latencyP50Ms === null || latencyP95Ms === null
      ? []
      : [`Latency p50 ${Math.round(latencyP50Ms)} ms, p95 ${Math.round(latencyP95Ms)} ms.`];
  return [[{ strong: chain }], reach, ...latency, `Definitions: ${UPTIME_DEFINITION}.`];
}

function eventLines(events: readonly RegistryEvent[]): Line[] {
  if (events.length === 0) return [];
  return [
    'In the registry:',
    ...events.map(
      (event): Line => [`• ${event.kind} as ${shortHex(event.teeId ?? '')} `, { time: event.blockTimestampSeconds }],
    ),
  ];
}

function chartOf(label: string, window: Window, { hours, fromHour, toHour }: NodeHours): Chart {
  const steps = uptimeSteps(hours, fromHour, toHour, WINDOWS[window].stepHours);
  const series = (pick: (step: UptimeStep) => number | null) =>
    steps.map((step): [number, number | null] => [step.fromSeconds, pick(step)]);
  const share = (value: number | null): number | null => (value === null ? null : value * 100);
  return {
    title: label,
    subtitle: `last ${window}, UTC; gaps are times without data`,
    fromSeconds: fromHour * 3600,
    toSeconds: (toHour + 1) * 3600,
    panels: [
      {
        title: 'Active on chain',
        kind: 'bars',
        unit: 'percent',
        series: [{ name: 'active', points: series((step) => share(step.activeShare)) }],
      },
      {
        title: 'Latency from this bot',
        kind: 'line',
        unit: 'ms',
        series: [
          { name: 'p50', points: series((step) => step.latencyP50Ms) },
          { name: 'p95', points: series((step) => step.latencyP95Ms) },
        ],
      },
    ],
    alt: `Share of time active on chain, and latency from this bot, of ${label} over the last ${window}`,
  };
}
