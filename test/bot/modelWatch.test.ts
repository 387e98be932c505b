import { describe, expect, test } from 'vitest';
import type { View } from '../../src/lib/view.ts';
import { type Asker, askerOn } from './ask.ts';
import { fire } from './incidents.ts';
import { expectClear, expectSafeEverywhere, wordsOf } from './judgeView.ts';
import { callerOf, NOW_MS, placeOf } from './seed.ts';
import { blobId, detail, HOUR_MS, idOf, seedHub, sweep } from './seedHub.ts';

const here = placeOf('discord');

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedHub(asker.store);
  return asker;
}

async function withFile({ bot }: Asker, file: string, models?: string): Promise<View> {
  const view = await bot.run(['model', 'watch'], { file, ...(models ? { models } : {}) }, callerOf('discord'), here);
  expectClear(view, file);
  expectSafeEverywhere(view);
  expect(bot.reported).toEqual([]);
  return view;
}

const heard = async ({ store }: Asker) =>
  (await store.subscriptions.list(here.address)).subscriptions.map(({ family, rule, scope, subject }) =>
    [family, rule, scope, subject].join(' '),
  );

describe('model watch', () => {
  test('models, uploads and authors at once, each an alert about models', async () => {
    const asker = await seeded();
    const view = await asker.ask(`model watch Acme/Fraud-Net, ${idOf('waiting')} owner:Globex nobody/x`);
    expect(view.title).toBe('Watching 4 targets');
    expect(await heard(asker)).toEqual([
      'model  model acme/fraud-net',
      `model  blob ${idOf('waiting')}`,
      'model  owner globex',
      'model  model nobody/x',
    ]);
    expect(wordsOf(view)).toContain('The hub is not known to list “nobody/x”: you hear when it does.');
    expect(wordsOf(view)).toContain('their times are when Assay first saw them');
  });

  test('an upload that nobody named before is asked for from now on', async () => {
    const asker = await seeded();
    await asker.ask(`model watch ${blobId(77)}`);
    const due = await asker.store.models.dueBlobs(100, NOW_MS + 1);
    expect(due.map((one) => one.blobId)).toContain(blobId(77));
    // By any way that leads to an alert about it.
    await asker.ask(`alerts add model ${blobId(78)}`);
    await asker.ask(`alerts setup publisher ${blobId(79)}`);
    for (const id of [78, 79]) expect(await asker.store.models.blob(blobId(id))).not.toBeNull();
  });

  test('says of each kind what it is told of: who follows a name is not told that an upload is late', async () => {
    const { ask } = await seeded();
    expect(wordsOf(await ask(`model watch ${blobId(77)}`))).toContain('Told of an upload: late registration');
    for (const name of ['acme/half', 'owner:globex']) {
      const words = wordsOf(await ask(`model watch ${name}`));
      expect(words).toContain('new listings and versions');
      expect(words).not.toMatch(/late|queue/);
    }
    expect(wordsOf(await ask('alerts add model all'))).toContain('a queue that grows');
  });

  test('an upload where no storage is configured stays unknown', async () => {
    const { ask, bot } = await seeded();
    Object.assign(bot.context, { configured: { ...bot.context.configured, storage: false } });
    const words = wordsOf(await ask(`model watch ${blobId(77)}`));
    expect(words).toContain('Storage is not configured here');
    expect(words).not.toContain('from now on');
  });

  test('twice is once', async () => {
    const asker = await seeded();
    await asker.ask('model watch acme/half ACME/half');
    const again = await asker.ask('model watch acme/half');
    expect(again.title).toBe('Already watched');
    expect(await heard(asker)).toEqual(['model  model acme/half']);
  });

  test('a name with spaces that the hub lists is one name', async () => {
    const asker = await seeded();
    await sweep(asker.store, [detail('Big Corp/Fraud Net', [])], NOW_MS - HOUR_MS);
    const status = await asker.ask('model status "big corp/fraud net"');
    expect(status.title).toContain('Big Corp/Fraud Net');
    const tell = status.actions?.find(({ label }) => label === 'Tell this chat');
    expect((await asker.ask(tell?.command ?? '')).title).toBe('Watching model Big Corp/Fraud Net');
    expect(await heard(asker)).toEqual(['model  model big corp/fraud net']);
  });

  test('what of it is wrong right now is said, and news is not', async () => {
    const { ask, store } = await seeded();
    const about = { nodeId: null, family: 'model', owner: 'acme', topics: ['model:acme/lost', `blob:${idOf('lost')}`] };
    await fire(store, 1, { ...about, rule: 'model.unreadable', subject: 'a', detail: { label: 'acme/lost' } });
    await fire(store, 1, { ...about, rule: 'model.listed', subject: 'b', detail: { label: 'acme/lost' } });
    await fire(store, 1, {
      ...about,
      topics: ['model:acme/half'],
      owner: 'x',
      rule: 'model.unreadable',
      subject: 'c',
      detail: { label: 'acme/half' },
    });
    const view = await ask('model watch acme/lost');
    expect(wordsOf(view)).toContain('Open right now (you will hear when it ends): 1 incident.');
    expect(wordsOf(view)).toContain('model.unreadable');
    expect(wordsOf(view)).not.toContain('acme/half');
  });

  test.each([
    ['model watch', 'Nothing to watch'],
    ['model watch ,', 'Nothing to watch'],
    ['model watch fraud', 'No such model'],
    ['model watch acme/half fraud', 'No such model'],
    ['model watch owner:', 'No such model'],
    ['model watch a|b/c', 'No such model'],
    ['model watch /x', 'No such model'],
    [`model watch ${Array.from({ length: 21 }, (_, index) => `a/m${index}`).join(' ')}`, 'Too many at once'],
    [`model watch ${'x'.repeat(400)}/y`, 'No such model'],
  ])('%s: %s, and nothing is stored', async (line, title) => {
    const asker = await seeded();
    const before = await asker.store.models.counts();
    expect(await asker.ask(line)).toMatchObject({ title, tone: 'error' });
    expect(await heard(asker)).toEqual([]);
    expect(await asker.store.models.counts()).toEqual(before);
  });

  test('all that were named, or none: where the chat is nearly full nothing is stored', async () => {
    const asker = await seeded();
    for (let index = 0; index < 45; index += 15) {
      await asker.ask(`model watch ${Array.from({ length: 15 }, (_, at) => `many/m${index + at}`).join(' ')}`);
    }
    const more = Array.from({ length: 6 }, (_, at) => blobId(500 + at)).join(' ');
    expect(await asker.ask(`model watch ${more}`)).toMatchObject({ title: 'Too many alerts', tone: 'error' });
    expect(await heard(asker)).toHaveLength(45);
    expect(await asker.store.models.blob(blobId(500))).toBeNull();
    // Those that are there already take no room.
    expect((await asker.ask('model watch many/m0 many/m1 a/1 a/2 a/3 a/4 a/5')).tone).toBe('ok');
    expect(await heard(asker)).toHaveLength(50);
  });

  test('needs a chat, the right to change it, and to post in it', async () => {
    const { ask, bot, store } = await seeded();
    expect((await ask('model watch acme/half', placeOf('terminal'))).title).toBe('No chat to tell');
    const others = placeOf('discord', { callerManages: async () => false });
    expect((await ask('model watch acme/half', others)).title).toBe('Not allowed');
    const mute = placeOf('discord', { missingPermissions: async () => ['Send Messages'] });
    const refused = await bot.run(
      ['model', 'watch'],
      { models: 'acme/half', file: blobId(9) },
      callerOf('discord'),
      mute,
    );
    expect(refused.title).toBe('I cannot post here');
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
    expect(await store.models.blob(blobId(9))).toBeNull();
  });
});

describe('a file of blob ids', () => {
  test('is followed in the queue and makes no alerts; other words in it do not matter', async () => {
    const asker = await seeded();
    const view = await withFile(
      asker,
      `name,blob\nfirst,"${blobId(600)}"\nagain,${blobId(600)};\n${blobId(601)}\r\n# done`,
    );
    expect(view.title).toBe('Following 2 uploads');
    expect(wordsOf(view)).toContain('2 of them are new.');
    expect(wordsOf(view)).toContain('1 was named twice.');
    expect(await heard(asker)).toEqual([]);
    expect((await asker.store.models.blob(blobId(601)))?.blob.origin).toBe('watch');
    expect(wordsOf(await withFile(asker, `${blobId(601)} ${blobId(602)}`))).toContain('1 of them are new.');
  });

  test('beside models to watch', async () => {
    const asker = await seeded();
    const view = await withFile(asker, blobId(600), 'acme/half');
    expect(view.title).toBe('Watching model acme/half');
    expect(wordsOf(view)).toContain('1 upload of the file are followed in /model queue, 1 of them new.');
    // A wrong name stores nothing of the file.
    expect((await withFile(asker, blobId(650), 'nonsense')).tone).toBe('error');
    expect(await asker.store.models.blob(blobId(650))).toBeNull();
  });

  test('follows as many as the largest file holds; of none it says so', async () => {
    const asker = await seeded();
    const ids = Array.from({ length: 1_489 }, (_, index) => blobId(1_000 + index)).join('\n');
    expect((await withFile(asker, ids)).title).toBe('Following 1489 uploads');
    expect((await withFile(asker, `${ids}\n${blobId(1)}`)).title).toBe('That did not fit');
    expect(await withFile(asker, 'nothing of use\n<html>')).toMatchObject({ title: 'Nothing to watch', tone: 'error' });
  });
});
