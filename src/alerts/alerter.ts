import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Clock } from '../lib/clock.ts';
import type { Address } from '../lib/delivery.ts';
import type { Logger } from '../lib/logger.ts';
import type { IncidentChange, Store, StoredIncident } from '../store/store.ts';
import { evaluate } from './evaluate.ts';
import { FLAP_WINDOW_MS } from './flapping.ts';
import { readFacts } from './readFacts.ts';
import type { AlertFacts, Rule } from './rule.ts';

/** Chats that match only now (a delay, the end of a mute) wait at most this long for it, besides the time between looks. */
const TELL_LATE_EVERY_MS = 10_000;

export interface AlerterOptions {
  store: Store;
  clock: Clock;
  thresholds: NodeThresholds;
  rules: readonly Rule[];
  adminDestination: Address | null;
  logger: Logger;
  /** Called after deliveries were queued. */
  onQueued: () => void;
}

export interface Alerter {
  /**
   * Judges the facts as they are and records what follows, in one transaction; then tells what fires to chats that match
   * only now. Resolves with the number of changes.
   */
  evaluate(): Promise<number>;
}

/** Rules against the store's facts. Evaluations never overlap; one asked for meanwhile runs once after. */
export function createAlerter(options: AlerterOptions): Alerter {
  const { store, clock, thresholds, rules, adminDestination, logger } = options;
  let open: StoredIncident[] | null = null;
  let toldLateAtMs = Number.NEGATIVE_INFINITY;
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<number> | null = null;

  async function run(): Promise<number> {
    open ??= await store.incidents.open();
    const known = open;
    const facts = await readFacts(store, thresholds, clock.now());
    const changes = await judge(facts, known);
    if (changes.length > 0) {
      // Read again next time: ids of new incidents, or the truth after a failed write.
      open = null;
      await store.incidents.apply(changes, clock.now());
      for (const change of changes) log(change);
      options.onQueued();
    }
    await tellLate(known, changes);
    return changes.length;
  }

  async function judge(facts: AlertFacts, known: readonly StoredIncident[]): Promise<IncidentChange[]> {
    const changes = evaluate(facts, known, rules, adminDestination, new Map());
    if (!changes.some(({ event }) => event?.kind === 'fired')) return changes;
    // Only a fire asks how often it turned lately, and fires are rare: the store is asked then, and knows across restarts.
    const turns = await store.incidents.turns(facts.nowMs - FLAP_WINDOW_MS);
    return turns.size === 0 ? changes : evaluate(facts, known, rules, adminDestination, turns);
  }

  async function tellLate(known: readonly StoredIncident[], changes: readonly IncidentChange[]): Promise<void> {
    const fires = ({ state }: Pick<StoredIncident, 'state'>): boolean => state === 'firing';
    if (!known.some(fires) && !changes.some(({ incident }) => fires(incident))) return;
    // A new value is not told by itself, and may have reached somebody's threshold.
    const silent = changes.some(({ incident, event }) => event === undefined && fires(incident));
    const now = clock.now();
    if (!silent && now >= toldLateAtMs && now - toldLateAtMs < TELL_LATE_EVERY_MS) return;
    const queued = await store.incidents.tellLate(now);
    toldLateAtMs = now;
    if (queued > 0) options.onQueued();
  }

  function log({ incident: { rule, subject, level, inhibitedBy }, event }: IncidentChange): void {
    if (event) logger.info({ rule, subject, level, ...(inhibitedBy ? { inhibitedBy } : {}) }, `incident ${event.kind}`);
  }

  return {
    evaluate() {
      if (waiting !== null) return waiting;
      const next = last.then(() => {
        waiting = null;
        return run();
      });
      waiting = next;
      last = next.catch(() => undefined);
      return next;
    },
  };
}
