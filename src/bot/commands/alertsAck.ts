import { attend, messageOption } from '../attend.ts';
import type { Command } from '../command.ts';

export const alertsAck: Command = {
  path: ['alerts', 'ack'],
  summary: 'You take care of an alert: no reminders of it here. Its button does this',
  options: [messageOption],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts ack 123'],
  run: (context, call) => attend(context, call, null),
};
