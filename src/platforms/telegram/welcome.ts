import type { View } from '../../lib/view.ts';

/** What `/start` says: who this is, then the help as everybody gets it. */
export function welcome(help: View): View {
  return {
    ...help,
    title: 'Welcome to Assay',
    lines: [
      'I check whether a decentralised AI network is what it claims to be, from its own records.',
      'Ask me with a command, or let me tell you when something is late or missing.',
      ...help.lines,
    ],
  };
}
