import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StuckAt, Upload } from './devnet/uploads.ts';
import { startWorld, type World } from './devnet/world.ts';
import { Story, until } from './support/appStory.ts';

/** Looks every second; late after 3 s, very late after 6 s. */
const QUICK = {
  OG_HUB_INTERVAL_SECONDS: '1',
  OG_STORAGE_INTERVAL_SECONDS: '1',
  MODEL_LATE_SECONDS: '3',
  MODEL_LATE_CRITICAL_SECONDS: '6',
};
const NEVER_SECONDS = 1e9;
const MINUTE_MS = 60_000;

let world: World;
let story: Story;

beforeAll(async () => {
  world = await startWorld({ startSeconds: Math.floor(Date.now() / 1000) - 43_200, gateways: 2 });
  world.network.run(60, 200);
  const { hub, blobs } = world.network;
  hub.publish('old', 'before', {
    task: 'Regression',
    files: [{ name: 'a.onnx', blobId: blobs.put('before'), size: 6 }],
  });
  story = new Story(world);
  await story.start(QUICK);
});

afterAll(async () => {
  await story.stop();
  expect(world.discord.proxy.violations).toEqual([]);
  await world.close();
});

const status = (model: string, wanted: RegExp) =>
  story.bothAnswer('model status', { name: 'model', value: model }, wanted);

/** An alert of that upload, by its title. */
const of = (title: string, { blobId }: Upload): RegExp => new RegExp(`${title}: upload ${blobId.slice(0, 6)}…`);

/** In a channel of its own, so that it is followed and nobody here hears of it. */
async function followElsewhere(...blobIds: string[]): Promise<void> {
  const where = { channelId: world.discord.otherChannelId };
  const { title } = await world.discord.slash('model watch', { models: blobIds.join(' ') }, where);
  expect(title).toContain('Watching');
}

const uploadStuck = (name: string, stuckAt: StuckAt | null, delaySeconds = 0): Promise<Upload> =>
  world.network.uploads.upload({ name, stuckAt, delaySeconds });

describe('where an upload is', () => {
  it('is said of one that stops at each stage, with what is missing', async () => {
    const { uploads, inference } = world.network;
    uploads.state.hold = true;
    const stored = await uploadStuck('hidden', 'stored');
    const used = await uploadStuck('private', 'used-unlisted');
    const lost = await uploadStuck('lost', 'not-stored', NEVER_SECONDS);
    const gone = await uploadStuck('gone', 'gone');
    await followElsewhere(stored.blobId, lost.blobId, gone.blobId);
    const waits = await status(gone.blobId, /stored, not listed/);
    expect(waits.telegram).toMatch(/🟢 stored \d+ s → 🔴 listed → 🔴 complete → 🔴 runnable → ⚪ used/);
    uploads.state.hold = false;
    await uploadStuck('vague', 'incomplete');
    await uploadStuck('weights', 'format');
    const whole = await uploadStuck('whole', null);
    const unstored = await uploadStuck('unstored', 'not-stored');

    const hidden = await status(stored.blobId, /not listed: the hub does not list it/i);
    expect(hidden.discord).toContain('first seen by Assay: its blob is readable');
    await status(used.blobId, /🟢 used .*by block time: 1 use seen on chain/);
    await status(used.blobId, /stored, not listed|used, not listed/);
    await status(lost.blobId, /not stored: its blob is not readable/i);
    await status('acme/gone', /no longer stored: its blob is no longer readable/i);
    await status('acme/vague', /Not complete: no task is named; no description/);
    await status('acme/weights', /Not runnable: storage only: .safetensors does not run on chain/);
    await status('acme/unstored', /Not stored: its blob is not readable/);
    await status('acme/whole', /Nothing is missing; whether it is used: no use seen/);
    await inference.infer(whole.blobId);
    await status('acme/whole', /It went all the way/);
    await status(whole.blobId, /🟢 stored .* → 🟢 listed .* → 🟢 complete .* → 🟢 runnable .* → 🟢 used/);
    await status(unstored.blobId, /acme\/unstored 1\.00: listed, not stored|acme\/unstored 1\.00: .*not stored/);
    await status('old/before', /listed before Assay looked/);
    await status('nobody/nothing', /The hub does not list/);
    expect(story.counts()).toEqual([0, 0]);
  }, 40_000);
});

describe('an upload that is followed', () => {
  it('is told as late, the same message as very late, and once when it is listed', async () => {
    const late = await uploadStuck('slow', 'stored');
    await story.bothSubscribe('model watch', { models: late.blobId });
    const { discord, telegram } = await story.bothHear(of('Registration (very )?late', late));
    for (const one of [...discord, ...telegram]) expect(one.text).toContain(late.blobId);
    const worse = await story.bothHear(of('Registration very late', late));
    expect([worse.discord[0]?.edits, worse.telegram[0]?.edits]).toEqual([1, 1]);
    await status(late.blobId, /That is very late/);

    world.network.uploads.release(late);
    const done = await story.bothHear(of('Registration done', late));
    expect(done.discord[0]?.text).toContain('acme/slow');
    expect(done.telegram[0]?.text).toMatch(/The hub lists it in acme\/slow, .* It took \d+ s from stored to listed/);
    await story.bothHear(/New model: acme\/slow/);
    await story.hubRounds();
    expect(story.counts()).toEqual([3, 3]);
  }, 40_000);

  it('is told when it is listed, has a new version, can no longer be read, and can be again', async () => {
    const { hub, blobs } = world.network;
    const before = story.counts();
    const fresh = await uploadStuck('fresh', 'stored');
    const { description } = await story.discordAsk('model watch', { models: fresh.blobId });
    expect(description).toContain('hear of **the upload');
    expect(await story.telegramSubscribe('/model watch acme/fresh')).toContain('you hear when it does');
    await until('it is seen stored', async () => (await story.app?.store.models.blob(fresh.blobId))?.blob.storedAtMs);
    world.network.uploads.release(fresh);
    const { discord } = await story.bothHear(/New model: acme\/fresh/);
    expect(discord[0]?.text).toMatch(/From stored to listed: \d+ s/);

    await story.discordAsk('model watch', { models: 'ACME/Fresh' });
    hub.addVersion('acme', 'fresh', {
      version: '1.01',
      files: [{ name: 'b.onnx', blobId: blobs.put('second'), size: 6 }],
    });
    const version = await story.bothHear(/New version: acme\/fresh 1\.01/);
    expect(version.telegram[0]?.text).toContain('Version 1.01 is listed');

    await status('acme/fresh', /🟢 complete/);
    const kept = blobs.blobs.get(fresh.blobId) as Uint8Array;
    blobs.remove(fresh.blobId);
    story.clock.advance(61 * MINUTE_MS);
    await status(fresh.blobId, /no longer stored/i);
    await story.hubRounds();
    expect(story.telegramHeard(/cannot be read/)).toEqual([]);
    story.clock.advance(11 * MINUTE_MS);
    const unreadable = await story.bothHear(/Listed file cannot be read: acme\/fresh/);
    expect(unreadable.telegram[0]?.text).toContain(fresh.blobId);

    blobs.serve(fresh.blobId, kept);
    story.clock.advance(6 * MINUTE_MS);
    await story.bothHear(/No longer a listed file that cannot be read: acme\/fresh/);
    await status(fresh.blobId, /🟢 stored/);
    expect(story.counts()).toEqual(before.map((count) => count + 4));
  }, 60_000);

  it('is told when it is used and not listed for an hour, and when it is listed after all', async () => {
    const used = await uploadStuck('quiet', 'used-unlisted');
    await story.bothSubscribe('model watch', { models: used.blobId });
    await story.bothHear(of('Registration (very )?late', used));
    expect(story.telegramHeard(/used, not listed/)).toEqual([]);
    story.clock.advance(61 * MINUTE_MS);
    const { discord } = await story.bothHear(/Model used, not listed/);
    expect(discord[0]?.text).toContain('A private model looks the same');
    world.network.uploads.release(used);
    await story.bothHear(/Listed now/);
    await status(used.blobId, /It went all the way/);
  }, 40_000);
});

describe('the queue', () => {
  it('is told when it grows, and when it no longer does', async () => {
    story.clock.advance(61 * MINUTE_MS);
    const ids: Upload[] = [];
    for (let at = 0; at < 7; at += 1) ids.push(await uploadStuck(`queued-${at}`, 'stored'));
    await story.bothSubscribe('alerts add', { kind: 'model', target: 'all', rule: 'model.queue' });
    const bytes = Buffer.from(ids.map(({ blobId }) => blobId).join('\n'));
    expect(await story.telegramSubscribe('/model watch', /Following/, { name: 'ids.txt', bytes })).toContain(
      '7 of them are new',
    );
    const { telegram } = await story.bothHear(/Registration queue grows/);
    expect(telegram[0]?.text).toMatch(/7 stored and 0 listed in the last hour; \d+ uploads waiting/);
    const queue = await story.bothAnswer('model queue', null, /the queue grows/);
    expect(queue.telegram).toContain('7 arrived, 0 were listed');

    for (const one of ids) world.network.uploads.release(one);
    await story.bothAnswer('model queue', null, /7 arrived, 7 were listed/);
    story.clock.advance(11 * MINUTE_MS);
    await story.bothHear(/Registration queue no longer grows/);
  }, 40_000);
});

describe('a restart in the middle', () => {
  it('tells nothing again, and tells what happened meanwhile once', async () => {
    const { hub, uploads, blobs } = world.network;
    const late = await uploadStuck('restarted', 'stored');
    await story.bothSubscribe('model watch', { models: `${late.blobId} acme/restarted` });
    await story.bothHear(of('Registration very late', late));
    const before = story.counts();
    await story.stop();
    await story.start(QUICK);
    await story.hubRounds();
    expect(story.counts()).toEqual(before);
    await story.stop();

    uploads.release(late);
    hub.addVersion('acme', 'restarted', {
      version: '1.01',
      files: [{ name: 'b.onnx', blobId: blobs.put('r2'), size: 2 }],
    });
    hub.addVersion('acme', 'fresh', {
      version: '1.02',
      files: [{ name: 'c.onnx', blobId: blobs.put('third'), size: 5 }],
    });
    await story.start(QUICK);
    await story.bothHear(of('Registration done', late));
    await story.bothHear(/New model: acme\/restarted/);
    await story.bothHear(/New version: acme\/fresh 1\.02/);
    const after = story.counts();
    expect(after).toEqual(before.map((count) => count + 3));
    await story.stop();
    await story.start(QUICK);
    await story.hubRounds();
    expect(story.counts()).toEqual(after);
  }, 60_000);
});
