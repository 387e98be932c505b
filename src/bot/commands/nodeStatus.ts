import type { HealthReason } from '../../insight/nodeHealth.ts';
import { nodeLabel, shortNodeId } from '../../insight/nodeLabel.ts';
import { UPTIME_DEFINITION, uptime, withOpenGap } from '../../insight/uptime.ts';
import { duration, percent, shortHex } from '../../lib/units.ts';
import type { Field, Line, View } from '../../lib/view.ts';
import type { HourRollup, StoredIncident } from '../../store/store.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findNode, nodeOption } from '../findNode.ts';
import { type JudgedNode, type NetworkFacts, notReadYet, readNetwork } from '../networkFacts.ts';
import { typeName } from './nodeList.ts';

const WINDOWS = [
  { name: '24 h', hours: 24 },
  { name: '7 d', hours: 168 },
  { name: '30 d', hours: 720 },
] as const;

const STATE_WORDS = { ok: 'OK', degraded: 'Degraded', down: 'Down', unknown: 'Unknown' } as const;

export const nodeStatus: Command = {
  path: ['node', 'status'],
  summary: 'One node: is it alive, is it who it says, and why',
  options: [nodeOption],
  permission: 'everyone',
  examples: ['node status 0x12ab34cd56ef', 'node status 13.59.207.188'],
  async run(context, { args }): Promise<View> {
    const network = await readNetwork(context);
    if (network === null) return await notReadYet(context);
    const found = findNode(network, String(args.node), (id) => `node status ${id}`);
    if ('instead' in found) return found.instead;
    const { node } = found;
    const [hours, incidents] = await Promise.all([
      hoursOf(context, network, node, 720),
      context.store.incidents.open(),
    ]);
    const mine = incidents.filter(({ nodeId, state }) => nodeId === node.id && state === 'firing');
    const id = shortNodeId(node.health.current?.teeId ?? '');
    return {
      title: `${nodeLabel(node)}: ${STATE_WORDS[node.health.state]}`,
      tone: node.health.state,
      lines: [...network.warning, ...reasonLines(node), ...incidentLines(mine)],
      fields: fieldsOf(network, node, hours),
      actions: [
        { label: 'Refresh', command: `node status ${id}` },
        { label: 'History', command: `node history ${id}`, mode: 'reply' },
        { label: 'Alert me', command: `alerts add node ${id}`, mode: 'reply' },
      ],
      asOf: network.stamp.asOf,
      sources: [...network.stamp.sources, ...(node.health.probe ? ['its gateway, asked from this bot'] : [])],
    };
  },
};

/** Roll-ups of the last hours, with the time since the last heartbeat. */
export async function hoursOf(context: BotContext, network: NetworkFacts, node: JudgedNode, hours: number) {
  const { registry } = network.facts;
  const chainSeconds = registry.block.timestampSeconds;
  const toHour = Math.floor(Math.max(chainSeconds, context.clock.now() / 1000) / 3600);
  const fromHour = Math.floor(chainSeconds / 3600) - hours + 1;
  const rows = await context.store.history.hours({ nodeIds: [node.id], fromHour, toHour });
  const lastBeat = node.lastBeatAtSeconds;
  const all = withOpenGap(rows, lastBeat, chainSeconds, registry.heartbeatMaxAgeSeconds);
  return all.filter(({ hour }) => hour >= fromHour);
}

function reasonLines({ health }: JudgedNode): Line[] {
  if (health.reasons.length === 0 || health.reasons.every(({ state }) => state === 'ok')) {
    return ['Heartbeats, certificate and identity are as they should be.', ...health.reasons.map(reasonLine)];
  }
  return health.reasons.map(reasonLine);
}

const reasonLine = ({ state, text }: HealthReason): Line => [
  state === 'ok' ? 'ℹ️ ' : '⚠️ ',
  text.charAt(0).toUpperCase() + text.slice(1),
  '.',
];

function incidentLines(incidents: readonly StoredIncident[]): Line[] {
  return incidents.map(
    (incident): Line => [
      `Open incident: ${incident.rule} ${incident.level}, since `,
      { time: Math.floor((incident.firedAtMs ?? 0) / 1000) },
    ],
  );
}

function fieldsOf(network: NetworkFacts, node: JudgedNode, hours: readonly Pick<HourRollup, 'hour'>[]): Field[] {
  const { health } = node;
  const { current, probe } = health;
  if (current === null) return [];
  const { registry } = network.facts;
  const age = health.heartbeatAgeSeconds ?? 0;
  const former = node.records.length - 1;
  const missed = health.missedBeats ? `, ${health.missedBeats} missed` : '';
  return [
    { name: 'Heartbeat', value: `${duration(age)} ago${missed} (limit ${duration(registry.heartbeatMaxAgeSeconds)})` },
    { name: 'Registered', value: [`${health.registration}, since `, { time: current.registeredAtSeconds }] },
    { name: 'From this bot', value: probeText(node) },
    { name: 'Certificate', value: certificateText(probe) },
    {
      name: 'Identity',
      value:
        probe?.identityMatches == null
          ? 'not checked'
          : probe.identityMatches
            ? 'signing key matches the id'
            : 'another key',
    },
    { name: 'Measurement (PCR)', value: pcrText(network, node) },
    {
      name: 'Price feed',
      value: probe?.priceAgeSeconds == null ? 'not reported' : `${duration(probe.priceAgeSeconds)} old`,
    },
    ...WINDOWS.map(
      ({ name, hours: count }): Field => ({
        name: `Uptime ${name}`,
        value: uptimeText(hours as HourRollup[], network, count),
      }),
    ),
    {
      name: 'Type',
      value: `${typeName(node, network)}${current.ohttp === null ? '' : current.ohttp ? ', with OHTTP' : ', no OHTTP'}`,
    },
    { name: 'Owner', value: { code: current.owner } },
    { name: 'Node id', value: { code: current.teeId } },
    { name: 'Endpoint', value: { code: current.endpoint || 'none' } },
    ...(former > 0 ? [{ name: 'Former ids here', value: `${former}: an enclave that restarts gets a new one` }] : []),
    { name: 'Uptime means', value: UPTIME_DEFINITION },
  ];
}

function uptimeText(hours: readonly HourRollup[], { facts }: NetworkFacts, count: number): string {
  const from = Math.floor(facts.registry.block.timestampSeconds / 3600) - count + 1;
  const { activeShare, coveredSeconds, reachedShare, latencyP50Ms, latencyP95Ms } = uptime(
    hours.filter(({ hour }) => hour >= from),
  );
  const chain =
    activeShare === null ? 'on-chain unknown' : `on-chain ${percent(activeShare)} of ${duration(coveredSeconds)}`;
  const reach = reachedShare === null ? 'reachable unknown' : `reachable ${percent(reachedShare)}`;
  const latency =
    latencyP50Ms === null || latencyP95Ms === null
      ? ''
      : `, p50 ${Math.round(latencyP50Ms)} ms, p95 ${Math.round(latencyP95Ms)} ms`;
  return `${chain}; ${reach}${latency}`;
}

function probeText({ health: { probe } }: JudgedNode): Line {
  if (probe === null) return 'not asked recently';
  const latency = probe.latencyMs === null ? '' : ` in ${Math.round(probe.latencyMs)} ms`;
  const what = probe.outcome === 'ok' ? `answers${latency}` : `${probe.outcome}: ${probe.detail}`;
  return [`${what}, asked `, { time: Math.floor(probe.atMs / 1000) }];
}

function certificateText(probe: JudgedNode['health']['probe']): Line {
  if (probe?.certificateMatches == null) return 'not checked';
  if (!probe.certificateMatches) return 'not the registered one';
  if (probe.certificateExpiresAtSeconds === null) return 'the registered one';
  return ['the registered one, valid until ', { time: probe.certificateExpiresAtSeconds }];
}

function pcrText({ facts }: NetworkFacts, { health }: JudgedNode): Line {
  const hash = { code: shortHex(health.current?.pcrHash ?? '') };
  if (facts.registry.approvedPcrs === null) return [hash, ' approval unknown'];
  return [hash, health.registration === 'pcr-revoked' ? ' no longer approved' : ' approved'];
}
