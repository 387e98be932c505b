import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRules } from '../../../src/alerts/registry.ts';
import { createDispatcher } from '../../../src/bot/dispatch.ts';
import { commands } from '../../../src/bot/registry.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import type { Address } from '../../../src/lib/delivery.ts';
import { type TemporaryStore, temporaryStore } from '../../rigs/store.ts';
import type { TextOptions } from '../../rigs/telegram/people.ts';
import type { MemberStatus, RigChat, RigUser } from '../../rigs/telegram/world.ts';
import { contextDefaults } from '../../support/context.ts';
import { heardBy, seedAlert, typed, VERBS } from '../manageVerbs.ts';
import { connect, type Harness, view } from './harness.ts';

let bot: Harness;
let store: TemporaryStore;

beforeAll(async () => {
  store = await temporaryStore();
  bot = await connect({ commands: [...commands] });
  const context = {
    store: store.store,
    clock: bot.clock,
    random: Math.random,
    version: '0',
    ...contextDefaults,
    thresholds: defaultThresholds,
    rules: createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 600_000 }),
    sendNow: bot.bot.sender.send,
  };
  const report = (error: unknown): never => {
    throw error;
  };
  const dispatcher = createDispatcher(context, commands, { report });
  bot.answerWith(({ text, caller, place }) => dispatcher.runText(text, caller, place));
});

afterAll(async () => {
  await bot.stop();
  await store.cleanup();
});

interface Where {
  chat: RigChat;
  thread?: number;
}

const PLACES: Record<string, (user: RigUser) => Where> = {
  'private chat': (user) => ({ chat: bot.rig.chats.private(user) }),
  group: () => ({ chat: bot.rig.chats.group('Operators') }),
  supergroup: () => ({ chat: bot.rig.chats.supergroup('Operators') }),
  topic: () => {
    const chat = bot.rig.chats.supergroup('Operators', ['Nodes']);
    return { chat, thread: [...chat.topics.keys()][0] as number };
  },
  'General topic': () => ({ chat: bot.rig.chats.supergroup('Operators', ['Nodes']) }),
  channel: () => ({ chat: bot.rig.chats.channel('News') }),
};

type Verdict = 'allowed' | 'refused';
type How = [who: string, status: MemberStatus | null, options: TextOptions, verdict: Verdict];

const IN_GROUPS: How[] = [
  ['creator', 'creator', {}, 'allowed'],
  ['administrator', 'administrator', {}, 'allowed'],
  ['anonymous administrator', 'administrator', { anonymous: true }, 'allowed'],
  ['ordinary member', 'member', {}, 'refused'],
  ['restricted member', 'restricted', {}, 'refused'],
  ['somebody who has left', 'left', {}, 'refused'],
];
const ASKERS: Record<string, How[]> = {
  'private chat': [['person', null, {}, 'allowed']],
  group: IN_GROUPS,
  supergroup: IN_GROUPS,
  topic: IN_GROUPS,
  'General topic': IN_GROUPS,
  // Who can post there administers it.
  channel: [['poster', null, {}, 'allowed']],
};

const CELLS = Object.entries(ASKERS).flatMap(([place, askers]) =>
  askers.flatMap(([who, status, options, verdict]) =>
    VERBS.map((verb) => ({ place, who, status, options, verb, verdict })),
  ),
);

async function prepared(place: string, status: MemberStatus | null) {
  const user = bot.rig.user('Ann');
  const where = PLACES[place]?.(user);
  if (where === undefined) throw new Error(`no place ${place}`);
  const { chat, thread } = where;
  if (status !== null) bot.rig.member(chat, user, status);
  const address: Address = {
    platform: 'telegram',
    chatId: String(chat.id),
    threadId: thread === undefined ? null : String(thread),
  };
  const kind = chat.type === 'private' ? 'private' : chat.type === 'channel' ? 'channel' : 'group';
  const seeded = await seedAlert(store.store, address, kind, bot.clock.now());
  return { user, chat, thread, address, seeded, before: await heardBy(store.store, address) };
}

test.each(CELLS)('typed: $verb.name in a $place by a $who: $verdict', async (cell) => {
  const { verb, verdict } = cell;
  const { user, chat, thread, address, seeded, before } = await prepared(cell.place, cell.status);
  bot.rig.sendText(chat, user, `/${typed(verb, seeded)}`, { ...cell.options, ...(thread && { thread }) });
  const answer = await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]);
  const after = await heardBy(store.store, address);
  expect(answer.text.includes('Not allowed')).toBe(verdict === 'refused');
  expect(answer.text).not.toMatch(/did not fit|did not work|cannot post|Not known/);
  expect(answer.thread).toBe(thread ?? null);
  if (verdict === 'refused') expect(after).toEqual(before);
  else expect(after).not.toEqual(before);
});

/** Nobody presses anonymously: Telegram names whoever presses. */
const PRESSERS = CELLS.filter(({ options }) => !options.anonymous).flatMap((cell) =>
  cell.place === 'channel'
    ? [
        { ...cell, who: 'administrator', status: 'administrator' as const },
        { ...cell, who: 'reader', status: 'member' as const, verdict: 'refused' as const },
      ]
    : [cell],
);

test.each(PRESSERS)('pressed: $verb.name in a $place by a $who: $verdict', async (cell) => {
  const { verb, verdict } = cell;
  const { user, chat, address, seeded, before } = await prepared(cell.place, cell.status);
  chat.started = true;
  const command = typed(verb, seeded);
  const actions = [{ label: 'Do', command, mode: 'reply' as const }];
  await bot.bot.sender.send({ address, view: view({ title: 'Alert', actions }), idempotencyKey: 'k' });
  const [alert] = bot.rig.fromBot(chat.id);
  if (!alert) throw new Error('no alert');
  const press = bot.rig.press(alert, 'Do', user);
  await bot.rig.until(() => press.answered && (verdict === 'refused' || bot.rig.fromBot(chat.id)[1]));
  const after = await heardBy(store.store, address);
  if (verdict === 'refused') expect(after).toEqual(before);
  else expect(after).not.toEqual(before);
  if (verdict === 'refused') {
    expect(press.answered).toMatchObject({
      alert: true,
      text: expect.stringMatching(/Not allowed|Only administrators/),
    });
    expect(bot.rig.fromBot(chat.id)).toHaveLength(1);
  }
});

test.each(VERBS)('$name by somebody who writes in the name of another channel: refused', async (verb) => {
  const { user, chat, address, seeded, before } = await prepared('supergroup', 'creator');
  bot.rig.sendText(chat, user, `/${typed(verb, seeded)}`, { asChannel: bot.rig.chats.channel('News') });
  const answer = await bot.rig.until(() => bot.rig.fromBot(chat.id)[0]);
  expect(answer.text).toContain('Not allowed');
  expect(await heardBy(store.store, address)).toEqual(before);
});
