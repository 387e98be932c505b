import { createInterface } from 'node:readline/promises';
import type { Caller, Place } from '../../bot/command.ts';
import type { Dispatcher } from '../../bot/dispatch.ts';
import type { Clock } from '../../lib/clock.ts';
import { renderTerminal } from './render.ts';

export const TERMINAL_CALLER: Caller = { platform: 'terminal', userId: 'operator', name: 'you' };

export const TERMINAL_PLACE: Place = {
  platform: 'terminal',
  kind: 'terminal',
  address: { platform: 'terminal', chatId: 'terminal', threadId: null },
  title: 'terminal',
  callerManages: async () => true,
  missingPermissions: async () => [],
};

/** Questions and answers until `exit`, Ctrl-D or the signal. */
export async function runPrompt(
  dispatcher: Dispatcher,
  io: {
    input: NodeJS.ReadableStream;
    output: NodeJS.WritableStream;
    color: boolean;
    clock: Clock;
    signal: AbortSignal;
  },
): Promise<void> {
  const words = [...new Set(dispatcher.commands.map(({ path }) => `/${path.join(' ')}`))];
  const reader = createInterface({
    input: io.input,
    output: io.output,
    completer: (typed: string): [string[], string] => [words.filter((word) => word.startsWith(typed)), typed],
    signal: io.signal,
    prompt: 'assay> ',
  });
  let open = true;
  reader.once('close', () => {
    open = false;
  });
  reader.prompt();
  try {
    // Not `question`: it forgets lines that arrive while an answer is made, as those of a pipe do.
    for await (const text of reader) {
      if (/^\s*(exit|quit)\s*$/.test(text)) return;
      if (text.trim() !== '') {
        const view = await dispatcher.runText(text, TERMINAL_CALLER, TERMINAL_PLACE);
        io.output.write(`${renderTerminal(view, { nowMs: io.clock.now(), color: io.color })}\n`);
      }
      if (open) reader.prompt();
    }
  } finally {
    reader.close();
  }
}
