import { messageView } from '../alerts/message.ts';
import type { Action, View } from '../lib/view.ts';
import { partsOf } from './alertMessage.ts';
import { forgotten } from './attend.ts';
import type { Call } from './command.ts';
import type { BotContext } from './context.ts';
import { untilWords } from './durations.ts';

const NAMED = /^#(\d{1,9})$/;

/** The message whose rule is meant by `#41`, as the button on an alert names it; null for anything else. */
export const messageNamed = (typed: string | number | undefined): number | null => {
  const number = NAMED.exec(String(typed ?? '').trim())?.[1];
  return number === undefined ? null : Number(number);
};

/**
 * Mutes what a message is about with `mute`, and answers with the message as it reads now: what it said, and who muted
 * it until when.
 */
export async function muteMessage(
  context: BotContext,
  { place }: Call,
  id: number,
  mute: (rule: string) => Promise<{ by: string; untilMs: number }>,
): Promise<View> {
  const incidents = await context.store.incidents.ofMessage(place.address, id);
  const [rule, ...others] = new Set(incidents.map((incident) => incident.rule));
  if (rule === undefined || others.length > 0) return forgotten();
  const { by, untilMs } = await mute(rule);
  const view = messageView({ id, parts: await partsOf(context, incidents), reason: '' }, context.clock.now());
  const unmute: Action = { label: 'Unmute', command: `alerts unmute ${rule}`, mode: 'reply' };
  return {
    ...view,
    lines: [
      ...view.lines,
      [{ strong: 'Muted' }, ` by ${by}: this chat hears nothing of ${rule} `, ...untilWords(untilMs), '.'],
    ],
    actions: [...(view.actions ?? []).filter(({ command }) => command !== `alerts mute #${id}`), unmute],
  };
}
