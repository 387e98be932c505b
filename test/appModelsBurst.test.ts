import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../src/lib/clock.ts';
import { startWorld, type World } from './devnet/world.ts';
import { Story } from './support/appStory.ts';

const QUICK = {
  OG_POLL_INTERVAL_MS: '1000',
  OG_HUB_INTERVAL_SECONDS: '1',
  OG_STORAGE_INTERVAL_SECONDS: '60',
  MODEL_LATE_SECONDS: '4',
  MODEL_LATE_CRITICAL_SECONDS: '600',
};
const UPLOADS = 2_000;
const SOON_MS = 2_000;
const BATCH = 50;
/** Of its own: the queue, all that are late, some of those, and the listings of its batches as one each. */
const HANDFUL = 6;

let world: World;
let story: Story;

beforeEach(async () => {
  world = await startWorld({ startSeconds: Math.floor(Date.now() / 1000) - 43_200, gateways: 2 });
  world.network.run(60, 200);
  story = new Story(world);
  await story.start(QUICK);
});

afterEach(async () => {
  await story.stop();
  expect(world.discord.proxy.violations).toEqual([]);
  await world.close();
});

it('a burst of 2,000 uploads is a handful of messages, the bot answers meanwhile, and the queue is right', async () => {
  const { uploads } = world.network;
  uploads.state.hold = true;
  const all = await uploads.burst(UPLOADS, { batchSize: 100, everySeconds: 60 });
  await story.bothSubscribe('alerts add', { kind: 'model', target: 'all' });
  const ids = all.map(({ blobId }) => blobId);
  const [first, second] = [ids.slice(0, UPLOADS / 2), ids.slice(UPLOADS / 2)].map((some) =>
    Buffer.from(some.join('\n')),
  );
  const slowest = { ms: 0, what: '' };
  const ask = async (): Promise<void> => {
    for (const command of ['network', 'node list', 'model queue', `model status ${ids[7]}`]) {
      const [name, option] = command.startsWith('model status')
        ? ['model status', { model: ids[7] as string }]
        : [command, {}];
      const discord = await story.discordAsk(name, option);
      const telegram = await story.telegramAsk(`/${command}`);
      const isPromised = !command.startsWith('model');
      for (const { ms } of [discord, telegram])
        if (isPromised && ms > slowest.ms) Object.assign(slowest, { ms, what: command });
    }
    await systemClock.sleep(500);
  };
  const url = world.discord.proxy.attach('/attachments/ids.txt', { bytes: first as Buffer });
  const { title } = await story.discordAsk('model watch', { file: { url, size: (first as Buffer).length } });
  expect(title).toContain('Following 1000 uploads');
  const bytes = second as Buffer;
  expect(await story.telegramSubscribe('/model watch', /Following/, { name: 'ids.txt', bytes })).toContain(
    '1000 of them are new',
  );

  const facts = async () => (await story.app?.store.models.facts(story.clock.now())) ?? null;
  const waiting = async (): Promise<number> => (await facts())?.waitingCount ?? 0;
  const since = Date.now();
  while ((await waiting()) < UPLOADS && Date.now() - since < 40_000) await ask();
  expect(await waiting()).toBe(UPLOADS);
  await story.bothHear(/Registrations late: \d+ uploads/);
  const stuck = await story.bothAnswer('model queue', null, /2000 uploads stored and not listed, the oldest for/);
  expect(stuck.telegram).toContain('2000 arrived, 0 were listed');
  expect(stuck.telegram).toContain('not projected: below 5 cases');

  // Two batches are listed, in order.
  for (const at of [0, 1]) {
    for (const one of all.slice(at * BATCH, (at + 1) * BATCH)) uploads.release(one);
    const left = UPLOADS - (at + 1) * BATCH;
    for (const end = Date.now() + 60_000; (await waiting()) > left && Date.now() < end; ) await ask();
    expect(await waiting()).toBe(left);
  }
  const moving = await story.bothAnswer('model queue', null, /1900 uploads stored and not listed/);
  expect(moving.telegram).toMatch(
    /In batches \(100 cases in 7 days\)\. At each look \d+ at a time, \d+ at most; order kept in \d+ %/,
  );
  expect(moving.telegram).toMatch(/2000 arrived, 100 were listed/);
  // 1,900 wait, and 100 are listed an hour.
  expect(moving.telegram).toMatch(/Projected wait: 19 h/);
  expect(slowest.ms, slowest.what).toBeLessThan(SOON_MS);
  for (const count of story.counts()) expect(count).toBeLessThanOrEqual(HANDFUL);
}, 180_000);
