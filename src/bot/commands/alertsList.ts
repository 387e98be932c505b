import { toSeconds } from '../../lib/clock.ts';
import { plural } from '../../lib/units.ts';
import type { Action, Line, View } from '../../lib/view.ts';
import type { StoredDestination, StoredSubscription } from '../../store/store.ts';
import { appName } from '../accounts.ts';
import { DEFAULT_SETTINGS, settingsLines } from '../chatSettings.ts';
import type { Call, Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { ownAddresses } from '../ownAddresses.ts';
import { pageOf } from '../pages.ts';
import { muteLine, subscriptionLine } from '../subscriptionText.ts';
import { readNames } from '../targetNames.ts';

export const alertsList: Command = {
  path: ['alerts', 'list'],
  summary: 'What this chat hears, and how',
  options: [{ name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 1_000 }],
  permission: 'everyone',
  needsChat: true,
  private: true,
  examples: ['alerts list'],
  async run(context, call): Promise<View> {
    const { args, place } = call;
    const { destination, subscriptions, mutes } = await context.store.subscriptions.list(place.address);
    const nowMs = context.clock.now();
    const { shown, number, of } = pageOf(subscriptions, args.page);
    const elsewhere = number === 1 ? await linkedAlerts(context, call) : [];
    const names = await readNames(context, [...shown, ...elsewhere.flatMap((chat) => chat.subscriptions)]);
    const muted = mutes.filter(({ untilMs }) => untilMs > nowMs);
    const resting = muted.length > 0 || subscriptions.some(({ pausedUntilMs }) => (pausedUntilMs ?? 0) > nowMs);
    return {
      title: 'Alerts of this chat',
      tone: destination?.state === 'dead' ? 'degraded' : 'info',
      lines: [
        ...deadLine(destination),
        subscriptions.length === 0
          ? 'This chat hears of nothing yet.'
          : [{ strong: plural(subscriptions.length, 'subscription') }],
        ...shown.map((one) => subscriptionLine(one, names, { rules: context.rules, nowMs })),
        ...muted.map(muteLine),
        ...(subscriptions.length === 0 ? [] : settingsLines(destination?.settings ?? DEFAULT_SETTINGS)),
        ...elsewhere.flatMap(({ platform, subscriptions: theirs }): Line[] => [
          [{ strong: `Your private chat on ${appName(platform)}` }, `: ${plural(theirs.length, 'subscription')}`],
          ...theirs.map((one) => subscriptionLine(one, names, { rules: context.rules, nowMs })),
        ]),
      ],
      actions: [
        ...(subscriptions.length === 0 ? BEGIN : actionsFor(shown, resting)),
        ...elsewhere.flatMap(({ subscriptions: theirs }) => theirs.slice(0, LINKED_BUTTONS).map(editAction)),
      ],
      ...(of > 1 ? { page: { number, of, command: 'alerts list' } } : {}),
      asOf: toSeconds(nowMs),
      sources: ['this bot’s subscriptions'],
    };
  },
};

/** Of each other chat; all of them can be named by number. */
const LINKED_BUTTONS = 5;

const BEGIN: Action[] = [
  { label: 'Set up', command: 'alerts setup' },
  { label: 'All nodes', command: 'alerts add node all' },
];

function deadLine(destination: StoredDestination | null): Line[] {
  if (destination?.state !== 'dead') return [];
  return [
    [
      { strong: 'Nothing can be sent here' },
      `: ${destination.deadReason ?? 'the chat is unreachable'}. Adding an alert again revives it.`,
    ],
  ];
}

/** What the caller hears in the private chats of linked accounts, where that is to be managed from here. */
async function linkedAlerts(context: BotContext, call: Call) {
  const [, ...others] = await ownAddresses(context, call);
  const heard = others.map(async (address) => {
    const { subscriptions } = await context.store.subscriptions.list(address);
    return { platform: address.platform, subscriptions };
  });
  return (await Promise.all(heard)).filter(({ subscriptions }) => subscriptions.length > 0);
}

const editAction = ({ id }: StoredSubscription): Action => ({
  label: `#${id}`,
  command: `alerts edit ${id}`,
  mode: 'reply',
});

const actionsFor = (shown: readonly StoredSubscription[], resting: boolean): Action[] => [
  ...shown.map(editAction),
  resting
    ? { label: 'Unmute all', command: 'alerts unmute all' }
    : { label: 'Pause all 1 d', command: 'alerts pause all 1d' },
  { label: 'Settings', command: 'alerts settings', mode: 'reply' },
  { label: 'History', command: 'alerts history', mode: 'reply' },
  { label: 'Send a test', command: 'alerts test', mode: 'reply' },
];
