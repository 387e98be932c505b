import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { findSubscription, numberOption } from '../subscriptionNumber.ts';

export const alertsRemove: Command = {
  path: ['alerts', 'remove'],
  summary: 'Stop one of this chat’s alerts, by its number in the list',
  options: [numberOption({ all: false })],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts remove 3'],
  async run(context, call): Promise<View> {
    const found = await findSubscription(context, call, call.args.number ?? '');
    if ('instead' in found) return found.instead;
    const { id } = found.subscription;
    await context.store.subscriptions.remove(found.address, id);
    return {
      title: 'Removed',
      tone: 'ok',
      lines: [`Alert #${id} is gone.`],
      actions: [{ label: 'List', command: 'alerts list' }],
      asOf: toSeconds(context.clock.now()),
      sources: ['this bot’s subscriptions'],
    };
  },
};
