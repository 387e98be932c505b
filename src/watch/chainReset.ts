import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import type { BlockRef } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { BehindError, type EvmClient } from '../sources/evm/client.ts';
import type { LogHistory } from './logHistory.ts';

/** A lower head that lasts this long is worth a look at which chain it is of. */
const LOWER_HEAD_MS = 60_000;

/** How long the source's status says that the chain was reset. */
const NOTED_MS = 3_600_000;

/** Further back than this a chain is read anew: heartbeats, of which hours would be counted again, are kept for 30 days. */
const REWIND_SECONDS = 29 * 86_400;

/** What `ChainReset` needs of logs that were read, whatever they say. */
export type ReadHistory = Pick<
  LogHistory<unknown>,
  'cursor' | 'checkpoints' | 'foreignChain' | 'startOver' | 'rewind' | 'replacements'
>;

interface Options {
  client: EvmClient;
  /** All that was read of this chain: each is judged by its own cursor and checkpoints. */
  histories: readonly ReadHistory[];
  /** What an operator calls the list of its nodes; default OG_RPC_URLS. */
  rpcUrlsKey?: string;
  clock: Clock;
  logger: Logger;
  /** Something an operator should hear of. */
  notice: (text: string) => void;
}

/** What a chain with some head has of the blocks that were read. */
type Kinship =
  /** The newest that it is long enough for. */
  | { kind: 'same' }
  /** An older one, and other blocks after it. */
  | { kind: 'branched'; at: BlockRef }
  | { kind: 'other' }
  | { kind: 'unknown' };

/**
 * Tells a chain that was replaced (a reset network) and one that was reorganised deeper than the cursor from nodes that
 * lag, by the hashes of blocks that were read: a short chain proves nothing. A replaced chain is said, once, and its
 * histories are read again; of a reorganised one, the blocks that changed are; a lagging node stays refused.
 */
export class ChainReset {
  readonly #options: Options;
  #expected = false;
  #networkChecked = false;
  #lowerSinceMs: number | null = null;
  /** The newest head that was believed. */
  #last: BlockRef | null = null;
  /** Why the newest question for it failed; null when it did not, or when nodes merely lag. */
  #failure: unknown = null;
  #note: { text: string; atMs: number } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** What happened to the chain within the last hour, in words; null when nothing did. */
  get note(): string | null {
    if (this.#note === null || this.#options.clock.now() - this.#note.atMs > NOTED_MS) return null;
    return this.#note.text;
  }

  /** The head that `head` believed last; null: none, as every node has lagged so far. Throws what kept it from asking. */
  get believed(): BlockRef | null {
    if (this.#failure !== null) throw this.#failure;
    return this.#last;
  }

  /**
   * The head to read at: whatever was read of blocks that are not of its chain is no longer stored. BehindError while
   * every node that answers lags.
   */
  async head(): Promise<BlockRef> {
    try {
      const head = await this.#find();
      this.#failure = null;
      return head;
    } catch (error) {
      this.#failure = error instanceof BehindError ? null : error;
      throw error;
    }
  }

  async #find(): Promise<BlockRef> {
    await this.#expectCursors();
    let head: BlockRef;
    try {
      head = await this.#options.client.head();
      await this.#checkNetwork();
      if (this.#last?.hash !== head.hash) await this.#judge(head, null);
    } catch (error) {
      if (!(error instanceof BehindError) || !(await this.#isReplaced(error))) throw error;
      head = error.head;
    }
    this.#last = head;
    this.#lowerSinceMs = null;
    this.#options.client.expectHead(head.number);
    return head;
  }

  /** After a restart, too, a node that has not reached what was read before lags. */
  async #expectCursors(): Promise<void> {
    if (this.#expected) return;
    const { client, histories } = this.#options;
    for (const history of histories) {
      const cursor = await history.cursor();
      if (cursor !== null) client.expectHead(cursor.number);
    }
    this.#expected = true;
  }

  /** The same address on two networks is two registries. Only after a node of the configured one answered: it may be mistyped. */
  async #checkNetwork(): Promise<void> {
    if (this.#networkChecked) return;
    const chains = new Set<number>();
    for (const history of this.#options.histories) {
      const foreign = await history.foreignChain();
      if (foreign === null) continue;
      await history.startOver(null);
      chains.add(foreign);
    }
    const [foreign] = chains;
    if (foreign !== undefined) {
      this.#say(`what was stored of this registry is of chain ${foreign}: it is read anew on the configured one`);
    }
    this.#networkChecked = true;
  }

  async #isReplaced(behind: BehindError): Promise<boolean> {
    const { clock } = this.#options;
    this.#lowerSinceMs ??= clock.now();
    if (clock.now() - this.#lowerSinceMs < LOWER_HEAD_MS) return false;
    return await this.#judge(behind.head, behind.newest);
  }

  /**
   * Takes back of every history what is not of the chain with this head; whether there was any. `lowerThan`: the head is
   * lower than this one, and has been for too long.
   */
  async #judge(head: BlockRef, lowerThan: bigint | null): Promise<boolean> {
    const said: string[] = [];
    const asked = new Map<string, Promise<'same' | 'other' | 'unknown'>>();
    // Histories end at the same block more often than not.
    const compare = (block: BlockRef): Promise<'same' | 'other' | 'unknown'> => {
      const known = asked.get(block.hash) ?? this.#options.client.compare(block, head);
      asked.set(block.hash, known);
      return known;
    };
    for (const history of this.#options.histories) {
      const newest = (await history.cursor()) ?? (await history.checkpoints())[0] ?? null;
      if (newest === null) continue;
      const isAbove = newest.number > head.number;
      // A head that is merely lower is lag, unless it has lasted, or another history has shown it to be another chain's.
      if (isAbove && lowerThan === null && said.length === 0) continue;
      if (!isAbove && (await compare(newest)) !== 'other') continue;
      const found = await this.#kinship(history, head, compare);
      if (found.kind === 'same' || found.kind === 'unknown') continue;
      if (found.kind === 'branched' && head.timestampSeconds - found.at.timestampSeconds <= REWIND_SECONDS) {
        await history.rewind(found.at);
        said.push(`the chain was reorganised: what came after block ${found.at.number} is read again`);
      } else {
        await this.#startOver(history, head);
        said.push(
          lowerThan === null
            ? `the chain no longer has block ${newest.number} as it was read before (a reset network or a deep reorganisation): its history is read again`
            : `the chain was reset: head went from ${lowerThan} to ${head.number}`,
        );
      }
      this.#options.client.forgetHead();
    }
    if (said[0] !== undefined) this.#say(said[0]);
    return said.length > 0;
  }

  async #kinship(
    history: ReadHistory,
    head: BlockRef,
    compare: (block: BlockRef) => Promise<'same' | 'other' | 'unknown'>,
  ): Promise<Kinship> {
    let differs = false;
    for (const block of await history.checkpoints()) {
      if (block.number > head.number) continue;
      const found = await compare(block);
      if (found === 'same') return differs ? { kind: 'branched', at: block } : { kind: 'same' };
      if (found === 'other') differs = true;
    }
    return { kind: differs ? 'other' : 'unknown' };
  }

  async #startOver(history: ReadHistory, head: BlockRef): Promise<void> {
    const { client } = this.#options;
    // One node's word is not enough to drop a history that another node still vouches for.
    const known = (await history.checkpoints()).find(({ number }) => number <= head.number);
    if (known !== undefined && (await client.isKnown(known))) {
      throw new AssayError('the RPCs of the network do not serve the same chain', {
        retryable: true,
        detail: `some have block ${known.number} as it was read before, some have another one there: check ${this.#options.rpcUrlsKey ?? 'OG_RPC_URLS'}`,
      });
    }
    await history.startOver(head);
  }

  #say(text: string): void {
    const { logger, clock, notice } = this.#options;
    this.#note = { text, atMs: clock.now() };
    logger.warn(text);
    notice(text);
  }
}
