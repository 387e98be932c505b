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
      return details(matches);
    },
  };
}

function overview(commands: readonly Command[]): View {
  return {
    title: 'What you can ask',
    tone: 'info',
    lines: [
      'Is it alive, is it registered, who decides: ask here, or let a channel be told.',
      ...commands.map((command): Line => [{ code: usage(command) }, ` ${command.summary}`]),
    ],
    actions: [
      { label: 'Network', command: 'network', mode: 'reply' },
      { label: 'Nodes', command: 'node list', mode: 'reply' },
      { label: 'Alerts here', command: 'alerts list', mode: 'reply' },
    ],
    asOf: null,
    sources: [],
  };
}

function details(commands: readonly Command[]): View {
  return {
    title: `Help: /${commands.length === 1 ? commands[0]?.path.join(' ') : commands[0]?.path[0]}`,
    tone: 'info',
    lines: commands.flatMap((command): Line[] => [
      [{ code: usage(command) }, ` ${command.summary}`],
      ...command.options.map(
        ({ name, summary, choices }): Line => `• ${name}: ${summary}${choices ? ` (${choices.join(', ')})` : ''}`,
      ),
      ...command.examples.map((example): Line => ['e.g. ', { code: `/${example}` }]),
    ]),
    actions: [{ label: 'All commands', command: 'help' }],
    asOf: null,
    sources: [],
  };
}
