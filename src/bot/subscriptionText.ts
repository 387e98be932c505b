import { duration } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { Overrides, StoredMute, StoredSubscription } from '../store/store.ts';
import type { BotContext } from './context.ts';
import { untilWords } from './durations.ts';
import { mentionWords } from './mentions.ts';
import { stepsWords } from './steps.ts';
import { type Names, targetWords } from './targetNames.ts';

type Rules = Pick<BotContext, 'rules'>;

/** `all nodes`, or `node gw3.example: only node.heartbeat`. */
export function subscriptionWords(subscription: StoredSubscription, names: Names): string {
  const target = targetWords(subscription, names);
  return subscription.rule === '' ? target : `${target}: only ${subscription.rule}`;
}

/** What it changes of its rules' defaults, in words; empty when nothing. */
export function overrideWords(
  { floor, threshold, delaySeconds, mention, rule, family, without }: Overrides & { rule: string; family: string },
  { rules }: Rules,
): string[] {
  const steps = stepsWords({ family, rule, without });
  return [
    ...(steps === null ? [] : [steps]),
    ...(floor === 'info' ? [] : [floor === 'critical' ? 'critical only' : 'warning and critical']),
    ...(threshold === null ? [] : [thresholdWords(threshold, rule, rules)]),
    ...(delaySeconds === null ? [] : [`when it has lasted ${duration(delaySeconds)}`]),
    ...(mention === '' ? [] : [mentionWords(mention)]),
  ];
}

function thresholdWords(threshold: number, rule: string, rules: Rules['rules']): string {
  const known = rules.find(({ id }) => id === rule)?.threshold;
  return `${known?.what ?? 'what is measured'} from ${duration(threshold)}`;
}

/** One line of a list: number, what, overrides, and that it rests. */
export function subscriptionLine(
  subscription: StoredSubscription,
  names: Names,
  { rules, nowMs }: Rules & { nowMs: number },
): Line {
  const said = [subscriptionWords(subscription, names), ...overrideWords(subscription, { rules })].join(', ');
  const { pausedUntilMs } = subscription;
  const paused = pausedUntilMs !== null && pausedUntilMs > nowMs ? ['; paused ', ...untilWords(pausedUntilMs)] : [];
  return [{ code: `#${subscription.id}` }, ` ${said}`, ...paused];
}

/** `Muted: node.heartbeat until … by NAME`. */
export const muteLine = ({ rule, untilMs, by }: StoredMute): Line => [
  { strong: 'Muted' },
  `: ${rule === '' ? 'everything' : rule} `,
  ...untilWords(untilMs),
  ` by ${by}`,
];
