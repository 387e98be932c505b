import type { BlockRef, Hex } from '../lib/facts.ts';
import { PART_OF } from '../lib/governanceFacts.ts';
import type { VeSeasonRow } from '../lib/governanceRow.ts';
import { utc } from '../lib/units.ts';
import { Views } from '../sources/evm/abiCalls.ts';
import { resolveContracts, type VeContracts } from '../sources/ve/contracts.ts';
import { gaugeLogs } from '../sources/ve/gaugeLogs.ts';
import type { LockMemory } from '../sources/ve/locks.ts';
import { readVe } from '../sources/ve/readVe.ts';
import { veAbi } from '../sources/ve/veAbi.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { earlierVoters } from './earlierVoters.ts';
import { FirstLog } from './firstLog.ts';
import { READING_HISTORY } from './followLogs.ts';
import { GaugeChain } from './gaugeChain.ts';
import type { GovernanceTools } from './governanceTools.ts';
import { KnownContracts } from './veContracts.ts';
import { DIFFER, VoteSums } from './voteSums.ts';

/** Follows a vote escrow and all that belongs to it. */
export const veCollector = (row: VeSeasonRow, tools: GovernanceTools): VeCollector => new VeCollector(row, tools);

/**
 * Every round: the logs up to the newest confirmed block, then what the contracts answer there. A voter that replaced another one
 * emits nothing when it does: it is noticed by asking, and what it emitted before is read as if it had been known.
 */
class VeCollector implements Collector {
  readonly source: string;
  readonly everyMs: number;
  readonly #row: VeSeasonRow;
  readonly #escrow: Hex;
  readonly #tools: GovernanceTools;
  readonly #chain: GaugeChain;
  readonly #known: KnownContracts;
  readonly #sums: VoteSums;
  #isLoaded = false;
  /** Contracts whose earlier logs are looked for. */
  #search: { first: FirstLog; replacements: number } | null = null;
  #memory: { locks: LockMemory; replacements: number } = { locks: { burned: new Set() }, replacements: 0 };
  /** Hash of the block of the newest reading. */
  #readAt: Hex | null = null;
  #incompleteSinceMs: number | null = null;

  constructor(row: VeSeasonRow, tools: GovernanceTools) {
    this.source = `${row.network}.${PART_OF[row.kind]}`;
    this.everyMs = row.intervalMs;
    this.#row = row;
    this.#escrow = row.escrow.toLowerCase() as Hex;
    this.#tools = tools;
    const { startBlock } = row;
    this.#known = new KnownContracts(tools.store, this.source, { escrow: this.#escrow, startBlock });
    this.#sums = new VoteSums(tools.store, this.source);
    this.#chain = new GaugeChain(
      { ...row, source: this.source, anchor: this.#escrow },
      {
        read: (client, ...range) => gaugeLogs(client, this.#known.emitters, ...range),
        isWhole: () => this.#search === null && !this.#sums.differ,
      },
      tools,
    );
  }

  /** Resolves when nothing is read beside the rounds. */
  async settled(): Promise<void> {
    await Promise.all([this.#chain.history.settled(), this.#search?.first.settled()]);
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { history, logs, reader } = this.#chain;
    const { head, confirmed } = await this.#chain.head();
    await this.#load(head);
    if (this.#memory.replacements !== history.replacements) {
      this.#memory = { locks: { burned: new Set() }, replacements: history.replacements };
      this.#readAt = null;
    }
    const contracts = await resolveContracts(new Views(veAbi, reader, confirmed, signal), this.#escrow);
    // A node that lists no logs may still answer for the contracts.
    const adopted = await this.#adopt(contracts, head, confirmed).then(done, failed);
    // A filter without addresses would pass over everything.
    if (adopted.kind === 'failed' && this.#known.isEmpty) throw adopted.error;
    const followed = await logs.follow(signal, head).catch(failed);
    const wrongToken = await this.#read(contracts, confirmed, signal);
    if (adopted.kind === 'failed') throw adopted.error;
    if (followed.kind === 'failed') throw followed.error;
    if (followed.kind === 'stale') return followed;
    if (this.#search !== null) {
      this.#incompleteSinceMs ??= this.#tools.clock.now();
      return { kind: 'stale', shortError: READING_HISTORY, sinceMs: this.#incompleteSinceMs };
    }
    this.#incompleteSinceMs = null;
    const differ = await this.#sums.readAgain(this.#chain, this.#row.startBlock, this.#tools);
    if (differ) return { kind: 'fresh', note: DIFFER };
    return wrongToken ? { kind: 'fresh', note: 'the escrow locks another token than the configured one' } : followed;
  }

  /** What an earlier run read of another escrow is dropped. */
  async #load(head: BlockRef): Promise<void> {
    if (this.#isLoaded) return;
    if ((await this.#known.load()) === 'other') await this.#chain.history.startOver(head);
    await this.#sums.load();
    this.#isLoaded = true;
  }

  /** Answers whether the escrow locks another token than it should. */
  async #read(contracts: VeContracts, block: BlockRef, signal: AbortSignal): Promise<boolean> {
    const { source } = this;
    const { chainId, token } = this.#row;
    const isWrong = token !== null && contracts.token !== null && contracts.token !== token.toLowerCase();
    // What was read at a block of a standing chain is no newer for being read again.
    if (this.#readAt === block.hash) return isWrong;
    const asked = { source, chainId, token };
    const reading = await readVe(this.#chain.reader, asked, contracts, block, this.#memory.locks, signal);
    const since = this.#known.votersSinceSeconds;
    if (since !== null) {
      reading.missing.push(
        `Whether the escrow had other voters before ${utc(since)} is not known: no RPC keeps so old a state.`,
      );
    }
    await this.#tools.store.gauges.saveReading(reading, this.#tools.clock.now());
    this.#readAt = block.hash;
    return isWrong;
  }

  /** Nothing was read yet: the contracts of now, and voters of the past as far as a node can tell. */
  async #begin(contracts: VeContracts, now: BlockRef): Promise<void> {
    const { startBlock } = this.#row;
    const { logger } = this.#tools;
    const past = await earlierVoters(this.#chain.reader, this.#escrow, { startBlock, now, logger });
    const replaced = past.voters.filter((address) => address !== contracts.voter);
    const voters = replaced.map((address) => ({ role: 'voter' as const, address }));
    await this.#known.add([...voters, ...this.#known.fresh(contracts)], past.isKnown ? null : now.timestampSeconds);
  }

  /**
   * Contracts that were not known: at first all of them. Later on, what was read after their first log is read again, with them;
   * while that log is looked for, the others are followed.
   */
  async #adopt(contracts: VeContracts, head: BlockRef, confirmed: BlockRef): Promise<void> {
    const { history, client } = this.#chain;
    const { clock, signal, logger } = this.#tools;
    const fresh = this.#known.fresh(contracts);
    if (fresh.length === 0) {
      this.#search = null;
      return;
    }
    const addresses = fresh.map(({ address }) => address);
    if (this.#known.isEmpty) {
      await this.#begin(contracts, confirmed);
      return;
    }
    logger.info({ source: this.source, addresses }, 'the escrow has other contracts than before');
    const { replacements } = history;
    const isSame = this.#search?.replacements === replacements && `${this.#search.first.addresses}` === `${addresses}`;
    if (this.#search === null || !isSame) {
      await this.#search?.first.settled();
      const first = new FirstLog(addresses, this.#row.startBlock, { client, clock, signal });
      this.#search = { first, replacements };
    }
    if (history.isReading) return;
    const cursor = await history.cursor();
    const first = cursor === null ? this.#row.startBlock : await this.#search.first.upTo(cursor.number);
    if (first === 'searching' || signal.aborted) return;
    if (first !== null) {
      const before = cursor === null || first < 2n ? null : await client.block(first - 1n);
      // Taken back before they are known: stopped in between, this is done again.
      if (before === null) await history.startOver(head);
      else await history.rewind(before);
    }
    await this.#known.add(fresh);
    this.#search = null;
  }
}

const done = () => ({ kind: 'done' as const });
const failed = (error: unknown) => ({ kind: 'failed' as const, error });
