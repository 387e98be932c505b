import type { Clock } from '../lib/clock.ts';
import type { BlockRef, Hex, RegistryEvent } from '../lib/facts.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { readRecords, readRegistry } from '../sources/opengradient/teeRegistry.ts';
import type { Store } from '../store/store.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import type { RegistryHistory } from './registryHistory.ts';

/** No new block for this long is a standing chain: what it says is no longer about now. */
const CHAIN_STALL_MS = 120_000;

/** While history is caught up, logs do not say which records changed: then all are read this often. */
const CATCHING_UP_READ_MS = 30_000;

/** Events after which the whole registry is read again, since they touch more than one record. */
const STRUCTURAL: ReadonlySet<RegistryEvent['kind']> = new Set(['pcr-approved', 'pcr-revoked']);

interface Options {
  client: EvmClient;
  store: Store;
  registry: Hex;
  chainId: number;
  pollIntervalMs: number;
  fullReadIntervalMs: number;
  history: RegistryHistory;
  reset: ChainReset;
  clock: Clock;
  logger: Logger;
}

/**
 * Follows the chain's head: reads the registry as a whole at first, after structural events and every
 * `fullReadIntervalMs`; between those, only the records that the new logs name.
 */
export class RegistryCollector implements Collector {
  readonly source = REGISTRY_SOURCE;
  readonly everyMs: number;
  readonly #options: Options;
  #head: { block: BlockRef; seenAtMs: number } | null = null;
  /** Whether the logs up to that head were read; not so while history is caught up. */
  #followed = false;
  #fullReadAtMs: number | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = options.pollIntervalMs;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { reset, clock } = this.#options;
    const { head, replaced } = await reset.head();
    const seenAtMs = clock.now();
    if (replaced) this.#fullReadAtMs = null;
    const same = !replaced && this.#head?.block.hash === head.hash;
    if (same && this.#followed) return this.#standing(seenAtMs);
    // History folds heartbeats into the hours of known nodes, so the nodes come first.
    if (this.#fullReadAtMs === null) await this.#readAll(head);
    const events = await this.#options.history.follow(head, signal);
    this.#followed = events !== 'unknown';
    if (same && !this.#followed) return this.#standing(seenAtMs);
    await this.#refresh(head, events).catch((error: unknown) => {
      // The logs are stored, and will not name these records again.
      this.#fullReadAtMs = null;
      throw error;
    });
    if (same) return this.#standing(seenAtMs);
    this.#head = { block: head, seenAtMs };
    return this.#fresh();
  }

  #fresh(): CollectOutcome {
    const { note } = this.#options.reset;
    return note === null ? { kind: 'fresh' } : { kind: 'fresh', note };
  }

  #standing(nowMs: number): CollectOutcome {
    const sinceMs = this.#head?.seenAtMs ?? nowMs;
    if (nowMs - sinceMs < CHAIN_STALL_MS) return this.#fresh();
    return { kind: 'stale', shortError: 'the chain has produced no block for over 2 minutes', sinceMs };
  }

  async #refresh(head: BlockRef, events: RegistryEvent[] | 'unknown'): Promise<void> {
    const { store, clock, registry } = this.#options;
    const facts = await store.nodes.facts();
    const known = facts?.registry.registry === registry ? facts : null;
    const everyMs =
      events === 'unknown'
        ? Math.min(CATCHING_UP_READ_MS, this.#options.fullReadIntervalMs)
        : this.#options.fullReadIntervalMs;
    const due = this.#fullReadAtMs === null || clock.now() - this.#fullReadAtMs >= everyMs;
    const named = events === 'unknown' ? [] : events;
    if (known === null || due || named.some((event) => STRUCTURAL.has(event.kind))) {
      await this.#readAll(head);
      return;
    }
    const touched = [...new Set(named.flatMap((event) => (event.teeId === null ? [] : [event.teeId])))];
    if (touched.length === 0) {
      await store.nodes.touch(registry, head, clock.now());
      return;
    }
    const { records, problems } = await readRecords(this.#options.client, registry, touched, head);
    this.#report(problems);
    await store.nodes.saveSnapshot({ ...known.registry, block: head, records }, clock.now());
  }

  async #readAll(head: BlockRef): Promise<void> {
    const { client, store, registry, chainId, clock } = this.#options;
    const { snapshot, problems } = await readRegistry(client, registry, head);
    this.#report(problems);
    await store.nodes.saveSnapshot({ ...snapshot, chainId }, clock.now());
    this.#fullReadAtMs = clock.now();
  }

  #report(problems: readonly string[]): void {
    if (problems.length > 0) this.#options.logger.warn({ problems: problems.slice(0, 5) }, 'records left out');
  }
}
