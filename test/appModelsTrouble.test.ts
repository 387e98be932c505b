import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/lib/clock.ts';
import { HUB_SOURCE } from '../src/lib/modelFacts.ts';
import type { HubFault } from './devnet/hub.ts';
import { startWorld, type World } from './devnet/world.ts';
import { Story, until } from './support/appStory.ts';

const QUICK = {
  OG_HUB_INTERVAL_SECONDS: '1',
  OG_STORAGE_INTERVAL_SECONDS: '1',
  MODEL_LATE_SECONDS: '3',
  MODEL_LATE_CRITICAL_SECONDS: '6',
};
const MINUTE_MS = 60_000;
const HUB_MODELS = 500;

let world: World;
let story: Story;

beforeEach(async () => {
  world = await startWorld({ startSeconds: Math.floor(Date.now() / 1000) - 43_200, gateways: 2 });
  world.network.run(60, 200);
  story = new Story(world);
});

afterEach(async () => {
  await story.stop();
  expect(world.discord.proxy.violations).toEqual([]);
  await world.close();
});

const status = (model: string, wanted: RegExp) =>
  story.bothAnswer('model status', { name: 'model', value: model }, wanted);
const subscribeToAll = () => story.bothSubscribe('alerts add', { kind: 'model', target: 'all' });
const stored = (blobId: string) =>
  until('it is seen stored', async () => (await story.app?.store.models.blob(blobId))?.blob.storedAtMs);

describe('a hub that cannot be read', () => {
  it('makes what is listed unknown with the reason, alerts of nothing, and loses nothing', async () => {
    const { hub, blobs, uploads } = world.network;
    hub.publish('acme', 'known', {
      task: 'x',
      description: 'x',
      files: [{ name: 'm.onnx', blobId: blobs.put('m'), size: 1 }],
    });
    hub.state.fault = 'error';
    await story.start({ ...QUICK, MODEL_LATE_SECONDS: '2', MODEL_LATE_CRITICAL_SECONDS: '3600' });
    await subscribeToAll();
    const upload = await uploads.upload({ name: 'waits', stuckAt: 'stored' });
    await story.discordAsk('model watch', { models: upload.blobId });
    await stored(upload.blobId);
    await status(upload.blobId, /⚪ listed not known: the hub could not be asked: the hub answered HTTP 500/);
    await story.bothAnswer('model list', null, /What the hub lists is not known/);
    await systemClock.sleep(4_000);
    expect(story.counts()).toEqual([0, 0]);
    hub.state.fault = null;
    await story.bothHear(/Registration late/);
    await status('acme/known', /🟢 complete/);

    const faults: [HubFault, RegExp][] = [
      ['busy', /the hub could not be asked: the hub asks for fewer questions/],
      ['html', /the hub could not be asked: .*(HTML|JSON|otherwise)/i],
      ['not-json', /the hub could not be asked: .*(JSON|cut|otherwise)/i],
      ['nulls', /the hub could not be asked: the hub answers otherwise than it did/],
      ['wrong-shape', /the hub could not be asked: the hub answers otherwise than it did/],
    ];
    hub.state.retryAfterSeconds = 1;
    for (const [fault, reason] of faults) {
      hub.state.fault = fault;
      await status(upload.blobId, reason);
      await status('acme/known', /🟢 listed/);
      if (fault === 'wrong-shape') {
        uploads.release(upload);
        hub.addVersion('acme', 'known', {
          version: '1.01',
          files: [{ name: 'n.onnx', blobId: blobs.put('n'), size: 1 }],
        });
      }
      hub.state.fault = null;
      await status('acme/known', /Nothing is missing(?!.*not from now)/s);
    }
    // What happened while it failed is told once.
    await story.bothHear(/Registration done/);
    await story.bothHear(/New model: acme\/waits/);
    await story.bothHear(/New version: acme\/known 1\.01/);
    await story.hubRounds();
    expect(story.counts()).toEqual([4, 4]);
  }, 60_000);

  it('tells nothing of the 500 models that it lists when it is first read', async () => {
    const { hub, blobs } = world.network;
    for (let at = 0; at < HUB_MODELS; at += 1) {
      const files = [{ name: 'm.onnx', blobId: blobs.put(`model ${at}`), size: 9 }];
      hub.publish(`author-${at % 7}`, `model-${at}`, { task: 'Regression', description: 'x', files });
    }
    hub.state.fault = 'error';
    await story.start(QUICK);
    await subscribeToAll();
    hub.state.fault = null;
    const facts = async () => await story.app?.store.models.facts(story.clock.now());
    await story.bothAnswer('model list', null, /500 models on the hub/);
    await until('every model was read', async () => (await facts())?.unseenModels === 0, 40_000);
    const due = async () => (await story.app?.store.models.dueBlobs(1, story.clock.now()))?.length;
    await until('every file was asked for', async () => (await due()) === 0, 40_000);
    hub.publish('late', 'comer', { files: [{ name: 'm.onnx', blobId: blobs.put('late'), size: 9 }] });
    await story.bothHear(/New model: late\/comer/);
    await story.hubRounds();
    expect(story.counts()).toEqual([1, 1]);
  }, 90_000);

  it('that hangs holds up nobody', async () => {
    const { hub, uploads } = world.network;
    await story.start(QUICK);
    await subscribeToAll();
    await uploads.upload({ name: 'one', delaySeconds: 0 });
    await story.bothHear(/New model: acme\/one/);
    hub.state.fault = 'hang';
    const { ms } = await story.telegramAsk('/model status acme/one');
    expect(ms).toBeLessThan(2_000);
    const hubState = async () => (await story.app?.store.sources.get(HUB_SOURCE))?.state === 'failing';
    await until('its time is up', hubState, 40_000);
    await status('acme/one', /🟢 listed/);
    expect(story.counts()).toEqual([1, 1]);
  }, 90_000);

  it('that shows files only with a login leaves their listing unknown, and takes nothing back', async () => {
    const { hub, uploads } = world.network;
    await story.start(QUICK);
    const open = await uploads.upload({ name: 'open', delaySeconds: 0 });
    await status('acme/open', /🟢 complete/);
    await story.hubRounds();
    hub.state.filesNeedLogin = true;
    await subscribeToAll();
    const shut = await uploads.upload({ name: 'shut', stuckAt: 'stored' });
    await story.discordAsk('model watch', { models: shut.blobId });
    await stored(shut.blobId);
    uploads.release(shut);
    await status('acme/shut', /⚪ listed not known: acme\/shut is listed; .* the hub shows files only with a login/);
    await status(shut.blobId, /🟢 stored[\s\S]*⚪ listed not known: the hub shows files only with a login/);
    await status(open.blobId, /🟢 complete/);
    await story.bothAnswer('model queue', null, /The hub does not show the files of 1 model/);
    await systemClock.sleep(4_000);
    // Whether it is listed is not known, so it is not called late.
    expect(story.telegramHeard(/late/)).toEqual([]);
    expect(story.discordHeard(/late/)).toEqual([]);
    hub.state.filesNeedLogin = false;
    await status('acme/shut', /🟢 complete/);
    await story.hubRounds();
    await story.bothHear(/Upload listed: acme\/shut/);
    await story.bothHear(/New model: acme\/shut/);
    expect(story.counts()).toEqual([2, 2]);
  }, 60_000);
});

describe('storage that cannot be read', () => {
  it('makes what is stored unknown with the reason, and nothing missing', async () => {
    const { blobs, uploads } = world.network;
    await story.start(QUICK);
    await subscribeToAll();
    const known = await uploads.upload({ name: 'known', delaySeconds: 0 });
    await status('acme/known', /🟢 complete/);
    for (const fault of ['error', 'html', 'redirect'] as const) {
      blobs.failAll(fault);
      const fresh = await uploads.upload({ name: `under-${fault}`, stuckAt: 'stored' });
      await story.discordAsk('model watch', { models: fresh.blobId });
      story.clock.advance(61 * MINUTE_MS);
      await story.hubRounds();
      await status(known.blobId, /🟢 stored .*: its blob was readable; now not known: storage could not be asked/);
      await status(fresh.blobId, /⚪ stored not known: storage could not be asked: no aggregator answers/);
      await story.bothAnswer('model queue', null, /none known[\s\S]*storage could not be asked/);
    }
    await story.bothHear(/Cannot read blob storage/);
    expect(story.discordHeard(/late|file/)).toEqual([]);
    expect(story.telegramHeard(/late|file/)).toEqual([]);
    blobs.failAll(null);
    story.clock.advance(11 * MINUTE_MS);
    await story.bothHear(/Can be read again: blob storage/, 1, 20_000);
    await status(known.blobId, /🟢 stored .*: its blob is readable/);
    const late = () => [story.discordHeard(/very late/), story.telegramHeard(/very late/)];
    await until('what waited meanwhile is told', () => late().every((heard) => heard.length > 0));
  }, 90_000);
});

describe('sources that are turned off', () => {
  it('leave their stages unknown with the reason', async () => {
    const off = {
      OG_HUB_URL: 'none',
      WALRUS_AGGREGATOR_URLS: 'none',
      OG_INFERENCE_ADDRESSES: 'none',
      OG_SCHEDULER: 'none',
    };
    await story.start({ ...QUICK, ...off, SOURCE_NOTICE_AFTER_SECONDS: '1' });
    await subscribeToAll();
    const { blobId } = await world.network.uploads.upload({ stuckAt: 'stored' });
    await story.discordAsk('model watch', { models: blobId });
    const { telegram } = await status(blobId, /not known/);
    expect(telegram).toContain('storage is not configured');
    expect(telegram).toContain('the hub is not configured');
    expect(telegram).toContain('the chain is not configured');
    await story.bothAnswer('model list', null, /not known/);
    await story.bothAnswer('model queue', null, /not known/);
    await systemClock.sleep(6_000);
    expect(story.counts()).toEqual([0, 0]);
  }, 40_000);
});
