import { currentStatus } from '../insight/currentStatus.ts';
import { judgeNodes } from '../insight/judgeNodes.ts';
import type { NodeThresholds } from '../insight/nodeHealth.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import { PART_OF } from '../lib/governanceFacts.ts';
import type { Store } from '../store/store.ts';
import { readGauges } from './gaugeBook.ts';
import type { AlertFacts } from './rule.ts';

/** The store's facts as rules look at them, judged at one moment. */
export async function readFacts(
  store: Pick<
    Store,
    'nodes' | 'sources' | 'models' | 'proofs' | 'governance' | 'gauges' | 'sets' | 'meta' | 'subscriptions'
  >,
  thresholds: NodeThresholds,
  nowMs: number,
): Promise<AlertFacts> {
  const [facts, sources] = await Promise.all([store.nodes.facts(), store.sources.list()]);
  const statuses = new Map(sources.map((status) => [status.source, currentStatus(status, nowMs)]));
  const chainSeconds = facts?.registry.block.timestampSeconds ?? 0;
  const gaugeSources = sources.map(({ source }) => source).filter((source) => source.endsWith(`.${PART_OF.curve}`));
  const [models, proofs, governance, books, followedVoters, shifts] = await Promise.all([
    store.models.facts(nowMs),
    store.proofs.facts(nowMs, chainSeconds),
    store.governance.facts(nowMs),
    Promise.all(gaugeSources.map((source) => readGauges(store, source))),
    // Votes on proposals say by themselves who is followed.
    gaugeSources.length === 0 ? [] : store.subscriptions.subjects('voter'),
    store.sets.shifts(),
  ]);
  const registry = statuses.get(REGISTRY_SOURCE) ?? null;
  return {
    nowMs,
    chainSeconds,
    facts,
    nodes: facts === null ? [] : judgeNodes(facts, registry, nowMs, thresholds),
    models,
    proofs,
    governance,
    gauges: books.filter((book) => book !== null),
    followedVoters,
    shifts,
    sources: statuses,
  };
}
