import { toSeconds } from '../../lib/clock.ts';
import { plural } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { echo, errorView } from '../answers.ts';
import { chooseFor } from '../choose.ts';
import type { Call, Command, Option } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findSubscription } from '../subscriptionNumber.ts';

const NUMBER = /^#?\d{1,9}$/;
const RULE = /^[a-z]+\.[a-z][a-z0-9.-]*$/i;

const what: Option = {
  name: 'what',
  summary: 'A muted rule, the number of a paused alert, or all',
  type: 'text',
  required: false,
  maxLength: 40,
  check: (typed) =>
    /^all$/i.test(typed.trim()) || NUMBER.test(typed.trim()) || RULE.test(typed.trim())
      ? null
      : `what must be a rule like node.heartbeat, a number like 3, or all, not ${echo(typed)}.`,
  async suggest({ store, clock }, typed, place) {
    if (place === undefined) return [];
    const { mutes, subscriptions } = await store.subscriptions.list(place.address);
    const nowMs = clock.now();
    const paused = subscriptions.filter(({ pausedUntilMs }) => (pausedUntilMs ?? 0) > nowMs);
    const muted = mutes.filter(({ untilMs }) => untilMs > nowMs);
    if (paused.length + muted.length === 0) return [];
    const rules = muted.flatMap(({ rule }) => (rule === '' ? [] : [rule]));
    return ['all', ...rules, ...paused.map(({ id }) => `#${id}`)]
      .filter((value) => value.toLowerCase().includes(typed.trim().toLowerCase()))
      .map((value) => ({ label: value, value }));
  },
};

export const alertsUnmute: Command = {
  path: ['alerts', 'unmute'],
  summary: 'End a mute or a pause, or all of them',
  options: [what],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts unmute', 'alerts unmute node.heartbeat', 'alerts unmute 3'],
  async run(context, call): Promise<View> {
    const { command, args: raw, place } = call;
    const asked = raw.what === undefined ? await chooseFor(context, command, what, { raw, place }) : null;
    if (asked !== null) return asked;
    const typed = String(raw.what ?? 'all').trim();
    const ended = await end(context, call, typed.toLowerCase());
    if ('instead' in ended) return ended.instead;
    return {
      title: ended.words === null ? 'Nothing was muted' : 'Heard again',
      tone: ended.words === null ? 'info' : 'ok',
      lines: [ended.words ?? 'Nothing of that was muted or paused here.'],
      actions: [{ label: 'List', command: 'alerts list' }],
      asOf: toSeconds(context.clock.now()),
      sources: ['this chat’s mutes'],
    };
  },
};

/** What was ended, in words; null when there was nothing to end. */
async function end(
  context: BotContext,
  call: Call,
  typed: string,
): Promise<{ words: string | null } | { instead: View }> {
  const { store, clock, rules } = context;
  const { place } = call;
  if (NUMBER.test(typed)) {
    const found = await findSubscription(context, call, typed);
    if ('instead' in found) return found;
    const { id, pausedUntilMs } = found.subscription;
    if ((pausedUntilMs ?? 0) <= clock.now()) return { words: null };
    await store.subscriptions.edit(found.address, id, { pausedUntilMs: null });
    return { words: `Alert #${id} is told again.` };
  }
  if (typed === 'all') {
    const count = await store.subscriptions.unmute(place.address, null);
    return { words: count === 0 ? null : `${plural(count, 'mute or pause', 'mutes and pauses')} ended.` };
  }
  // One that is no more can still be muted here.
  const { mutes } = await store.subscriptions.list(place.address);
  const rule = [...rules.map(({ id }) => id), ...mutes.map((mute) => mute.rule)].find(
    (id) => id.toLowerCase() === typed,
  );
  if (rule === undefined) return { instead: errorView('No such rule', [`There is no rule ${echo(typed)}.`]) };
  const count = await store.subscriptions.unmute(place.address, rule);
  return { words: count === 0 ? null : `This chat hears of ${rule} again.` };
}
