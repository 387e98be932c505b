import type { BlockRef, Hex, ProbeResult, RegistrySnapshot, TeeRecord } from '../lib/facts.ts';
import { nodeKey } from '../lib/nodeKey.ts';
import type { PrismaDb } from './client.ts';
import { loadFacts } from './nodeRows.ts';
import type { NodeFacts, StoredNode, StoredProbe } from './store.ts';

/**
 * The node facts in memory. Commands and rules ask many times a second; what is written is patched in here, and
 * only what cannot be patched (a node not seen before) is read again. Valid as long as one process writes.
 */
export class FactsCache {
  readonly #prisma: PrismaDb;
  #facts: Promise<NodeFacts | null> | null = null;

  constructor(prisma: PrismaDb) {
    this.#prisma = prisma;
  }

  get(): Promise<NodeFacts | null> {
    if (this.#facts === null) {
      const loading = loadFacts(this.#prisma);
      this.#facts = loading;
      loading.catch(() => {
        if (this.#facts === loading) this.#facts = null;
      });
    }
    return this.#facts;
  }

  drop(): void {
    this.#facts = null;
  }

  async touched(registry: Hex, block: BlockRef, readAtMs: number): Promise<void> {
    await this.#patch((facts) =>
      facts.registry.registry === registry ? { ...facts, registry: { ...facts.registry, block }, readAtMs } : null,
    );
  }

  async snapshotSaved({ records, ...registry }: RegistrySnapshot, readAtMs: number): Promise<void> {
    await this.#patch((facts) => {
      if (facts.registry.registry !== registry.registry) return null;
      const fresh = new Map(records.map((record) => [record.teeId, record]));
      const seen = new Set<Hex>();
      const nodes = facts.nodes.map((node) => {
        let changed = false;
        const patched = node.records.map((record): TeeRecord => {
          const next = fresh.get(record.teeId);
          if (next === undefined || nodeKey(next.endpoint, next.teeId) !== node.key) return record;
          seen.add(record.teeId);
          changed = true;
          return next;
        });
        return changed ? { ...node, records: patched } : node;
      });
      return seen.size === fresh.size ? { registry, readAtMs, nodes } : null;
    });
  }

  async probesSaved(results: readonly ProbeResult[]): Promise<void> {
    await this.#patch((facts) => {
      const fresh = new Map(results.map((result) => [result.teeId, result]));
      return { ...facts, nodes: facts.nodes.map((node) => withProbes(node, fresh)) };
    });
  }

  /** `change` answers null when it cannot patch: then the next reader loads. */
  async #patch(change: (facts: NodeFacts) => NodeFacts | null): Promise<void> {
    const current = this.#facts;
    if (current === null) return;
    const facts = await current.catch(() => null);
    if (this.#facts !== current) return;
    const next = facts === null ? null : change(facts);
    this.#facts = next === null ? null : Promise.resolve(next);
  }
}

function withProbes(node: StoredNode, fresh: ReadonlyMap<Hex, ProbeResult>): StoredNode {
  const mine = node.records.flatMap((record) => fresh.get(record.teeId) ?? []);
  if (mine.length === 0) return node;
  const probes = new Map(node.probes);
  for (const result of mine) probes.set(result.teeId, withStreak(result, probes.get(result.teeId)));
  return { ...node, probes };
}

/** Counts outcomes in a row, as the stored row does. */
export function withStreak(result: ProbeResult, before: StoredProbe | undefined): StoredProbe {
  const goesOn = before !== undefined && before.outcome === result.outcome;
  return {
    ...result,
    streak: goesOn ? before.streak + 1 : 1,
    streakSinceMs: goesOn ? before.streakSinceMs : result.atMs,
  };
}
