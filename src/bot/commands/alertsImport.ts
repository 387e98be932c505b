import { nextDigest } from '../../alerts/digestTimes.ts';
import { quietStretch } from '../../alerts/quietHours.ts';
import { toSeconds } from '../../lib/clock.ts';
import { cleanText, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { ChatSettings } from '../../store/store.ts';
import { SubscriptionLimit } from '../../store/subscriptionLimit.ts';
import { accountIdOf } from '../accounts.ts';
import { readAlertSet } from '../alertSet.ts';
import { errorView } from '../answers.ts';
import { DEFAULT_SETTINGS } from '../chatSettings.ts';
import type { Call, Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { checkMentions } from '../importMentions.ts';
import { type ImportPlan, planImport } from '../importPlan.ts';
import { chatOf, whyNotHere } from '../subscribe.ts';

const SHOWN_PROBLEMS = 5;
const MAX_NAME = 40;

export const alertsImport: Command = {
  path: ['alerts', 'import'],
  summary: 'Read what a chat hears from a file of /alerts export: adds and changes, removes nothing',
  options: [
    {
      name: 'file',
      summary: 'A file of /alerts export; on Telegram /alerts import is its caption',
      type: 'file',
      required: true,
    },
  ],
  permission: 'manage-alerts',
  needsChat: true,
  // Nothing that is only typed makes it whole.
  examples: [],
  async run(context, call): Promise<View> {
    const { store, clock, rules } = context;
    const { place } = call;
    const hindered = await whyNotHere(place);
    if (hindered !== null) return hindered;
    const nowMs = clock.now();
    const read = readAlertSet(String(call.args.file), { rules, nowMs });
    if ('problems' in read) return refused(read.problems);
    const { called, notes } = await checkMentions(read.set, call);
    const [{ destination, ...heard }, facts] = await Promise.all([
      store.subscriptions.list(place.address),
      store.nodes.facts(),
    ]);
    const settings = destination?.settings ?? DEFAULT_SETTINGS;
    const by = cleanText(call.caller.name, MAX_NAME) || 'somebody';
    const networks = new Set(context.governance.map(({ name }) => name));
    const plan = planImport(read.set, { ...heard, settings }, { facts, networks, called, by, nowMs });
    if ('problems' in plan) return refused(plan.problems);
    if (changesNothing(plan)) return answer('Nothing to change', plan, notes, nowMs);
    try {
      await apply(context, call, plan, { ...settings, ...plan.settings });
    } catch (error) {
      if (error instanceof SubscriptionLimit) return refused([`alerts: ${error.message}`]);
      throw error;
    }
    const uploads = plan.additions.filter(({ scope }) => scope === 'blob').map(({ subject }) => subject);
    if (uploads.length > 0) await store.models.track(uploads, 'watch', nowMs);
    return answer('Imported', plan, notes, nowMs);
  },
};

const changesNothing = ({ additions, edits, mutes, settings }: ImportPlan): boolean =>
  additions.length + edits.length + mutes.length + Object.keys(settings).length === 0;

/** Stores the plan at once; `settings` are those of afterwards. What was held for quiet hours that are no more is told now. */
async function apply(
  { store, clock }: BotContext,
  { place, caller }: Call,
  { left: _, ...plan }: ImportPlan,
  settings: ChatSettings,
): Promise<void> {
  const nowMs = clock.now();
  const chat = { ...chatOf(place), ...plan, byId: accountIdOf(caller), nowMs };
  if (Object.keys(plan.settings).length === 0) {
    await store.subscriptions.applySet(chat);
    return;
  }
  const quietUntil = quietStretch(settings, nowMs);
  const nextDigestAtMs = nextDigest(settings, nowMs);
  const { id } = await store.subscriptions.applySet({ ...chat, quietUntil, nextDigestAtMs });
  if (quietUntil === null || quietUntil.fromMs > nowMs) await store.incidents.release(id, nowMs);
}

function refused(problems: readonly string[]): View {
  const more = problems.length - SHOWN_PROBLEMS;
  return errorView('That file does not fit', [
    ...problems.slice(0, SHOWN_PROBLEMS).map((problem) => `${problem.replace(/\.$/, '')}.`),
    ...(more > 0 ? [`+${plural(more, 'more problem', 'more problems')}.`] : []),
    'Nothing was changed.',
  ]);
}

function answer(
  title: string,
  { additions, edits, mutes, settings, left }: ImportPlan,
  notes: Line[],
  nowMs: number,
): View {
  const mutesToo = mutes.length + left.mutes > 0;
  return {
    title,
    tone: 'ok',
    lines: [
      `Alerts: ${additions.length} added, ${edits.length} changed, ${left.alerts} left as they were.`,
      ...(mutesToo ? [`Mutes: ${mutes.length} set, ${left.mutes} left as they were.`] : []),
      `Settings: ${Object.keys(settings).length === 0 ? 'as they were' : 'changed'}.`,
      ...notes.slice(0, SHOWN_PROBLEMS),
    ],
    actions: [
      { label: 'List', command: 'alerts list', mode: 'reply' },
      { label: 'Settings', command: 'alerts settings', mode: 'reply' },
      { label: 'Send a test', command: 'alerts test', mode: 'reply' },
    ],
    asOf: toSeconds(nowMs),
    sources: ['this bot’s subscriptions'],
  };
}
