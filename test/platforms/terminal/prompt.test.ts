import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runPrompt } from '../../../src/platforms/terminal/prompt.ts';
import { askerOn } from '../../bot/ask.ts';
import { NOW_MS } from '../../bot/seed.ts';

async function prompt() {
  const { bot, store } = await askerOn(6);
  const input = new PassThrough();
  const output = new PassThrough();
  const stop = new AbortController();
  let text = '';
  output.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const clock = { now: () => NOW_MS, sleep: async () => undefined };
  const ended = runPrompt(bot, { input, output, color: false, clock, signal: stop.signal });
  return {
    input,
    stop,
    ended,
    store,
    text: () => text,
    async until(words: string): Promise<void> {
      await expect.poll(() => text, { timeout: 5_000 }).toContain(words);
    },
  };
}

test('questions are answered one after the other, until exit', async () => {
  const { input, ended, until, text } = await prompt();
  input.write('/network\n');
  await until('== OpenGradient network');
  input.write('\n');
  input.write('node status gw3.\n');
  await until('== gw3.og-nodes.example:8443: Down');
  input.write('  exit \n');
  await ended;
  expect(text().match(/== (?=gw|[A-Z])/g)).toHaveLength(2);
});

test('a wrong question is answered and the prompt stays', async () => {
  const { input, ended, until } = await prompt();
  input.write('/dance \u001b[31mred\n');
  await until('There is no command “dance”.');
  input.write('help\n');
  await until('== What you can ask');
  input.write('quit\n');
  await ended;
});

test('alerts cannot be added from a terminal', async () => {
  const { input, ended, until, store } = await prompt();
  input.write('alerts add node all\n');
  await until('== No chat to tell');
  input.end();
  await ended;
  expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
});

test('every line of a pipe is answered, in order, though all come at once and the pipe ends', async () => {
  const { input, ended, text } = await prompt();
  input.end('/network\n\n/node list\nhelp\n');
  await ended;
  expect(text().match(/(?<=== ).*/g)).toEqual(['OpenGradient network', 'Nodes', 'What you can ask']);
});

test('the end of input and a stop both end it', async () => {
  const first = await prompt();
  first.input.end();
  await first.ended;
  const second = await prompt();
  second.stop.abort();
  await second.ended;
});
