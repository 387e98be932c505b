import type { BlockRef, Hex, SourceStatus } from '../lib/facts.ts';
import { shortHex } from '../lib/units.ts';
import { judgeNode, type NodeHealth, type NodeInput, type NodeThresholds, type RegistryInput } from './nodeHealth.ts';

/** A node with the judgement on it. */
export type Judged<Node extends NodeInput> = Node & { health: NodeHealth };

interface ReadFacts<Node extends NodeInput> {
  registry: Omit<RegistryInput, 'chainSeconds'> & { block: BlockRef };
  nodes: readonly Node[];
}

/** Every node of the facts, judged at one moment by the chain's clock of those facts. */
export function judgeNodes<Node extends NodeInput>(
  { registry, nodes }: ReadFacts<Node>,
  status: SourceStatus | null,
  nowMs: number,
  thresholds: NodeThresholds,
): Judged<Node>[] {
  const input = { ...registry, chainSeconds: registry.block.timestampSeconds };
  return nodes.map((node) => ({ ...node, health: judgeNode(node, input, status, nowMs, thresholds) }));
}

/** Where facts about nodes come from, as every answer and alert names it. */
export function registryLabel({
  registry,
  chainId,
  block,
}: {
  registry: Hex;
  chainId: number;
  block: BlockRef;
}): string {
  return `TEERegistry ${shortHex(registry)}, chain ${chainId}, block ${block.number}`;
}
