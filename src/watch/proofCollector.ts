import type { Clock } from '../lib/clock.ts';
import type { Hex } from '../lib/facts.ts';
import { PROOF_SOURCE, type SettlementVerdict } from '../lib/proofFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { sendersOf } from '../sources/evm/senders.ts';
import type { ProofChecker } from '../sources/opengradient/proofs/checker.ts';
import type { StoredSettlement } from '../store/proofRepository.ts';
import type { NodeFacts, Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { inParallel } from './inParallel.ts';
import type { LogHistory } from './logHistory.ts';
import { type NodesThen, nodesThen } from './nodesThen.ts';
import { expireWatches } from './proofWatches.ts';
import { type AllowList, checkBatchSettlement, judgeIndividual, refusedBecause } from './settlementCheck.ts';

/** Settlements that are checked together. */
const PORTION = 200;
/** Blobs of up to 8 MiB that are in memory at once. */
const DOWNLOADS = 4;
/** Verdicts that are stored in one transaction. */
const SAVED_TOGETHER = 50;
/** A round ends after this, so that its outcome is known, and the next one goes on. */
const ROUND_MS = 10_000;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** When a blob that could not be read is asked for again; daily after that. */
const RETRY_MS: readonly number[] = [1, 5, 15, 60, 360].map((minutes) => minutes * MINUTE_MS);
const GIVE_UP_MS = 14 * DAY_MS;

interface Options {
  store: Store;
  client: EvmClient;
  clock: Clock;
  checker: ProofChecker;
  registry: Hex;
  chainId: number;
  registryHistory: LogHistory<unknown>;
  settlementHistory: LogHistory<unknown>;
  aggregators: readonly string[];
  allowed: AllowList;
  individualExpirySeconds: number;
  pollIntervalMs: number;
}

/**
 * Checks settlements as they become due: who sent them, what was signed, whether the batch has the root that was settled. What
 * cannot be read now is looked at again later. Then decides watches that can no longer be answered.
 */
export class ProofCollector implements Collector {
  readonly source = PROOF_SOURCE;
  readonly everyMs: number;
  readonly #options: Options;
  #nodes: { at: bigint; nodes: NodesThen } | null = null;
  readonly #asked = new Map<number, number>();
  #waitingSinceMs: number | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = options.pollIntervalMs;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { store, clock, checker, client, settlementHistory, individualExpirySeconds } = this.#options;
    const known = await this.#knownTo();
    if (known === null) {
      this.#waitingSinceMs ??= clock.now();
      return { kind: 'stale', shortError: 'it waits for the registry to be read', sinceMs: this.#waitingSinceMs };
    }
    this.#waitingSinceMs = null;
    const startedAtMs = clock.now();
    let oldest: StoredSettlement | undefined;
    for (;;) {
      const due = await store.proofs.due(PORTION, clock.now());
      oldest = due[0];
      // A later key or change of the registry may be missing still: those wait.
      const ready = due.filter(({ blockNumber }) => blockNumber <= known.block);
      if (ready.length === 0 || signal.aborted || clock.now() - startedAtMs > ROUND_MS) break;
      const nodes = await this.#nodesAt(known.facts, known.block);
      checker.setKeys(nodes.keys);
      await this.#check(ready, nodes, signal);
    }
    if (!signal.aborted) {
      const cursor = await settlementHistory.cursor();
      await expireWatches({ store, client, clock, cursor, oldest, individualExpirySeconds, asked: this.#asked });
    }
    return { kind: 'fresh' };
  }

  /** Up to which block the registry's records and all of its events are known; null: not yet. */
  async #knownTo(): Promise<{ facts: NodeFacts; block: bigint } | null> {
    const { store, registry, chainId, registryHistory } = this.#options;
    const [facts, cursor] = await Promise.all([store.nodes.facts(), registryHistory.cursor()]);
    if (facts === null || cursor === null) return null;
    if (facts.registry.registry !== registry || facts.registry.chainId !== chainId) return null;
    const { number } = facts.registry.block;
    if (number > cursor.number) return { facts, block: cursor.number };
    return { facts, block: number };
  }

  async #nodesAt(facts: NodeFacts, at: bigint): Promise<NodesThen> {
    if (this.#nodes?.at !== at) {
      const { store, registryHistory } = this.#options;
      this.#nodes = { at, nodes: await nodesThen(store, facts, await registryHistory.knownFromSeconds()) };
    }
    return this.#nodes.nodes;
  }

  async #check(due: readonly StoredSettlement[], nodes: NodesThen, signal: AbortSignal): Promise<void> {
    const { checker, aggregators } = this.#options;
    const senders = await this.#senders(due);
    const found = new Findings(this.#options, nodes);
    const accepted = due.filter((settlement) => this.#accept(settlement, senders.get(settlement.id) ?? null, found));
    const individuals = accepted.filter(({ kind }) => kind === 'individual');
    const answers = individuals.flatMap(({ answer }) => answer ?? []);
    const verdicts = await checker.answers(answers);
    const verdictOf = new Map(answers.map((answer, index) => [answer, verdicts[index]]));
    for (const settlement of individuals) {
      const verdict = settlement.answer === null ? undefined : verdictOf.get(settlement.answer);
      await found.decided(settlement, judgeIndividual(settlement, verdict, nodes));
    }
    const batches = accepted.filter(({ kind }) => kind === 'batch');
    try {
      await inParallel(
        batches,
        DOWNLOADS,
        async (settlement) => {
          const checked = await checkBatchSettlement(settlement, { aggregators, checker, nodes, signal });
          // What was stopped says nothing.
          if (signal.aborted && checked.kind === 'unknown') return;
          if (checked.kind === 'decided') await found.decided(settlement, checked.verdict);
          else await found.unknown(settlement, checked.reason);
        },
        signal,
      );
    } finally {
      await found.flush();
    }
  }

  /** Asks who sent those of which that is not known; all that are known by id. */
  async #senders(due: readonly StoredSettlement[]): Promise<Map<number, Hex>> {
    const { store, client, clock, settlementHistory } = this.#options;
    const known = new Map(due.flatMap(({ id, sender }) => (sender === null ? [] : [[id, sender] as const])));
    const unasked = due.filter(({ sender }) => sender === null);
    const bySender = await sendersOf(
      client,
      unasked.map(({ txHash }) => txHash),
    );
    const fresh = { first: new Map<number, Hex>(), later: new Map<number, Hex>() };
    for (const { id, txHash, blockNumber } of unasked) {
      const sender = bySender.get(txHash);
      if (sender === undefined) continue;
      known.set(id, sender);
      ((await settlementHistory.isFirstRead(blockNumber)) ? fresh.first : fresh.later).set(id, sender);
    }
    const nowMs = clock.now();
    if (fresh.first.size > 0) await store.proofs.saveSenders(fresh.first, { nowMs, isFirstRead: true });
    if (fresh.later.size > 0) await store.proofs.saveSenders(fresh.later, { nowMs, isFirstRead: false });
    return known;
  }

  #accept(settlement: StoredSettlement, sender: Hex | null, found: Findings): boolean {
    const { allowed } = this.#options;
    const refused = refusedBecause(settlement.emitter, sender, allowed);
    if (refused !== null) found.later(settlement, { state: 'refused', reason: refused, leaves: [] });
    else if (sender === null && allowed.senders.length > 0)
      found.postponed(settlement, 'no node of the network says who sent it');
    else return true;
    return false;
  }
}

/** Collects what was found, and stores it in portions. */
class Findings {
  readonly #options: Options;
  readonly #nodes: NodesThen;
  #verdicts: { settlementId: number; verdict: SettlementVerdict }[] = [];
  #postponed: { settlementId: number; reason: string; nextCheckAtMs: number | null }[] = [];

  constructor(options: Options, nodes: NodesThen) {
    this.#options = options;
    this.#nodes = nodes;
  }

  later({ id }: StoredSettlement, verdict: SettlementVerdict): void {
    this.#verdicts.push({ settlementId: id, verdict });
  }

  postponed(settlement: StoredSettlement, reason: string): void {
    const nextCheckAtMs = nextCheckAt(settlement, this.#options.clock.now());
    this.#postponed.push({ settlementId: settlement.id, reason, nextCheckAtMs });
  }

  async decided(settlement: StoredSettlement, verdict: SettlementVerdict): Promise<void> {
    this.later(settlement, verdict);
    if (this.#verdicts.length >= SAVED_TOGETHER) await this.flush();
  }

  async unknown(settlement: StoredSettlement, reason: string): Promise<void> {
    this.postponed(settlement, reason);
    if (this.#postponed.length >= SAVED_TOGETHER) await this.flush();
  }

  async flush(): Promise<void> {
    const { store, clock } = this.#options;
    const [verdicts, postponed] = [this.#verdicts, this.#postponed];
    [this.#verdicts, this.#postponed] = [[], []];
    // In the order of the chain, by which it is decided which of two like answers came first.
    verdicts.sort((a, b) => a.settlementId - b.settlementId);
    if (verdicts.length > 0) {
      await store.proofs.saveVerdicts(verdicts, { nowMs: clock.now(), nodeOf: this.#nodes.nodeOf });
    }
    if (postponed.length > 0) await store.proofs.postpone(postponed);
  }
}

/** When a settlement that could not be checked is looked at again (unix ms); null: never. */
export function nextCheckAt({ attempts, seenAtMs }: Pick<StoredSettlement, 'attempts' | 'seenAtMs'>, nowMs: number) {
  if (nowMs - seenAtMs >= GIVE_UP_MS) return null;
  return nowMs + (RETRY_MS[attempts] ?? DAY_MS);
}
