import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { isNews } from './alerts/news.ts';
import type { Clock } from './lib/clock.ts';
import type { Store } from './store/store.ts';

export interface Metrics {
  contentType: string;
  /** Prometheus's text format. Asks the store; rejects when that does not answer. */
  read(): Promise<string>;
  /** One answered command. */
  observeCommand(command: string, milliseconds: number, outcome: string): void;
}

interface Options {
  store: Store;
  clock: Clock;
  platforms: () => readonly { platform: string; connected: boolean }[];
}

/** Commands answer within milliseconds or wait for a chat platform: buckets for both. */
const COMMAND_BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 25];

const STATES = ['fresh', 'stale', 'failing', 'unknown'];

/** What Prometheus may read of this process. Labels are names of ours (rules, sources, states), never text from outside. */
export function createMetrics({ store, clock, platforms }: Options): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, labelNames: string[], fill: (gauge: Gauge) => Promise<void>): void => {
    new Gauge({
      name: `assay_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        await fill(this);
      },
    });
  };
  gauge('incidents', 'Open incidents.', ['rule', 'state'], async (incidents) => {
    for (const incident of await store.incidents.open()) {
      if (!isNews(incident)) incidents.inc({ rule: incident.rule, state: incident.state });
    }
  });
  gauge('deliveries', 'Deliveries that are kept, by outcome.', ['state'], async (deliveries) => {
    for (const { state, count } of await store.deliveries.counts()) deliveries.set({ state }, count);
  });
  gauge('queue_messages', 'Deliveries that are due or under way.', [], async (waiting) => {
    waiting.set((await store.deliveries.backlog()).count);
  });
  gauge('queue_age_seconds', 'Age of the oldest of them; 0 when there is none.', [], async (age) => {
    const { oldestAtMs } = await store.deliveries.backlog();
    age.set(oldestAtMs === null ? 0 : Math.max(0, clock.now() - oldestAtMs) / 1000);
  });
  gauge('source_state', '1 for the state that a source is in.', ['source', 'state'], async (states) => {
    for (const { source, state } of await store.sources.list()) {
      for (const one of STATES) states.set({ source, state: one }, one === state ? 1 : 0);
    }
  });
  gauge('source_lag_seconds', 'Time since a source was last read.', ['source'], async (lag) => {
    for (const { source, lastSuccessAtMs } of await store.sources.list()) {
      if (lastSuccessAtMs !== null) lag.set({ source }, Math.max(0, clock.now() - lastSuccessAtMs) / 1000);
    }
  });
  gauge('platform_connected', '1 while a chat platform is connected.', ['platform'], async (connected) => {
    for (const one of platforms()) connected.set({ platform: one.platform }, one.connected ? 1 : 0);
  });
  gauge('subscriptions', 'What chats want to hear.', [], async (subscriptions) => {
    subscriptions.set((await store.subscriptions.counts()).subscriptions);
  });
  const commands = new Histogram({
    name: 'assay_command_duration_seconds',
    help: 'How long commands took to answer.',
    labelNames: ['command', 'outcome'],
    buckets: COMMAND_BUCKETS_SECONDS,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    observeCommand(command, milliseconds, outcome) {
      commands.observe({ command, outcome }, milliseconds / 1000);
    },
  };
}
