import { toSeconds } from '../../lib/clock.ts';
import { plural } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import { durationOption, untilMs, untilWords } from '../durations.ts';
import { findSubscription, numberOption } from '../subscriptionNumber.ts';

/** How long a pause or a mute may be. */
export const REST = { minSeconds: 60, maxSeconds: 365 * 86_400, words: ['forever'] };

export const alertsPause: Command = {
  path: ['alerts', 'pause'],
  summary: 'Let one of this chat’s alerts, or all of them, rest for a while',
  options: [numberOption({ all: true }), durationOption('for', 'How long, e.g. 2h; forever if not said', REST)],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts pause 3 2h', 'alerts pause all 1d'],
  async run(context, call): Promise<View> {
    const { args, place } = call;
    const { store, clock } = context;
    const nowMs = clock.now();
    const pausedUntilMs = untilMs(args.for ?? 'forever', nowMs);
    const all = String(args.number).trim().toLowerCase() === 'all';
    let ids: number[];
    let address = place.address;
    if (all) {
      ids = (await store.subscriptions.list(place.address)).subscriptions.map(({ id }) => id);
      if (ids.length === 0) return errorView('Nothing to pause', ['This chat hears of nothing yet.']);
    } else {
      const found = await findSubscription(context, call, args.number ?? '');
      if ('instead' in found) return found.instead;
      ids = [found.subscription.id];
      address = found.address;
    }
    for (const id of ids) await store.subscriptions.edit(address, id, { pausedUntilMs });
    const what = all ? `All ${plural(ids.length, 'alert')} of this chat` : `Alert #${ids[0]}`;
    return {
      title: 'Paused',
      tone: 'ok',
      lines: [[`${what} ${ids.length === 1 ? 'rests ' : 'rest '}`, ...untilWords(pausedUntilMs), '.']],
      actions: [
        { label: 'Resume', command: all ? 'alerts unmute all' : `alerts unmute #${ids[0]}` },
        { label: 'List', command: 'alerts list' },
      ],
      asOf: toSeconds(nowMs),
      sources: ['this bot’s subscriptions'],
    };
  },
};
