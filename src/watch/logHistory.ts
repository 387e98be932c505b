import { AssayError, explain } from '../lib/errors.ts';
import type { BlockRef } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { knownFromKey } from '../lib/proofFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import type { Cursor, Store } from '../store/store.ts';

/** Within this many blocks of the head logs are read while following; a longer way is caught up beside it. */
const FOLLOW_BLOCKS = 2_000n;

/** One kind of logs: how it is read, and how the store keeps it and takes it back. */
export interface LogKind<Event> {
  /** Names the chain, and what is read of it. */
  cursorName: string;
  read(from: bigint, to: bigint, signal: AbortSignal): AsyncIterable<{ events: Event[]; toBlock: BlockRef }>;
  /** `isFirstRead`: it is of the history that was there before this bot was. */
  save(events: Event[], cursor: Cursor, isFirstRead: boolean): Promise<void>;
  /** The chain has other blocks after this one. */
  rewind(cursor: Cursor): Promise<void>;
  /** It is another chain, of which logs since then (unix seconds) will be read. */
  forget(fromSeconds: number): Promise<void>;
  /** The chain that these were last read on; null: none yet. */
  chainOf(): Promise<number | null>;
  /** Called before anything is read of the chain. */
  begin?(): Promise<void>;
  /** false: there is more than `read` reads (a contract that was found only now), so a history with a first block is not complete. */
  isWhole?(): boolean;
}

interface Options<Event> {
  client: EvmClient;
  store: Store;
  kind: LogKind<Event>;
  chainId: number;
  backfillDays: number;
  /** History begins there, however long ago that is, rather than some days ago; then it is known to be complete only once all of it was read. */
  firstBlock?: bigint;
  confirmations: number;
  logger: Logger;
}

/**
 * Logs of one kind as history, behind one cursor. New blocks are followed at once; a long way back (first start, a long
 * pause) is caught up in the background so that it never delays what is happening now. One that is taken back meanwhile
 * stops reading first.
 */
export class LogHistory<Event> {
  readonly #options: Options<Event>;
  readonly #name: string;
  /** What is being read; set before the first question, so that nothing is taken back in between. */
  #reading: { done: Promise<void>; stop: () => void } | null = null;
  #replacements = 0;
  #failure: unknown = null;

  constructor(options: Options<Event>) {
    this.#options = options;
    this.#name = options.kind.cursorName;
  }

  /** How often something that was read was taken back. */
  get replacements(): number {
    return this.#replacements;
  }

  /** Why the last catch-up broke off; null when it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** A catch-up runs beside. */
  get isReading(): boolean {
    return this.#reading !== null;
  }

  /** Resolves when a catch-up that runs beside has ended. */
  async settled(): Promise<void> {
    await this.#reading?.done;
  }

  /** The newest block whose logs are stored; null before the first. */
  async cursor(): Promise<BlockRef | null> {
    return (await this.#options.store.nodes.cursor(this.#name))?.block ?? null;
  }

  /** Blocks that were read, by which the chain is recognised again: newest first, at most a few dozen. */
  async checkpoints(): Promise<BlockRef[]> {
    return (await this.#options.store.nodes.checkpoints(this.#name)).toReversed();
  }

  /** The chain that these were last read on when that is not the configured one; else null. */
  async foreignChain(): Promise<number | null> {
    const stored = await this.#options.kind.chainOf();
    return stored === this.#options.chainId ? null : stored;
  }

  /** Whether a block belongs to what was there when this was read for the first time. */
  async isFirstRead(block: bigint): Promise<boolean> {
    const to = await this.#firstReadTo();
    return to !== null && block <= to;
  }

  /** Unix seconds of chain time since when everything is known; null: nothing is, or it is not known since when. */
  async knownFromSeconds(): Promise<number | null> {
    return await knownFromSeconds(this.#options.store, this.#name);
  }

  /**
   * Another chain, with this head: everything read of the old one is dropped, and the next `follow` begins anew. Hours
   * that will not be read again are kept. No head: another network, of which nothing is kept.
   */
  async startOver(head: BlockRef | null): Promise<void> {
    await this.#stop();
    const readAll = head === null || this.#options.firstBlock !== undefined;
    await this.#options.kind.forget(readAll ? 0 : this.#backfillFrom(head));
    await this.#options.store.meta.set(this.#firstKey, '');
    await this.#options.store.meta.set(this.#fromKey, '');
    this.#replacements += 1;
  }

  /** The same chain with other blocks after this one: what was read of them is taken back. */
  async rewind(block: BlockRef): Promise<void> {
    await this.#stop();
    await this.#incomplete();
    await this.#options.kind.rewind({ name: this.#name, block });
    this.#replacements += 1;
  }

  /** The events up to `head`, stored; `unknown` while history is being caught up. */
  async follow(head: BlockRef, signal: AbortSignal): Promise<Event[] | 'unknown'> {
    if (this.#reading !== null) return 'unknown';
    const controller = new AbortController();
    const catchesUp = Promise.withResolvers<'unknown'>();
    const work = this.#read(head, AbortSignal.any([signal, controller.signal]), () => catchesUp.resolve('unknown'));
    const over = work.finally(() => {
      this.#reading = null;
    });
    this.#reading = { done: over.then(nothing, nothing), stop: () => controller.abort() };
    return await Promise.race([over, catchesUp.promise]);
  }

  async #stop(): Promise<void> {
    this.#reading?.stop();
    await this.settled();
  }

  #backfillFrom(head: BlockRef): number {
    return head.timestampSeconds - this.#options.backfillDays * 86_400;
  }

  /** `onCatchUp` is called where what is read takes long, and nobody should wait for it. */
  async #read(head: BlockRef, signal: AbortSignal, onCatchUp: () => void): Promise<Event[]> {
    const { confirmations } = this.#options;
    const target = head.number - BigInt(Math.max(0, confirmations - 1));
    const cursor = await this.cursor();
    if (cursor !== null && target <= cursor.number) {
      await this.#complete();
      return [];
    }
    if (cursor !== null && target - cursor.number <= FOLLOW_BLOCKS) {
      const all: Event[] = [];
      await this.#readTo(cursor, cursor.number + 1n, target, signal, (events) => all.push(...events));
      if (!signal.aborted) await this.#complete();
      return all;
    }
    onCatchUp();
    await this.#catchUp(cursor, target, signal);
    return [];
  }

  async #catchUp(cursor: BlockRef | null, target: bigint, signal: AbortSignal): Promise<void> {
    const { logger } = this.#options;
    const history = this.#name;
    try {
      const from = cursor === null ? await this.#firstBlock(target) : cursor.number + 1n;
      const firstTo = await this.#firstReadTo();
      // What came while the first reading was under way, or broken off, is part of it.
      if (cursor === null || (firstTo !== null && cursor.number < firstTo)) {
        await this.#options.store.meta.set(this.#firstKey, String(target));
      }
      logger.info({ history, from: from.toString(), to: target.toString() }, 'reading history');
      await this.#incomplete();
      await this.#readTo(cursor, from, target, signal);
      this.#failure = null;
      if (!signal.aborted) await this.#complete();
      if (!signal.aborted) logger.info({ history, to: target.toString() }, 'history is complete');
    } catch (error) {
      if (signal.aborted) return;
      this.#failure = error;
      logger.warn({ history, cause: explain(error) }, 'history could not be read to its end, will go on');
    }
  }

  /**
   * Where history begins, at the latest with the block that it is to reach. Before the first page is stored, the chain's
   * first block and this one are kept to recognise it by.
   */
  async #firstBlock(target: bigint): Promise<bigint> {
    const { client, store, kind, firstBlock } = this.#options;
    await kind.begin?.();
    // Where it is not there yet, nothing was missed.
    const start =
      firstBlock === undefined
        ? await client.blockAtTime(this.#backfillFrom(await client.head()))
        : ((await client.block(firstBlock < target ? firstBlock : target)) ?? (await client.head()));
    // A node that has pruned it may say so with an error.
    const early = await client.block(1n).catch(() => null);
    const known = [early, start].filter((block) => block !== null && block.number <= target) as BlockRef[];
    await store.nodes.addCheckpoints(this.#name, known);
    if (firstBlock === undefined) await store.meta.set(this.#fromKey, String(start.timestampSeconds));
    return start.number < target ? start.number : target;
  }

  /** Of a history with a first block: not all since then is read (any more). */
  async #incomplete(): Promise<void> {
    if (this.#options.firstBlock !== undefined) await this.#options.store.meta.set(this.#fromKey, '');
  }

  async #complete(): Promise<void> {
    const { client, store, kind, firstBlock } = this.#options;
    if (kind.isWhole?.() === false) return await this.#incomplete();
    if (firstBlock === undefined || (await this.knownFromSeconds()) !== null) return;
    const first = (await client.block(firstBlock)) ?? (await this.cursor());
    if (first !== null) await store.meta.set(this.#fromKey, String(first.timestampSeconds));
  }

  async #readTo(
    cursor: BlockRef | null,
    from: bigint,
    to: bigint,
    signal: AbortSignal,
    onEvents: (events: Event[]) => void = () => undefined,
  ): Promise<void> {
    const { client, kind } = this.#options;
    const firstTo = await this.#firstReadTo();
    let before = cursor;
    for await (const page of kind.read(from, to, signal)) {
      // A chain that was replaced between two pages must not be joined to the old one's history.
      if (before !== null && (await client.compare(before, page.toBlock)) === 'other') {
        throw new AssayError('the chain was replaced while its history was read', { retryable: true });
      }
      if (signal.aborted) break;
      const isFirstRead = firstTo !== null && page.toBlock.number <= firstTo;
      await kind.save(page.events, { name: this.#name, block: page.toBlock }, isFirstRead);
      onEvents(page.events);
      before = page.toBlock;
    }
  }

  async #firstReadTo(): Promise<bigint | null> {
    const text = await this.#options.store.meta.get(this.#firstKey);
    return text ? BigInt(text) : null;
  }

  get #firstKey(): string {
    return `first-read:${this.#name}`;
  }

  get #fromKey(): string {
    return knownFromKey(this.#name);
  }
}

/** As `LogHistory.knownFromSeconds`, for whoever only reads. */
export async function knownFromSeconds({ meta }: Pick<Store, 'meta'>, cursorName: string): Promise<number | null> {
  const text = await meta.get(knownFromKey(cursorName));
  return text ? Number(text) : null;
}

const nothing = (): void => undefined;
