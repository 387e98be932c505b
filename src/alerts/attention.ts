import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store, StoredDestination, StoredIncident } from '../store/store.ts';
import { digestView } from './digest.ts';
import { type DigestPeriod, periodStart, readPeriod } from './digestPeriod.ts';
import { nextDigest } from './digestTimes.ts';
import { quietStretch } from './quietHours.ts';
import { readFacts } from './readFacts.ts';
import { escalatedView, openView, reminderView } from './reminder.ts';
import type { Rule } from './rule.ts';

const EVERY_MS = 5_000;

export interface AttentionOptions {
  store: Store;
  clock: Clock;
  thresholds: NodeThresholds;
  rules: readonly Rule[];
  logger: Logger;
  /** Called after deliveries were queued. */
  onQueued: () => void;
}

export interface Attention {
  /** Looks again every 5 s until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks once. Never rejects: what fails is logged and tried again at the next look. */
  look(): Promise<void>;
}

/** What becomes due by the clock rather than by an event: ends of quiet hours, digests, reminders, escalations. */
export function createAttention(options: AttentionOptions): Attention {
  const { store, clock, logger, rules, thresholds, onQueued } = options;
  /** When each chat's newest digest was due that was queued: should moving it on fail, it is not queued again. */
  const queuedDigests = new Map<number, number>();

  async function attempt(what: string, job: () => Promise<number>): Promise<number> {
    try {
      return await job();
    } catch (error) {
      logger.error({ cause: explain(error) }, `${what} failed, will try again`);
      return 0;
    }
  }

  /** Also sets the next stretch. How many deliveries became due. */
  async function endQuiet(destination: StoredDestination, nowMs: number): Promise<number> {
    if (destination.quietUntil === null || destination.quietUntil.toMs > nowMs) return 0;
    const released = await store.incidents.release(destination.id, nowMs);
    await configure(destination, { quietUntil: quietStretch(destination.settings, nowMs) }, nowMs);
    return released;
  }

  async function tellDigest(
    destination: StoredDestination,
    periodOf: (fromMs: number) => Promise<DigestPeriod>,
    nowMs: number,
  ): Promise<number> {
    const { id, settings, nextDigestAtMs, quietUntil } = destination;
    if (nextDigestAtMs === null || nextDigestAtMs > nowMs) return 0;
    // It comes when the quiet hours are over, and tells of them too.
    if (quietUntil !== null && quietUntil.fromMs <= nowMs && nowMs < quietUntil.toMs) return 0;
    let queued = 0;
    if (settings.digest !== 'off' && queuedDigests.get(id) !== nextDigestAtMs) {
      const period = await periodOf(periodStart(settings.digest, nextDigestAtMs, nowMs));
      const view = digestView(
        period,
        await store.subscriptions.list(destination.address),
        (incident) => openView(rules, incident, period.facts).title,
      );
      if (view !== null) {
        await store.deliveries.queue(id, view, nowMs);
        queued = 1;
      }
      queuedDigests.set(id, nextDigestAtMs);
    }
    // From now on: one that was missed several times was told once.
    await configure(destination, { nextDigestAtMs: nextDigest(settings, nowMs) }, nowMs);
    queuedDigests.delete(id);
    return queued;
  }

  async function configure(
    { address, title, kind }: StoredDestination,
    changes: { quietUntil: StoredDestination['quietUntil'] } | { nextDigestAtMs: number | null },
    nowMs: number,
  ): Promise<void> {
    await store.subscriptions.configure({ address, title, kind, settings: {}, ...changes, nowMs });
  }

  async function attendChats(nowMs: number): Promise<number> {
    // Chats whose digests are due at the same moment look at the same period.
    const periods = new Map<number, Promise<DigestPeriod>>();
    const periodOf = (fromMs: number): Promise<DigestPeriod> => {
      const period = periods.get(fromMs) ?? readPeriod(store, thresholds, fromMs, nowMs);
      periods.set(fromMs, period);
      return period;
    };
    let queued = 0;
    for (const destination of await store.subscriptions.dueDestinations(nowMs)) {
      // Setting something up in a dead chat would revive it.
      if (destination.state === 'dead') continue;
      queued += await attempt('the end of quiet hours', () => endQuiet(destination, nowMs));
      queued += await attempt('a digest', () => tellDigest(destination, periodOf, nowMs));
    }
    return queued;
  }

  async function look(): Promise<void> {
    const nowMs = clock.now();
    let queued = await attempt('looking after quiet hours and digests', () => attendChats(nowMs));
    const facts = await readFacts(store, thresholds, nowMs).catch((error: unknown) => {
      logger.error({ cause: explain(error) }, 'facts for reminders could not be read, will try again');
      return null;
    });
    if (facts !== null) {
      const words = (incident: StoredIncident) => openView(rules, incident, facts);
      queued += await attempt('reminding', () =>
        store.incidents.remind(nowMs, (incident) => reminderView(words(incident), incident, nowMs)),
      );
      queued += await attempt('escalating', () =>
        store.incidents.escalate(nowMs, (incident) => escalatedView(words(incident), incident, nowMs)),
      );
    }
    if (queued > 0) onQueued();
  }

  return {
    look,
    async run(signal) {
      while (!signal.aborted) {
        await look();
        await clock.sleep(EVERY_MS, signal);
      }
    },
  };
}
