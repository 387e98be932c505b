import { currentStatus } from '../insight/currentStatus.ts';
import { type Judged, judgeNodes, registryLabel } from '../insight/judgeNodes.ts';
import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { NamedNode } from '../insight/nodeName.ts';
import { toSeconds } from '../lib/clock.ts';
import type { SourceStatus } from '../lib/facts.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import { duration } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { NodeFacts, StoredNode } from '../store/store.ts';
import type { BotContext } from './context.ts';

export type JudgedNode = Judged<StoredNode>;

/** The store's facts as commands need them: judged now. */
export interface NetworkFacts {
  facts: NodeFacts;
  nodes: JudgedNode[];
  status: SourceStatus | null;
  /** What every answer ends with. */
  stamp: { asOf: number; sources: string[] };
  /** Words to begin with when the facts are not current; empty otherwise. */
  warning: Line[];
}

/** null before the registry has been read for the first time. */
export async function readNetwork({ store, clock, thresholds }: BotContext): Promise<NetworkFacts | null> {
  const [facts, stored] = await Promise.all([store.nodes.facts(), store.sources.get(REGISTRY_SOURCE)]);
  if (facts === null) return null;
  const now = clock.now();
  const status = currentStatus(stored, now);
  return {
    facts,
    status,
    nodes: judgedNodes(facts, status, now, thresholds),
    stamp: {
      asOf: toSeconds(facts.readAtMs),
      sources: [registryLabel(facts.registry)],
    },
    warning: staleWarning(status, now),
  };
}

interface Judgement {
  /** What it holds for besides the facts: ages are counted in whole seconds. */
  key: string;
  thresholds: NodeThresholds;
  nodes: JudgedNode[];
}

const judgements = new WeakMap<NodeFacts, Judgement>();

/** Every node of the facts judged; many questions within one second share one judgement. */
function judgedNodes(
  facts: NodeFacts,
  status: SourceStatus | null,
  nowMs: number,
  thresholds: NodeThresholds,
): JudgedNode[] {
  const key = `${toSeconds(nowMs)} ${status?.state} ${status?.shortError}`;
  const earlier = judgements.get(facts);
  if (earlier?.key === key && earlier.thresholds === thresholds) return earlier.nodes;
  const nodes = judgeNodes(facts, status, nowMs, thresholds);
  judgements.set(facts, { key, thresholds, nodes });
  return nodes;
}

function staleWarning(status: SourceStatus | null, nowMs: number): Line[] {
  if (status === null || status.state === 'fresh') return [];
  const { state, failingSinceMs, shortError } = status;
  const unread =
    failingSinceMs === null
      ? 'The registry cannot be read'
      : `The registry has been unreadable for ${duration((nowMs - failingSinceMs) / 1000)}`;
  return [
    [
      { strong: state === 'stale' ? 'This is not from now' : unread },
      `: ${shortError ?? 'it has not answered yet'}. What follows is what was last known.`,
    ],
  ];
}

/** The names that people may call nodes by. */
export function namesOf(nodes: readonly JudgedNode[]): NamedNode[] {
  return nodes.map(({ id, key, records, health }) => {
    const current = health.current?.teeId.toLowerCase() ?? '';
    const others = records.map(({ teeId }) => teeId.toLowerCase()).filter((teeId) => teeId !== current);
    return { id, key, teeIds: [current, ...others], owner: health.current?.owner.toLowerCase() ?? '' };
  });
}

/** An answer for the time before the first read. */
export async function notReadYet({ store, clock }: BotContext) {
  const status = await store.sources.get(REGISTRY_SOURCE);
  const cause = status?.shortError ? `: ${status.shortError}` : ' since this bot was set up';
  return {
    title: 'Not known yet',
    tone: 'unknown' as const,
    lines: [`The registry has not been read${cause}. This says nothing about the nodes.`],
    actions: [{ label: 'Try again', command: 'network' }],
    asOf: toSeconds(clock.now()),
    sources: ['this bot’s own view of the registry'],
  };
}
