import type { BlockRef, Hex } from '../lib/facts.ts';
import type { MetaStore } from '../lib/metaStore.ts';
import type { EvmClient } from '../sources/evm/client.ts';

/** Where the block that was read last is no longer the chain's, so many before it are read again: votes are kept by voter, so none twice. */
const REREAD_BLOCKS = 10_000n;

const MAX_PARTLY = 1_000;

interface Kept {
  number: string;
  hash: Hex;
  timestampSeconds: number;
  partly: string[];
}

/** Up to which block a governor's logs are stored, and of which proposals not every vote is. */
export class GovernorCursor {
  readonly #meta: MetaStore;
  readonly #key: string;

  constructor(meta: MetaStore, key: string) {
    this.#meta = meta;
    this.#key = key;
  }

  /** null: nothing was read. Asks whether the chain still has that block; a node that has none does not say otherwise. */
  async read(client: EvmClient, head: BlockRef): Promise<{ number: bigint } | null> {
    const kept = await this.#kept();
    if (kept === null) return null;
    const block = { number: BigInt(kept.number), hash: kept.hash, timestampSeconds: kept.timestampSeconds };
    const isOther = block.number <= head.number && (await client.compare(block, head)) === 'other';
    if (!isOther) return block;
    return { number: block.number > REREAD_BLOCKS ? block.number - REREAD_BLOCKS : 0n };
  }

  async partly(): Promise<string[]> {
    return (await this.#kept())?.partly ?? [];
  }

  async write(block: BlockRef, partly: ReadonlySet<string>): Promise<void> {
    const all = [...new Set([...(await this.partly()), ...partly])].slice(-MAX_PARTLY);
    const { hash, timestampSeconds } = block;
    const kept: Kept = { number: String(block.number), hash, timestampSeconds, partly: all };
    await this.#meta.set(this.#key, JSON.stringify(kept));
  }

  async #kept(): Promise<Kept | null> {
    const text = await this.#meta.get(this.#key);
    return text ? (JSON.parse(text) as Kept) : null;
  }
}
