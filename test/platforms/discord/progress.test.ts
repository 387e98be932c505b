import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Progress } from '../../../src/bot/dispatch.ts';
import { commands } from '../../../src/bot/registry.ts';
import type { View } from '../../../src/lib/view.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bot: Bot;
/** How a question is answered, part by part. */
let answer: (text: string, progress: Progress) => Promise<View>;

beforeEach(async () => {
  rig = await startDiscordRig();
  const none: Progress = () => undefined;
  bot = await startBot(rig, {
    commands,
    run: (path, _options, _caller, _place, progress = none) => answer(path.join(' '), progress),
    runText: (text, _caller, _place, progress = none) => answer(text, progress),
    suggest: async () => [],
  });
});
afterEach(async () => {
  await bot.stop();
  await rig.close();
  expect(rig.proxy.violations).toEqual([]);
});

const ORIGINAL = /@original$/;
const part = (line: string): View => view({ title: 'Checking', lines: [line] });
const edits = () => rig.proxy.recorded.filter(({ method, path }) => method === 'PATCH' && ORIGINAL.test(path));
const shown = (text: string) =>
  vi.waitFor(() => expect(JSON.stringify(edits().map(({ body }) => body))).toContain(text), { timeout: 5_000 });
const messages = () => rig.twin.channel(rig.channelId).getMessages();
const unanswered = (name: string) =>
  rig.twin.simulateSlashCommand({ channelId: rig.channelId, userId: rig.managerId, name });

test('parts are one message, which is edited; the whole answer is its last text', async () => {
  const { promise, resolve: end } = Promise.withResolvers<View>();
  const { promise: asked, resolve: begin } = Promise.withResolvers<Progress>();
  answer = (_, progress) => {
    begin(progress);
    return promise;
  };
  await unanswered('network');
  const show = await asked;
  show(part('first step'));
  await shown('first step');
  for (let step = 2; step <= 20; step += 1) show(part(`step ${step}.`));
  await shown('step 20.');
  end(view({ title: 'Done', lines: ['all done'] }));
  await shown('all done');
  show(part('too late'));
  const [message, ...others] = await messages();
  expect(others).toEqual([]);
  expect(JSON.stringify(message?.embeds)).toContain('all done');
  // The first, the newest of those that came meanwhile, the whole.
  expect(edits()).toHaveLength(3);
  expect(JSON.stringify(edits().at(-1)?.body)).toContain('all done');
});

test('other questions are answered meanwhile', async () => {
  const { promise, resolve: end } = Promise.withResolvers<View>();
  answer = (text, progress) => {
    if (text !== 'network') return Promise.resolve(view({ title: `short answer to ${text}` }));
    progress(part('first step'));
    return promise;
  };
  await unanswered('network');
  await shown('first step');
  expect((await rig.slash('about')).title).toContain('short answer to about');
  end(view({ lines: ['all done'] }));
  await shown('all done');
});

test('a part that Discord refuses is passed over: the whole answer comes', async () => {
  rig.proxy.inject('PATCH', ORIGINAL, { status: 400, body: { code: 50035, message: 'Invalid Form Body' } });
  answer = async (_, progress) => {
    progress(part('first step'));
    await vi.waitFor(() => expect(edits()).toHaveLength(1));
    return view({ lines: ['all done'] });
  };
  await unanswered('network');
  await shown('all done');
  expect(JSON.stringify((await messages())[0]?.embeds)).toContain('all done');
});

test('parts, and then an error for the asker alone: nothing of it is left to be read by everybody', async () => {
  answer = async (_, progress) => {
    progress(part('first step'));
    await shown('first step');
    return view({ title: 'That did not work', tone: 'error', private: true });
  };
  await unanswered('network');
  await vi.waitFor(
    () => expect(rig.proxy.recorded.some(({ method, path }) => method === 'DELETE' && ORIGINAL.test(path))).toBe(true),
    { timeout: 5_000 },
  );
  await vi.waitFor(() => expect(JSON.stringify(rig.proxy.recorded.at(-1)?.body)).toContain('That did not work'));
});

test('a button whose answer comes in parts and fails does not leave the message at a part for ever', async () => {
  answer = async () => view({ actions: [{ label: 'Check again', command: 'network' }] });
  const before = await rig.slash('network');
  answer = async (_, progress) => {
    progress(part('first step'));
    await shown('first step');
    return view({ title: 'That did not work', tone: 'error', private: true });
  };
  const id = before.buttons[0]?.customId ?? '';
  await rig.press(id);
  await shown('That did not work');
  const [message, ...others] = await messages();
  expect(others).toEqual([]);
  expect(JSON.stringify(message?.embeds)).not.toContain('first step');
});
