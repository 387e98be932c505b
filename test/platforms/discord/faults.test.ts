import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryOutcome } from '../../../src/lib/delivery.ts';
import { type Fault, REFUSALS, rateLimited } from '../../rigs/discord/proxy.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Delivered, deliverOnce } from '../deliverOnce.ts';
import { ManualClock } from '../telegram/manualClock.ts';
import { type Bot, fixedDispatcher, startBot, view } from './harness.ts';

const POSTS = /^\/channels\/\d+\/messages$/;

let rig: DiscordRig;
let bot: Bot;

beforeAll(async () => {
  rig = await startDiscordRig();
});
// A bot for each fault: a limit that discord.js has met once it remembers.
beforeEach(async () => {
  const dispatcher = fixedDispatcher(() => view());
  bot = await startBot(rig, dispatcher);
});
afterEach(async () => {
  await bot.stop();
  expect(rig.proxy.violations.splice(0)).toEqual([]);
});
afterAll(() => rig.close());

const delivered = async (fault: Fault, times = 1): Promise<Delivered> => {
  rig.proxy.inject('POST', POSTS, fault, times);
  const address = { platform: 'discord', chatId: rig.channelId, threadId: null } as const;
  return await deliverOnce(bot.sender, { address, kind: 'channel', clock: new ManualClock() });
};

test.each<[string, Fault, number, Partial<DeliveryOutcome>, Partial<Delivered>]>([
  ['429, short', rateLimited(0.4), 1, { kind: 'retryAfter', global: false }, { row: 'pending', destination: 'active' }],
  ['429, long', rateLimited(87), 1, { kind: 'retryAfter', global: false }, { row: 'pending', destination: 'active' }],
  ['429, global', rateLimited(12, true), 1, { kind: 'retryAfter', global: true }, { row: 'pending' }],
  ['403 50001', REFUSALS.missingAccess, 1, { kind: 'gone' }, { row: 'dead', destination: 'dead' }],
  ['403 50007', REFUSALS.cannotDm, 1, { kind: 'gone' }, { row: 'dead', destination: 'dead' }],
  ['403 50013', REFUSALS.missingPermissions, 1, { kind: 'gone' }, { row: 'dead', destination: 'dead' }],
  ['404 10003', REFUSALS.unknownChannel, 1, { kind: 'gone' }, { row: 'dead', destination: 'dead' }],
  ['403 without a code', { status: 403 }, 1, { kind: 'failed' }, { row: 'pending', destination: 'active' }],
  ['401', { status: 401, body: { code: 0, message: '401' } }, 1, { kind: 'failed' }, { row: 'pending' }],
  ['a body refused once', REFUSALS.invalidBody, 1, { kind: 'sent' }, { row: 'sent', destination: 'active' }],
  ['a body refused twice', REFUSALS.invalidBody, 2, { kind: 'rejected' }, { row: 'rejected', destination: 'active' }],
  ['500', { status: 500, body: {} }, 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['502', REFUSALS.serverError, 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['503', { status: 503, body: {} }, 1, { kind: 'failed' }, { row: 'pending', againInMs: 1_000 }],
  ['cut after it was accepted', 'cut-after', 1, { kind: 'maybe' }, { row: 'pending', againInMs: 10_000 }],
  ['cut before', 'cut-before', 1, { kind: 'maybe' }, { row: 'pending', againInMs: 10_000 }],
  ['cut in the middle of the answer', 'cut-amid', 1, { kind: 'maybe' }, { row: 'pending', againInMs: 10_000 }],
])('%s: the outcome, and the row that is left', async (_, fault, times, outcome, row) => {
  const result = await delivered(fault, times);
  expect(result.outcomes).toMatchObject([outcome]);
  expect(result).toMatchObject(row);
  const [first] = result.outcomes;
  // To the millisecond what Discord asked for, whatever we would have waited.
  if (first?.kind === 'retryAfter') expect(result.againInMs).toBe(Math.ceil(first.ms));
  if (first?.kind === 'gone') expect(result.deadReason).toBe(first.reason);
});

test('no answer after it was accepted: maybe; the row waits and keeps its key, so that Discord drops the copy', async () => {
  rig.proxy.inject('POST', POSTS, 'lost-answer');
  const giveUp = new AbortController();
  const address = { platform: 'discord', chatId: rig.channelId, threadId: null } as const;
  const since = rig.proxy.recorded.length;
  const sender = {
    ...bot.sender,
    send: (message: Parameters<typeof bot.sender.send>[0]) => bot.sender.send(message, giveUp.signal),
  };
  const result = await deliverOnce(sender, { address, kind: 'channel', clock: new ManualClock() }, async () => {
    await rig.proxy.until((one) => rig.proxy.recorded.indexOf(one) >= since && POSTS.test(one.path));
    giveUp.abort();
  });
  expect(result.outcomes).toMatchObject([{ kind: 'maybe' }]);
  expect(result).toMatchObject({ row: 'pending', destination: 'active', againInMs: 10_000 });
});

test('10008: the message to be edited was deleted, so nothing is left to say', async () => {
  const address = { platform: 'discord', chatId: rig.channelId, threadId: null } as const;
  rig.proxy.inject('PATCH', /^\/channels\/\d+\/messages\/\d+$/, REFUSALS.unknownMessage);
  const editMessageId = '300000000000009999';
  expect(await bot.sender.send({ address, view: view(), idempotencyKey: 'k', editMessageId })).toEqual({
    kind: 'sent',
    messageId: editMessageId,
  });
});
