import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import { type BlockRef, CHAIN_HALTED } from '../lib/facts.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome } from './collector.ts';
import { CHAIN_STALL_MS } from './followLogs.ts';

/** The head that the registry's collector believes in, as a collector sees it that asks contracts at it and follows no logs. */
export class BelievedHead {
  readonly #reset: Pick<ChainReset, 'believed' | 'note'>;
  readonly #clock: Clock;
  /** The newest head, and when it was first seen. */
  #seen: { block: BlockRef; atMs: number } | null = null;
  #readHash: BlockRef['hash'] | null = null;

  constructor(reset: Pick<ChainReset, 'believed' | 'note'>, clock: Clock) {
    this.#reset = reset;
    this.#clock = clock;
  }

  /** The head to read at; null where that was read. Throws what kept the chain from being asked. */
  due(): BlockRef | null {
    const head = this.#reset.believed;
    if (head === null) throw new AssayError('every RPC of the network is behind', { retryable: true });
    if (this.#seen?.block.hash !== head.hash) this.#seen = { block: head, atMs: this.#clock.now() };
    return this.#readHash === head.hash ? null : head;
  }

  wasRead(head: BlockRef): void {
    this.#readHash = head.hash;
  }

  /** How the round went; `note`: what readers should know of what was read. A chain that stands still says nothing about now. */
  outcome(note: string | null): CollectOutcome {
    const atMs = this.#seen?.atMs ?? this.#clock.now();
    if (this.#clock.now() - atMs >= CHAIN_STALL_MS) return { kind: 'stale', shortError: CHAIN_HALTED, sinceMs: atMs };
    const words = this.#reset.note ?? note;
    return words === null ? { kind: 'fresh' } : { kind: 'fresh', note: words };
  }
}
