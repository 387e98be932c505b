import { isDeepStrictEqual } from 'node:util';
import { toSeconds } from '../../lib/clock.ts';
import { plural } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { DEFAULT_SETTINGS } from '../chatSettings.ts';
import type { Command } from '../command.ts';
import { exportSet } from '../exportSet.ts';

export const alertsExport: Command = {
  path: ['alerts', 'export'],
  summary: 'What this chat hears, and how, as a file that another chat can read',
  options: [],
  permission: 'manage-alerts',
  needsChat: true,
  private: true,
  examples: ['alerts export'],
  async run({ store, clock }, { place }): Promise<View> {
    const nowMs = clock.now();
    const [{ destination, subscriptions, mutes }, facts] = await Promise.all([
      store.subscriptions.list(place.address),
      store.nodes.facts(),
    ]);
    const settings = destination?.settings ?? DEFAULT_SETTINGS;
    const stamp = { asOf: toSeconds(nowMs), sources: ['this bot’s subscriptions'] };
    if (subscriptions.length + mutes.length === 0 && isDeepStrictEqual(settings, DEFAULT_SETTINGS))
      return nothing(stamp);
    const keys = new Map((facts?.nodes ?? []).map(({ id, key }) => [String(id), key]));
    const made = exportSet({ place, subscriptions, mutes, settings, keys, nowMs });
    const parts = [plural(made.alerts, 'alert'), plural(made.mutes, 'mute'), 'the settings of this chat'];
    return {
      title: 'Alerts of this chat, as a file',
      tone: 'ok',
      lines: [
        `In the file: ${parts.join(', ')}.`,
        ...(made.leftOut === 0
          ? []
          : [`Not in it: ${plural(made.leftOut, 'alert')} about nodes that are not known any more.`]),
        ['To read it here or in another chat: ', { code: '/alerts import' }, ' with the file attached.'],
      ],
      file: { name: `assay-alerts-${new Date(nowMs).toISOString().slice(0, 10)}.json`, text: made.text },
      ...stamp,
    };
  },
};

const nothing = (stamp: Pick<View, 'asOf' | 'sources'>): View => ({
  title: 'Nothing to export',
  tone: 'info',
  lines: ['This chat hears of nothing yet.'],
  actions: [{ label: 'Set up', command: 'alerts setup' }],
  ...stamp,
});
