import { setImmediate as turn } from 'node:timers/promises';
import { GaugeReplay, type GaugeState } from '../insight/gaugeReplay.ts';
import type { Hex } from '../lib/facts.ts';
import { gaugeCursor } from '../lib/gaugeFacts.ts';
import { knownFromKey } from '../lib/proofFacts.ts';
import type { EpochEligible, StoredReading } from '../store/gaugeRepository.ts';
import type { Store } from '../store/store.ts';

/** Everything that is known of one gauge source: what its contracts answered, and what its logs add up to. */
export interface GaugeBook {
  source: string;
  reading: StoredReading;
  /**
   * At the time of the reading. It is live: what is written later changes it, so it is not to be kept. What is made of it can be kept
   * with the book: there is another one as soon as anything is other.
   */
  state: GaugeState;
  /** Oldest first. */
  eligible: readonly EpochEligible[];
  /** Since when (unix seconds) its logs are known; null: all of them since its start block are not read yet. */
  completeSinceSeconds: number | null;
}

type BookStore = Pick<Store, 'gauges' | 'meta'>;

/** Events that are read at once, and that are replayed before anybody else's turn. */
const PAGE = 2_000;
const PORTION = 1_000;

/** Another process may have written, of which this one's versions say nothing. */
const LOOK_AGAIN_MS = 10_000;

const books = new WeakMap<Store['gauges'], Map<string, HeldBook>>();

/**
 * The book of one source, from memory while nothing was written; null before its contracts were read. Replays only what came since,
 * and in portions: whoever waits for something else goes on meanwhile. `monotonicMs`: any clock that only goes forward.
 */
export async function readGauges(
  store: BookStore,
  source: string,
  monotonicMs = performance.now(),
): Promise<GaugeBook | null> {
  const ofStore = books.get(store.gauges) ?? new Map<string, HeldBook>();
  books.set(store.gauges, ofStore);
  const held = ofStore.get(source) ?? new HeldBook(store, source);
  ofStore.set(source, held);
  return await held.read(monotonicMs);
}

/** One source's replay, carried on where it stopped. */
class HeldBook {
  readonly #store: BookStore;
  readonly #source: string;
  #replay: { generation: number; voter: Hex | null; replay: GaugeReplay; lastId: number } | null = null;
  #held: { version: number; atMs: number; madeOf: GaugeReplay | null; lastId: number; book: GaugeBook | null } | null =
    null;
  #loading: Promise<GaugeBook | null> | null = null;

  constructor(store: BookStore, source: string) {
    this.#store = store;
    this.#source = source;
  }

  read(nowMs: number): Promise<GaugeBook | null> {
    if (this.#loading !== null) return this.#loading;
    const held = this.#held;
    if (held?.version === this.#store.gauges.version(this.#source) && nowMs - held.atMs < LOOK_AGAIN_MS) {
      return Promise.resolve(held.book);
    }
    this.#loading = this.#load(nowMs).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(nowMs: number): Promise<GaugeBook | null> {
    const { gauges, meta } = this.#store;
    // What is written from here on is looked at next time, whether it is seen now or not.
    const version = gauges.version(this.#source);
    const reading = await gauges.reading(this.#source);
    if (reading === null) {
      this.#held = { version, atMs: nowMs, madeOf: null, lastId: 0, book: null };
      return null;
    }
    const { replay, lastId } = await this.#replayed((reading.contracts.voter?.toLowerCase() ?? null) as Hex | null);
    const since = await meta.get(knownFromKey(gaugeCursor(this.#source, reading.chainId)));
    const completeSinceSeconds = since ? Number(since) : null;
    const held = this.#held;
    let book = held?.madeOf === replay && held.lastId === lastId ? held.book : null;
    // What could vote is stored with a reading.
    if (book?.reading !== reading || book.completeSinceSeconds !== completeSinceSeconds) {
      const state = replay.stateAt(reading.block.timestampSeconds, reading.clock?.epoch ?? null);
      const eligible = await gauges.eligible(this.#source, 0);
      book = { source: this.#source, reading, state, eligible, completeSinceSeconds };
    }
    this.#held = { version, atMs: nowMs, madeOf: replay, lastId, book };
    return book;
  }

  async #replayed(voter: Hex | null): Promise<{ replay: GaugeReplay; lastId: number }> {
    const { gauges } = this.#store;
    for (;;) {
      const generation = gauges.generation(this.#source);
      let at = this.#replay;
      if (at?.generation !== generation || at.voter !== voter) {
        at = { generation, voter, replay: new GaugeReplay(voter), lastId: 0 };
      }
      // One that fails halfway is not carried on.
      this.#replay = null;
      const { events, lastId } = await gauges.events(this.#source, at.lastId, PAGE);
      if (gauges.generation(this.#source) !== generation) continue;
      for (let from = 0; from < events.length; from += PORTION) {
        at.replay.apply(events.slice(from, from + PORTION));
        await turn();
      }
      this.#replay = { ...at, lastId };
      if (events.length < PAGE && gauges.generation(this.#source) === generation) return this.#replay;
    }
  }
}
