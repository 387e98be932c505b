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

  /** Another chain: everything read of the old one is dropped, and the next `follow` begins anew. */
  async startOver(): Promise<void> {
    this.#catchingUp?.stop();
    await this.settled();
    await this.#options.store.nodes.forgetChain(this.#options.registry, this.#cursorName);
  }

  /** The events up to `head`, stored; `unknown` while history is being caught up. */
  async follow(head: BlockRef, signal: AbortSignal): Promise<RegistryEvent[] | 'unknown'> {
    if (this.#catchingUp !== null) return 'unknown';
    const { store, confirmations } = this.#options;
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
    const facts = await store.nodes.facts();
    return await this.#readTo(cursor.number + 1n, target, facts?.registry.heartbeatMaxAgeSeconds, signal);
  }

  async #catchUp(cursor: BlockRef | null, target: bigint, signal: AbortSignal): Promise<void> {
    const { client, store, logger, backfillDays } = this.#options;
    try {
      const head = await client.head();
      const from =
        cursor === null
          ? (await client.blockAtTime(head.timestampSeconds - backfillDays * 86_400)).number
          : cursor.number + 1n;
      logger.info({ from: from.toString(), to: target.toString() }, 'reading history');
      const facts = await store.nodes.facts();
      await this.#readTo(from, target, facts?.registry.heartbeatMaxAgeSeconds, signal);
      if (!signal.aborted) logger.info({ to: target.toString() }, 'history is complete');
    } catch (error) {
      if (!signal.aborted) logger.warn({ cause: explain(error) }, 'history could not be read to its end, will go on');
    }
  }

  async #readTo(
    from: bigint,
    to: bigint,
    maxAgeSeconds: number | undefined,
    signal: AbortSignal,
  ): Promise<RegistryEvent[]> {
    const { client, store, registry } = this.#options;
    const all: RegistryEvent[] = [];
    let before: BlockRef | null = null;
    for await (const page of registryLogs(client, registry, from, to, signal)) {
      // A chain that was replaced between two pages must not be joined to the old one's history.
      if (before !== null && (await client.checkCursor(before, page.toBlock)) === 'rewound') {
        throw new AssayError('the chain was replaced while its history was read', { retryable: true });
      }
      if (signal.aborted) break;
      await store.nodes.saveEvents(
        registry,
        page.events,
        { name: this.#cursorName, block: page.toBlock },
        maxAgeSeconds ?? DEFAULT_HEARTBEAT_MAX_AGE_SECONDS,
      );
      if (to - from <= FOLLOW_BLOCKS) all.push(...page.events);
      before = page.toBlock;
    }
    return all;
  }
}
