import type { BlockRef, Hex, ProbeResult, RegistrySnapshot, TeeRecord } from '../lib/facts.ts';
import { nodeKey } from '../lib/nodeKey.ts';
import type { PrismaDb } from './client.ts';
import { loadFacts } from './nodeRows.ts';
import type { NodeFacts, RegistryId, StoredNode, StoredProbe } from './store.ts';

/**
 * The node facts in memory. Commands and rules ask many times a second; what is written is patched in here, and
 * only what cannot be patched (a node not seen before) is read again. Valid as long as one process writes.
 */
export class FactsCache {
  readonly #prisma: PrismaDb;
  readonly #only: RegistryId | null;
  /** undefined: to be read. */
  #facts: NodeFacts | null | undefined;
  #loading: Promise<NodeFacts | null> | null = null;

  constructor(prisma: PrismaDb, only: RegistryId | null) {
    this.#prisma = prisma;
    this.#only = only;
  }

  async get(): Promise<NodeFacts | null> {
    if (this.#facts !== undefined) return this.#facts;
    this.#loading ??= this.#load();
    return await this.#loading;
  }

  drop(): void {
    this.#facts = undefined;
    this.#loading = null;
  }

  touched(registry: Hex, block: BlockRef, readAtMs: number): void {
    this.#patch((facts) =>
      facts.registry.registry === registry ? { ...facts, registry: { ...facts.registry, block }, readAtMs } : null,
    );
  }

  snapshotSaved({ records, ...registry }: RegistrySnapshot, readAtMs: number): void {
    this.#patch((facts) => {
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

  probesSaved(results: readonly ProbeResult[]): void {
    this.#patch((facts) => {
      const fresh = new Map(results.map((result) => [result.teeId, result]));
      return { ...facts, nodes: facts.nodes.map((node) => withProbes(node, fresh)) };
    });
  }

  /** Newest heartbeat in unix seconds, by node. */
  beatsFolded(newest: ReadonlyMap<number, number | null>): void {
    if (newest.size === 0) return;
    this.#patch((facts) => ({
      ...facts,
      nodes: facts.nodes.map((node) => ({ ...node, lastBeatAtSeconds: newest.get(node.id) ?? node.lastBeatAtSeconds })),
    }));
  }

  #load(): Promise<NodeFacts | null> {
    const loading = loadFacts(this.#prisma, this.#only).then(
      (facts) => {
        if (this.#loading === loading) this.#keep(facts);
        return facts;
      },
      (error: unknown) => {
        if (this.#loading === loading) this.drop();
        throw error;
      },
    );
    return loading;
  }

  #keep(facts: NodeFacts | null): void {
    this.#facts = facts;
    this.#loading = null;
  }

  /** `change` answers null when it cannot patch: then the next reader loads. */
  #patch(change: (facts: NodeFacts) => NodeFacts | null): void {
    // A load under way may have seen this write already or not: what it brings is not kept.
    const facts = this.#loading === null ? this.#facts : undefined;
    this.drop();
    this.#facts = (facts ? change(facts) : null) ?? undefined;
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
function withStreak(result: ProbeResult, before: StoredProbe | undefined): StoredProbe {
  const goesOn = before !== undefined && before.outcome === result.outcome;
  return {
    ...result,
    streak: goesOn ? before.streak + 1 : 1,
    streakSinceMs: goesOn ? before.streakSinceMs : result.atMs,
  };
}
