import { AssayError, explain } from '../lib/errors.ts';
import type { BlockRef, Hex, RegistryEvent } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { registryLogs } from '../sources/opengradient/registryLogs.ts';
import type { Store } from '../store/store.ts';

/** Within this many blocks of the head logs are read while following; a longer way is caught up beside it. */
const FOLLOW_BLOCKS = 2_000n;

/** Heartbeats cannot be folded into activity before the first full read said how long one counts. */
const DEFAULT_HEARTBEAT_MAX_AGE_SECONDS = 1_800;

interface Options {
  client: EvmClient;
  store: Store;
  registry: Hex;
  chainId: number;
  backfillDays: number;
  confirmations: number;
  logger: Logger;
}

/**
 * The registry's logs as history, behind one cursor. New blocks are followed at once; a long way back
 * (first start, a long pause) is caught up in the background so that it never delays what is happening now.
 */
export class RegistryHistory {
  readonly #options: Options;
  readonly #cursorName: string;
  #catchingUp: { done: Promise<void>; stop: () => void } | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#cursorName = `registry:${options.chainId}:${options.registry.toLowerCase()}`;
  }

  /** Resolves when a catch-up that runs beside has ended. */
  async settled(): Promise<void> {
    await this.#catchingUp?.done;
  }

  /** The newest block whose logs are stored; null before the first. */
  async cursor(): Promise<BlockRef | null> {
    return (await this.#options.store.nodes.cursor(this.#cursorName))?.block ?? null;
  }

  /** Blocks that were read, by which the chain is recognised again: newest first, at most a few dozen. */
  async checkpoints(): Promise<BlockRef[]> {
    return (await this.#options.store.nodes.checkpoints(this.#cursorName)).toReversed();
  }

  /** The chain that the registry was last read on when that is not the configured one; else null. */
  async foreignChain(): Promise<number | null> {
    const stored = await this.#options.store.nodes.chainOf(this.#options.registry);
    return stored === this.#options.chainId ? null : stored;
  }

  /**
   * Another chain, with this head: everything read of the old one is dropped, and the next `follow` begins anew. Hours
   * that will not be read again are kept. No head: another network, of which nothing is kept.
   */
  async startOver(head: BlockRef | null): Promise<void> {
    await this.#stop();
    const fromHour = head === null ? 0 : Math.floor(this.#backfillFrom(head) / 3600);
    await this.#options.store.nodes.forgetChain(this.#options.registry, this.#cursorName, fromHour);
  }

  /** The same chain with other blocks after this one: what was read of them is taken back. */
  async rewind(block: BlockRef): Promise<void> {
    await this.#stop();
    const { store, registry } = this.#options;
    await store.nodes.rewind(registry, { name: this.#cursorName, block }, await this.#heartbeatMaxAge());
  }

  async #stop(): Promise<void> {
    this.#catchingUp?.stop();
    await this.settled();
  }

  #backfillFrom(head: BlockRef): number {
    return head.timestampSeconds - this.#options.backfillDays * 86_400;
  }

  async #heartbeatMaxAge(): Promise<number> {
    const facts = await this.#options.store.nodes.facts();
    return facts?.registry.heartbeatMaxAgeSeconds ?? DEFAULT_HEARTBEAT_MAX_AGE_SECONDS;
  }

  /** The events up to `head`, stored; `unknown` while history is being caught up. */
  async follow(head: BlockRef, signal: AbortSignal): Promise<RegistryEvent[] | 'unknown'> {
    if (this.#catchingUp !== null) return 'unknown';
    const { confirmations } = this.#options;
    const target = head.number - BigInt(Math.max(0, confirmations - 1));
    const cursor = await this.cursor();
    if (cursor !== null && target <= cursor.number) return [];
    if (cursor === null || target - cursor.number > FOLLOW_BLOCKS) {
      const controller = new AbortController();
      const done = this.#catchUp(cursor, target, AbortSignal.any([signal, controller.signal])).finally(() => {
        this.#catchingUp = null;
      });
      this.#catchingUp = { done, stop: () => controller.abort() };
      return 'unknown';
    }
    return await this.#readTo(cursor.number + 1n, target, signal);
  }

  async #catchUp(cursor: BlockRef | null, target: bigint, signal: AbortSignal): Promise<void> {
    const { logger } = this.#options;
    try {
      const from = cursor === null ? await this.#firstBlock(target) : cursor.number + 1n;
      logger.info({ from: from.toString(), to: target.toString() }, 'reading history');
      await this.#readTo(from, target, signal);
      if (!signal.aborted) logger.info({ to: target.toString() }, 'history is complete');
    } catch (error) {
      if (!signal.aborted) logger.warn({ cause: explain(error) }, 'history could not be read to its end, will go on');
    }
  }

  /**
   * Where history begins, at the latest with the block that it is to reach. Before the first page is stored, the chain's
   * first block and this one are kept to recognise it by.
   */
  async #firstBlock(target: bigint): Promise<bigint> {
    const { client, store } = this.#options;
    const start = await client.blockAtTime(this.#backfillFrom(await client.head()));
    // A node that has pruned it may say so with an error.
    const early = await client.block(1n).catch(() => null);
    const known = [early, start].filter((block) => block !== null && block.number <= target) as BlockRef[];
    await store.nodes.addCheckpoints(this.#cursorName, known);
    return start.number < target ? start.number : target;
  }

  async #readTo(from: bigint, to: bigint, signal: AbortSignal): Promise<RegistryEvent[]> {
    const { client, store, registry } = this.#options;
    const maxAgeSeconds = await this.#heartbeatMaxAge();
    const all: RegistryEvent[] = [];
    let before: BlockRef | null = null;
    for await (const page of registryLogs(client, registry, from, to, signal)) {
      // A chain that was replaced between two pages must not be joined to the old one's history.
      if (before !== null && (await client.compare(before, page.toBlock)) === 'other') {
        throw new AssayError('the chain was replaced while its history was read', { retryable: true });
      }
      if (signal.aborted) break;
      await store.nodes.saveEvents(
        registry,
        page.events,
        { name: this.#cursorName, block: page.toBlock },
        maxAgeSeconds,
      );
      if (to - from <= FOLLOW_BLOCKS) all.push(...page.events);
      before = page.toBlock;
    }
    return all;
  }
}
