import { cleanText } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import { echo, errorView } from '../answers.ts';
import { usage } from '../checkOptions.ts';
import type { Command } from '../command.ts';

/** `/help`, made from the list of commands. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    path: ['help'],
    summary: 'What this bot can be asked',
    options: [
      {
        name: 'command',
        summary: 'A command, e.g. node status',
        type: 'text',
        required: false,
        maxLength: 60,
        rest: true,
      },
    ],
    permission: 'everyone',
    private: true,
    examples: ['help', 'help node status'],
    async run(_, { args }): Promise<View> {
      const asked = cleanText(String(args.command ?? ''), 60)
        .replace(/^\//, '')
        .toLowerCase();
      if (asked === '') return overview(commands());
      const matches = commands().filter(({ path }) => path.join(' ') === asked || path[0] === asked);
      if (matches.length === 0)
        return errorView(
          'Unknown command',
          [`There is no command ${echo(asked)}.`],
          [{ label: 'All commands', command: 'help' }],
        );
      const [only, ...others] = matches;
      return others.length === 0 && only ? details(only) : group(asked, matches);
    },
  };
}

/** What the commands of a group are about. */
const GROUPS: Readonly<Record<string, string>> = {
  node: 'is it alive, is it who it says',
  model: 'where is it between upload and use',
  proof: 'was this answer proven, and how late are they',
  gov: 'what is voted on, and who takes part',
  influence: 'who decides, and how that changes',
  alerts: 'what this chat is told, and how',
  privacy: 'what is stored about you',
};

/** A line a group, as all commands would be longer than a message; those without a group have one of their own. */
function overview(commands: readonly Command[]): View {
  const groups = Map.groupBy(commands, ({ path: [group] }) => group);
  const lines = [...groups].map(([group, members]): Line => {
    const [only] = members;
    if (only?.path.length === 1) return short(only);
    const about = GROUPS[group] ?? '';
    return [
      { code: `/${group}` },
      ` ${about}${about === '' ? '' : ': '}${members.map(({ path }) => path[1]).join(', ')}`,
    ];
  });
  return {
    title: 'What you can ask',
    tone: 'info',
    lines: [
      'Is it alive, is it registered, was it proven, who decides: ask here, or let a channel be told.',
      ...lines,
      ['More about a group or a command: ', { code: '/help model' }, ', ', { code: '/help alerts add' }],
    ],
    actions: [
      { label: 'Network', command: 'network', mode: 'reply' },
      { label: 'Nodes', command: 'node list', mode: 'reply' },
      { label: 'Alerts here', command: 'alerts list', mode: 'reply' },
      ...[...groups.keys()]
        .filter((group) => Object.hasOwn(GROUPS, group))
        .map((group) => ({ label: `/${group}`, command: `help ${group}` })),
    ],
    asOf: null,
    sources: [],
  };
}

/** A command with what it needs, in one line. */
function short({ path, options, summary }: Command): Line {
  const needed = options.filter(({ required }) => required);
  return [{ code: usage({ path, options: needed }) }, ` ${summary}`];
}

/** Commands of one group, in a line each: with all options they would be longer than a message. */
function group(name: string, commands: readonly Command[]): View {
  return {
    title: `Help: /${name}`,
    tone: 'info',
    lines: commands.map(short),
    actions: [
      ...commands.map(({ path }) => ({ label: path.join(' '), command: `help ${path.join(' ')}` })),
      { label: 'All commands', command: 'help' },
    ],
    asOf: null,
    sources: [],
  };
}

function details(command: Command): View {
  return {
    title: `Help: /${command.path.join(' ')}`,
    tone: 'info',
    lines: [
      [{ code: usage(command) }, ` ${command.summary}`],
      ...command.options.map(
        ({ name, summary, choices }): Line => `• ${name}: ${summary}${choices ? ` (${choices.join(', ')})` : ''}`,
      ),
      ...command.examples.map((example): Line => ['e.g. ', { code: `/${example}` }]),
    ],
    actions: [{ label: 'All commands', command: 'help' }],
    asOf: null,
    sources: [],
  };
}
