import type { Hex } from '../lib/facts.ts';
import type { VeContracts } from '../sources/ve/contracts.ts';
import type { VeRole } from '../sources/ve/gaugeLogs.ts';
import type { Store } from '../store/store.ts';

type Known = { role: VeRole; address: Hex };

const ROLES = ['escrow', 'lockNFT', 'queue', 'clock', 'voter'] as const satisfies readonly VeRole[];

interface Kept {
  escrow: Hex;
  /** Decimal. */
  startBlock: string;
  known: Known[];
  /** Unix seconds: which voters there were before is not known. null: it is. */
  votersSinceSeconds: number | null;
}

/** Every contract of an escrow that was ever seen, as the store keeps it: logs of a replaced one still count. */
export class KnownContracts {
  readonly #store: Pick<Store, 'meta'>;
  readonly #key: string;
  readonly #escrow: Hex;
  readonly #startBlock: bigint;
  #known: Known[] = [];
  #votersSinceSeconds: number | null = null;

  constructor(store: Pick<Store, 'meta'>, source: string, { escrow, startBlock }: { escrow: Hex; startBlock: bigint }) {
    this.#store = store;
    this.#key = `gauge-contracts:${source}`;
    this.#escrow = escrow;
    this.#startBlock = startBlock;
  }

  /** What an earlier run knew; `other`: it was of another escrow, or of a later start, and none of it counts. */
  async load(): Promise<'same' | 'other'> {
    const text = await this.#store.meta.get(this.#key);
    if (!text) return 'same';
    const kept = JSON.parse(text) as Kept;
    if (kept.escrow !== this.#escrow || BigInt(kept.startBlock) > this.#startBlock) return 'other';
    this.#known = kept.known;
    this.#votersSinceSeconds = kept.votersSinceSeconds;
    return 'same';
  }

  /** Since when (unix seconds) every voter is known; null: since ever. */
  get votersSinceSeconds(): number | null {
    return this.#votersSinceSeconds;
  }

  get isEmpty(): boolean {
    return this.#known.length === 0;
  }

  /** By address; a contract may have several roles. */
  get emitters(): Map<Hex, Set<VeRole>> {
    const emitters = new Map<Hex, Set<VeRole>>();
    for (const { role, address } of this.#known) {
      emitters.set(address, (emitters.get(address) ?? new Set()).add(role));
    }
    return emitters;
  }

  /** Those of these that are not known yet. */
  fresh(contracts: VeContracts): Known[] {
    return ROLES.flatMap((role) => {
      const address = contracts[role];
      const isKnown = this.#known.some((known) => known.role === role && known.address === address);
      return address === null || isKnown ? [] : [{ role, address }];
    });
  }

  async add(fresh: readonly Known[], votersSinceSeconds = this.#votersSinceSeconds): Promise<void> {
    const known = [...this.#known, ...fresh];
    const kept: Kept = { escrow: this.#escrow, startBlock: this.#startBlock.toString(), known, votersSinceSeconds };
    await this.#store.meta.set(this.#key, JSON.stringify(kept));
    this.#known = known;
    this.#votersSinceSeconds = votersSinceSeconds;
  }
}
