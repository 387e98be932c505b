import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeliverer, type Deliverer } from '../../src/alerts/deliverer.ts';
import type { Sender } from '../../src/lib/delivery.ts';
import { accepted, chat, type DeliveryRig, never, startDeliveryRig } from './deliveryRig.ts';

let rig: DeliveryRig;
const deliverers: Deliverer[] = [];

beforeEach(async () => {
  rig = await startDeliveryRig();
});
afterEach(async () => {
  for (const deliverer of deliverers.splice(0)) void deliverer.stop(0);
  await rig.close();
});

async function startWith(...senders: Sender[]): Promise<Deliverer> {
  const { store, clock, logger } = rig;
  const deliverer = createDeliverer({ store, senders, clock, random: () => 0.5, logger, notice: () => undefined });
  deliverers.push(deliverer);
  await deliverer.start();
  return deliverer;
}

test('each platform gets its own, and one that hangs does not hold up the other', async () => {
  const [discord, telegram] = [rig.sender('discord'), rig.sender('telegram')];
  await rig.subscribe(chat('10001'));
  await rig.subscribe(chat('-5', 'telegram'));
  discord.answer = () => never;
  await startWith(discord, telegram);
  await rig.fire('node:1');
  deliverers[0]?.wake();
  await rig.until(async () => (await rig.states()).join() === 'sending,sent');
  expect(telegram.sent.map((one) => one.chat)).toEqual(['-5']);
});

test('what a killed bot had claimed is sent by the next one, at the cost of at most one copy', async () => {
  const first = rig.sender();
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await rig.fire('node:2');
  // The platform has it; the bot dies before it hears so.
  first.answer = () => never;
  await startWith(first);
  await rig.until(() => first.underWay === 1);
  expect(await rig.states()).toEqual(['sending', 'pending']);
  await rig.crash();
  const second = rig.sender();
  await startWith(second);
  await rig.until(async () => (await rig.states()).every((state) => state === 'sent'));
  expect(first.titles).toEqual(['node:1 fired']);
  expect(second.titles).toEqual(['node:1 fired', 'node:2 fired']);
  // Discord recognises the copy by its key.
  expect(second.sent[0]?.key).toBe(first.sent[0]?.key);
  expect(rig.log.join()).toContain('they go again');
});

test('what was marked is not sent again after a restart', async () => {
  const first = rig.sender();
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await startWith(first);
  await rig.until(async () => (await rig.states())[0] === 'sent');
  await rig.crash();
  const second = rig.sender();
  await startWith(second);
  await rig.resting();
  expect(second.sent).toEqual([]);
});

test('a retry that was waiting when the bot stopped waits on after the restart', async () => {
  const first = rig.sender();
  first.answer = () => ({ kind: 'retryAfter', ms: 20_000, global: false, detail: 'slow down' });
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  await startWith(first);
  await rig.until(async () => (await rig.rows())[0]?.error === 'slow down');
  await rig.crash();
  const second = rig.sender();
  await startWith(second);
  await rig.resting();
  for (let passed = 0; passed < 20_000; passed += 4_000) {
    expect(second.sent).toEqual([]);
    rig.clock.advance(4_000);
    await rig.resting();
  }
  expect(second.titles).toEqual(['node:1 fired']);
});

test('messages for a chat that was found dead just before the kill are not sent', async () => {
  const first = rig.sender();
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  first.answer = () => never;
  await startWith(first);
  await rig.until(() => first.underWay === 1);
  const { destination } = await rig.store.subscriptions.list(chat('10001'));
  await rig.prisma.destination.update({
    where: { id: destination?.id as number },
    data: { state: 'dead', deadReason: 'removed' },
  });
  await rig.crash();
  const second = rig.sender();
  await startWith(second);
  await rig.until(async () => (await rig.rows())[0]?.state === 'dead');
  expect((await rig.rows())[0]?.error).toBe('removed');
  expect(second.sent).toEqual([]);
});

test('stopping keeps to its deadline although a send never ends, and the next start takes it up', async () => {
  const first = rig.sender();
  first.answer = () => never;
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  const deliverer = await startWith(first);
  await rig.until(() => first.underWay === 1);
  let stopped = false;
  void deliverer.stop(8_000).then(() => {
    stopped = true;
  });
  await rig.until(() => rig.clock.sleeping.includes(8_000));
  rig.clock.advance(8_000);
  await rig.until(() => stopped, 'stop did not return');
  await rig.crash();
  const second = rig.sender();
  await startWith(second);
  await rig.until(async () => (await rig.states())[0] === 'sent');
});

test('a store that does not answer for a while loses nothing', async () => {
  const sender = rig.sender();
  await rig.subscribe(chat('10001'));
  await rig.fire('node:1');
  const { store, clock, logger } = rig;
  let broken = true;
  const deliveries: typeof store.deliveries = {
    ...store.deliveries,
    claim: (...input) => (broken ? Promise.reject(new Error('disk full')) : store.deliveries.claim(...input)),
  };
  const deliverer = createDeliverer({
    ...{
      store: { ...store, deliveries },
      senders: [sender],
      clock,
      random: () => 0.5,
      logger,
      notice: () => undefined,
    },
  });
  deliverers.push(deliverer);
  await deliverer.start();
  await rig.until(() => rig.log.some((line) => line.includes('disk full')));
  broken = false;
  await rig.resting();
  rig.clock.advance(5_000);
  await rig.until(async () => (await rig.states())[0] === 'sent');
});

test('whatever the platform answers and wherever the bot is killed, every message arrives, in order, at most once more a kill', async () => {
  const answers = fc.constantFrom<'ok' | 'wait' | 'fail' | 'die' | 'die-sent'>(
    'ok',
    'ok',
    'wait',
    'fail',
    'die',
    'die-sent',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { maxLength: 8 }), async (script) => {
      const one = await startDeliveryRig();
      try {
        await one.subscribe(chat('10001'));
        for (const name of ['node:1', 'node:2', 'node:3']) await one.fire(name);
        const heard: string[] = [];
        let kills = 0;
        const rest = [...script];
        for (let lives = 0; (await one.states()).some((state) => state !== 'sent'); lives += 1) {
          const sender = one.sender();
          let dead = false;
          sender.answer = ({ view }, attempt) => {
            const next = rest.shift() ?? 'ok';
            if (next === 'wait') return { kind: 'retryAfter', ms: 700, global: false, detail: '' };
            if (next === 'fail') return { kind: 'failed', detail: '' };
            if (next !== 'die') heard.push(view.title);
            if (next === 'ok') return accepted(lives * 100 + attempt);
            dead = true;
            return never;
          };
          // As the deliverer starts: first what a killed bot left, then the queue.
          await one.store.deliveries.recover(one.clock.now());
          one.start(sender);
          await one.until(async () => {
            one.clock.advance(250);
            return dead || (await one.states()).every((state) => state === 'sent');
          });
          if (dead) {
            kills += 1;
            await one.crash();
          }
        }
        expect(heard.length - new Set(heard).size).toBeLessThanOrEqual(kills);
        expect([...new Set(heard)]).toEqual(['node:1 fired', 'node:2 fired', 'node:3 fired']);
        // A copy stands next to its first: nothing overtook it.
        expect(heard).toEqual([...heard].sort());
      } finally {
        await one.close();
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
