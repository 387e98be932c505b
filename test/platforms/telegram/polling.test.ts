import { afterEach, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import { REFUSALS } from '../../rigs/telegram/faults.ts';
import { startTelegramRig } from '../../rigs/telegram/rig.ts';
import { connect, type Harness } from './harness.ts';

let bot: Harness | undefined;

afterEach(async () => {
  await bot?.stop();
  bot = undefined;
});

/** Somebody else polls with the same token, again and again, until told to stop. */
function competitor(rig: Harness['rig']): () => Promise<void> {
  const stop = new AbortController();
  const polling = (async () => {
    while (!stop.signal.aborted) {
      const body = JSON.stringify({ timeout: 30 });
      const headers = { 'content-type': 'application/json' };
      await fetch(`${rig.apiRoot}/bot${rig.token}/getUpdates`, { method: 'POST', body, headers, signal: stop.signal })
        .then((answer) => answer.text())
        .catch(() => undefined);
    }
  })();
  return async () => {
    stop.abort();
    await polling;
  };
}

test('only the four kinds of updates are asked for', async () => {
  bot = await connect();
  const poll = await bot.rig.until(() => bot?.rig.calls.find(({ method }) => method === 'getUpdates'));
  expect(poll.parameters.allowed_updates).toEqual(['message', 'channel_post', 'callback_query', 'my_chat_member']);
});

test('a short conflict after a restart is waited out', async () => {
  bot = await connect();
  const { rig, clock } = bot;
  await rig.until(() => rig.polling().open);
  const stop = competitor(rig);
  await rig.until(() => clock.sleeping.includes(1_000));
  await stop();
  clock.advance(1_000);
  const ann = rig.user('Ann');
  const chat = rig.chats.private(ann);
  rig.sendText(chat, ann, '/network');
  await rig.until(() => rig.fromBot(chat.id)[0]);
  expect(bot.fatal).toEqual([]);
});

test('a lasting conflict is named as a second instance and ends polling', async () => {
  bot = await connect();
  const { rig, clock, fatal, log } = bot;
  rig.inject('getUpdates', REFUSALS.conflict(), 100);
  for (const pause of [1_000, 2_000, 4_000, 8_000, 15_000]) {
    await rig.until(() => clock.sleeping.includes(pause));
    // From the first time on: whoever reads the log meanwhile learns why nothing is answered.
    expect(log.at(-1)).toContain('another instance is running with this token');
    expect(fatal).toEqual([]);
    clock.advance(pause);
  }
  await rig.until(() => fatal.length);
  expect(fatal[0]).toBeInstanceOf(AssayError);
  expect(fatal[0]?.message).toMatch(/another instance is running with this token/);
  expect(fatal[0]?.retryable).toBe(false);
});

test('a token revoked while running is named with where to get one', async () => {
  bot = await connect();
  const { rig, fatal } = bot;
  await rig.until(() => rig.polling().open);
  rig.inject('getUpdates', REFUSALS.unauthorized(), 10);
  rig.sendText(rig.chats.private(rig.user('Ann')), rig.user('Ben'), 'hello');
  await rig.until(() => fatal.length);
  expect(fatal[0]?.message).toMatch(/TELEGRAM_TOKEN.*BotFather/s);
});

test.each([
  ['unknown', '7000001:some-other-token-that-the-server-does-not-know'],
  ['malformed', 'not a token'],
])('an %s token ends the start with words, without the token', async (_, token) => {
  const rig = await startTelegramRig();
  const { startTelegram } = await import('../../../src/platforms/telegram/telegram.ts');
  const { ManualClock } = await import('./manualClock.ts');
  const { createLogger } = await import('../../../src/lib/logger.ts');
  const error = await startTelegram({
    token,
    apiRoot: rig.apiRoot,
    dispatcher: { commands: [], run: unreachable, runText: unreachable, suggest: async () => [] },
    renderChart: unreachable,
    store: { meta: { get: async () => null, set: async () => undefined } },
    clock: new ManualClock(),
    logger: createLogger('silent'),
  }).catch((thrown: unknown) => thrown);
  await rig.close();
  expect(error).toBeInstanceOf(AssayError);
  expect(String(error)).toMatch(/TELEGRAM_TOKEN.*BotFather/s);
  expect((error as AssayError).retryable).toBe(false);
  expect(`${error} ${(error as AssayError).detail}`).not.toContain(token);
});

const unreachable = (): Promise<never> => Promise.reject(new Error('not to be called'));

test('no network at the start is an error that may pass, and does not show the token', async () => {
  const error = await connect({ prepare: (rig) => rig.inject('getMe', { kind: 'reset' }) }).catch(
    (one: unknown) => one,
  );
  expect(error).toBeInstanceOf(AssayError);
  expect(error).toMatchObject({ retryable: true, message: 'Telegram cannot be reached' });
  expect((error as AssayError).detail).not.toMatch(/AAE/);
});

test('a lost network is waited out with growing pauses, and the bot answers afterwards', async () => {
  bot = await connect();
  const { rig, clock, fatal, log } = bot;
  await rig.until(() => rig.polling().open);
  rig.inject('getUpdates', { kind: 'reset' }, 4);
  rig.inject('getUpdates', REFUSALS.server(502), 3);
  rig.inject('getUpdates', REFUSALS.flood(47), 1);
  const ann = rig.user('Ann');
  const chat = rig.chats.private(ann);
  rig.sendText(chat, ann, '/network');
  await rig.until(() => rig.fromBot(chat.id)[0]);
  for (const pause of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 47_000]) {
    await rig.until(() => clock.sleeping.includes(pause));
    clock.advance(pause);
  }
  await rig.until(() => rig.polling().open);
  rig.sendText(chat, ann, '/about');
  await rig.until(() => rig.fromBot(chat.id).length === 2);
  expect(fatal).toEqual([]);
  expect(log.filter((line) => line.includes('does not answer'))).toHaveLength(1);
  expect(log.join()).not.toContain(rig.token);
});

test('a poll that never ends is given up and asked again', async () => {
  bot = await connect();
  const { rig, clock } = bot;
  await rig.until(() => rig.polling().open);
  const polls = rig.calls.filter(({ method }) => method === 'getUpdates').length;
  clock.advance(45_000);
  await rig.until(() => clock.sleeping.includes(500));
  clock.advance(500);
  await rig.until(() => rig.calls.filter(({ method }) => method === 'getUpdates').length > polls);
});

test('questions older than five minutes that waited for a start are dropped; removals count', async () => {
  bot = await connect({
    prepare(rig, clock) {
      const seconds = Math.floor(clock.now() / 1000);
      const ann = rig.user('Ann');
      const chat = rig.chats.private(ann);
      const group = rig.chats.group('G');
      rig.sendText(chat, ann, '/network', { date: seconds - 301 });
      rig.sendText(chat, ann, '/about', { date: seconds - 100 });
      rig.member(group, rig.bot, 'kicked');
    },
  });
  const current = bot;
  await current.rig.until(() => current.gone.length === 1 && current.asked.length === 1);
  expect(current.asked.map(({ text }) => text)).toEqual(['about']);
});

test('a wrong clock costs the backlog only: new questions are answered whatever their date', async () => {
  bot = await connect();
  const { rig, asked } = bot;
  const ann = rig.user('Ann');
  const chat = rig.chats.private(ann);
  rig.sendText(chat, ann, '/network');
  await rig.until(() => rig.fromBot(chat.id)[0]);
  rig.sendText(chat, ann, '/about', { date: 1 });
  await rig.until(() => asked.length === 2);
});

test('stopping ends the long poll at once and confirms what was handled', async () => {
  const one = await connect();
  const ann = one.rig.user('Ann');
  const chat = one.rig.chats.private(ann);
  one.rig.sendText(chat, ann, '/network');
  await one.rig.until(() => one.rig.fromBot(chat.id)[0]);
  await one.bot.stop();
  expect(one.rig.polling()).toMatchObject({ open: false, waiting: 0 });
  expect(one.clock.sleeping).toEqual([]);
  await one.rig.close();
});

test('stopping works while the network is lost', async () => {
  bot = await connect();
  const { rig, clock } = bot;
  await rig.until(() => rig.polling().open);
  rig.inject('*', { kind: 'reset' }, 1_000);
  rig.sendText(rig.chats.private(rig.user('Ann')), rig.user('Ann'), 'x');
  await rig.until(() => clock.sleeping.includes(500));
  await bot.bot.stop();
});

test('a press that waited through the downtime is not carried out', async () => {
  bot = await connect({
    prepare(rig, clock) {
      const chat = rig.chats.supergroup('G');
      const old = rig.sendText(chat, rig.user('Ann'), 'old');
      const pressed = { withoutMessage: false, atMs: clock.now() - 600_000 };
      const carrier = chat.messages.find(({ id }) => id === old.id);
      if (carrier) carrier.keyboard = [[{ text: 'Remove', callback_data: 'r:alerts remove 1' }]];
      rig.press(old, 'Remove', rig.user('Ben'), pressed);
      rig.sendText(chat, rig.user('Ann'), '/about');
    },
  });
  const current = bot;
  await current.rig.until(() => current.asked.length);
  expect(current.asked.map(({ text }) => text)).toEqual(['about']);
});
