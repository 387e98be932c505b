import { describe, expect, test } from 'vitest';
import { HUB_SOURCE, STORAGE_SOURCE } from '../../src/lib/modelFacts.ts';
import { render, TEXT_UNITS } from '../../src/platforms/telegram/render.ts';
import { type Asker, askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import {
  blobId,
  DAY_MS,
  detail,
  FAILING,
  file,
  HOUR_MS,
  idOf,
  manyModels,
  modelSources,
  seedHub,
  stored,
  sweep,
  version,
} from './seedHub.ts';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedHub(asker.store);
  return asker;
}

describe('model list', () => {
  test('all, with since when they are known, and a button each for the first five', async () => {
    const { ask } = await seeded();
    const view = await ask('model list');
    expect(view.lines[0]).toEqual([{ strong: '8 models' }, ' on the hub.']);
    expect(view.lines[2]).toEqual([
      '• ',
      { strong: 'acme/fraud-net' },
      ' classification',
      ', first seen ',
      { time: NOW - 47 * 3_600 },
    ]);
    expect(wordsOf(view)).toMatch(/globex\/risk classification$/m);
    expect(view.actions).toHaveLength(5);
    expect((await ask(view.actions?.[1]?.command ?? '')).title).toContain('acme/fraud-net');
  });

  test('those with a text, or none', async () => {
    const { ask } = await seeded();
    expect((await ask('model list FRAUD')).lines[0]).toEqual([{ strong: '2 models' }, ' with “FRAUD”.']);
    expect((await ask('model list nothing-like-it')).lines[0]).toBe('The hub lists none with “nothing-like-it”.');
    expect((await ask('model list query:%')).lines[0]).toBe('The hub lists none with “%”.');
  });

  test('pages of ten, of what was asked for; past the end is the last', async () => {
    const { ask, store } = await seeded();
    await store.models.saveList(manyModels(23), NOW_MS - 60_000);
    const first = await ask('model list many');
    expect(first.page).toEqual({ number: 1, of: 3, command: 'model list query:many' });
    const second = await ask(`${first.page?.command} page:2`);
    expect(wordsOf(second)).toContain('many/net-010');
    expect(second.lines).toHaveLength(11);
    const last = await ask('model list page:99');
    expect(last.page?.number).toBe(3);
    expect(last.lines).toHaveLength(4);
    // A quote cannot be typed into the buttons of a page; the answer is none the worse for it.
    expect((await ask('model list query:a"b')).title).toBe('Models: a"b');
  });

  test('of a hub that lists nothing, was not read, is not configured or fails', async () => {
    const { ask, store, bot } = await askerOn(0);
    const unread = await ask('model list');
    expect(unread).toMatchObject({ tone: 'unknown', lines: ['What the hub lists is not known.', expect.anything()] });
    await store.models.saveList([], NOW_MS - HOUR_MS);
    await modelSources(store);
    expect((await ask('model list')).lines).toEqual(['The hub lists no models.']);
    await modelSources(store, { [HUB_SOURCE]: FAILING });
    expect(wordsOf(await ask('model list'))).toContain('This is not from now');
    Object.assign(bot.context, { configured: { ...bot.context.configured, hub: false } });
    expect(wordsOf(await ask('model list'))).toContain('the hub is not configured');
  });
});

describe('model lineage', () => {
  test('versions with what changed, gaps, order, and what is gone', async () => {
    const { ask, store } = await seeded();
    const renamed = { ...version('1.01', []), files: [file(2, { name: 'better.onnx' })] };
    const changed = { ...version('1.03', []), files: [file(7, { name: 'better.onnx' }), file(8)] };
    await store.models.saveDetail(detail('acme/fraud-net', [version('1.00', [2]), renamed, changed]), NOW_MS - HOUR_MS);
    const view = await ask('model lineage acme/fraud-net');
    expect(view).toMatchObject({ title: 'acme/fraud-net: 3 versions', tone: 'info' });
    expect(view.lines[0]).toEqual([{ strong: '3 versions (1.00 to 1.03), 1 gap, in order' }, '.']);
    expect(view.lines[1]).toBe('⚠️ nothing between 1.01 and 1.03.');
    expect(wordsOf(view)).toContain(`1.00 ${NOW - 47 * 3_600}, first seen: 1 file`);
    expect(wordsOf(view)).toContain('renamed model-2.onnx to better.onnx');
    expect(wordsOf(view)).toContain('added model-8.onnx; changed better.onnx (now blob-7…____)');
    await store.models.saveDetail(detail('acme/fraud-net', [changed]), NOW_MS - 60_000);
    const less = await ask('model lineage acme/fraud-net');
    expect(less.title).toBe('acme/fraud-net: 1 version');
    expect(wordsOf(less)).toContain(`1.00 ${NOW - 47 * 3_600}, first seen: 1 file, gone since ${NOW - 60}`);
  });

  test('out of order is marked', async () => {
    const { ask, store } = await seeded();
    await store.models.saveDetail(
      detail('acme/half', [version('1.00', [3]), version('1.02', [8]), version('1.01', [9])]),
      NOW_MS,
    );
    const view = await ask('model lineage acme/half');
    expect(view.tone).toBe('degraded');
    expect(wordsOf(view)).toContain('the hub shows 1.02 before 1.01');
  });

  test('of one that cannot be seen, has none, or was not read yet', async () => {
    const { ask, store } = await seeded();
    const hidden = await ask('model lineage acme/hidden');
    expect(hidden.tone).toBe('unknown');
    expect(hidden.lines).toContain('Not all can be seen: the hub shows files to those who are logged in.');
    expect((await ask('model lineage acme/empty')).lines[0]).toEqual([{ strong: 'No versions are known' }, '.']);
    await store.models.saveList(manyModels(1), NOW_MS);
    expect(wordsOf(await ask('model lineage many/net-000'))).toContain('its versions have not been read yet');
    expect((await ask('model lineage nobody/x')).title).toBe('No such model');
    expect((await ask(`model lineage ${idOf('used')}`)).title).toBe('acme/fraud-net: 2 versions');
  });

  test('more than ten are pages', async () => {
    const { ask, store } = await seeded();
    const versions = Array.from({ length: 25 }, (_, index) =>
      version(`1.${String(index).padStart(2, '0')}`, [200 + index]),
    );
    await sweep(store, [detail('acme/long', versions)], NOW_MS - HOUR_MS);
    const first = await ask('model lineage acme/long');
    expect(first.page).toEqual({ number: 1, of: 3, command: 'model lineage acme/long' });
    const third = await ask(`${first.page?.command} page:3`);
    expect(wordsOf(third)).toContain('1.24');
    expect(wordsOf(third)).not.toContain('1.19');
  });
});

describe('model doctor', () => {
  test('what fails first, each with what to do about it', async () => {
    const { ask } = await seeded();
    const view = await ask('model doctor acme/half');
    expect(view).toMatchObject({ title: 'acme/half: 2 checks fail', tone: 'degraded' });
    expect(view.lines[0]).toEqual([{ strong: '2 of 13 checks fail' }, ', 1 cannot be known, 10 hold.']);
    expect(view.lines[1]).toEqual(['🔴 ', { strong: 'task' }, ': no task is named.', ' Choose a task on the hub.']);
    expect(view.lines.slice(1).map((line) => (Array.isArray(line) ? line[0] : ''))).toEqual([
      ...['🔴 ', '🔴 ', '⚪ '],
      ...Array.from({ length: 10 }, () => '🟢 '),
    ]);
    expect(render(view, TEXT_UNITS, NOW).plain).not.toMatch(/\+\d+ more/);
  });

  test('one at which nothing fails, one of which nothing is seen, and a namesake', async () => {
    const { ask } = await seeded();
    expect(await ask('model doctor acme/fraud-net')).toMatchObject({
      title: 'acme/fraud-net: nothing fails',
      tone: 'ok',
    });
    expect(wordsOf(await ask('model doctor acme/fraud-net'))).toContain(
      'same name elsewhere\n: also by initech'.replace('\n', ''),
    );
    expect(await ask('model doctor acme/hidden')).toMatchObject({
      title: 'acme/hidden: nothing fails',
      tone: 'unknown',
    });
    expect((await ask('model doctor fraud-net')).title).toBe('2 models have that name');
    expect((await ask('model doctor nobody/x')).title).toBe('No such model');
    expect((await ask(`model doctor ${idOf('lost')}`)).title).toMatch(/^acme\/lost: \d checks? fails?$/);
  });
});

describe('model queue', () => {
  test('how many, how long, in which way, what is late, and on how many cases that rests', async () => {
    const { ask } = await seeded();
    const view = await ask('model queue');
    expect(view).toMatchObject({ title: 'Registration queue: 2 uploads', tone: 'degraded' });
    expect(view.lines[0]).toEqual([
      { strong: '2 uploads stored and not listed, the oldest for 3 h; the queue grows.' },
    ]);
    expect(wordsOf(view)).toContain(
      'Stuck: nothing was listed for two hours (5 cases in 7 days). Before that at each look 1 at a time, 4 at most',
    );
    expect(wordsOf(view)).toContain('Late is what waits longer than 30 min: the default');
    expect(view.lines).toContainEqual([
      '🔴 ',
      { code: 'blob-2…____' },
      ' stored ',
      { time: NOW - 3 * 3_600 },
      ', first seen',
    ]);
    expect(view.lines).toContainEqual(['• ', { code: 'blob-2…____' }, ' stored ', { time: NOW - 600 }, ', first seen']);
    expect(view.lines).toContain('The hub does not show the files of 1 model: some of these may be listed there.');
    expect(view.fields).toEqual([
      { name: 'Wait, 7 days', value: 'median 1 h, p90 1 h (5 cases)' },
      { name: 'An hour, over 24 h', value: '0.13 arrive, 0.04 are listed' },
      { name: 'Last hour', value: '1 arrived, 0 were listed' },
      { name: 'Projected wait', value: '2 d (Little’s law: waiting divided by listings an hour)' },
    ]);
    expect((await ask(view.actions?.[1]?.command ?? '')).title).toBe('Upload blob-2…____: stored, not listed');
  });

  test('below five cases nothing is projected and no pattern is named', async () => {
    const { ask, store } = await askerOn(0);
    await sweep(store, [], NOW_MS - DAY_MS);
    await stored(store, 1, NOW_MS - 60_000);
    await modelSources(store);
    const view = await ask('model queue');
    expect(view).toMatchObject({ title: 'Registration queue: 1 upload', tone: 'degraded' });
    expect(wordsOf(view)).toContain('One by one, batched or stuck: not known, 0 cases in 7 days (5 are needed).');
    expect(wordsOf(view)).toContain('not projected: below 5 cases');
    expect(wordsOf(view)).toContain('median not known, p90 not known (0 cases)');
  });

  test('more than ten are pages, and what storage has no longer says so', async () => {
    const { ask, store } = await seeded();
    for (let id = 300; id < 323; id += 1) await stored(store, id, NOW_MS - id * 10_000);
    await store.models.saveStorage([
      {
        answer: { blobId: blobId(322), state: 'missing', reason: '', sizeBytes: null, atMs: NOW_MS },
        nextCheckAtMs: NOW_MS,
      },
    ]);
    const first = await ask('model queue');
    expect(first.page).toEqual({ number: 1, of: 3, command: 'model queue' });
    expect(first.lines[0]).toEqual([
      { strong: '25 uploads stored and not listed, the oldest for 3 h; the queue grows.' },
    ]);
    expect(wordsOf(first)).toContain('stored, no longer readable, ');
    expect((await ask('model queue 3')).lines.filter((line) => Array.isArray(line) && line.length === 5)).toHaveLength(
      5,
    );
  });

  test('empty, not read, or no longer read', async () => {
    const { ask, store } = await askerOn(0);
    expect(await ask('model queue')).toMatchObject({ title: 'Registration queue: not known yet', tone: 'unknown' });
    await sweep(store, [], NOW_MS - DAY_MS);
    await modelSources(store);
    const empty = await ask('model queue');
    expect(empty).toMatchObject({ title: 'Registration queue: empty', tone: 'ok' });
    expect(wordsOf(empty)).toContain('storage has no public list');
    await modelSources(store, { [STORAGE_SOURCE]: FAILING });
    const failing = await ask('model queue');
    expect(failing).toMatchObject({ title: 'Registration queue: none known', tone: 'unknown' });
    expect(wordsOf(failing)).toContain('storage could not be asked: no connection');
  });
});
