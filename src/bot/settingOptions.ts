import type { View } from '../lib/view.ts';
import type { ChatSettings } from '../store/store.ts';
import { accountIdOf } from './accounts.ts';
import { echo, errorView } from './answers.ts';
import { readLocale, readMinute, readStretch, readZone, suggestZones } from './chatSettings.ts';
import type { Call, Option } from './command.ts';
import type { BotContext } from './context.ts';
import { durationOption, secondsOf } from './durations.ts';
import { mentionOption, readMention } from './mentions.ts';

/** How long a critical alert may stay unacknowledged before it is told again. */
export const ESCALATION = { minSeconds: 60, maxSeconds: 86_400 };

const isOff = (typed: string): boolean => typed.trim().toLowerCase() === 'off';

/** An optional text that a function can read: what it answers null for is refused in one sentence. */
const textOption = (name: string, summary: string, form: string, read: (typed: string) => unknown): Option => ({
  name,
  summary,
  type: 'text',
  required: false,
  maxLength: 60,
  check: (typed) => (read(typed) === null ? `${name} must be ${form}, not ${echo(typed)}.` : null),
});

const suggested = (values: readonly string[]) => values.map((value) => ({ label: value, value }));

/** What `/alerts settings` takes. */
export const settingOptions: readonly Option[] = [
  {
    ...textOption('zone', 'Time zone, e.g. Europe/Berlin', 'a time zone like Europe/Berlin or UTC', readZone),
    suggest: async (_, typed) => suggested(suggestZones(typed)),
  },
  textOption('quiet', 'Quiet hours, e.g. 22:00-07:00, or off', 'a time like 22:00-07:00, or off', (typed) =>
    isOff(typed) ? true : readStretch(typed),
  ),
  {
    name: 'critical',
    summary: 'Critical alerts pass in quiet hours',
    type: 'text',
    required: false,
    choices: ['pass', 'wait'],
  },
  textOption(
    'dates',
    'Dates as in this language, e.g. de-DE, or off for UTC',
    'a language like de-DE, or off',
    (typed) => (isOff(typed) ? true : readLocale(typed)),
  ),
  {
    name: 'resolve',
    summary: 'How the end of an alert is told',
    type: 'text',
    required: false,
    choices: ['reply', 'edit', 'both', 'none'],
  },
  {
    name: 'digest',
    summary: 'A summary of what happened',
    type: 'text',
    required: false,
    choices: ['off', 'hourly', 'daily', 'weekly'],
  },
  textOption('at', 'When a daily or weekly digest comes, e.g. 09:00', 'a time of day like 09:00', readMinute),
  durationOption('escalate', 'Unacknowledged critical alerts are told again after this, e.g. 15m; or off', {
    ...ESCALATION,
    words: ['off'],
  }),
  { ...mentionOption, summary: 'Whom that calls here: a role, a person, me, or none' },
  {
    name: 'to',
    summary: 'Where else that is told: your private chat with me, or only here',
    type: 'text',
    required: false,
    choices: ['me', 'here'],
  },
];

/** The settings that the options change, given those of before; or why they cannot be. */
export async function readSettings(
  context: Pick<BotContext, 'store'>,
  call: Pick<Call, 'args' | 'caller' | 'place'>,
  before: ChatSettings,
): Promise<Partial<ChatSettings> | { instead: View }> {
  const { args } = call;
  const text = (name: string): string | undefined => (args[name] === undefined ? undefined : String(args[name]));
  const [zone, dates, at] = [text('zone'), text('dates'), text('at')];
  const quiet = quietOf(text('quiet'), text('critical'), before.quiet);
  if (quiet === 'none')
    return { instead: needs('critical says what passes in quiet hours: give them too, like quiet:22:00-07:00.') };
  const escalation = await escalationOf(context, call, before.escalation);
  if (escalation === 'none')
    return { instead: needs('mention and to say whom an escalation reaches: give its time too, like escalate:15m.') };
  if (escalation !== null && escalation !== undefined && 'instead' in escalation) return escalation;
  return {
    ...(zone === undefined ? {} : { timeZone: readZone(zone) ?? before.timeZone }),
    ...(quiet === undefined ? {} : { quiet }),
    ...(dates === undefined ? {} : { locale: isOff(dates) ? '' : (readLocale(dates) ?? before.locale) }),
    ...(args.resolve === undefined ? {} : { resolveStyle: args.resolve as ChatSettings['resolveStyle'] }),
    ...(args.digest === undefined ? {} : { digest: args.digest as ChatSettings['digest'] }),
    ...(at === undefined ? {} : { digestMinute: readMinute(at) ?? before.digestMinute }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

/** undefined: as it was; `none`: what passes was said, but there are no quiet hours. */
function quietOf(
  quiet: string | undefined,
  critical: string | undefined,
  before: ChatSettings['quiet'],
): ChatSettings['quiet'] | undefined | 'none' {
  if (quiet !== undefined && isOff(quiet)) return null;
  const stretch = quiet === undefined ? before : readStretch(quiet);
  if (critical === undefined) {
    return quiet === undefined || stretch === null
      ? undefined
      : { ...stretch, criticalPasses: before?.criticalPasses ?? true };
  }
  return stretch === null ? 'none' : { ...stretch, criticalPasses: critical === 'pass' };
}

/** undefined: as it was; `none`: whom to call was said, but nothing escalates. */
async function escalationOf(
  { store }: Pick<BotContext, 'store'>,
  call: Pick<Call, 'args' | 'caller' | 'place'>,
  before: ChatSettings['escalation'],
): Promise<ChatSettings['escalation'] | undefined | 'none' | { instead: View }> {
  const { escalate, mention, to } = call.args;
  if (escalate !== undefined && secondsOf(escalate) === null) return null;
  const afterSeconds = escalate === undefined ? before?.afterSeconds : (secondsOf(escalate) ?? undefined);
  const said = mention !== undefined || to !== undefined;
  if (afterSeconds === undefined) return said ? 'none' : undefined;
  if (escalate === undefined && !said) return undefined;
  const called = mention === undefined ? (before?.mention ?? '') : await readMention(String(mention), call);
  if (typeof called === 'object') return called;
  const toId = to === 'me' ? await privateChatOf(store, call) : to === 'here' ? null : (before?.toId ?? null);
  if (toId === 'none') return { instead: errorView('No private chat yet', [WRITE_FIRST]) };
  return { afterSeconds, mention: called, toId };
}

const WRITE_FIRST =
  'I can only reach people who have alerts of their own with me: open a private chat with me and use /alerts setup there.';

/** The caller's own chat with the bot, on this app rather than on another one that is linked. */
async function privateChatOf(
  { accounts }: BotContext['store'],
  { caller, place }: Pick<Call, 'caller' | 'place'>,
): Promise<number | 'none'> {
  const chats = (await accounts.chats(accountIdOf(caller))).filter(({ state }) => state === 'active');
  const others = chats.filter(
    ({ address }) => address.platform !== place.platform || address.chatId !== place.address.chatId,
  );
  return (others.find(({ address }) => address.platform === place.platform) ?? others[0])?.id ?? 'none';
}

const needs = (line: string): View => errorView('That did not fit', [line]);
