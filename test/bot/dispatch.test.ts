import { expect, test, vi } from 'vitest';
import { errorView } from '../../src/bot/answers.ts';
import type { Command } from '../../src/bot/command.ts';
import { createDispatcher } from '../../src/bot/dispatch.ts';
import { askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { callerOf, placeOf } from './seed.ts';
import { seedHub } from './seedHub.ts';

const command = (changes: Partial<Command>): Command => ({
  path: ['probe'],
  summary: 'A command of this test',
  options: [],
  permission: 'everyone',
  examples: ['probe'],
  run: async () => errorView('ran', ['ran']),
  ...changes,
});

async function dispatcherOf(changes: Partial<Command>) {
  const { bot } = await askerOn(0);
  const reported: unknown[] = [];
  return {
    reported,
    ...createDispatcher(bot.context, [command(changes)], { report: (error) => reported.push(error) }),
  };
}

test('a command that breaks is answered in words of its own, and its error goes to the operator alone', async () => {
  const broken = new Error('PrismaClientKnownRequestError at /app/src/store.ts:12 https://user:secret@db');
  const { runText, reported } = await dispatcherOf({ run: () => Promise.reject(broken) });
  const view = await runText('probe', callerOf('discord'), placeOf('discord'));
  expect(view).toMatchObject({ tone: 'error', private: true });
  expect(wordsOf(view)).not.toMatch(/Prisma|secret|\/app/);
  expect(reported).toEqual([broken]);
});

test('a command that never answers is given up after 25 seconds: not before a test alert and its second try', async ({
  onTestFinished,
}) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { runText, reported } = await dispatcherOf({ run: () => new Promise(() => undefined) });
  const answer = runText('probe', callerOf('discord'), placeOf('discord'));
  await vi.advanceTimersByTimeAsync(24_999);
  expect(reported).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await answer).tone).toBe('error');
  expect(reported).toHaveLength(1);
});

test('suggestions that break are none, and no option of another command is asked', async () => {
  const suggest = () => Promise.reject(new Error('no'));
  const option = { name: 'x', summary: 'X', type: 'text' as const, required: false, suggest };
  const dispatcher = await dispatcherOf({ options: [option] });
  expect(await dispatcher.suggest(['probe'], 'x', 'a')).toEqual([]);
  expect(await dispatcher.suggest(['probe'], 'y', 'a')).toEqual([]);
  expect(await dispatcher.suggest(['other'], 'x', 'a')).toEqual([]);
  expect(dispatcher.reported).toHaveLength(1);
});

test('no more than 25 suggestions, as many as Discord shows', async () => {
  const suggest = async () => Array.from({ length: 80 }, (_, at) => ({ label: `${at}`, value: `${at}` }));
  const option = { name: 'x', summary: 'X', type: 'text' as const, required: false, suggest };
  const dispatcher = await dispatcherOf({ options: [option] });
  expect(await dispatcher.suggest(['probe'], 'x', '')).toHaveLength(25);
});

test('whether the caller may is asked only where it matters, and before anything is done', async () => {
  const asked: string[] = [];
  const place = placeOf('discord', {
    callerManages: async () => {
      asked.push('manages');
      return false;
    },
  });
  const everyone = await dispatcherOf({});
  await everyone.runText('probe', callerOf('discord'), place);
  expect(asked).toEqual([]);
  const guarded = await dispatcherOf({
    permission: 'manage-alerts',
    run: async () => {
      asked.push('ran');
      return errorView('ran', ['ran']);
    },
  });
  expect((await guarded.runText('probe', callerOf('discord'), place)).title).toBe('Not allowed');
  expect(asked).toEqual(['manages']);
});

test('the nodes suggested while typing are the ones that fit what stands there', async () => {
  const { bot } = await askerOn(30);
  const labels = async (typed: string): Promise<string[]> =>
    (await bot.suggest(['node', 'status'], 'node', typed)).map(({ label }) => label.split(':')[0] ?? '');
  expect(await labels('gw7.')).toEqual(['gw7.og-nodes.example']);
  expect(await labels('0xabcdef')).toEqual(['gw0.og-nodes.example', 'gw1.og-nodes.example']);
  expect(await labels('')).toHaveLength(25);
  expect(await labels('nobody')).toEqual([]);
  const [all] = await bot.suggest(['alerts', 'add'], 'target', 'A');
  expect(all).toEqual({ label: 'all', value: 'all' });
});

test('targets are suggested of the kind that was chosen before, or of every kind', async () => {
  const { bot, store } = await askerOn(30);
  await seedHub(store);
  const place = placeOf('discord');
  const values = async (kind?: string): Promise<string[]> =>
    (await bot.suggest(['alerts', 'add'], 'target', '', place, kind === undefined ? {} : { kind })).map(
      ({ label, value }) => `${label}=${value}`.replace(/^gw.*=/, 'node='),
    );
  const nodes = await values('node');
  expect(nodes[0]).toBe('all nodes=all');
  expect(nodes.filter((one) => one.startsWith('node='))).toHaveLength(24);
  expect(await values('proof')).toEqual(['all proofs=all', ...nodes.slice(1)]);
  const models = await values('model');
  expect(models.slice(0, 2)).toEqual(['all models=all', 'acme/empty=acme/empty']);
  expect(models).toHaveLength(9);
  // Of many nodes some make room for models.
  expect((await values()).slice(-8)).toEqual(models.slice(1));
});

test('every call is observed with its command, the time it took and what became of it', async () => {
  const { bot } = await askerOn(0);
  let now = 0;
  const clock = { now: () => now, sleep: async () => undefined };
  const seen: unknown[] = [];
  const calls = {
    answered: async () => ({ ...errorView('fine', ['fine']), tone: 'ok' as const }),
    refused: async () => errorView('no', ['no']),
    failed: () => Promise.reject(new Error('broken')),
  };
  for (const run of Object.values(calls)) {
    const slow = async () => {
      now += 40;
      return await run();
    };
    const { runText } = createDispatcher({ ...bot.context, clock }, [command({ run: slow })], {
      report: () => undefined,
      observe: (...call) => seen.push(call),
    });
    await runText('probe', callerOf('discord'), placeOf('discord'));
    await runText('nonsense', callerOf('discord'), placeOf('discord'));
  }
  expect(seen).toEqual([
    ['probe', 40, 'answered'],
    ['probe', 40, 'refused'],
    ['probe', 40, 'failed'],
  ]);
});
