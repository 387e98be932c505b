import { currentStatus } from '../insight/currentStatus.ts';
import { judgeNodes } from '../insight/judgeNodes.ts';
import type { NodeThresholds } from '../insight/nodeHealth.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import type { Store } from '../store/store.ts';
import type { AlertFacts } from './rule.ts';

/** The store's facts as rules look at them, judged at one moment. */
export async function readFacts(
  store: Pick<Store, 'nodes' | 'sources' | 'models' | 'proofs'>,
  thresholds: NodeThresholds,
  nowMs: number,
): Promise<AlertFacts> {
  const [facts, sources] = await Promise.all([store.nodes.facts(), store.sources.list()]);
  const statuses = new Map(sources.map((status) => [status.source, currentStatus(status, nowMs)]));
  const chainSeconds = facts?.registry.block.timestampSeconds ?? 0;
  const [models, proofs] = await Promise.all([store.models.facts(nowMs), store.proofs.facts(nowMs, chainSeconds)]);
  const registry = statuses.get(REGISTRY_SOURCE) ?? null;
  return {
    nowMs,
    chainSeconds,
    facts,
    nodes: facts === null ? [] : judgeNodes(facts, registry, nowMs, thresholds),
    models,
    proofs,
    sources: statuses,
  };
}
