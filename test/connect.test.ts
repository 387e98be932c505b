import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../src/config.ts';
import { connect, LazySender, type Platform, platformsOf } from '../src/connect.ts';
import { AssayError } from '../src/lib/errors.ts';
import { createLogger } from '../src/lib/logger.ts';
import { ManualClock } from './platforms/telegram/manualClock.ts';
import { type TemporaryStore, temporaryStore } from './rigs/store.ts';
import { REFUSALS } from './rigs/telegram/faults.ts';
import { startTelegramRig, type TelegramRig } from './rigs/telegram/rig.ts';

let rig: TelegramRig;
let temporary: TemporaryStore;
let clock: ManualClock;
let stopping: AbortController;
let stops: (() => Promise<void>)[];
let fatal: AssayError[];
let lazy: LazySender;

beforeEach(async () => {
  [rig, temporary] = await Promise.all([startTelegramRig(), temporaryStore()]);
  clock = new ManualClock();
  stopping = new AbortController();
  stops = [];
  fatal = [];
  lazy = new LazySender('telegram');
});

afterEach(async () => {
  stopping.abort();
  for (const stop of stops) await stop();
  await rig.close();
  await temporary.cleanup();
});

function telegram(): Platform {
  // As an operator may write it, with a slash.
  const env = { TELEGRAM_TOKEN: rig.token, TELEGRAM_API_ROOT: `${rig.apiRoot}/` };
  return platformsOf(parseConfig(env, { needsPlatform: true }).config)[0] as Platform;
}

const connectIt = (platform: Platform): Promise<void> =>
  connect(
    platform,
    lazy,
    {
      dispatcher: { commands: [], run: unreachable, runText: unreachable, suggest: async () => [] },
      store: temporary.store,
      clock,
      logger: createLogger('silent'),
      renderChart: unreachable,
      signal: stopping.signal,
      wake: () => undefined,
      onFatal: (error) => void fatal.push(error),
    },
    (stop) => void stops.push(stop),
  );

const unreachable = (): Promise<never> => Promise.reject(new Error('not to be called'));

const asked = (): number => rig.calls.filter(({ method }) => method === 'getMe').length;

/** What the reconnect sleeps for; a call under way is not counted. */
const waits = (ms: number) => rig.until(() => clock.sleeping.length === 1 && clock.sleeping[0] === ms);

test('a platform that answers is connected at once', async () => {
  await connectIt(telegram());
  expect(lazy.connected).toBe(true);
  expect(stops).toHaveLength(1);
});

test('told to wait at the start, it asks again when that time is over and not before', async () => {
  rig.inject('getMe', REFUSALS.flood(47));
  await connectIt(telegram());
  expect(lazy.connected).toBe(false);
  await waits(47_000);
  clock.advance(46_999);
  await new Promise((done) => setTimeout(done, 50));
  expect(asked()).toBe(1);
  clock.advance(1);
  await rig.until(() => lazy.connected);
  expect(asked()).toBe(2);
});

test('each answer counts for the next attempt alone, and never shortens the growing pauses', async () => {
  rig.inject('getMe', REFUSALS.flood(1));
  rig.inject('getMe', REFUSALS.flood(90));
  rig.inject('getMe', REFUSALS.server(502));
  rig.inject('getMe', { kind: 'reset' });
  await connectIt(telegram());
  // Its own pauses are 2, 4, 8 and 16 seconds.
  for (const pause of [2_000, 90_000, 8_000, 16_000]) {
    await waits(pause);
    clock.advance(pause);
  }
  await rig.until(() => lazy.connected);
  expect(fatal).toEqual([]);
});

test('a token that is refused after a time-out ends the bot', async () => {
  rig.inject('getMe', REFUSALS.flood(5));
  rig.inject('getMe', REFUSALS.unauthorized());
  await connectIt(telegram());
  await waits(5_000);
  clock.advance(5_000);
  await rig.until(() => fatal.length);
  expect(fatal[0]?.message).toContain('TELEGRAM_TOKEN');
  expect(lazy.connected).toBe(false);
});

test('stopping ends a wait, however long', async () => {
  rig.inject('getMe', REFUSALS.flood(86_400));
  await connectIt(telegram());
  await waits(86_400_000);
  stopping.abort();
  await rig.until(() => clock.sleeping.length === 0);
  expect(asked()).toBe(1);
});

test('what will not pass is thrown at once', async () => {
  rig.inject('getMe', REFUSALS.unauthorized());
  await expect(connectIt(telegram())).rejects.toBeInstanceOf(AssayError);
});
