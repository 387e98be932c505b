import { toSeconds } from '../../lib/clock.ts';
import { isBlobId } from '../../lib/modelFacts.ts';
import { cleanText, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import { MAX_SUBSCRIPTIONS } from '../../store/subscriptionLimit.ts';
import { echo, errorView } from '../answers.ts';
import type { Call, Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { suggestModels } from '../findModel.ts';
import { type Followed, follow, followedView } from '../followUploads.ts';
import { asWord, readModelKey } from '../modelNames.ts';
import { hears } from '../rules.ts';
import { openNow, subscribe, whyNotHere } from '../subscribe.ts';
import { findTarget, type Target } from '../targets.ts';

/** Each is an alert of its own. */
const MAX_WATCHED = 20;

const FAMILY = 'model';

export const modelWatch: Command = {
  path: ['model', 'watch'],
  summary: 'Tell this chat when a model or an upload is listed, late, or gone',
  options: [
    {
      name: 'models',
      summary: 'author/name, blob ids, or owner:author, with spaces between',
      type: 'text',
      required: false,
      maxLength: 1_000,
      rest: true,
      suggest: suggestModels,
    },
    { name: 'file', summary: 'A text file of blob ids, to be followed in the queue', type: 'file', required: false },
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['model watch acme/fraud-net', 'model watch hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M'],
  async run(context, call): Promise<View> {
    const ids = String(call.args.file ?? '')
      .split(/[\s,;"']+/)
      .filter(isBlobId);
    const words = await wordsOf(context, String(call.args.models ?? ''));
    if (words.length === 0 && ids.length === 0) return nothingNamed(call.args.file !== undefined);
    if (words.length > MAX_WATCHED) return tooMany(words.length);
    const targets = new Map<string, Target>();
    for (const word of words) {
      const target = findTarget(word, null, () => '', 'model');
      if (target === null) continue;
      if ('instead' in target) return target.instead;
      targets.set(`${target.scope}:${target.subject}`, target);
    }
    const hindered =
      words.length === 0
        ? null
        : ((await whyNotHere(call.place)) ?? (await noRoom(context, call, [...targets.values()])));
    if (hindered !== null) return hindered;
    // What is wrong is said before anything is stored.
    const followed = await follow(context, ids);
    if ('instead' in followed) return followed.instead;
    return words.length === 0
      ? followedView(followed, context.clock.now())
      : await watch(context, call, [...targets.values()], followed);
  },
};

/** What is typed as words, or as the one name with spaces that the hub lists. */
async function wordsOf({ store }: BotContext, typed: string): Promise<string[]> {
  const text = cleanText(typed, 1_000);
  if (/\s/.test(text) && readModelKey(text) !== null && (await store.models.model(text)) !== null) return [text];
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** All of them or none: half of what was asked for would look like all of it. */
async function noRoom({ store }: BotContext, { place }: Call, targets: readonly Target[]): Promise<View | null> {
  const { subscriptions } = await store.subscriptions.list(place.address);
  const has = ({ scope, subject }: Target): boolean =>
    subscriptions.some(
      (one) => one.family === FAMILY && one.rule === '' && one.scope === scope && one.subject === subject,
    );
  const more = targets.filter((target) => !has(target)).length;
  if (more === 0 || subscriptions.length + more <= MAX_SUBSCRIPTIONS) return null;
  return errorView(
    'Too many alerts',
    [
      `This chat has ${plural(subscriptions.length, 'alert')}; with these it would have more than ${MAX_SUBSCRIPTIONS}. Nothing was changed.`,
      'An author’s models all at once need only one: /alerts add model owner:AUTHOR.',
    ],
    [{ label: 'List', command: 'alerts list' }],
  );
}

async function watch(context: BotContext, call: Call, targets: Target[], { ids, fresh }: Followed): Promise<View> {
  const { store, clock } = context;
  const lines: Line[] = [];
  let created = 0;
  for (const target of targets) {
    const wish = { family: FAMILY, rule: '', target, overrides: {} };
    const added = await subscribe(context, call, wish);
    if ('instead' in added) return added.instead;
    created += Number(added.created);
    lines.push([`This chat will hear of `, { strong: target.words }, added.created ? '.' : ' (as before).']);
    if (targets.length === 1) lines.push(...(await openNow(context, wish)));
  }
  const names = targets.flatMap(({ scope, subject }) => (scope === 'model' ? [subject] : []));
  const known = await Promise.all(names.map(async (name) => (await store.models.model(name)) !== null));
  const unlisted = names.filter((_, at) => known[at] === false);
  const [first] = targets;
  const word = targets.length === 1 && first && ['blob', 'model'].includes(first.scope) ? asWord(first.subject) : null;
  return {
    title:
      created === 0
        ? 'Already watched'
        : `Watching ${targets.length === 1 ? first?.words : `${targets.length} targets`}`,
    tone: 'ok',
    lines: [
      ...lines,
      ...[...new Set(targets.map(({ scope }) => `Told${ofScope(scope)}: ${hears(FAMILY, scope)}.`))],
      ...(unlisted.length === 0
        ? []
        : [
            `The hub is not known to list ${unlisted.slice(0, 3).map(echo).join(', ')}${unlisted.length > 3 ? ` and ${unlisted.length - 3} more` : ''}: you hear when it does. An upload before that is followed by its blob id.`,
          ]),
      ...(targets.some(({ scope }) => scope === 'blob')
        ? [
            context.configured.storage
              ? 'Storage is asked for uploads from now on: their times are when Assay first saw them.'
              : 'Storage is not configured here: whether an upload is stored, and how long it waits, stays unknown.',
          ]
        : []),
      ...(ids.length === 0
        ? []
        : [`${plural(ids.length, 'upload')} of the file are followed in /model queue, ${fresh} of them new.`]),
    ],
    actions: [
      ...(word === null ? [] : [{ label: 'Status', command: `model status ${word}`, mode: 'reply' as const }]),
      { label: 'List', command: 'alerts list', mode: 'reply' },
      { label: 'Send a test', command: 'alerts test', mode: 'reply' },
    ],
    asOf: toSeconds(clock.now()),
    sources: ['this bot’s subscriptions'],
  };
}

/** Several scopes in one call are told apart. */
const ofScope = (scope: Target['scope']): string =>
  scope === 'all'
    ? ''
    : scope === 'blob'
      ? ' of an upload'
      : scope === 'owner'
        ? ' of an author’s models'
        : ' of a model';

const nothingNamed = (hasFile: boolean): View =>
  errorView('Nothing to watch', [
    hasFile
      ? 'The file names no blob id: 43 characters of letters, digits, - and _, or a CID.'
      : 'Name a model as author/name, or an upload by its blob id; or attach a file of blob ids.',
  ]);

const tooMany = (count: number): View =>
  errorView('Too many at once', [
    `${count} are named; ${MAX_WATCHED} can be watched at once. More can be followed with a file of blob ids.`,
  ]);
