import { explain } from '../lib/errors.ts';
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
  /** Something an operator should hear of: the chain went back. */
  notice: (text: string) => void;
}

/**
 * The registry's logs as history, behind one cursor. New blocks are followed at once; a long way back
 * (first start, a long pause) is caught up in the background so that it never delays what is happening now.
 */
export class RegistryHistory {
  readonly #options: Options;
  readonly #cursorName: string;
  #catchingUp: Promise<void> | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#cursorName = `registry:${options.chainId}:${options.registry.toLowerCase()}`;
  }

  /** Resolves when a catch-up that runs beside has ended. */
  async settled(): Promise<void> {
    await this.#catchingUp;
  }

  /** The events up to `head`, stored; `unknown` while history is being caught up. */
  async follow(head: BlockRef, signal: AbortSignal): Promise<RegistryEvent[] | 'unknown'> {
    if (this.#catchingUp !== null) return 'unknown';
    const { store, confirmations } = this.#options;
    const target = head.number - BigInt(Math.max(0, confirmations - 1));
    const cursor = await this.#checkedCursor();
    if (cursor !== null && target <= cursor.number) return [];
    if (cursor === null || target - cursor.number > FOLLOW_BLOCKS) {
      this.#catchingUp = this.#catchUp(cursor, target, signal).finally(() => {
        this.#catchingUp = null;
      });
      return 'unknown';
    }
    const facts = await store.nodes.facts();
    return await this.#readTo(cursor.number + 1n, target, facts?.registry.heartbeatMaxAgeSeconds, signal);
  }

  async #checkedCursor(): Promise<BlockRef | null> {
    const { client, store, registry } = this.#options;
    const cursor = await store.nodes.cursor(this.#cursorName);
    if (cursor === null) return null;
    if ((await client.checkCursor(cursor.block)) === 'ok') return cursor.block;
    const text = `the chain no longer has block ${cursor.block.number} as it was read before (a reset network or a deep reorganisation): its history is read again`;
    this.#options.logger.warn({ cursor: cursor.block.number.toString() }, text);
    this.#options.notice(text);
    await store.nodes.rewind(registry, this.#cursorName, null);
    return null;
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
      logger.info({ to: target.toString() }, 'history is complete');
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
    for await (const page of registryLogs(client, registry, from, to)) {
      if (signal.aborted) break;
      await store.nodes.saveEvents(
        registry,
        page.events,
        { name: this.#cursorName, block: page.toBlock },
        maxAgeSeconds ?? DEFAULT_HEARTBEAT_MAX_AGE_SECONDS,
      );
      if (to - from <= FOLLOW_BLOCKS) all.push(...page.events);
    }
    return all;
  }
}
