import type { Clock } from '../lib/clock.ts';
import type { BlockRef, Hex, RegistryEvent } from '../lib/facts.ts';
import { CHAIN_HALTED, REGISTRY_SOURCE } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { BehindError, type EvmClient } from '../sources/evm/client.ts';
import { readRecords, readRegistry } from '../sources/opengradient/teeRegistry.ts';
import type { Store } from '../store/store.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { CHAIN_STALL_MS } from './followLogs.ts';
import type { LogHistory } from './logHistory.ts';

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
  history: LogHistory<RegistryEvent>;
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
  #fullReadBlock: bigint | null = null;
  /** Logs were caught up that may name records which changed after the last full read. */
  #unnamed = false;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = options.pollIntervalMs;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { reset, clock, history } = this.#options;
    this.#head ??= await this.#lastHead();
    const before = this.#head;
    const { replacements } = history;
    let head: BlockRef;
    try {
      head = await reset.head();
    } catch (error) {
      // A node that lags answers, but says nothing that was not known: no failure, until that has lasted too long.
      if (error instanceof BehindError && before !== null) return this.#standing(clock.now(), error.message);
      throw error;
    }
    const replaced = history.replacements !== replacements;
    const seenAtMs = clock.now();
    if (replaced) this.#fullReadAtMs = null;
    const same = !replaced && before?.block.hash === head.hash;
    // Facts are as old as the first sight of their block: reading them again on a standing chain makes them no newer.
    const readAtMs = same ? before.seenAtMs : seenAtMs;
    if (same && this.#followed) return this.#standing(seenAtMs);
    // History folds heartbeats into the hours of known nodes, so the nodes come first.
    if (this.#fullReadAtMs === null) await this.#readAll(head, readAtMs);
    const events = await history.follow(head, signal);
    this.#followed = events !== 'unknown';
    if (same && !this.#followed) return this.#standing(seenAtMs);
    await this.#refresh(head, events, readAtMs).catch((error: unknown) => {
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

  #standing(nowMs: number, shortError = CHAIN_HALTED): CollectOutcome {
    const sinceMs = this.#head?.seenAtMs ?? nowMs;
    if (nowMs - sinceMs < CHAIN_STALL_MS) return this.#fresh();
    return { kind: 'stale', shortError, sinceMs };
  }

  /** The head that was read before a restart: a chain that stands still since then has stood still for longer. */
  async #lastHead(): Promise<{ block: BlockRef; seenAtMs: number } | null> {
    const facts = await this.#options.store.nodes.facts();
    const { registry, chainId } = this.#options;
    if (facts?.registry.registry !== registry || facts.registry.chainId !== chainId) return null;
    return { block: facts.registry.block, seenAtMs: facts.readAtMs };
  }

  async #refresh(head: BlockRef, events: RegistryEvent[] | 'unknown', readAtMs: number): Promise<void> {
    const { store, clock, registry } = this.#options;
    const facts = await store.nodes.facts();
    const known = facts?.registry.registry === registry ? facts : null;
    const everyMs =
      events === 'unknown'
        ? Math.min(CATCHING_UP_READ_MS, this.#options.fullReadIntervalMs)
        : this.#options.fullReadIntervalMs;
    if (events === 'unknown' && this.#fullReadBlock !== head.number) this.#unnamed = true;
    const due =
      this.#fullReadAtMs === null ||
      clock.now() - this.#fullReadAtMs >= everyMs ||
      (this.#unnamed && events !== 'unknown');
    const named = events === 'unknown' ? [] : events;
    if (known === null || due || named.some((event) => STRUCTURAL.has(event.kind))) {
      await this.#readAll(head, readAtMs);
      return;
    }
    const touched = [...new Set(named.flatMap((event) => (event.teeId === null ? [] : [event.teeId])))];
    if (touched.length === 0) {
      // Without its logs a head does not say that the records are still as they were read.
      if (events !== 'unknown') await store.nodes.touch(registry, head, readAtMs);
      return;
    }
    const { records, problems } = await readRecords(this.#options.client, registry, touched, head);
    this.#report(problems);
    await store.nodes.saveSnapshot({ ...known.registry, block: head, records }, readAtMs);
  }

  async #readAll(head: BlockRef, readAtMs: number): Promise<void> {
    const { client, store, registry, chainId, clock } = this.#options;
    const { snapshot, problems } = await readRegistry(client, registry, head);
    this.#report(problems);
    await store.nodes.saveSnapshot({ ...snapshot, chainId }, readAtMs);
    this.#fullReadAtMs = clock.now();
    this.#fullReadBlock = head.number;
    this.#unnamed = false;
  }

  #report(problems: readonly string[]): void {
    if (problems.length > 0) this.#options.logger.warn({ problems: problems.slice(0, 5) }, 'records left out');
  }
}
