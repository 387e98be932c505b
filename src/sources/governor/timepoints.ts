import type { BlockRef } from '../../lib/facts.ts';
import type { EvmClient } from '../evm/client.ts';

/** The pace of a chain is taken from so many blocks, or from fewer where a node has pruned them. */
const PACE_BLOCKS = [50_000n, 1_000n, 20n];

/** The year 9999. */
const MAX_SECONDS = 253_402_300_799;

/** Kept, as the times of blocks do not change. */
const MAX_KNOWN = 10_000;

export interface Moment {
  atSeconds: number;
  /** From the chain's pace of late: the block is still to come, or no node has it. */
  isEstimated: boolean;
}

/** The moments of timepoints of a governor that counts in blocks. */
export class BlockMoments {
  readonly #client: EvmClient;
  readonly #known = new Map<bigint, number>();
  #pace: { head: BlockRef; secondsPerBlock: number | null } | null = null;

  constructor(client: EvmClient) {
    this.#client = client;
  }

  /** null where it is no moment, or cannot be told. Rejects with AssayError. */
  async at(number: bigint, head: BlockRef): Promise<Moment | null> {
    if (number <= head.number) {
      const atSeconds = this.#known.get(number) ?? (await this.#client.block(number))?.timestampSeconds;
      if (atSeconds !== undefined) {
        if (this.#known.size < MAX_KNOWN) this.#known.set(number, atSeconds);
        return { atSeconds, isEstimated: false };
      }
    }
    const secondsPerBlock = await this.#secondsPerBlock(head);
    if (secondsPerBlock === null) return null;
    const atSeconds = Math.round(head.timestampSeconds + Number(number - head.number) * secondsPerBlock);
    return atSeconds > 0 && atSeconds <= MAX_SECONDS ? { atSeconds, isEstimated: true } : null;
  }

  async #secondsPerBlock(head: BlockRef): Promise<number | null> {
    if (this.#pace?.head.hash === head.hash) return this.#pace.secondsPerBlock;
    let secondsPerBlock: number | null = null;
    for (const blocks of PACE_BLOCKS) {
      const number = head.number > blocks ? head.number - blocks : 1n;
      const before = number < head.number ? await this.#client.block(number) : null;
      if (before === null) continue;
      secondsPerBlock = (head.timestampSeconds - before.timestampSeconds) / Number(head.number - number);
      break;
    }
    this.#pace = { head, secondsPerBlock };
    return secondsPerBlock;
  }
}
