import { nextDigest } from '../../alerts/digestTimes.ts';
import { quietStretch } from '../../alerts/quietHours.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { Line, View } from '../../lib/view.ts';
import type { ChatSettings, StoredDestination } from '../../store/store.ts';
import { DEFAULT_SETTINGS, settingsLines } from '../chatSettings.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { readSettings, settingOptions } from '../settingOptions.ts';
import { chatOf } from '../subscribe.ts';

export const alertsSettings: Command = {
  path: ['alerts', 'settings'],
  summary: 'How this chat hears its alerts: quiet hours, digest, dates, ends, escalation',
  options: settingOptions,
  permission: 'manage-alerts',
  needsChat: true,
  private: true,
  examples: [
    'alerts settings',
    'alerts settings zone:Europe/Berlin quiet:22:00-07:00',
    'alerts settings digest:daily at:09:00',
  ],
  async run(context, call): Promise<View> {
    const { store, clock } = context;
    const { destination } = await store.subscriptions.list(call.place.address);
    const before = destination?.settings ?? DEFAULT_SETTINGS;
    const nowMs = clock.now();
    if (Object.keys(call.args).length === 0) return settingsView('How this chat hears', before, destination, nowMs);
    const changes = await readSettings(context, call, before);
    if ('instead' in changes) return changes.instead;
    const changed = await applySettings(context, chatOf(call.place), before, changes);
    return settingsView('Settings changed', changed.settings, changed, nowMs);
  },
};

/** Stores changes with the moments that follow from them. What was held for quiet hours that are no more is told now. */
export async function applySettings(
  { store, clock }: BotContext,
  chat: ReturnType<typeof chatOf>,
  before: ChatSettings,
  changes: Partial<ChatSettings>,
): Promise<StoredDestination> {
  const nowMs = clock.now();
  const settings = { ...before, ...changes };
  const quietUntil = quietStretch(settings, nowMs);
  const stored = await store.subscriptions.configure({
    ...chat,
    settings: changes,
    quietUntil,
    nextDigestAtMs: nextDigest(settings, nowMs),
    nowMs,
  });
  const isQuiet = quietUntil !== null && quietUntil.fromMs <= nowMs;
  if (!isQuiet) await store.incidents.release(stored.id, nowMs);
  return stored;
}

function settingsView(
  title: string,
  settings: ChatSettings,
  destination: Pick<StoredDestination, 'quietUntil' | 'nextDigestAtMs'> | null,
  nowMs: number,
): View {
  const quiet = destination?.quietUntil ?? null;
  const digestAtMs = destination?.nextDigestAtMs ?? null;
  const moments: Line[] = [
    ...(quiet === null || settings.quiet === null
      ? []
      : quiet.fromMs <= nowMs
        ? [['It is quiet here until ', { time: toSeconds(quiet.toMs) }, '.']]
        : [['Next quiet from ', { time: toSeconds(quiet.fromMs) }, '.']]),
    ...(digestAtMs === null || settings.digest === 'off'
      ? []
      : [['Next digest ', { time: toSeconds(digestAtMs) }, '.']]),
  ];
  return {
    title,
    tone: title === 'Settings changed' ? 'ok' : 'info',
    lines: [...settingsLines(settings), ...moments],
    actions: [
      settings.quiet === null
        ? { label: 'Quiet 22:00-07:00', command: 'alerts settings quiet:22:00-07:00' }
        : { label: 'No quiet hours', command: 'alerts settings quiet:off' },
      settings.digest === 'off'
        ? { label: 'Daily digest', command: 'alerts settings digest:daily' }
        : { label: 'No digest', command: 'alerts settings digest:off' },
      settings.escalation === null
        ? { label: 'Escalate after 15 min', command: 'alerts settings escalate:15m' }
        : { label: 'No escalation', command: 'alerts settings escalate:off' },
      { label: 'List', command: 'alerts list' },
    ],
    asOf: toSeconds(nowMs),
    sources: ['this chat’s settings'],
  };
}
