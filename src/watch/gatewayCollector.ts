import type { NodeThresholds } from '../insight/nodeHealth.ts';
import { judgeNode } from '../insight/nodeHealth.ts';
import type { Clock } from '../lib/clock.ts';
import type { Hex, ProbeResult, TeeRecord } from '../lib/facts.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import { probeAll } from '../sources/opengradient/gatewayProbe.ts';
import type { Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';

export const GATEWAY_SOURCE = 'opengradient.gateways';

/** Nodes that the chain counts as inactive are asked at most this much less often. */
const INACTIVE_EVERY_ROUNDS = 10;

/** Results are stored in portions, so that the first answers are not kept waiting for the slowest node. */
const PORTION = 64;

interface Options {
  store: Store;
  allowPrivate: boolean;
  registry: Hex;
  concurrency: number;
  intervalMs: number;
  thresholds: NodeThresholds;
  clock: Clock;
}

/** Asks every gateway once an interval, from this bot. */
export class GatewayCollector implements Collector {
  readonly source = GATEWAY_SOURCE;
  readonly everyMs: number;
  readonly #options: Options;
  readonly #inactiveEveryRounds: number;
  #round = 0;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = options.intervalMs;
    // Twice as often as a probe grows old, so that there always is one that counts.
    const roundsWhileFresh = Math.floor((options.thresholds.probeFreshSeconds * 1000) / options.intervalMs);
    this.#inactiveEveryRounds = Math.max(1, Math.min(INACTIVE_EVERY_ROUNDS, Math.floor(roundsWhileFresh / 2)));
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const records = await this.#due();
    this.#round += 1;
    for (let at = 0; at < records.length && !signal.aborted; at += PORTION) {
      const results = await probeAll(records.slice(at, at + PORTION), {
        allowPrivate: this.#options.allowPrivate,
        concurrency: this.#options.concurrency,
        expectedRegistry: this.#options.registry,
        clock: this.#options.clock,
        signal,
      });
      if (signal.aborted) break;
      if (await this.#ownNetworkDown(results)) {
        throw new Error('no gateway and no RPC could be reached: this bot itself seems to be offline');
      }
      await this.#options.store.nodes.saveProbes(results);
    }
    return { kind: 'fresh' };
  }

  /** The registrations that stand for their nodes now; inactive ones not in every round. */
  async #due(): Promise<TeeRecord[]> {
    const facts = await this.#options.store.nodes.facts();
    if (facts === null) return [];
    const registry = {
      heartbeatMaxAgeSeconds: facts.registry.heartbeatMaxAgeSeconds,
      approvedPcrs: facts.registry.approvedPcrs,
      chainSeconds: facts.registry.block.timestampSeconds,
    };
    return facts.nodes.flatMap((node) => {
      const health = judgeNode(node, registry, null, this.#options.clock.now(), this.#options.thresholds);
      if (health.current === null) return [];
      const inactive = health.registration !== 'active';
      return inactive && this.#round % this.#inactiveEveryRounds !== 0 ? [] : [health.current];
    });
  }

  /**
   * When nothing at all answers and the chain cannot be asked either, the fault is more likely ours: then the
   * round says nothing about the nodes and is not stored.
   */
  async #ownNetworkDown(results: readonly ProbeResult[]): Promise<boolean> {
    const asked = results.filter((result) => result.outcome !== 'not-asked');
    if (asked.length < 2) return false;
    if (asked.some((result) => result.outcome !== 'unreachable' && result.outcome !== 'timeout')) return false;
    const registry = await this.#options.store.sources.get(REGISTRY_SOURCE);
    return registry?.state === 'failing';
  }
}
