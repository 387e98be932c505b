import { currentStatus } from '../insight/currentStatus.ts';
import { judgeNodes } from '../insight/judgeNodes.ts';
import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Clock } from '../lib/clock.ts';
import type { Address } from '../lib/delivery.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store, StoredIncident } from '../store/store.ts';
import { evaluate } from './evaluate.ts';
import type { AlertFacts, Rule } from './rule.ts';

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
  /** Judges the facts as they are and records what follows, in one transaction; resolves with the number of changes. */
  evaluate(): Promise<number>;
}

/** Rules against the store's facts. Evaluations never overlap; one asked for meanwhile runs once after. */
export function createAlerter(options: AlerterOptions): Alerter {
  const { store, clock, rules, adminDestination, logger } = options;
  let open: StoredIncident[] | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<number> | null = null;

  async function run(): Promise<number> {
    open ??= await store.incidents.open();
    const facts = await gather(options);
    const changes = evaluate(facts, open, rules, adminDestination);
    if (changes.length === 0) return 0;
    // Read again next time: ids of new incidents, or the truth after a failed write.
    open = null;
    await store.incidents.apply(changes, clock.now());
    for (const { incident, event } of changes) {
      if (event)
        logger.info(
          { rule: incident.rule, subject: incident.subject, level: incident.level },
          `incident ${event.kind}`,
        );
    }
    options.onQueued();
    return changes.length;
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

async function gather({ store, clock, thresholds }: AlerterOptions): Promise<AlertFacts> {
  const [facts, sources] = await Promise.all([store.nodes.facts(), store.sources.list()]);
  const nowMs = clock.now();
  const statuses = new Map(sources.map((status) => [status.source, currentStatus(status, nowMs)]));
  const registry = statuses.get(REGISTRY_SOURCE) ?? null;
  return {
    nowMs,
    chainSeconds: facts?.registry.block.timestampSeconds ?? 0,
    facts,
    nodes: facts === null ? [] : judgeNodes(facts, registry, nowMs, thresholds),
    sources: statuses,
  };
}
