import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformQueue } from '../../src/alerts/platformQueue.ts';
import type { RateGate } from '../../src/alerts/rateGate.ts';
import type { Address, DeliveryOutcome, OutgoingMessage, PlatformName, Sender } from '../../src/lib/delivery.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { openClient } from '../../src/store/client.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { IncidentChange, Overrides, Severity, Store } from '../../src/store/store.ts';
import { ManualClock } from '../platforms/telegram/manualClock.ts';

type Answer = DeliveryOutcome | Promise<DeliveryOutcome>;

/** The edge of the process: takes messages, and answers what the test says. */
export class FakeSender implements Sender {
  readonly platform: PlatformName;
  readonly sent: { title: string; chat: string; key: string; edits?: string; repliesTo?: string; atMs: number }[] = [];
  /** The same, whole. */
  readonly messages: OutgoingMessage[] = [];
  answer: (message: OutgoingMessage, attempt: number) => Answer = (_, attempt) => accepted(attempt);
  /** Now, and the most there ever were at once; by chat as well. */
  underWay = 0;
  mostUnderWay = 0;
  readonly overlaps: string[] = [];
  readonly #busy = new Set<string>();
  readonly #clock: ManualClock;

  constructor(platform: PlatformName, clock: ManualClock) {
    this.platform = platform;
    this.#clock = clock;
  }

  async send(message: OutgoingMessage): Promise<DeliveryOutcome> {
    const chat = message.address.chatId;
    if (this.#busy.has(chat)) this.overlaps.push(chat);
    this.#busy.add(chat);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    this.messages.push(message);
    this.sent.push({
      title: message.view.title,
      chat,
      key: message.idempotencyKey,
      atMs: this.#clock.now(),
      ...(message.editMessageId ? { edits: message.editMessageId } : {}),
      ...(message.replyToMessageId ? { repliesTo: message.replyToMessageId } : {}),
    });
    const outcome = await this.answer(message, this.sent.length);
    this.underWay -= 1;
    this.#busy.delete(chat);
    return outcome;
  }

  get titles(): string[] {
    return this.sent.map(({ title }) => title);
  }
}

export const accepted = (attempt: number): DeliveryOutcome => ({ kind: 'sent', messageId: `m${attempt}` });
export const never = new Promise<DeliveryOutcome>(() => undefined);
/** The pace of Bottleneck is by the machine's clock; where it is not the point it stands aside. */
const OPEN_GATE: RateGate = { run: (_, job) => job(), stop: () => undefined };

export const chat = (chatId: string, platform: PlatformName = 'discord'): Address => ({
  platform,
  chatId,
  threadId: null,
});

/** What the database does instead of a method: nothing, or its work without an answer. */
export type StoreFault = 'down' | 'answer-lost';

/** A store that a killed bot can no longer reach: whatever it still asks is never answered. */
function mortal(store: Store, faults: Map<string, StoreFault>): { store: Store; kill(): void } {
  let dead = false;
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, property) {
        const value: unknown = Reflect.get(inner, property);
        if (typeof value === 'function') {
          return (...input: unknown[]): unknown => {
            if (dead) return new Promise(() => undefined);
            const fault = faults.get(String(property));
            if (fault === 'down') return Promise.reject(new Error('the database is down'));
            const answer: unknown = Reflect.apply(value, inner, input);
            if (fault === undefined) return answer;
            return Promise.resolve(answer).then(() => Promise.reject(new Error('the answer was lost')));
          };
        }
        return typeof value === 'object' && value !== null ? guard(value) : value;
      },
    });
  return {
    store: guard(store),
    kill() {
      dead = true;
    },
  };
}

export type DeliveryRig = Awaited<ReturnType<typeof startDeliveryRig>>;

/** A real SQLite store, a clock that stands until it is turned, and as many bots in a row as a test wants. */
export async function startDeliveryRig() {
  const folder = mkdtempSync(join(tmpdir(), 'assay-deliveries-'));
  const url = `file:${join(folder, 'assay.db')}`;
  const clock = new ManualClock();
  const log: string[] = [];
  const notices: string[] = [];
  const logger = createLogger('debug', [], (line) => log.push(line));
  const faults = new Map<string, StoreFault>();
  let life = mortal(await openStore({ databaseUrl: url }), faults);
  // To look at rows as they are, past the repositories.
  const { prisma } = openClient(url);
  const queues: PlatformQueue[] = [];

  const change = (subject: string, incident: Partial<IncidentChange['incident']>): IncidentChange['incident'] => ({
    id: null,
    // A rule of its own: what is of one rule would be told together.
    rule: `test.${subject}`,
    subject,
    state: 'firing',
    severity: 'warning',
    level: 'missed',
    family: 'node',
    nodeId: 1,
    owner: null,
    value: null,
    topics: [],
    unstable: false,
    inhibitedBy: null,
    sinceSeconds: 0,
    clearSinceSeconds: null,
    firedAtMs: clock.now(),
    resolvedAtMs: null,
    updatedAtMs: clock.now(),
    detail: {},
    ...incident,
  });
  const view = (title: string) => ({ title, tone: 'down' as const, lines: [], asOf: null, sources: [] });

  const step = async (
    kind: 'fired' | 'changed' | 'resolved',
    subject: string,
    incident: Partial<IncidentChange['incident']> = {},
    alsoTo: Address[] = [],
  ): Promise<void> => {
    const open = (await life.store.incidents.open()).find((one) => one.subject === subject);
    const event = { kind, view: view(`${subject} ${kind}${incident.level ? ` ${incident.level}` : ''}`) };
    const next = open ? { ...open, ...incident } : change(subject, incident);
    await life.store.incidents.apply([{ incident: next, event, alsoTo }], clock.now());
  };

  return {
    url,
    clock,
    log,
    /** What the operator was told. */
    notices,
    /** By name of a repository's method. */
    faults,
    logger,
    prisma,
    get store(): Store {
      return life.store;
    },
    sender: (platform: PlatformName = 'discord') => new FakeSender(platform, clock),
    subscribe: (address: Address, overrides: Partial<Overrides> = {}) =>
      life.store.subscriptions.add({
        ...{ address, title: '', kind: 'channel', family: 'node', scope: 'all', subject: '', createdBy: 'u' },
        ...{ overrides, nowMs: clock.now() },
      }),
    fire: (subject: string, severity: Severity = 'warning', alsoTo?: Address[]) =>
      step('fired', subject, { severity }, alsoTo),
    /** All of one rule. */
    async fireTogether(subjects: readonly string[], more: Partial<IncidentChange['incident']> = {}) {
      for (const subject of subjects) await step('fired', subject, { rule: 'node.test', ...more });
    },
    change: (subject: string, level: string) => step('changed', subject, { level }),
    resolve: (subject: string) => step('resolved', subject, { state: 'resolved', resolvedAtMs: clock.now() }),
    /** A queue at work, as the deliverer would have it. */
    start(sender: Sender): PlatformQueue {
      const queue = new PlatformQueue(sender, OPEN_GATE, {
        store: life.store,
        senders: [sender],
        clock,
        random: () => 0.5,
        logger,
        notice: (text) => void notices.push(text),
      });
      queues.push(queue);
      void queue.run();
      return queue;
    },
    /** Deliveries in the order they were written: state, attempts, what is known of them. */
    async rows() {
      const rows = await prisma.delivery.findMany({ orderBy: { id: 'asc' }, include: { destination: true } });
      return rows.map(({ state, attempts, error, messageId, destination, nextAttemptAtMs }) => ({
        ...{ chat: destination.chatId, state, attempts, error, messageId },
        dueInMs: Number(nextAttemptAtMs) - clock.now(),
      }));
    },
    async states(): Promise<string[]> {
      return (await this.rows()).map(({ state }) => state);
    },
    /** Waits (a bounded time, for the database) until something is so. */
    async until(look: () => boolean | Promise<boolean>, what = 'what was expected did not happen'): Promise<void> {
      for (const end = performance.now() + 6_000; performance.now() < end; ) {
        if (await look()) return;
        await delay(2);
      }
      throw new Error(`${what}: ${JSON.stringify(await this.rows())}`);
    },
    /** Until every row is where it ends, or is left for later. */
    async resting(): Promise<void> {
      let calm = 0;
      await this.until(async () => {
        const busy = (await this.states()).includes('sending') || clock.sleeping.length === 0;
        calm = busy ? 0 : calm + 1;
        return calm >= 3;
      }, 'the queue does not come to rest');
    },
    /** kill -9, as far as the store can tell: what was under way is never heard of again. */
    async crash(): Promise<void> {
      const { store, kill } = life;
      const closed = store.close();
      kill();
      await closed;
      life = mortal(await openStore({ databaseUrl: url }), faults);
    },
    async close(): Promise<void> {
      for (const queue of queues) void queue.stop(0);
      await prisma.$disconnect();
      await life.store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
