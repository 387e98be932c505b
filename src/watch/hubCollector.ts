import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { HUB_SOURCE, type ListedModel, type ModelDetail, modelKey } from '../lib/modelFacts.ts';
import type { Hub } from '../sources/opengradient/hub.ts';
import type { Store } from '../store/store.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { noteComplete } from './completeness.ts';
import { inParallel } from './inParallel.ts';

/** Models whose versions and files are read in one round, and at once. */
const DETAILS_A_ROUND = 40;
const AT_ONCE = 2;

/** What was never read is not left to later rounds while one has taken less than half its interval, or this. */
const MIN_READING_MS = 10_000;

/** A hub that answers so many questions of a round with nonsense is not asked on. */
const MAX_FAILURES = 3;

interface Options {
  hub: Hub;
  store: Store;
  clock: Clock;
  logger: Logger;
  intervalMs: number;
}

/**
 * Reads the hub's whole list every round, and versions and files of those models that changed, that somebody follows, or that
 * were not looked at for the longest time. A hub that asks for a pause gets it.
 */
export class HubCollector implements Collector {
  readonly source = HUB_SOURCE;
  readonly everyMs: number;
  readonly #options: Options;
  /** The hub asked not to be asked before, with its words. */
  #pause: { untilMs: number; error: unknown } | null = null;
  /** What it does not show of any model. */
  #note: string | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.everyMs = options.intervalMs;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { hub, store, clock, logger } = this.#options;
    if (this.#pause !== null && clock.now() < this.#pause.untilMs) throw this.#pause.error;
    this.#pause = null;
    try {
      const { models, problems } = await hub.list(signal);
      if (problems.length > 0) logger.warn({ problems }, 'the hub lists what cannot be read');
      // One look, one moment: what is found listed together is known to have been.
      const lookAtMs = clock.now();
      const { changed } = await store.models.saveList(models, lookAtMs);
      await this.#readDue(models, changed, lookAtMs, signal);
    } catch (error) {
      if (error instanceof AssayError && error.retryAfterMs > 0) {
        this.#pause = { untilMs: clock.now() + error.retryAfterMs, error };
      }
      throw error;
    }
    return this.#note === null ? { kind: 'fresh' } : { kind: 'fresh', note: this.#note };
  }

  async #readDue(
    listed: readonly ListedModel[],
    changed: readonly string[],
    lookAtMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock, intervalMs } = this.#options;
    const byKey = new Map(listed.map((model) => [modelKey(model), model]));
    const until = lookAtMs + Math.max(MIN_READING_MS, intervalMs / 2);
    let urgent = changed;
    for (let hasNew = true; hasNew && !signal.aborted && clock.now() < until; urgent = []) {
      // Half a round ago: whatever was read in the last round is due again, if there is room.
      const due = await store.models.dueDetails(DETAILS_A_ROUND, lookAtMs - intervalMs / 2);
      const keys = [...new Set([...urgent.slice(0, DETAILS_A_ROUND / 2), ...due.map(({ key }) => key), ...urgent])];
      const models = keys.flatMap((key) => byKey.get(key) ?? []).slice(0, DETAILS_A_ROUND);
      await this.#readDetails(models, lookAtMs, signal);
      hasNew = models.length > 0 && due.some(({ detailAtMs }) => detailAtMs === null);
    }
  }

  async #readDetails(models: readonly ListedModel[], lookAtMs: number, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    const problems: (string | null)[] = [];
    const blobIds: string[] = [];
    let failures = 0;
    await inParallel(
      models,
      AT_ONCE,
      async (model) => {
        if (failures >= MAX_FAILURES) return;
        let detail: ModelDetail;
        try {
          const found = await this.#options.hub.detail(model, signal);
          detail = found ?? hidden(model, 'the hub lists it without showing it');
          if (found !== null) problems.push(found.problem);
        } catch (error) {
          if (signal.aborted || !(error instanceof AssayError) || error.retryAfterMs > 0) throw error;
          if (error.retryable) failures += 1;
          if (failures >= MAX_FAILURES) throw error;
          detail = hidden(model, error.message);
        }
        blobIds.push(...(detail.versions ?? []).flatMap(({ files }) => files.map(({ blobId }) => blobId)));
        await store.models.saveDetail(detail, lookAtMs);
      },
      signal,
    );
    // The same of every model: it is the hub's way, not the model's.
    const [first] = problems;
    if (first !== undefined) this.#note = problems.every((problem) => problem === first) ? first : null;
    await noteComplete(store, blobIds, clock.now());
  }
}

const hidden = (model: ListedModel, problem: string): ModelDetail => ({ model, versions: null, problem });
