import { toSeconds } from '../../lib/clock.ts';
import type { PlatformName } from '../../lib/delivery.ts';
import { duration } from '../../lib/units.ts';
import type { Action, Line, View } from '../../lib/view.ts';
import type { StoredSubscription } from '../../store/store.ts';
import { appName } from '../accounts.ts';
import { echo, errorView } from '../answers.ts';
import type { Command, Option } from '../command.ts';
import type { BotContext } from '../context.ts';
import { parseDuration, untilWords } from '../durations.ts';
import { overrideOptions, readOverrides } from '../overrides.ts';
import { findSubscription, numberOption } from '../subscriptionNumber.ts';
import { overrideWords, subscriptionWords } from '../subscriptionText.ts';
import { readNames } from '../targetNames.ts';

const thresholdOption: Option = {
  name: 'threshold',
  summary: 'Told when what the rule measures has reached this, e.g. 40m; none for the rule’s own',
  type: 'text',
  required: false,
  maxLength: 30,
  check: (typed) =>
    isNone(typed) || parseDuration(typed) !== null
      ? null
      : `threshold must be a time like 40m, or none, not ${echo(typed)}.`,
};

const [severity, ...others] = overrideOptions;

export const alertsEdit: Command = {
  path: ['alerts', 'edit'],
  summary: 'Change how one of this chat’s alerts is told: severity, threshold, delay, mention, steps',
  options: [
    numberOption({ all: false }),
    ...(severity ? [severity] : []),
    // By name only in effect: typed by position, a time is the delay.
    ...others,
    thresholdOption,
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: [
    'alerts edit 3 critical 10m',
    'alerts edit 3 threshold:40m',
    'alerts edit 3 mention:me',
    'alerts edit 3 steps:6h,1h',
  ],
  async run(context, call): Promise<View> {
    const { args } = call;
    const found = await findSubscription(context, call, args.number ?? '');
    if ('instead' in found) return found.instead;
    const { subscription, address } = found;
    if (Object.keys(args).length === 1) return await subscriptionView(context, subscription, 'info');
    const threshold = readThreshold(context, subscription, args.threshold);
    if (typeof threshold === 'object' && threshold !== null) return threshold.instead;
    const overrides = await readOverrides(call, subscription);
    if ('instead' in overrides) return overrides.instead;
    if (overrides.mention && address.platform !== call.place.platform) return callsThere(address.platform);
    const changes = { ...overrides, ...(threshold === undefined ? {} : { threshold }) };
    const edited = await context.store.subscriptions.edit(address, subscription.id, changes);
    return await subscriptionView(context, edited ?? subscription, 'ok');
  },
};

/** Who is called is named by the app that calls them. */
const callsThere = (platform: PlatformName): View =>
  errorView('Not from here', [
    `That alert is told on ${appName(platform)}: say there whom it calls. Nothing was changed.`,
  ]);

const isNone = (typed: string): boolean => typed.trim().toLowerCase() === 'none';

/** Seconds, null for the rule's own, undefined when none was given; or why it cannot be. */
function readThreshold(
  { rules }: BotContext,
  { rule: id, family }: StoredSubscription,
  typed: string | number | undefined,
): number | null | undefined | { instead: View } {
  if (typed === undefined) return undefined;
  if (isNone(String(typed))) return null;
  const refuse = (line: string) => ({ instead: errorView('That did not fit', [line]) });
  const measuring = rules.filter((rule) => rule.family === family && rule.threshold !== null);
  if (id === '') {
    const names = measuring.map((rule) => rule.id).join(', ') || 'none yet';
    return refuse(`This alert is about several rules. Add one for a single rule, then give it a threshold: ${names}.`);
  }
  const range = rules.find((rule) => rule.id === id)?.threshold ?? null;
  if (range === null) return refuse(`${id} measures nothing that a threshold could be compared with.`);
  const seconds = parseDuration(String(typed)) ?? Number.NaN;
  if (seconds >= range.min && seconds <= range.max) return seconds;
  return refuse(
    `threshold (${range.what}) must be from ${duration(range.min)} to ${duration(range.max)}, not ${echo(typed)}.`,
  );
}

/** One alert of the chat, with what can be done about it. */
async function subscriptionView(
  context: BotContext,
  subscription: StoredSubscription,
  tone: 'info' | 'ok',
): Promise<View> {
  const nowMs = context.clock.now();
  const { id, pausedUntilMs, createdAtMs } = subscription;
  const said = overrideWords(subscription, context);
  const paused = pausedUntilMs !== null && pausedUntilMs > nowMs;
  const lines: Line[] = [
    [{ strong: subscriptionWords(subscription, await readNames(context, [subscription])) }],
    said.length === 0 ? 'Told as its rules say.' : `Told: ${said.join(', ')}.`,
    ...(paused ? [['Paused ', ...untilWords(pausedUntilMs), '.'] satisfies Line] : []),
    ['Since ', { time: toSeconds(createdAtMs) }, '.'],
  ];
  return {
    title: tone === 'ok' ? `Changed: alert #${id}` : `Alert #${id}`,
    tone,
    lines,
    actions: actionsFor(subscription, paused),
    asOf: toSeconds(nowMs),
    sources: ['this bot’s subscriptions'],
  };
}

function actionsFor({ id, floor, delaySeconds, mention }: StoredSubscription, paused: boolean): Action[] {
  const edit = (label: string, change: string): Action => ({ label, command: `alerts edit ${id} ${change}` });
  return [
    ...(floor === 'critical'
      ? [edit('All severities', 'severity:info')]
      : [edit('Critical only', 'severity:critical')]),
    ...(delaySeconds === null ? [edit('Only after 10 min', 'after:10m')] : [edit('At once', 'after:none')]),
    ...(mention === '' ? [edit('Call me', 'mention:me')] : [edit('Call nobody', 'mention:none')]),
    paused
      ? { label: 'Resume', command: `alerts unmute #${id}` }
      : { label: 'Pause 1 d', command: `alerts pause ${id} 1d` },
    { label: 'Remove', command: `alerts remove ${id}`, style: 'danger' },
    { label: 'List', command: 'alerts list' },
  ];
}
