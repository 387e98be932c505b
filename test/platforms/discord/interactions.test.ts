import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Dispatcher } from '../../../src/bot/dispatch.ts';
import { commands } from '../../../src/bot/registry.ts';
import type { View } from '../../../src/lib/view.ts';
import { type Fault, REFUSALS } from '../../rigs/discord/proxy.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, startBot, view } from './harness.ts';

let rig: DiscordRig;
let bot: Bot;
let answer: (text: string) => View | Promise<View>;
let suggestions: Awaited<ReturnType<Dispatcher['suggest']>>;

beforeEach(async () => {
  rig = await startDiscordRig();
  answer = (text) => view({ title: text });
  suggestions = [];
  bot = await startBot(rig, {
    commands,
    run: async (path) => await answer(path.join(' ')),
    runText: async (text) => await answer(text),
    suggest: async () => suggestions,
  });
});
afterEach(async () => {
  await bot.stop();
  await rig.close();
  expect(rig.proxy.violations).toEqual([]);
});

const CALLBACK = /callback$/;
const ORIGINAL = /@original$/;
const unanswered = (name: string) =>
  rig.twin.simulateSlashCommand({ channelId: rig.channelId, userId: rig.managerId, name });
const logged = (text: string) => vi.waitFor(() => expect(bot.log.join()).toContain(text), { timeout: 5_000 });
const stillAnswers = async () => expect((await rig.slash('about')).title).toContain('about');

test('the acknowledgement does not wait for the answer', async () => {
  const { promise, resolve: release } = Promise.withResolvers<View>();
  answer = () => promise;
  const { token } = await unanswered('network');
  const ack = await rig.proxy.until(({ path }) => path.includes(token));
  expect(ack.body).toMatchObject({ type: 5 });
  release(view({ title: 'late' }));
  await rig.proxy.until(({ path }) => path.includes(token) && ORIGINAL.test(path));
});

test('10062, answered too late: a warning, no crash, and no command is run for nobody', async () => {
  const asked: string[] = [];
  answer = (text) => {
    asked.push(text);
    return view({ title: text });
  };
  rig.proxy.inject('POST', CALLBACK, { status: 404, body: { code: 10062, message: 'Unknown interaction' } });
  await unanswered('network');
  await logged('expired before it was answered');
  await stillAnswers();
  expect(asked).toEqual(['about']);
});

test('40060, answered already: the log asks whether another instance runs', async () => {
  rig.proxy.inject('POST', CALLBACK, { status: 400, body: { code: 40060, message: 'already acknowledged' } });
  await unanswered('network');
  await logged('is another instance running');
  await stillAnswers();
});

test('10062 by the twin itself: the token ran out before the answer was ready', async () => {
  answer = async (text) => {
    await rig.twin.prisma.interactionResponse.deleteMany({});
    return view({ title: text });
  };
  await unanswered('network');
  await logged('expired before it was answered');
});

test('an answer that Discord refuses goes again as plain text, still mentioning nobody', async () => {
  answer = () => view({ title: 'T', lines: ['hello @everyone'] });
  rig.proxy.inject('PATCH', ORIGINAL, REFUSALS.invalidBody);
  const { token } = await unanswered('network');
  const last = await rig.proxy.until(
    ({ path, status }) => path.includes(token) && ORIGINAL.test(path) && status === 200,
  );
  expect(last.body).toMatchObject({ content: 'T\nhello @\u2060everyone', embeds: [], allowed_mentions: { parse: [] } });
});

test.each<Fault>([{ status: 502, body: {} }, 'cut-before', 'cut-after'])(
  'an answer that gets lost once (%j) goes again, picture included',
  async (fault) => {
    const chart = { title: '', subtitle: '', fromSeconds: 0, toSeconds: 1, panels: [], alt: 'flat' };
    answer = () => view({ title: 'T', chart });
    rig.proxy.inject('PATCH', ORIGINAL, fault);
    const { token } = await unanswered('node');
    await logged('goes again');
    const fits = ({ path, status }: { path: string; status: number }) =>
      path.includes(token) && ORIGINAL.test(path) && status === 200;
    await vi.waitFor(() => expect(rig.proxy.recorded.filter(fits)).toHaveLength(fault === 'cut-after' ? 2 : 1));
    const last = rig.proxy.recorded.findLast(fits);
    expect(last?.files).toHaveLength(1);
    expect(last?.body).toMatchObject({ attachments: [{ description: 'flat' }] });
  },
);

test.each([500, 403])(
  'an answer that fails with %i again is logged, and the next question is answered',
  async (status) => {
    rig.proxy.inject('PATCH', ORIGINAL, { status, body: { code: 0, message: 'no' } }, 2);
    await unanswered('network');
    await logged('could not be answered');
    await stillAnswers();
  },
);

test('suggestions fit whatever they are called: too many, too long, empty, half a character', async () => {
  suggestions = [
    { label: `${'x'.repeat(99)}💥`, value: 'a' },
    { label: ' \u200b\u202e', value: 'b' },
    { label: 'value cut would be another', value: 'v'.repeat(101) },
    { label: 'nothing to choose', value: '' },
    ...Array.from({ length: 40 }, (_, index) => ({ label: `n${index}`, value: `n${index}` })),
  ];
  const found = await rig.autocomplete('node status', 'node', 'x');
  expect(found).toHaveLength(25);
  expect(found.map(({ value }) => value).slice(0, 3)).toEqual(['a', 'b', 'n0']);
  expect(found[1]?.name).toBe('?');
});

test('questions of many people at once are all answered', async () => {
  const titles = await Promise.all(
    Array.from({ length: 20 }, async () => (await rig.slash('network', {}, { timeoutMs: 15_000 })).title),
  );
  expect(titles).toEqual(Array.from({ length: 20 }, () => '🟢 network'));
});
