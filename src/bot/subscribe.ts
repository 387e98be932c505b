import { isNews } from '../alerts/news.ts';
import { toSeconds } from '../lib/clock.ts';
import { plural } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import type { Overrides, StoredIncident, StoredSubscription } from '../store/store.ts';
import { MAX_SUBSCRIPTIONS, SubscriptionLimit } from '../store/subscriptionLimit.ts';
import { errorView } from './answers.ts';
import type { Call, Place } from './command.ts';
import type { BotContext } from './context.ts';
import { isAbout, type Target } from './targets.ts';

/** What a chat is to hear. */
export interface Wish {
  family: string;
  /** Empty: every rule of the family. */
  rule: string;
  target: Target;
  overrides: Partial<Overrides>;
}

/** Why nothing can be told here; null when it can. */
export async function whyNotHere(place: Place): Promise<View | null> {
  const missing = await place.missingPermissions();
  if (missing.length === 0) return null;
  return errorView('I cannot post here', [
    `Missing here: ${missing.join(', ')}. Nothing was changed; grant it and try again.`,
  ]);
}

/** The subscription, and whether it is new; or an answer instead when the chat can have no more. */
export async function subscribe(
  { store, clock }: BotContext,
  { place, caller }: Pick<Call, 'place' | 'caller'>,
  { family, rule, target, overrides }: Wish,
): Promise<{ subscription: StoredSubscription; created: boolean } | { instead: View }> {
  try {
    const added = await store.subscriptions.add({
      ...chatOf(place),
      family,
      rule,
      scope: target.scope,
      subject: target.subject,
      overrides,
      createdBy: `${caller.platform}:${caller.userId}`,
      nowMs: clock.now(),
    });
    // Storage has no list: what nobody names is not asked for.
    if (target.scope === 'blob') await store.models.track([target.subject], 'watch', clock.now());
    return added;
  } catch (error) {
    if (error instanceof SubscriptionLimit) return { instead: chatIsFull() };
    throw error;
  }
}

/** A place as the store keeps it. */
export const chatOf = ({ address, title, kind }: Place) => ({ address, title, kind });

/** The answer when a chat has as many alerts as it can have. */
export function chatIsFull(): View {
  return errorView(
    'Too many alerts',
    [`This chat has ${MAX_SUBSCRIPTIONS} alerts, as many as one can have. Remove one first; "all" needs only one.`],
    [{ label: 'List', command: 'alerts list' }],
  );
}

const concerns = ({ family, rule, target, overrides }: Wish, incident: StoredIncident): boolean =>
  incident.family === family &&
  (incident.nodeId !== null || family !== 'node') &&
  !isNews(incident) &&
  (rule === '' || rule === incident.rule) &&
  !overrides.without?.includes(incident.rule) &&
  isAbout(target, incident);

/** What of it is wrong right now, for whoever just asked to be told. */
export async function openNow({ store }: BotContext, wish: Wish): Promise<Line[]> {
  const open = await store.incidents.open();
  const firing = open.filter((incident) => incident.state === 'firing' && concerns(wish, incident));
  if (firing.length === 0) return ['Nothing of it is wrong right now.'];
  return [
    `Open right now (you will hear when it ends): ${plural(firing.length, 'incident')}.`,
    ...firing
      .slice(0, 5)
      .map(
        (incident): Line => [
          `• ${incident.rule} ${incident.level}: ${String(incident.detail.label ?? '')}, since `,
          { time: toSeconds(incident.firedAtMs ?? 0) },
        ],
      ),
  ];
}
