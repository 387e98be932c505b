import { messageView } from '../../alerts/message.ts';
import type { Action, View } from '../../lib/view.ts';
import { FOREVER_MS } from '../../store/store.ts';
import { partsOf } from '../alertMessage.ts';
import { attend, messageOption, ongoing } from '../attend.ts';
import type { Command } from '../command.ts';

const HOUR_MS = 3_600_000;

const CHOICES = {
  '1h': { label: 'Snooze 1 h', untilMs: (nowMs: number) => nowMs + HOUR_MS },
  '4h': { label: 'Snooze 4 h', untilMs: (nowMs: number) => nowMs + 4 * HOUR_MS },
  resolved: { label: 'Snooze until resolved', untilMs: () => FOREVER_MS },
} as const;

const isChoice = (text: unknown): text is keyof typeof CHOICES =>
  typeof text === 'string' && Object.hasOwn(CHOICES, text);

export const alertsSnooze: Command = {
  path: ['alerts', 'snooze'],
  summary: 'No reminders of an alert for a while. Its button does this',
  options: [
    messageOption,
    { name: 'for', summary: 'How long', type: 'text', required: false, choices: Object.keys(CHOICES) },
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts snooze 123 1h', 'alerts snooze 123 resolved'],
  async run(context, call): Promise<View> {
    const nowMs = context.clock.now();
    const chosen = call.args.for;
    if (isChoice(chosen)) return await attend(context, call, CHOICES[chosen].untilMs(nowMs));
    // The alert itself, with the choice in place of its buttons: what is chosen then edits the alert.
    const found = await ongoing(context, call);
    if ('instead' in found) return found.instead;
    const id = Number(call.args.message);
    const parts = await partsOf(context, found.all);
    const choices = Object.entries(CHOICES).map(
      ([word, { label }]): Action => ({ label, command: `alerts snooze ${id} ${word}` }),
    );
    const ack: Action = { label: 'Acknowledge', command: `alerts ack ${id}` };
    return { ...messageView({ id, parts, reason: '' }, nowMs), actions: [...choices, ack] };
  },
};
