import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { metricsOf } from '../insight/concentration.ts';
import type { Clock } from '../lib/clock.ts';
import { SET_SOURCE, type SetReading } from '../lib/influence.ts';
import type { Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import type { SetMaker } from './sets/maker.ts';
import { type SetSources, setMakers } from './sets/makers.ts';

const LOOK_EVERY_MS = 2_000;
/** What was read anew and says the same is kept again so often. */
const SAME_EVERY_MS = 600_000;
/** What takes long to make is made less often: at most this share of the time goes into it. */
const MAX_SHARE = 1 / 20;
const DAY_MS = 86_400_000;

/** Members between two turns of others. */
const PORTION = 5_000;

/**
 * Keeps every set whose source was read by this process: within 2 s after it was read anew and says something else, and every 10
 * minutes while it says the same. What could not be read is not kept: no reading is no zero.
 */
export function setCollector({ store, clock, ...sources }: SetSources & { store: Store; clock: Clock }): Collector {
  const makers = setMakers(store, sources, clock.now());
  const keeper = new SetKeeper(store, clock);
  return {
    source: SET_SOURCE,
    everyMs: LOOK_EVERY_MS,
    async collect(signal): Promise<CollectOutcome> {
      let failure: { cause: unknown } | null = null;
      for (const maker of makers) {
        if (signal.aborted) break;
        try {
          await keeper.look(maker);
        } catch (cause) {
          // The others are kept all the same.
          failure ??= { cause };
        }
      }
      if (failure !== null) throw failure.cause;
      return { kind: 'fresh' };
    },
  };
}

/** What was made and kept, so that nothing is made twice of the same. */
class SetKeeper {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #made = new Map<SetMaker, { stamp: string; notBeforeMs: number }>();
  readonly #kept = new Map<string, { digest: string; atMs: number }>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async look(maker: SetMaker): Promise<void> {
    const before = this.#made.get(maker);
    if (before !== undefined && this.#clock.now() < before.notBeforeMs) return;
    // How long it takes is no matter of the time of day, which may be set meanwhile, by hours.
    const startedMs = performance.now();
    const stamp = await maker.stamp();
    if (stamp === null || stamp === before?.stamp) return;
    for (const reading of await maker.make()) await this.#keep(reading);
    const pauseMs = Math.max(maker.everyMs, (performance.now() - startedMs) / MAX_SHARE);
    this.#made.set(maker, { stamp, notBeforeMs: this.#clock.now() + pauseMs });
  }

  async #keep(reading: SetReading): Promise<void> {
    const digest = await digestOf(reading);
    const kept = this.#kept.get(reading.set);
    const nowMs = this.#clock.now();
    const isSame = kept?.digest === digest && nowMs - kept.atMs < SAME_EVERY_MS;
    if (isSame && Math.floor(nowMs / DAY_MS) === Math.floor(kept.atMs / DAY_MS)) return;
    await turn();
    const metrics = metricsOf(reading.members.map(({ weight }) => weight));
    await turn();
    await this.#store.sets.save(reading, metrics, nowMs);
    this.#kept.set(reading.set, { digest, atMs: nowMs });
  }
}

/** Of what a reading says, without when. */
async function digestOf({ unit, members, left, words }: SetReading): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([unit, left, words]));
  for (let at = 0; at < members.length; at += PORTION) {
    if (at > 0) await turn();
    const lines = members.slice(at, at + PORTION).map(({ id, label, weight }) => `${id}\n${label}\n${weight}\n`);
    hash.update(lines.join(''));
  }
  return hash.digest('base64');
}
