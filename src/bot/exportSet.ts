import type { ChatSettings, StoredMute, StoredSubscription } from '../store/store.ts';
import { EVERY_RULE, FORMAT, VERSION, writeAlertSet } from './alertSet.ts';
import { minuteText, momentText } from './alertSetFields.ts';
import type { Place } from './command.ts';
import { hasSteps, stepsOf } from './steps.ts';

interface Heard {
  place: Pick<Place, 'platform' | 'title'>;
  subscriptions: readonly StoredSubscription[];
  mutes: readonly StoredMute[];
  settings: ChatSettings;
  /** A node's key by its id, as subscriptions name it. */
  keys: ReadonlyMap<string, string>;
  nowMs: number;
}

/** What a chat hears as the text of a file, and how many alerts are not in it: their nodes are not known any more. */
export function exportSet({ place, subscriptions, mutes, settings, keys, nowMs }: Heard) {
  // A watched answer is known to this bot only, and soon over.
  const kept = subscriptions.filter(({ scope }) => scope !== 'watch');
  const alerts = kept.flatMap((one) => {
    const about = aboutOf(one, keys);
    return about === null ? [] : [alertOf(one, about, nowMs)];
  });
  const lasting = mutes.filter(({ untilMs }) => untilMs > nowMs);
  const text = writeAlertSet({
    [FORMAT]: VERSION,
    from: { app: place.platform, chat: place.title },
    settings: settingsOf(settings),
    alerts,
    mutes: lasting.map(({ rule, untilMs }) => ({ rule: rule || EVERY_RULE, until: momentText(untilMs) })),
  });
  return { text, alerts: alerts.length, mutes: lasting.length, leftOut: kept.length - alerts.length };
}

function aboutOf({ scope, subject }: StoredSubscription, keys: Heard['keys']) {
  if (scope === 'all') return 'all';
  if (scope === 'owner') return { owner: subject };
  if (scope === 'model') return { model: subject };
  if (scope === 'blob') return { blob: subject };
  if (scope === 'network') return { network: subject };
  if (scope === 'voter') return { voter: subject };
  const node = keys.get(subject);
  return node === undefined ? null : { node };
}

function alertOf(subscription: StoredSubscription, about: object | string, nowMs: number) {
  const { family, rule, floor, threshold, delaySeconds, mention, pausedUntilMs } = subscription;
  const paused = pausedUntilMs !== null && pausedUntilMs > nowMs;
  return {
    ...{ family, rule: rule || EVERY_RULE, about, severity: floor, threshold },
    ...{ afterSeconds: delaySeconds, mention: mention || null, pausedUntil: paused ? momentText(pausedUntilMs) : null },
    ...(hasSteps(subscription) ? { steps: stepsOf(subscription) } : {}),
  };
}

function settingsOf({ timeZone, locale, quiet, resolveStyle, digest, digestMinute, escalation }: ChatSettings) {
  return {
    timeZone,
    dates: locale || null,
    quietHours: quiet && {
      from: minuteText(quiet.fromMinute),
      to: minuteText(quiet.toMinute),
      critical: quiet.criticalPasses ? 'pass' : 'wait',
    },
    resolve: resolveStyle,
    digest,
    digestAt: minuteText(digestMinute),
    // The other chat of an escalation is known to this bot only.
    escalation: escalation && { afterSeconds: escalation.afterSeconds, mention: escalation.mention || null },
  };
}
