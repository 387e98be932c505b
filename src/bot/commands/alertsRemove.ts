import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { echo, errorView } from '../answers.ts';
import type { Command } from '../command.ts';

export const alertsRemove: Command = {
  path: ['alerts', 'remove'],
  summary: 'Stop one of this chat’s alerts, by its number in the list',
  options: [
    {
      name: 'number',
      summary: 'Number from /alerts list',
      type: 'text',
      required: true,
      maxLength: 20,
    },
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts remove 3'],
  async run(context, { args, place }): Promise<View> {
    const number = /^#?(\d{1,9})$/.exec(String(args.number).trim())?.[1];
    const removed = number !== undefined && (await context.store.subscriptions.remove(place.address, Number(number)));
    const list = { label: 'List', command: 'alerts list' };
    if (!removed) return errorView('Nothing to remove', [`This chat has no alert ${echo(args.number)}.`], [list]);
    return {
      title: 'Removed',
      tone: 'ok',
      lines: [`Alert #${number} is gone.`],
      actions: [list],
      asOf: toSeconds(context.clock.now()),
      sources: ['this bot’s subscriptions'],
    };
  },
};
