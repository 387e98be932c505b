import { messageView } from '../alerts/message.ts';
import { cleanText } from '../lib/units.ts';
import type { Action, View } from '../lib/view.ts';
import type { IncidentRecord } from '../store/store.ts';
import { partsOf } from './alertMessage.ts';
import { errorView } from './answers.ts';
import type { Call, Option } from './command.ts';
import type { BotContext } from './context.ts';

const MAX_NAME = 40;

/** The option that names an alert's message; its buttons carry it. */
export const messageOption: Option = {
  name: 'message',
  summary: 'The message’s number; the buttons on an alert know it',
  type: 'integer',
  required: true,
  min: 1,
  max: 2_147_483_647,
};

const HISTORY: Action[] = [{ label: 'Alert history', command: 'alerts history', mode: 'reply' }];

/** About a message that nothing is remembered of. */
export const forgotten = (): View =>
  errorView(
    'Not known any more',
    ['This chat has no such alert, or it was so long ago that it is forgotten.'],
    HISTORY,
  );

/** All incidents of a message, and those of them that still go on; or an answer for the one who pressed. */
export async function ongoing(
  { store }: BotContext,
  { place, args }: Call,
): Promise<{ all: IncidentRecord[]; on: IncidentRecord[] } | { instead: View }> {
  const all = await store.incidents.ofMessage(place.address, Number(args.message));
  if (all.length === 0) return { instead: forgotten() };
  const on = all.filter(({ state }) => state !== 'resolved');
  if (on.length > 0) return { all, on };
  return {
    instead: errorView(
      'Over already',
      ['What this alert told of has ended; there is nothing to take care of.'],
      HISTORY,
    ),
  };
}

/** Notes who takes care, or until when it waits (null: it is acknowledged), and answers with the alert as it reads now. */
export async function attend(context: BotContext, call: Call, snoozedUntilMs: number | null): Promise<View> {
  const found = await ongoing(context, call);
  if ('instead' in found) return found.instead;
  const { caller, place, args } = call;
  const nowMs = context.clock.now();
  const id = Number(args.message);
  const { incidents } = context.store;
  await incidents.attend({
    address: place.address,
    incidentIds: found.on.map((incident) => incident.id),
    by: cleanText(caller.name, MAX_NAME) || 'somebody',
    byId: `${caller.platform}:${caller.userId}`,
    nowMs,
    snoozedUntilMs,
  });
  // As it stands there now: somebody else may have been first.
  const now = await incidents.ofMessage(place.address, id);
  const parts = await partsOf(context, now);
  return messageView({ id, parts, reason: '' }, nowMs);
}
