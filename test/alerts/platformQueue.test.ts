import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryOutcome } from '../../src/lib/delivery.ts';
import { accepted, chat, type DeliveryRig, type FakeSender, never, startDeliveryRig } from './deliveryRig.ts';

let rig: DeliveryRig;
let sender: FakeSender;

beforeEach(async () => {
  rig = await startDeliveryRig();
  sender = rig.sender();
});
afterEach(() => rig.close());

/** The first attempt ends so, all later ones are accepted. */
const firstEnds = (outcome: DeliveryOutcome): void => {
  sender.answer = (_, attempt) => (attempt === 1 ? outcome : accepted(attempt));
};

test('one message to each chat that listens, marked with the id it got', async () => {
  for (const id of ['10001', '10002']) await rig.subscribe(chat(id));
  await rig.subscribe(chat('-5', 'telegram'));
  await rig.fire('node:1');
  rig.start(sender);
  await rig.until(async () => (await rig.states()).filter((state) => state === 'sent').length === 2);
  await rig.resting();
  expect(sender.sent.map((one) => one.chat).sort()).toEqual(['10001', '10002']);
  // Another platform's delivery is not this queue's.
  expect((await rig.rows()).map(({ chat: id, state, messageId }) => [id, state, messageId !== null])).toEqual([
    ['10001', 'sent', true],
    ['10002', 'sent', true],
    ['-5', 'pending', false],
  ]);
  expect(new Set(sender.sent.map(({ key }) => key)).size).toBe(2);
  for (const { key } of sender.sent) expect(key.length).toBeLessThanOrEqual(25);
});

test('a fire, its change as an edit of that message, and its end as an answer to it', async () => {
  await rig.subscribe(chat('10001'));
  rig.start(sender);
  await rig.resting();
  for (const job of [() => rig.fire('node:1'), () => rig.change('node:1', 'expired'), () => rig.resolve('node:1')]) {
    await job();
    rig.clock.advance(5_000);
    await rig.resting();
  }
  expect(sender.sent).toMatchObject([
    { title: 'node:1 fired' },
    { title: 'node:1 changed expired', edits: 'm1' },
    { title: 'node:1 resolved', repliesTo: 'm1' },
  ]);
  expect(await rig.states()).toEqual(['sent', 'sent', 'sent']);
});

test('a change while the fire still waits is told as one message with the newest words', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await rig.change('node:1', 'missed');
  await rig.change('node:1', 'expired');
  rig.start(sender);
  await rig.until(() => sender.sent.length > 0);
  await rig.resting();
  expect(sender.titles).toEqual(['node:1 changed expired']);
});

test('a chat that missed several changes gets the last one only', async () => {
  await rig.subscribe(chat('10001'));
  const queue = rig.start(sender);
  await rig.fire('node:1');
  queue.wake();
  await rig.until(async () => (await rig.states())[0] === 'sent');
  await rig.resting();
  for (const level of ['a', 'b', 'c']) await rig.change('node:1', level);
  queue.wake();
  await rig.until(() => sender.sent.length > 1);
  await rig.resting();
  expect(sender.titles).toEqual(['node:1 fired', 'node:1 changed c']);
  expect(await rig.states()).toEqual(['sent', 'superseded', 'superseded', 'sent']);
});

test('the messages of one chat go one after the other in the order of what happened, those of others meanwhile', async () => {
  await rig.subscribe(chat('10001'));
  await rig.subscribe(chat('10002'));
  const names = ['node:1', 'node:2', 'node:3', 'node:4'];
  for (const name of names) await rig.fire(name);
  let release: (outcome: DeliveryOutcome) => void = () => undefined;
  sender.answer = (message, attempt) =>
    message.address.chatId === '10001' && attempt <= 2
      ? new Promise((resolve) => {
          release = resolve;
        })
      : accepted(attempt);
  rig.start(sender);
  const heard = (id: string) => sender.sent.filter((one) => one.chat === id).map(({ title }) => title);
  const inOrder = names.map((name) => `${name} fired`);
  await rig.until(() => heard('10002').length === 4);
  expect(heard('10002')).toEqual(inOrder);
  expect(heard('10001')).toEqual(inOrder.slice(0, 1));
  release(accepted(1));
  await rig.until(() => heard('10001').length === 4);
  expect(heard('10001')).toEqual(inOrder);
  expect(sender.overlaps).toEqual([]);
});

test('a message that waits for its retry keeps its place: what came later does not overtake it', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await rig.fire('node:2');
  firstEnds({ kind: 'retryAfter', ms: 30_000, global: false, detail: 'slow down' });
  rig.start(sender);
  await rig.until(async () => (await rig.rows())[0]?.dueInMs === 30_000);
  await rig.resting();
  expect(sender.titles).toEqual(['node:1 fired']);
  for (let passed = 0; passed < 30_000; passed += 5_000) {
    rig.clock.advance(5_000);
    await rig.resting();
  }
  expect(sender.titles).toEqual(['node:1 fired', 'node:1 fired', 'node:2 fired']);
});

test('never more than sixteen messages are under way', async () => {
  for (let id = 0; id < 40; id += 1) await rig.subscribe(chat(`2${id}`));
  await rig.fire('node:1');
  const waiting: (() => void)[] = [];
  sender.answer = (_, attempt) => new Promise((resolve) => waiting.push(() => resolve(accepted(attempt))));
  rig.start(sender);
  await rig.until(() => sender.underWay === 16);
  await rig.until(async () => {
    for (const release of waiting.splice(0)) release();
    return (await rig.states()).every((state) => state === 'sent');
  });
  expect(sender.mostUnderWay).toBe(16);
  expect(sender.sent).toHaveLength(40);
});

test('a wait that the platform asks for is kept to the millisecond, and is not a failure', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  firstEnds({ kind: 'retryAfter', ms: 1_700, global: false, detail: 'slow down' });
  rig.start(sender);
  await rig.until(async () => (await rig.rows())[0]?.error === 'slow down');
  await rig.resting();
  expect(await rig.rows()).toMatchObject([{ state: 'pending', dueInMs: 1_700 }]);
  rig.clock.advance(1_699);
  await rig.resting();
  expect(sender.sent).toHaveLength(1);
  rig.clock.advance(1);
  await rig.until(() => sender.sent.length === 2);
  await rig.resting();
  expect(await rig.rows()).toMatchObject([{ state: 'sent', messageId: 'm2', error: null }]);
});

test('a chat asked to wait comes back in time although more is queued behind its message', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await rig.fire('node:2');
  firstEnds({ kind: 'retryAfter', ms: 1_000, global: false, detail: 'slow down' });
  rig.start(sender);
  await rig.until(async () => (await rig.rows())[0]?.error === 'slow down');
  await rig.resting();
  rig.clock.advance(1_000);
  await rig.until(() => sender.sent.length === 3, 'it slept past the moment');
});

test('a wait for the whole token stops every chat, and ends for all at the moment it was asked for', async () => {
  for (let id = 0; id < 20; id += 1) await rig.subscribe(chat(`2${id}`));
  sender.answer = () => ({ kind: 'retryAfter', ms: 2_000, global: true, detail: 'all of you' });
  await rig.fire('node:1');
  rig.start(sender);
  await rig.until(async () => (await rig.rows()).some(({ error }) => error !== null));
  await rig.resting();
  // What was under way when the word came could not be stopped; nothing was begun after it.
  const before = sender.sent.length;
  expect(before).toBeLessThanOrEqual(16);
  sender.answer = (_, attempt) => accepted(attempt);
  rig.clock.advance(1_999);
  await rig.resting();
  expect(sender.sent).toHaveLength(before);
  rig.clock.advance(1);
  await rig.until(async () => (await rig.states()).every((state) => state === 'sent'), 'it slept past the pause');
});

test('a chat that is gone is dead with the reason, with all that waited for it, and the others hear on', async () => {
  await rig.subscribe(chat('10001'));
  await rig.subscribe(chat('10002'));
  await rig.fire('node:1');
  await rig.fire('node:2');
  sender.answer = (message, attempt) =>
    message.address.chatId === '10001' ? { kind: 'gone', reason: 'the bot was removed' } : accepted(attempt);
  rig.start(sender);
  await rig.until(async () => (await rig.states()).every((state) => state === 'sent' || state === 'dead'));
  await rig.fire('node:3');
  rig.clock.advance(5_000);
  await rig.until(() => sender.titles.includes('node:3 fired'));
  await rig.resting();
  expect(sender.sent.filter((one) => one.chat === '10001')).toHaveLength(1);
  expect((await rig.store.subscriptions.list(chat('10001'))).destination).toMatchObject({
    state: 'dead',
    deadReason: 'the bot was removed',
  });
  expect((await rig.rows()).filter((row) => row.chat === '10001')).toMatchObject([
    { state: 'dead', error: 'the bot was removed' },
    { state: 'dead', error: 'the bot was removed' },
  ]);
});

test('a group that moved gets the message in its new place, and its subscriptions with it', async () => {
  const telegram = rig.sender('telegram');
  await rig.subscribe(chat('-5', 'telegram'));
  await rig.fire('node:1');
  telegram.answer = (message, attempt) =>
    message.address.chatId === '-5' ? { kind: 'migrated', newChatId: '-1005' } : accepted(attempt);
  rig.start(telegram);
  await rig.until(async () => (await rig.states())[0] === 'sent');
  expect(telegram.sent.at(-1)?.chat).toBe('-1005');
  expect((await rig.store.subscriptions.list(chat('-5', 'telegram'))).destination).toBeNull();
  expect((await rig.store.subscriptions.list(chat('-1005', 'telegram'))).subscriptions).toHaveLength(1);
});

test('what the platform refuses for its content is not tried again, and does not block the next message', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await rig.fire('node:2');
  firstEnds({ kind: 'rejected', detail: 'BUTTON_DATA_INVALID' });
  rig.start(sender);
  await rig.until(() => sender.sent.length === 2);
  await rig.resting();
  expect(await rig.rows()).toMatchObject([{ state: 'rejected', error: 'BUTTON_DATA_INVALID' }, { state: 'sent' }]);
});

test('an error that may pass is tried again less and less often, up to every five minutes', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  sender.answer = () => ({ kind: 'failed', detail: '502' });
  rig.start(sender);
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= 11; attempt += 1) {
    await rig.until(async () => (await rig.rows())[0]?.attempts === attempt && sender.underWay === 0);
    await rig.resting();
    const due = (await rig.rows())[0]?.dueInMs ?? 0;
    pauses.push(due);
    rig.clock.advance(due);
  }
  // With a random number of one half there is no jitter.
  const doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256].map((seconds) => seconds * 1_000);
  expect(pauses).toEqual([...doubling, 300_000, 300_000]);
});

test('a message that could not be sent for a day is given up, and says so', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  sender.answer = () => ({ kind: 'failed', detail: '502' });
  rig.start(sender);
  await rig.until(async () => (await rig.rows())[0]?.error === '502');
  await rig.resting();
  rig.clock.advance(86_400_000);
  await rig.until(() => sender.sent.length === 2 && sender.underWay === 0);
  await rig.resting();
  expect(await rig.states()).toEqual(['pending']);
  rig.clock.advance(300_000);
  await rig.until(async () => (await rig.states())[0] === 'rejected');
  expect((await rig.rows())[0]?.error).toBe('given up after a day: 502');
});

test('no answer on Discord: again with the same key until it is answered, for Discord drops the second copy', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  sender.answer = (_, attempt) => (attempt < 4 ? { kind: 'maybe', detail: 'time-out' } : accepted(attempt));
  rig.start(sender);
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await rig.until(() => sender.sent.length === attempt);
    await rig.resting();
    rig.clock.advance(10_000);
  }
  await rig.until(async () => (await rig.states())[0] === 'sent');
  expect(new Set(sender.sent.map(({ key }) => key)).size).toBe(1);
});

test('no answer on Telegram: once more, one possible copy against one possible loss, then it is left', async () => {
  const telegram = rig.sender('telegram');
  await rig.subscribe(chat('77', 'telegram'));
  await rig.fire('node:1');
  telegram.answer = () => ({ kind: 'maybe', detail: 'time-out' });
  rig.start(telegram);
  await rig.until(async () => (await rig.rows())[0]?.error === 'time-out');
  await rig.resting();
  expect(await rig.rows()).toMatchObject([{ state: 'pending', dueInMs: 10_000 }]);
  rig.clock.advance(10_000);
  await rig.until(async () => (await rig.states())[0] === 'rejected');
  rig.clock.advance(60_000);
  await rig.resting();
  expect(telegram.sent).toHaveLength(2);
  expect((await rig.rows())[0]?.error).toMatch(/without an answer: time-out/);
});

test('a wait before it does not cost a Telegram message its second try', async () => {
  const telegram = rig.sender('telegram');
  await rig.subscribe(chat('77', 'telegram'));
  await rig.fire('node:1');
  const answers: DeliveryOutcome[] = [
    { kind: 'retryAfter', ms: 1_000, global: false, detail: 'slow down' },
    { kind: 'failed', detail: '502' },
    { kind: 'maybe', detail: 'time-out' },
  ];
  telegram.answer = (_, attempt) => answers[attempt - 1] ?? accepted(attempt);
  rig.start(telegram);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await rig.until(() => telegram.sent.length === attempt);
    await rig.resting();
    rig.clock.advance(10_000);
  }
  await rig.until(async () => (await rig.states())[0] === 'sent');
});

test('stopping sends what is due, begins nothing after that, and leaves later retries in the store', async () => {
  await rig.subscribe(chat('10001'));
  await rig.subscribe(chat('10002'));
  await rig.fire('node:1');
  sender.answer = (message, attempt) =>
    message.address.chatId === '10002'
      ? { kind: 'retryAfter', ms: 60_000, global: false, detail: 'slow down' }
      : accepted(attempt);
  const queue = rig.start(sender);
  await queue.stop(8_000);
  expect((await rig.states()).sort()).toEqual(['pending', 'sent']);
  const count = sender.sent.length;
  await rig.fire('node:2');
  queue.wake();
  rig.clock.advance(120_000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(sender.sent).toHaveLength(count);
});

test('stopping does not wait longer than it was told for a platform that never answers', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  sender.answer = () => never;
  const queue = rig.start(sender);
  await rig.until(() => sender.underWay === 1);
  let stopped = false;
  void queue.stop(8_000).then(() => {
    stopped = true;
  });
  rig.clock.advance(7_999);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stopped).toBe(false);
  rig.clock.advance(1);
  await rig.until(() => stopped);
  expect(await rig.states()).toEqual(['sending']);
});

test('a database that is down when the outcome is known: recorded when it is back, and never sent twice', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  for (const method of ['markSent', 'retry', 'claim', 'nextDueAtMs']) rig.faults.set(method, 'down');
  rig.faults.delete('claim');
  rig.start(sender);
  await rig.until(() => sender.sent.length === 1);
  rig.faults.set('claim', 'down');
  for (let second = 0; second < 10; second += 1) {
    await rig.until(() => rig.clock.sleeping.length > 0);
    rig.clock.advance(1_000);
  }
  expect(await rig.states()).toEqual(['sending']);
  rig.faults.clear();
  await rig.until(async () => {
    rig.clock.advance(30_000);
    return (await rig.states())[0] === 'sent';
  });
  await rig.fire('node:2');
  await rig.until(async () => {
    rig.clock.advance(5_000);
    return (await rig.states()).every((state) => state === 'sent');
  });
  expect(sender.titles).toEqual(['node:1 fired', 'node:2 fired']);
});

test('a claim whose answer was lost is taken up again', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  rig.faults.set('claim', 'answer-lost');
  rig.start(sender);
  await rig.until(async () => (await rig.states())[0] === 'sending');
  expect(sender.sent).toHaveLength(0);
  rig.faults.clear();
  await rig.until(async () => {
    rig.clock.advance(5_000);
    return (await rig.states())[0] === 'sent';
  });
  expect(sender.titles).toEqual(['node:1 fired']);
});

test('what fires together is one message: a key, a mark, and a try again as the same message', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fireTogether(['node:1', 'node:2', 'node:3']);
  firstEnds({ kind: 'failed', detail: '502' });
  rig.start(sender);
  await rig.until(async () => (await rig.rows()).every(({ error }) => error === '502'));
  await rig.resting();
  rig.clock.advance(1_000);
  await rig.until(async () => (await rig.states()).every((state) => state === 'sent'));
  expect(new Set(sender.sent.map(({ key }) => key)).size).toBe(1);
  expect(sender.messages[1]?.view.lines).toHaveLength(3);
  expect(new Set((await rig.rows()).map(({ messageId }) => messageId))).toEqual(new Set(['m2']));
});

test('a refused group is refused as a whole, and the next message goes out', async () => {
  await rig.subscribe(chat('10001'));
  await rig.fireTogether(['node:1', 'node:2']);
  await rig.fire('node:3');
  firstEnds({ kind: 'rejected', detail: 'no' });
  rig.start(sender);
  await rig.until(async () => (await rig.states()).join() === 'rejected,rejected,sent');
});

test('it has buttons that carry its id, calls whom the chat wants called, and dates as the chat reads them', async () => {
  await rig.subscribe(chat('10001'), { mention: 'role:7' });
  await rig.store.subscriptions.configure({
    ...{ address: chat('10001'), title: '', kind: 'channel', nowMs: rig.clock.now() },
    settings: { locale: 'de-DE', timeZone: 'Europe/Berlin' },
  });
  await rig.fire('node:1');
  rig.start(sender);
  await rig.until(() => sender.messages.length === 1);
  expect(sender.messages[0]).toMatchObject({
    mention: 'role:7',
    dates: { locale: 'de-DE', timeZone: 'Europe/Berlin' },
    view: {
      actions: [{ command: 'alerts ack 1' }, { command: 'alerts snooze 1' }, { command: 'alerts mute #1' }],
    },
  });
});

test('too many refusals in a minute: nothing is sent for ten, the operator hears why, then the rest goes out', async () => {
  for (let id = 0; id < 60; id += 1) await rig.subscribe(chat(`3${id}`));
  sender.answer = () => ({ kind: 'gone', reason: 'the bot was removed' });
  await rig.fire('node:1');
  const queue = rig.start(sender);
  await rig.until(() => rig.notices.length > 0);
  await rig.resting();
  const refused = sender.sent.length;
  // What was under way when it tripped could not be stopped.
  expect(refused).toBeGreaterThan(30);
  expect(refused).toBeLessThanOrEqual(31 + 16);
  expect(rig.notices).toEqual([expect.stringMatching(/^discord refused .* 10 min/)]);
  sender.answer = (_, attempt) => accepted(attempt);
  rig.clock.advance(599_999);
  queue.wake();
  await rig.resting();
  expect(sender.sent).toHaveLength(refused);
  rig.clock.advance(1);
  await rig.until(() => sender.sent.length === 60);
});

test('a token that is not accepted counts as refused, an error of the platform does not', async () => {
  for (let id = 0; id < 40; id += 1) await rig.subscribe(chat(`4${id}`));
  sender.answer = () => ({ kind: 'failed', detail: '502' });
  await rig.fire('node:1');
  rig.start(sender);
  await rig.until(async () => (await rig.rows()).every(({ error }) => error === '502'));
  expect(rig.notices).toEqual([]);
  sender.answer = () => ({ kind: 'failed', detail: '401', refused: true });
  await rig.resting();
  rig.clock.advance(2_000);
  await rig.until(() => rig.notices.length === 1);
});

test('more than can be sent in ten minutes: critical first and alone, the rest together, and the operator hears it once', async () => {
  const { subscription } = await rig.subscribe(chat('10001'));
  const view = JSON.stringify({ title: 'Told', tone: 'info', lines: ['x'], asOf: null, sources: [] });
  await rig.prisma.$executeRaw`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    INSERT INTO "Delivery" ("view", "destinationId", "nextAttemptAtMs", "createdAtMs")
    SELECT ${view}, ${subscription.destinationId}, ${rig.clock.now()}, ${rig.clock.now()} FROM n`;
  await rig.fire('node:1', 'critical');
  // The other 149 messages are not the point.
  sender.answer = (_, attempt) => (attempt < 2 ? accepted(attempt) : never);
  rig.start(sender);
  await expect.poll(() => sender.titles.length, { timeout: 15_000 }).toBe(2);
  expect(sender.titles).toEqual([
    'node:1 fired',
    '200 alerts, told together because more were queued than can be sent',
  ]);
  expect(rig.notices).toEqual([
    expect.stringMatching(/^30001 alerts wait for discord.* 30000 others are told together/),
  ]);
});
