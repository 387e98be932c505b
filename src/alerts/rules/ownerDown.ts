import { registryLabel } from '../../insight/judgeNodes.ts';
import type { NodeThresholds } from '../../insight/nodeHealth.ts';
import { nodeLabel } from '../../insight/nodeLabel.ts';
import { toSeconds } from '../../lib/clock.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration, plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Incident } from '../incident.ts';
import { type JudgedNode, lasted, NODE_FAMILY, OLD_NEWS_SECONDS, registeredNodes } from '../nodeRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

/** With fewer, the nodes' own alerts say it as shortly. */
const MIN_NODES = 3;
const LISTED = 10;

/** A node as the alert names it: plain JSON. */
interface Named {
  label: string;
  ageSeconds: number;
}

/**
 * Every node of an owner is silent: one incident with a list, which speaks for the heartbeat alerts of those nodes and
 * for nothing else. Nodes beat in turn, so after the first beat it waits one interval for the others before it leaves
 * those still silent to alerts of their own.
 */
export function ownerDown({ heartbeatIntervalSeconds }: NodeThresholds): Rule {
  return {
    id: 'owner.down',
    family: NODE_FAMILY,
    summary: `Every node of an owner missed its heartbeat, ${MIN_NODES} or more: told once, instead of node by node.`,
    levels: { down: { severity: 'critical', forSeconds: 0 } },
    clearSeconds: heartbeatIntervalSeconds,
    clears: 'all of them beat again, or some do',
    threshold: null,
    dependsOn: [REGISTRY_SOURCE],
    facts: 'nodes',
    inhibits: (own, other) => other.rule === 'node.heartbeat' && other.owner !== null && other.owner === own.owner,
    samples: (facts) =>
      [...Map.groupBy(registeredNodes(facts), ownerOf)].map(([owner, nodes]) => sampleOf(owner, nodes, facts)),
    text: (kind, incident, facts) => (kind === 'resolved' ? over(incident, facts) : down(incident, facts)),
  };
}

const ownerOf = ({ health }: JudgedNode): string => health.current?.owner.toLowerCase() ?? '';

const ageOf = ({ health }: JudgedNode): number => health.heartbeatAgeSeconds ?? 0;

function sampleOf(owner: string, nodes: readonly JudgedNode[], facts: AlertFacts): Sample {
  const awaited = awaitedOf(nodes);
  const silent = awaited.filter(({ health }) => ['missed', 'expired'].includes(health.heartbeatLevel ?? ''));
  const enough = awaited.length >= MIN_NODES;
  const isDown = enough && silent.length === awaited.length;
  const listed = [...silent].sort((a, b) => ageOf(b) - ageOf(a) || a.id - b.id).slice(0, LISTED);
  const named = listed.map((node): Named => ({ label: nodeLabel(node), ageSeconds: ageOf(node) }));
  const found = isDown ? { total: awaited.length, nodes: named } : { enough, silent: silent.length };
  return {
    subject: `owner:${owner}`,
    nodeId: null,
    owner,
    verdict: isDown ? 'bad' : 'clear',
    level: 'down',
    value: null,
    detail: { label: shortHex(owner), ...found },
    final: !isDown && (!enough || silent.length === 0),
    onlyIfOpen: Math.min(...awaited.map(ageOf)) > OLD_NEWS_SECONDS,
    atSeconds: facts.chainSeconds,
  };
}

/**
 * Nodes whose heartbeat is expected: enabled, and no relics that fell silent a day before the owner's newest beat. All
 * ages grow alike, so that none is forgotten because the silence lasts.
 */
function awaitedOf(nodes: readonly JudgedNode[]): JudgedNode[] {
  const enabled = nodes.filter(({ health }) => health.registration === 'active' || health.registration === 'stale');
  const newest = Math.min(...enabled.map(ageOf));
  return enabled.filter((node) => ageOf(node) - newest <= OLD_NEWS_SECONDS);
}

function down(incident: Incident, facts: AlertFacts): View {
  const total = Number(incident.detail.total);
  const nodes = incident.detail.nodes as Named[];
  const more = total - nodes.length;
  return {
    ...frame('Owner down', incident, facts),
    tone: 'down',
    lines: [
      [{ strong: `None of the owner's ${plural(total, 'node')} sends heartbeats` }, ', so the cause is likely shared.'],
      ...nodes.map(({ label, ageSeconds }): Line => `• ${label}: silent for ${duration(ageSeconds)}`),
      ...(more > 0 ? [`+${more} more`] : []),
    ],
    actions: [{ label: 'Nodes', command: 'node list', mode: 'reply' }],
  };
}

function over(incident: Incident, facts: AlertFacts): View {
  const { detail } = incident;
  const after = `${duration(lasted(incident))} after the alert`;
  if (detail.because === 'gone' || detail.enough === false) {
    const line = `Fewer than ${MIN_NODES} of its nodes are registered and enabled now, ${after}.`;
    return { ...frame('Owner no longer watched as a whole', incident, facts), tone: 'info', lines: [line] };
  }
  const silent = Number(detail.silent);
  const lines: Line[] =
    silent === 0
      ? [[{ strong: 'All of its nodes beat again' }, `, ${after}.`]]
      : [
          [{ strong: 'Some of its nodes beat again' }, `, ${after}.`],
          `${plural(silent, 'node')} still silent: told one by one.`,
        ];
  const headline = silent === 0 ? 'Owner is back' : 'Owner partly back';
  return { ...frame(headline, incident, facts), tone: silent === 0 ? 'ok' : 'degraded', lines };
}

function frame(headline: string, { owner }: Incident, { facts, nowMs }: AlertFacts) {
  return {
    title: `${headline}: ${shortHex(owner ?? '')}`,
    headline,
    asOf: toSeconds(facts?.readAtMs ?? nowMs),
    sources: facts ? [registryLabel(facts.registry)] : [],
  };
}
