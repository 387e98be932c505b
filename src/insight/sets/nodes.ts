import type { Hex, TeeRecord } from '../../lib/facts.ts';
import type { SetReading } from '../../lib/influence.ts';
import { utc } from '../../lib/units.ts';
import { merged, some } from './count.ts';
import { type SetInput, setReading, Weights } from './weights.ts';

/** A node with its registrations. */
interface OwnedNode {
  id: number;
  records: readonly Pick<TeeRecord, 'owner' | 'enabled' | 'registeredAtSeconds'>[];
}

/** Owners by their enabled nodes. A node is of whoever made its newest registration that is enabled. */
export function operatorSet(nodes: readonly OwnedNode[], input: SetInput): SetReading {
  const weights = new Weights();
  let enabled = 0;
  for (const { records } of nodes) {
    const owner = newestOwner(records.filter((record) => record.enabled));
    if (owner === null) continue;
    enabled += 1;
    weights.add(owner, 1n);
  }
  return setReading('operators', input, { symbol: 'nodes', decimals: 0 }, weights.members(), [
    some(nodes.length - enabled, 'node', 'not enabled'),
    merged(enabled, 'node', weights.size, 'owner'),
  ]);
}

/** Sums of the window by node and mode; nodeId -1: of no known node. */
interface SettledRow {
  nodeId: number;
  valid: number;
}

/** Owners by the valid answers that their nodes signed and that were settled. `knownFromSeconds`: since when settlements are known. */
export function inferenceSet(
  rows: readonly SettledRow[],
  nodes: readonly OwnedNode[],
  { fromSeconds, knownFromSeconds, ...input }: SetInput & { fromSeconds: number; knownFromSeconds: number | null },
): SetReading {
  const ownerOf = new Map(nodes.map(({ id, records }) => [id, newestOwner(records)]));
  const weights = new Weights();
  const busy = new Set<number>();
  let strays = 0;
  for (const { nodeId, valid } of rows) {
    if (valid === 0 || nodeId === 0) continue;
    const owner = ownerOf.get(nodeId) ?? null;
    if (owner === null) {
      strays += valid;
      continue;
    }
    busy.add(nodeId);
    weights.add(owner, BigInt(valid));
  }
  const isPart = knownFromSeconds === null || knownFromSeconds > fromSeconds;
  const since = knownFromSeconds === null ? 'not for all of that time' : `only since ${utc(knownFromSeconds)}`;
  return setReading('inferences', input, { symbol: 'answers', decimals: 0 }, weights.members(), [
    some(strays, 'answer', 'of no known node'),
    merged(busy.size, 'node', weights.size, 'owner'),
    isPart ? `settlements are known ${since}` : '',
    weights.size > 0 ? 'answers that nobody settled are not seen' : '',
  ]);
}

function newestOwner(records: OwnedNode['records']): Hex | null {
  const [first, ...others] = records;
  if (first === undefined) return null;
  const newest = others.reduce((a, b) => (b.registeredAtSeconds > a.registeredAtSeconds ? b : a), first);
  return newest.owner.toLowerCase() as Hex;
}
