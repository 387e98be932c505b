import { digestView } from '../../alerts/digest.ts';
import { readPeriod } from '../../alerts/digestPeriod.ts';
import { readFacts } from '../../alerts/readFacts.ts';
import { openView } from '../../alerts/reminder.ts';
import type { Action, View } from '../../lib/view.ts';
import type { ChatSettings } from '../../store/store.ts';
import { DEFAULT_SETTINGS } from '../chatSettings.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { settingOptions } from '../settingOptions.ts';
import { alertsSettings } from './alertsSettings.ts';

const DAY_MS = 86_400_000;
const EVERY = ['hourly', 'daily', 'weekly'] as const;

const option = (name: string) => settingOptions.filter((one) => one.name === name);

export const alertsDigest: Command = {
  path: ['alerts', 'digest'],
  summary: 'What this chat’s alerts were in the last day; or have that told hourly, daily or weekly',
  options: [...option('digest'), ...option('at')],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts digest', 'alerts digest daily 09:00', 'alerts digest off'],
  async run(context, call): Promise<View> {
    // The same settings by a shorter way.
    if (Object.keys(call.args).length > 0) return await alertsSettings.run(context, call);
    const heard = await context.store.subscriptions.list(call.place.address);
    const view = await lastDay(context, heard);
    const { digest } = heard.destination?.settings ?? DEFAULT_SETTINGS;
    const actions = choices(digest);
    if (view !== null) return { ...view, actions };
    return {
      title: 'No digest',
      tone: 'info',
      lines: ['This chat hears of nothing that a digest could tell. /alerts setup begins.'],
      actions: [{ label: 'Set up', command: 'alerts setup' }],
      asOf: null,
      sources: [],
    };
  },
};

async function lastDay(
  { store, thresholds, rules, clock }: BotContext,
  heard: Parameters<typeof digestView>[1],
): Promise<View | null> {
  const nowMs = clock.now();
  const [period, facts] = await Promise.all([
    readPeriod(store, thresholds, nowMs - DAY_MS, nowMs),
    readFacts(store, thresholds, nowMs),
  ]);
  return digestView(period, heard, (incident) => openView(rules, incident, facts).title);
}

function choices(now: ChatSettings['digest']): Action[] {
  const others = EVERY.filter((every) => every !== now).map((every) => ({
    label: `Tell it ${every}`,
    command: `alerts digest ${every}`,
    mode: 'reply' as const,
  }));
  return now === 'off' ? others : [...others, { label: 'No digest', command: 'alerts digest off', mode: 'reply' }];
}
