import type { HealthReason } from '../../insight/nodeHealth.ts';
import { nodeLabel, shortNodeId } from '../../insight/nodeLabel.ts';
import { type Hour, UPTIME_DEFINITION, uptime } from '../../insight/uptime.ts';
import { duration, percent, shortHex } from '../../lib/units.ts';
import type { Field, Line, View } from '../../lib/view.ts';
import type { StoredIncident } from '../../store/store.ts';
import type { Command } from '../command.ts';
import { findNode, nodeOption } from '../findNode.ts';
import { type JudgedNode, type NetworkFacts, notReadYet, readNetwork } from '../networkFacts.ts';
import { hoursOf, lastHours, type NodeHours, WINDOW_NAMES, WINDOWS } from '../nodeHours.ts';
import { typeName } from '../nodeTypes.ts';

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
    const [month, incidents] = await Promise.all([
      hoursOf(context, network, node, '30d'),
      context.store.incidents.open(),
    ]);
    const mine = incidents.filter(({ nodeId, state }) => nodeId === node.id && state === 'firing');
    const id = shortNodeId(node.health.current?.teeId ?? '');
    return {
      title: `${nodeLabel(node)}: ${STATE_WORDS[node.health.state]}`,
      tone: node.health.state,
      lines: [...network.warning, ...reasonLines(node), ...incidentLines(mine)],
      fields: fieldsOf(network, node, month),
      actions: [
        { label: 'Refresh', command: `node status ${id}` },
        { label: 'History', command: `node history ${id}`, mode: 'reply' },
        { label: 'Alert this chat', command: `alerts add node ${id}`, mode: 'reply' },
      ],
      asOf: network.stamp.asOf,
      sources: [...network.stamp.sources, ...(node.health.probe ? ['its gateway, asked from this bot'] : [])],
    };
  },
};

function reasonLines({ health }: JudgedNode): Line[] {
  const lines = health.reasons.map(reasonLine);
  if (health.reasons.some(({ state }) => state !== 'ok')) return lines;
  return [`${asItShouldBe(health)}.`, ...lines];
}

/** Only what was looked at is said to be well. */
function asItShouldBe({ probe }: JudgedNode['health']): string {
  const checks = [
    { name: 'certificate', seen: probe?.certificateMatches === true },
    { name: 'identity', seen: probe?.identityMatches === true },
  ];
  const seen = ['Heartbeats', ...checks.filter((one) => one.seen).map(({ name }) => name)];
  const unseen = checks.filter((one) => !one.seen).map(({ name }) => name);
  const all = [seen.slice(0, -1).join(', '), seen.at(-1)].filter(Boolean).join(' and ');
  return `${all} are as they should be${unseen.length === 0 ? '' : `; ${unseen.join(' and ')} could not be checked`}`;
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

function fieldsOf(network: NetworkFacts, node: JudgedNode, month: NodeHours): Field[] {
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
    ...WINDOW_NAMES.map(
      (window): Field => ({
        name: `Uptime ${WINDOWS[window].label}`,
        value: uptimeText(lastHours(month, window)),
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

function uptimeText(hours: readonly Hour[]): string {
  const { activeShare, coveredSeconds, reachedShare, latencyP50Ms, latencyP95Ms } = uptime(hours);
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
