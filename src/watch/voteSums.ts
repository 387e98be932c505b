import { readGauges } from '../alerts/gaugeBook.ts';
import { AssayError } from '../lib/errors.ts';
import type { BlockRef } from '../lib/facts.ts';
import { gaugeCursor, knowsAllLocks } from '../lib/gaugeFacts.ts';
import { type EvmClient, quantity } from '../sources/evm/client.ts';
import type { Store } from '../store/store.ts';
import type { GaugeChain } from './gaugeChain.ts';
import type { GovernanceTools } from './governanceTools.ts';

/** For readers. */
export const DIFFER = 'its logs do not add up to what the contracts count: some were not listed';

/** A node that lists none of its logs would have all of them read again and again: each time twice as long is waited. */
const FIRST_PAUSE_MS = 300_000;
const MAX_PAUSE_MS = 86_400_000;
/** After this not only what came since they agreed is read again, but everything. */
const ALL_PAUSE_MS = 3_600_000;

/**
 * Whether the logs that were read add up to what the contracts count: votes on gauges, or locks where logs say no power. A node that
 * answers a question for logs with an empty list, for once or for ever, is not noticed in any other way, and what it kept back would
 * be missing from then on.
 */
export class VoteSums {
  readonly #store: Pick<Store, 'gauges' | 'meta' | 'nodes'>;
  readonly #source: string;
  /** The newest block at which they did, in this run. */
  #agreed: BlockRef | null = null;
  /** When logs were read again, and how long that is not done once more; null: they do. */
  #again: { atMs: number; pauseMs: number } | null = null;

  constructor(store: Pick<Store, 'gauges' | 'meta' | 'nodes'>, source: string) {
    this.#store = store;
    this.#source = source;
  }

  /** What an earlier run found. */
  async load(): Promise<void> {
    const text = await this.#store.meta.get(this.#key);
    const [atMs = 0, pauseMs = 0] = (text ?? '').split('+').map(Number);
    this.#again = text ? { atMs, pauseMs } : null;
  }

  /** Some votes were not listed, as far as is known. */
  get differ(): boolean {
    return this.#again !== null;
  }

  /** Takes logs back where they do not, so that the next round reads them again. Answers whether they do not. */
  async readAgain(
    { history, client }: Pick<GaugeChain, 'history' | 'client'>,
    startBlock: bigint,
    { clock, logger }: Pick<GovernanceTools, 'clock' | 'logger'>,
  ): Promise<boolean> {
    const found = await this.#check(clock.now());
    if (found === null || found.from === 'later') return this.differ;
    // Who does not list what was read before would take that away too.
    if (found.from === 'start' && !(await this.#listsOldest(client))) return true;
    // What was known of ended epochs stays: only logs can be read again.
    const after = found.from === 'start' ? await client.block(startBlock > 0n ? startBlock - 1n : 0n) : found.from;
    logger.warn({ source: this.#source, after: after?.number.toString() }, 'logs do not add up, will be read again');
    if (after !== null) await history.rewind(after);
    return true;
  }

  /** Whether the oldest log that is stored is listed now; there may be none. */
  async #listsOldest(client: EvmClient): Promise<boolean> {
    const [oldest] = (await this.#store.gauges.events(this.#source, 0, 1)).events;
    if (oldest === undefined) return true;
    const block = quantity(oldest.blockNumber);
    const filter = { address: oldest.emitter, fromBlock: block, toBlock: block };
    try {
      const logs: unknown = await client.ask((request) =>
        request({ method: 'eth_getLogs', params: [filter as never] }),
      );
      return Array.isArray(logs) && logs.length > 0;
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      return false;
    }
  }

  /**
   * At the block of the newest reading. null: fine, or it cannot be told; else after which block logs are to be read again (`later`:
   * they were of late).
   */
  async #check(nowMs: number): Promise<{ from: BlockRef | 'start' | 'later' } | null> {
    const found = await this.#agree();
    if (found === null) return null;
    if (found.agree) {
      this.#agreed = found.block;
      if (this.differ) await this.#set(null);
      return null;
    }
    const before = this.#again;
    if (before !== null && nowMs - before.atMs < before.pauseMs) return { from: 'later' };
    const pauseMs = before === null ? FIRST_PAUSE_MS : Math.min(2 * before.pauseMs, MAX_PAUSE_MS);
    await this.#set({ atMs: nowMs, pauseMs });
    if (pauseMs >= ALL_PAUSE_MS) this.#agreed = null;
    return { from: this.#agreed ?? 'start' };
  }

  /** null where logs and contract were read at different blocks, or the contract does not say. */
  async #agree(): Promise<{ agree: boolean; block: BlockRef } | null> {
    const first = await this.#compare();
    // A book that somebody else began to read may be older than what was written since.
    return first?.agree === false ? await this.#compare() : first;
  }

  async #compare(): Promise<{ agree: boolean; block: BlockRef } | null> {
    const book = await readGauges(this.#store, this.#source);
    if (book === null) return null;
    const { block, chainId, totalCastWei, gauges, standing: said } = book.reading;
    if (totalCastWei === null || !(await this.#isReadTo(block, chainId))) return null;
    // Curve's logs say no power; who locks is known by them only.
    if (said !== null) return { agree: knowsAllLocks(book.reading), block };
    const { gaugeTotals, totalWei, standing } = book.state;
    // Where votes by address end with their epoch, no log says it.
    if (totalCastWei === 0n && [...standing.keys()].every((key) => key.startsWith('0x'))) return null;
    const isSame = gauges.every(({ address, votesWei }) => votesWei === (gaugeTotals.get(address) ?? 0n));
    return { agree: totalWei === totalCastWei && isSame, block };
  }

  async #isReadTo({ hash }: BlockRef, chainId: number): Promise<boolean> {
    return (await this.#store.nodes.cursor(gaugeCursor(this.#source, chainId)))?.block.hash === hash;
  }

  async #set(again: { atMs: number; pauseMs: number } | null): Promise<void> {
    await this.#store.meta.set(this.#key, again === null ? '' : `${again.atMs}+${again.pauseMs}`);
    this.#again = again;
  }

  get #key(): string {
    return `votes-differ:${this.#source}`;
  }
}
