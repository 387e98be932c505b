import type { Clock } from '../lib/clock.ts';
import type { BlockRef } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { BehindError, type EvmClient } from '../sources/evm/client.ts';
import type { RegistryHistory } from './registryHistory.ts';

/** A lower head on every RPC that lasts this long is no longer taken for lag. */
const LOWER_HEAD_MS = 60_000;

/** How long the source's status says that the chain was reset. */
const NOTED_MS = 3_600_000;

interface Options {
  client: EvmClient;
  history: RegistryHistory;
  clock: Clock;
  logger: Logger;
  /** Something an operator should hear of. */
  notice: (text: string) => void;
}

/**
 * Tells a chain that was replaced (a reset network, a reorganisation deeper than the cursor) from nodes that lag.
 * A replaced chain is said, and its history is read again; a lagging node stays refused.
 */
export class ChainReset {
  readonly #options: Options;
  #expected = false;
  #lowerSinceMs: number | null = null;
  /** The newest head that was believed. */
  #last: BlockRef | null = null;
  #note: { text: string; atMs: number } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** What happened to the chain within the last hour, in words; null when nothing did. */
  get note(): string | null {
    if (this.#note === null || this.#options.clock.now() - this.#note.atMs > NOTED_MS) return null;
    return this.#note.text;
  }

  /** The head to read at, and whether the chain is another one than before: then nothing of it is stored any more. */
  async head(): Promise<{ head: BlockRef; replaced: boolean }> {
    await this.#expectCursor();
    let head: BlockRef;
    try {
      head = await this.#options.client.head();
    } catch (error) {
      if (!(error instanceof BehindError) || !(await this.#isReset(error))) throw error;
      await this.#startOver(`the chain was reset: head went from ${error.newest} to ${error.head.number}`);
      this.#believe(error.head);
      return { head: error.head, replaced: true };
    }
    const replaced = this.#last?.hash !== head.hash && (await this.#lostCursor(head));
    this.#believe(head);
    return { head, replaced };
  }

  /** After a restart, too, a node that has not reached what was read before lags. */
  async #expectCursor(): Promise<void> {
    if (this.#expected) return;
    const cursor = await this.#options.history.cursor();
    if (cursor !== null) this.#options.client.expectHead(cursor.number);
    this.#expected = true;
  }

  #believe(head: BlockRef): void {
    this.#last = head;
    this.#lowerSinceMs = null;
    this.#options.client.expectHead(head.number);
  }

  async #lostCursor(head: BlockRef): Promise<boolean> {
    const { client, history } = this.#options;
    const cursor = await history.cursor();
    if (cursor === null || (await client.checkCursor(cursor, head)) === 'ok') return false;
    await this.#startOver(
      `the chain no longer has block ${cursor.number} as it was read before (a reset network or a deep reorganisation): its history is read again`,
    );
    return true;
  }

  async #isReset(lower: BehindError): Promise<boolean> {
    const { client, history, clock } = this.#options;
    this.#lowerSinceMs ??= clock.now();
    if (clock.now() - this.#lowerSinceMs < LOWER_HEAD_MS) return false;
    const known = (await history.cursor()) ?? this.#last;
    return known === null || (await client.checkCursor(known, lower.head)) === 'rewound';
  }

  async #startOver(text: string): Promise<void> {
    const { client, history, logger, clock, notice } = this.#options;
    await history.startOver();
    client.forgetHead();
    this.#note = { text, atMs: clock.now() };
    logger.warn(text);
    notice(text);
  }
}
