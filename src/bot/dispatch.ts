import type { View } from '../lib/view.ts';
import { echo, errorView } from './answers.ts';
import { checkOptions, usage } from './checkOptions.ts';
import { choose, isChoosable } from './choose.ts';
import type { Caller, Command, Place, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';
import { parseText } from './parse.ts';

/** The one door into the bot: platforms turn what arrived into a call, and the View into a message. */
export interface Dispatcher {
  commands: readonly Command[];
  /** A call with named options, as Discord sends it. Never throws: bad input is answered with an error View. */
  run(
    path: readonly string[],
    options: Readonly<Record<string, unknown>>,
    caller: Caller,
    place: Place,
    progress?: Progress,
  ): Promise<View>;
  /**
   * A call as text, without the slash: `node status 0x12ab`, `node list degraded page:2`, also from buttons.
   * Options go by position or as `name:value`; a bare group (`node`) answers with its commands as buttons.
   */
  runText(text: string, caller: Caller, place: Place, progress?: Progress): Promise<View>;
  /** Suggestions for an option being typed; empty rather than an error. With the place, and with what was `given` besides, also such as depend on them. */
  suggest(
    path: readonly string[],
    option: string,
    typed: string,
    place?: Place,
    given?: Readonly<Record<string, unknown>>,
  ): Promise<Suggestion[]>;
}

/** Where answers that are not complete yet are shown; the last one is the call's own. */
export type Progress = (view: View) => void;

/** What became of a call: `refused` for bad input and missing rights, `failed` when the bot could not. */
export type CallOutcome = 'answered' | 'refused' | 'failed';

export interface DispatchHooks {
  /** Something went wrong inside. */
  report(error: unknown): void;
  /** Every call of a known command, by its path in words, with the milliseconds it took. */
  observe?(command: string, ms: number, outcome: CallOutcome): void;
}

/** Above what one message may take to be sent (10 s each on both platforms, twice when the first body is refused). */
const TIMEOUT_MS = 25_000;

export function createDispatcher(context: BotContext, commands: readonly Command[], hooks: DispatchHooks): Dispatcher {
  type Answer = { view: View; outcome: CallOutcome };

  async function answer(
    command: Command,
    raw: Readonly<Record<string, unknown>>,
    caller: Caller,
    place: Place,
    progress: Progress,
  ): Promise<Answer> {
    const checked = checkOptions(command, raw);
    const choice = 'problem' in checked ? await choose(context, command, raw, place).catch(() => null) : null;
    if (choice !== null) return { view: choice, outcome: 'answered' };
    if ('problem' in checked) {
      return { view: errorView('That did not fit', [checked.problem], helpFor(command)), outcome: 'refused' };
    }
    try {
      if (command.permission === 'manage-alerts' && !(await place.callerManages())) {
        return { view: notAllowed(place), outcome: 'refused' };
      }
      const run = command.run(context, { command, args: checked.args, caller, place, progress });
      const view = await withinTime(run, command.timeoutMs ?? TIMEOUT_MS);
      const outcome = view.tone === 'error' ? 'refused' : 'answered';
      return { view: command.private ? { ...view, private: true } : view, outcome };
    } catch (error) {
      hooks.report(error);
      const line = 'Something went wrong on this bot’s side; its operator can see what. Try again in a minute.';
      return { view: errorView('That did not work', [line]), outcome: 'failed' };
    }
  }

  async function call(
    command: Command,
    raw: Readonly<Record<string, unknown>>,
    caller: Caller,
    place: Place,
    progress: Progress = () => undefined,
  ): Promise<View> {
    if (command.needsChat && place.kind === 'terminal') return noChat(command);
    const startedAtMs = context.clock.now();
    const { view, outcome } = await answer(command, raw, caller, place, progress);
    hooks.observe?.(command.path.join(' '), context.clock.now() - startedAtMs, outcome);
    return view;
  }

  return {
    commands,
    async run(path, options, caller, place, progress) {
      const command = find(commands, path);
      return command ? await call(command, options, caller, place, progress) : unknownCommand(path.join(' '));
    },
    async runText(text, caller, place, progress) {
      const parsed = parseText(text, commands);
      if (parsed.kind === 'group') return groupView(parsed.group, parsed.commands);
      if (parsed.kind === 'unknown') return unknownCommand(parsed.word);
      if (parsed.kind === 'too-many') {
        const { command, extra } = parsed;
        const hints = command.options.flatMap(({ name, choices }) =>
          choices && !(name in parsed.options) ? [`${name} is one of ${choices.join(', ')}.`] : [],
        );
        const problem = [`${echo(extra)} has no place here.`, ...hints, `Usage: ${usage(command)}`].join(' ');
        return errorView('That did not fit', [problem], helpFor(command));
      }
      return await call(parsed.command, parsed.options, caller, place, progress);
    },
    async suggest(path, name, typed, place, given) {
      const option = find(commands, path)?.options.find((one) => one.name === name);
      try {
        return (await option?.suggest?.(context, typed.slice(0, 200), place, given))?.slice(0, 25) ?? [];
      } catch (error) {
        hooks.report(error);
        return [];
      }
    },
  };
}

const find = (commands: readonly Command[], path: readonly string[]): Command | undefined =>
  commands.find((command) => command.path.join(' ') === path.join(' '));

const helpFor = ({ path }: Command) => [{ label: 'Help', command: `help ${path.join(' ')}` }];

function notAllowed({ platform }: Place): View {
  const who = platform === 'discord' ? 'people with the Manage Server permission' : 'administrators of this chat';
  return errorView('Not allowed', [
    `Only ${who} may change what this chat hears.`,
    'In a private chat with the bot you can have alerts of your own.',
  ]);
}

function noChat(command: Command): View {
  return errorView('No chat to tell', [
    'Alerts belong to a chat in Discord or Telegram. The terminal is none: nobody would hear them here.',
    ['Ask it in the chat that should be told, with the bot running (npm start): ', { code: usage(command) }],
  ]);
}

function unknownCommand(word: string): View {
  return errorView('Unknown command', [`There is no command ${echo(word)}.`], [{ label: 'Help', command: 'help' }]);
}

function groupView(group: string, commands: readonly Command[]): View {
  return {
    title: `/${group}`,
    tone: 'info',
    lines: commands.map((command) => [{ code: usage(command) }, ` ${command.summary}`]),
    actions: commands.filter(isChoosable).map(({ path }) => ({ label: path.join(' '), command: path.join(' ') })),
    asOf: null,
    sources: [],
  };
}

async function withinTime(job: Promise<View>, timeoutMs: number): Promise<View> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a command took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([job, late]);
  } finally {
    clearTimeout(timer);
  }
}
