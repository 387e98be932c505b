import { isNews } from '../../alerts/news.ts';
import { toSeconds } from '../../lib/clock.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Action, Line, View } from '../../lib/view.ts';
import type { IncidentRecord, StoredSubscription } from '../../store/store.ts';
import { echo } from '../answers.ts';
import type { Call, Command, Option } from '../command.ts';
import type { BotContext } from '../context.ts';
import { medianLine, timesOf } from '../incidentTimes.ts';
import { notReadYet, readNetwork } from '../networkFacts.ts';
import { PAGE_ROWS, pageOf } from '../pages.ts';
import { findTarget, isAbout, namesModel, targetOption } from '../targets.ts';

const WINDOWS = { '24h': 24, '7d': 168, '30d': 720, '90d': 2_160, '400d': 9_600 } as const;
type Window = keyof typeof WINDOWS;
const WINDOW_NAMES = Object.keys(WINDOWS) as Window[];

/** More are not read at once; the medians are then of the newest. */
const MAX_INCIDENTS = 2_000;

const MARK = { info: '🔹', warning: '🟡', critical: '🔴' } as const;

const subjectOption: Option = {
  ...targetOption,
  name: 'subject',
  summary: 'all, a node, author/name, a blob id, or owner:…; else what this chat hears of',
  required: false,
  // So that a window or a page can be typed in its place.
  check: (typed) =>
    Object.hasOwn(WINDOWS, typed.trim().toLowerCase()) || /^\d{1,3}$/.test(typed.trim())
      ? `subject must be all, a node, a model or owner:0x…, not ${echo(typed)}.`
      : null,
};

export const alertsHistory: Command = {
  path: ['alerts', 'history'],
  summary: 'What was wrong, how soon it was told, taken care of, and over',
  options: [
    subjectOption,
    { name: 'window', summary: 'How far back; 7d if not said', type: 'text', required: false, choices: WINDOW_NAMES },
    { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: MAX_INCIDENTS / PAGE_ROWS },
  ],
  permission: 'everyone',
  examples: ['alerts history', 'alerts history all 30d', 'alerts history 0x12ab34cd56ef'],
  async run(context, call): Promise<View> {
    const { args, place } = call;
    const window = (args.window ?? '7d') as Window;
    const scope = await scopeOf(context, call, window);
    if ('instead' in scope) return scope.instead;
    const nowMs = context.clock.now();
    const { destination } = await context.store.subscriptions.list(place.address);
    const read = await context.store.incidents.recent({
      limit: MAX_INCIDENTS,
      sinceMs: nowMs - WINDOWS[window] * 3_600_000,
      ...(destination === null ? {} : { destinationId: destination.id }),
    });
    const found = read.filter(scope.concerns);
    const { shown, number, of } = pageOf(found, args.page);
    const subject = scope.subject === '' ? '' : ` subject:${scope.subject}`;
    return {
      title: `Alert history: ${scope.words}, last ${window}`,
      tone: 'info',
      lines: [...headLines(found, read.length), ...shown.map((incident) => row(incident, nowMs))],
      actions: WINDOW_NAMES.map(
        (name): Action => ({ label: name, command: `alerts history${subject} window:${name}` }),
      ),
      ...(of > 1 ? { page: { number, of, command: `alerts history${subject} window:${window}` } } : {}),
      asOf: toSeconds(nowMs),
      sources: ['this bot’s incidents'],
    };
  },
};

interface Scope {
  /** As a button repeats it; empty for what the chat hears of. */
  subject: string;
  words: string;
  concerns(incident: IncidentRecord): boolean;
}

async function scopeOf(context: BotContext, { args, place }: Call, window: Window): Promise<Scope | { instead: View }> {
  if (args.subject === undefined) {
    const { subscriptions } = await context.store.subscriptions.list(place.address);
    if (subscriptions.length === 0) return { instead: nothingHeard(window, toSeconds(context.clock.now())) };
    return {
      subject: '',
      words: 'this chat',
      concerns: (incident) => subscriptions.some((one) => hears(one, incident)),
    };
  }
  const typed = String(args.subject).trim();
  const network = await readNetwork(context);
  const again = (id: string): string => `alerts history subject:${id} window:${window}`;
  const target = findTarget(typed, network, again, namesModel(typed) ? 'model' : 'node');
  if (target === null) return { instead: await notReadYet(context) };
  if ('instead' in target) return target;
  const subject = target.scope === 'owner' ? `owner:${target.subject}` : typed;
  return {
    subject: /\s/.test(subject) ? `"${subject}"` : subject,
    // Of all kinds, whatever the first of them is called.
    words: target.scope === 'all' ? 'everything' : target.words,
    concerns: (incident) =>
      isAbout(target, incident) &&
      (target.scope === 'all' || incident.nodeId !== null || incident.owner !== null || incident.topics.length > 0),
  };
}

const hears = (subscription: StoredSubscription, incident: IncidentRecord): boolean =>
  subscription.family === incident.family &&
  (subscription.rule === '' || subscription.rule === incident.rule) &&
  !subscription.without.includes(incident.rule) &&
  isAbout(subscription, incident);

const nothingHeard = (window: Window, asOf: number): View => ({
  title: 'Alert history',
  tone: 'info',
  lines: ['This chat hears of nothing yet.'],
  actions: [
    { label: 'Everything', command: `alerts history subject:all window:${window}` },
    { label: 'Set up', command: 'alerts setup' },
  ],
  asOf,
  sources: ['this bot’s subscriptions'],
});

function headLines(found: readonly IncidentRecord[], read: number): Line[] {
  if (found.length === 0) return ['Nothing was wrong in that time, as far as this bot knows.'];
  const incidents = found.filter((one) => !isNews(one));
  const news = found.length - incidents.length;
  const on = incidents.filter(({ state }) => state === 'firing').length;
  const told = news === 0 ? '' : ` ${plural(news, 'piece')} of news.`;
  return [
    [{ strong: plural(incidents.length, 'incident') }, `, ${on === 0 ? 'none still on' : `${on} still on`}.${told}`],
    medianLine(incidents.map(timesOf)),
    ...(read === MAX_INCIDENTS ? [`Only the newest ${MAX_INCIDENTS} of the network were looked at.`] : []),
  ];
}

/** It happened; it is neither on nor over. */
const newsRow = ({ rule, firedAtMs, detail, subject }: IncidentRecord): Line => [
  '📰 ',
  { strong: String(detail.label ?? subject) },
  ` ${rule} `,
  { time: toSeconds(firedAtMs ?? 0) },
];

function row(incident: IncidentRecord, nowMs: number): Line {
  if (isNews(incident)) return newsRow(incident);
  const { rule, level, severity, firedAtMs, resolvedAtMs, detail, subject, notice, unstable } = incident;
  const { detect, acknowledge, resolve } = timesOf(incident);
  const who = notice?.acknowledgedBy ? ` by ${notice.acknowledgedBy}` : '';
  const said = [
    ...(unstable ? ['unstable'] : []),
    ...(detect === null ? [] : [`detected in ${duration(detect)}`]),
    ...(acknowledge === null ? [] : [`acknowledged${who} after ${duration(acknowledge)}`]),
    resolve === null ? `on for ${duration((nowMs - (firedAtMs ?? nowMs)) / 1000)}` : `over after ${duration(resolve)}`,
  ];
  return [
    `${resolvedAtMs === null ? MARK[severity] : '🟢'} `,
    { strong: String(detail.label ?? subject) },
    ` ${[rule, level].filter(Boolean).join(' ')} `,
    { time: toSeconds(firedAtMs ?? 0) },
    `: ${said.join(', ')}`,
  ];
}
