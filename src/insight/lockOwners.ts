import type { Hex } from '../lib/facts.ts';
import type { GaugeEvent } from '../lib/gaugeFacts.ts';

const NOBODY = `0x${'0'.repeat(40)}` as Hex;

export interface Exit {
  holder: Hex;
  exitAtSeconds: number | null;
}

/** Who owns which lock token, by the logs: minted, handed on, given to the escrow to leave, burnt. */
export class LockOwners {
  readonly owners = new Map<string, Hex>();
  readonly exiting = new Map<string, Exit>();
  /** Owners whose last live lock went, and when. */
  readonly leftAtSeconds = new Map<Hex, number>();
  /** Live locks by owner: an exiting one is nobody's. */
  readonly #live = new Map<Hex, number>();
  /** Whoever emitted a deposit: a token that it owns is on its way out. */
  readonly #escrows = new Set<Hex>();

  apply(event: GaugeEvent): void {
    if (event.kind === 'deposit') this.#escrows.add(event.emitter);
    const token = event.tokenId?.toString();
    if (token === undefined) return;
    const before = this.#liveOwnerOf(token);
    if (event.kind === 'transfer') this.#move(token, event);
    else if (event.kind === 'withdraw') this.#remove(token);
    else if (event.kind === 'exit-queued' && event.from !== null)
      this.exiting.set(token, { holder: event.from, exitAtSeconds: event.atSeconds });
    this.#count(before, this.#liveOwnerOf(token), event.blockTimestampSeconds);
  }

  /** Whose vote it is: of an exiting lock, whoever will get it; null: its logs are not known. */
  ownerOf(token: string): Hex | null {
    return this.exiting.get(token)?.holder ?? this.owners.get(token) ?? null;
  }

  #liveOwnerOf(token: string): Hex | null {
    return this.exiting.has(token) ? null : (this.owners.get(token) ?? null);
  }

  #count(before: Hex | null, after: Hex | null, atSeconds: number): void {
    if (before === after) return;
    if (before !== null) {
      const left = (this.#live.get(before) ?? 1) - 1;
      if (left === 0) {
        this.#live.delete(before);
        this.leftAtSeconds.set(before, atSeconds);
      } else this.#live.set(before, left);
    }
    if (after !== null) {
      this.#live.set(after, (this.#live.get(after) ?? 0) + 1);
      this.leftAtSeconds.delete(after);
    }
  }

  #move(token: string, { from, to }: GaugeEvent): void {
    if (to === null) return;
    if (to === NOBODY) {
      this.#remove(token);
      return;
    }
    this.owners.set(token, to);
    if (!this.#escrows.has(to)) {
      // Back from the escrow. While no deposit is known, nobody is known to be the escrow, and what the queue said stands.
      if (this.#escrows.size > 0) this.exiting.delete(token);
    } else if (!this.exiting.has(token) && from !== null) {
      this.exiting.set(token, { holder: from, exitAtSeconds: null });
    }
  }

  #remove(token: string): void {
    this.owners.delete(token);
    this.exiting.delete(token);
  }
}
