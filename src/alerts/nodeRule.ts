import { type Judged, registryLabel } from '../insight/judgeNodes.ts';
import { nodeLabel, shortNodeId } from '../insight/nodeLabel.ts';
import { toSeconds } from '../lib/clock.ts';
import type { Line, Tone, View } from '../lib/view.ts';
import type { StoredNode } from '../store/store.ts';
import type { Incident } from './incident.ts';
import type { AlertFacts, Sample } from './rule.ts';

export const NODE_FAMILY = 'node';
/** A registration silent for longer than this when it is first looked at is history, not news. */
export const OLD_NEWS_SECONDS = 86_400;

export type JudgedNode = Judged<StoredNode>;

/** Every node that is registered; rules map over it. */
export const registeredNodes = ({ nodes }: AlertFacts): JudgedNode[] =>
  nodes.filter(({ health }) => health.current !== null);

/** A sample of one node by the chain's clock. */
export function nodeSample(
  node: JudgedNode,
  facts: AlertFacts,
  verdict: Sample['verdict'],
  { level = '', value = null as number | null, detail = {} as Record<string, unknown> } = {},
): Sample {
  const { current, heartbeatAgeSeconds } = node.health;
  return {
    subject: `node:${node.id}`,
    nodeId: node.id,
    owner: current?.owner.toLowerCase() ?? null,
    verdict,
    level,
    value,
    detail: { label: nodeLabel(node), id: current ? shortNodeId(current.teeId) : '', ...detail },
    atSeconds: facts.chainSeconds,
    onlyIfOpen: (heartbeatAgeSeconds ?? 0) > OLD_NEWS_SECONDS,
  };
}

/** The frame that all node alerts share: what happened and to which node, then where it is from, and two buttons. */
export function nodeAlert(headline: string, tone: Tone, lines: Line[], incident: Incident, facts: AlertFacts): View {
  const id = String(incident.detail.id ?? '');
  const registry = facts.facts?.registry;
  return {
    title: `${headline}: ${String(incident.detail.label ?? incident.subject)}`,
    headline,
    tone,
    lines,
    actions:
      id === ''
        ? []
        : [
            { label: 'Status', command: `node status ${id}`, mode: 'reply' },
            { label: 'History', command: `node history ${id}`, mode: 'reply' },
          ],
    asOf: toSeconds(facts.facts?.readAtMs ?? facts.nowMs),
    sources: registry ? [registryLabel(registry)] : [],
  };
}

/** How long it lasted, by this bot's clock. */
export function lasted(incident: Incident): number {
  return Math.max(0, ((incident.resolvedAtMs ?? 0) - (incident.firedAtMs ?? 0)) / 1000);
}

export const isGone = (incident: Incident): boolean => incident.detail.because === 'gone';
