import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import type { BlockRef } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { BehindError, type EvmClient } from '../sources/evm/client.ts';
import type { RegistryHistory } from './registryHistory.ts';

/** A lower head that lasts this long is worth a look at which chain it is of. */
const LOWER_HEAD_MS = 60_000;

/** How long the source's status says that the chain was reset. */
const NOTED_MS = 3_600_000;

/** Further back than this a chain is read anew: heartbeats, of which hours would be counted again, are kept for 30 days. */
const REWIND_SECONDS = 29 * 86_400;

interface Options {
  client: EvmClient;
  history: RegistryHistory;
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
 * lag, by the hashes of blocks that were read: a short chain proves nothing. A replaced chain is said, and its history
 * is read again; of a reorganised one, the blocks that changed are; a lagging node stays refused.
 */
export class ChainReset {
  readonly #options: Options;
  #expected = false;
  #networkChecked = false;
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

  /**
   * The head to read at, and whether blocks that were read before were replaced: then nothing is stored of them any more.
   * BehindError while every node that answers lags.
   */
  async head(): Promise<{ head: BlockRef; replaced: boolean }> {
    await this.#expectCursor();
    let head: BlockRef;
    let replaced: boolean;
    try {
      head = await this.#options.client.head();
      await this.#checkNetwork();
      replaced = this.#last?.hash !== head.hash && (await this.#lostCursor(head));
    } catch (error) {
      if (!(error instanceof BehindError) || !(await this.#isReplaced(error))) throw error;
      head = error.head;
      replaced = true;
    }
    this.#last = head;
    this.#lowerSinceMs = null;
    this.#options.client.expectHead(head.number);
    return { head, replaced };
  }

  /** After a restart, too, a node that has not reached what was read before lags. */
  async #expectCursor(): Promise<void> {
    if (this.#expected) return;
    const { client, history } = this.#options;
    const cursor = await history.cursor();
    if (cursor !== null) client.expectHead(cursor.number);
    this.#expected = true;
  }

  /** The same address on two networks is two registries. Only after a node of the configured one answered: it may be mistyped. */
  async #checkNetwork(): Promise<void> {
    if (this.#networkChecked) return;
    const { history } = this.#options;
    const foreign = await history.foreignChain();
    if (foreign !== null) {
      await history.startOver(null);
      this.#say(`what was stored of this registry is of chain ${foreign}: it is read anew on the configured one`);
    }
    this.#networkChecked = true;
  }

  async #lostCursor(head: BlockRef): Promise<boolean> {
    const { client, history } = this.#options;
    const newest = (await history.cursor()) ?? (await history.checkpoints())[0] ?? null;
    if (newest === null || newest.number > head.number || (await client.compare(newest, head)) !== 'other')
      return false;
    const found = await this.#kinship(head);
    if (found.kind === 'same' || found.kind === 'unknown') return false;
    if (await this.#stepBack(found, head)) return true;
    await this.#startOver(
      head,
      `the chain no longer has block ${newest.number} as it was read before (a reset network or a deep reorganisation): its history is read again`,
    );
    return true;
  }

  async #isReplaced({ head, newest }: BehindError): Promise<boolean> {
    const { clock } = this.#options;
    this.#lowerSinceMs ??= clock.now();
    if (clock.now() - this.#lowerSinceMs < LOWER_HEAD_MS) return false;
    const found = await this.#kinship(head);
    if (found.kind === 'same' || found.kind === 'unknown') return false;
    if (await this.#stepBack(found, head)) return true;
    await this.#startOver(head, `the chain was reset: head went from ${newest} to ${head.number}`);
    return true;
  }

  async #kinship(head: BlockRef): Promise<Kinship> {
    const { client, history } = this.#options;
    let differs = false;
    for (const block of await history.checkpoints()) {
      if (block.number > head.number) continue;
      const found = await client.compare(block, head);
      if (found === 'same') return differs ? { kind: 'branched', at: block } : { kind: 'same' };
      if (found === 'other') differs = true;
    }
    return { kind: differs ? 'other' : 'unknown' };
  }

  /** Back to the newest block that is still there, unless that is too long ago. */
  async #stepBack(found: Kinship, head: BlockRef): Promise<boolean> {
    if (found.kind !== 'branched' || head.timestampSeconds - found.at.timestampSeconds > REWIND_SECONDS) return false;
    await this.#options.history.rewind(found.at);
    this.#options.client.forgetHead();
    this.#say(`the chain was reorganised: what came after block ${found.at.number} is read again`);
    return true;
  }

  async #startOver(head: BlockRef, text: string): Promise<void> {
    const { client, history } = this.#options;
    // One node's word is not enough to drop a history that another node still vouches for.
    const known = (await history.checkpoints()).find(({ number }) => number <= head.number);
    if (known !== undefined && (await client.isKnown(known))) {
      throw new AssayError('the RPCs of the network do not serve the same chain', {
        retryable: true,
        detail: `some have block ${known.number} as it was read before, some have another one there: check OG_RPC_URLS`,
      });
    }
    await history.startOver(head);
    client.forgetHead();
    this.#say(text);
  }

  #say(text: string): void {
    const { logger, clock, notice } = this.#options;
    this.#note = { text, atMs: clock.now() };
    logger.warn(text);
    notice(text);
  }
}
