import { describe, expect, test } from 'vitest';
import { HUB_SOURCE, STORAGE_SOURCE } from '../../src/lib/modelFacts.ts';
import type { View } from '../../src/lib/view.ts';
import { renderDiscord } from '../../src/platforms/discord/render.ts';
import { render, TEXT_UNITS } from '../../src/platforms/telegram/render.ts';
import { type Asker, askerOn } from './ask.ts';
import { wordsOf } from './judgeView.ts';
import { NOW, NOW_MS } from './seed.ts';
import {
  blobId,
  DAY_MS,
  detail,
  FAILING,
  HOUR_MS,
  idOf,
  listed,
  modelSources,
  seedHub,
  stored,
  sweep,
  version,
} from './seedHub.ts';

const NOBODY = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';

async function seeded(): Promise<Asker> {
  const asker = await askerOn(0);
  await seedHub(asker.store);
  return asker;
}

const firstLine = (view: View): string =>
  wordsOf({ ...view, title: '', lines: view.lines.slice(0, 1), fields: [], actions: [], sources: [] }).trim();

describe('model status says in title and first line where it is stuck, and why', () => {
  test.each<[string, string, string]>([
    ['acme/fraud-net', 'acme/fraud-net 1.01: used', 'It went all the way'],
    ['ACME/Fraud-Net', 'acme/fraud-net 1.01: used', 'It went all the way'],
    ['acme/half', 'acme/half 1.00: runnable, not complete', 'Not complete: no task is named; no description.'],
    ['acme/table', 'acme/table 1.00: complete, not runnable', 'Not runnable: storage only: .csv does not run on chain'],
    ['acme/lost', 'acme/lost 1.00: listed, no longer stored', 'No longer stored: its blob is no longer readable'],
    ['acme/empty', 'acme/empty: not stored', 'Not stored: no file is listed'],
    ['acme/hidden', 'acme/hidden: not known', 'Not known: its files cannot be seen: the hub shows files to those who'],
    ['globex/risk', 'globex/risk 1.00: runnable', 'Nothing is missing; whether it is used: no use seen'],
    ['risk', 'globex/risk 1.00: runnable', 'Nothing is missing'],
    [idOf('used'), 'acme/fraud-net 1.01: used', 'It went all the way'],
    [
      idOf('waiting'),
      'Upload blob-2…____: stored, not listed',
      'Not listed: the hub does not list it, 3 h after it was first seen stored.',
    ],
    [idOf('fresh'), 'Upload blob-2…____: stored, not listed', 'Not listed: the hub does not list it, 10 min after'],
    [idOf('missing'), 'Upload blob-2…____: not stored', 'Not stored: its blob is not readable'],
    [idOf('unasked'), 'Upload blob-2…____: not listed', 'Not listed: the hub does not list it.'],
    [
      idOf('usedUnlisted'),
      'Upload blob-2…____: used, not listed',
      'Not listed: the hub does not list it, 2 h after it was first used on chain.',
    ],
  ])('%s', async (typed, title, line) => {
    const { ask } = await seeded();
    const view = await ask(`model status ${typed}`);
    expect(view.title).toBe(title);
    expect(firstLine(view).replaceAll('\n', '')).toContain(line);
    // On a phone: nothing is left out, and it is not a page of text.
    expect(render(view, TEXT_UNITS, NOW).plain).not.toMatch(/\+\d+ more/);
    expect(renderDiscord(view).embeds[0]?.description?.length).toBeLessThan(1_600);
  });
});

test('a stage line with ages, what comes next, and each stage with its time and who dates it', async () => {
  const { ask } = await seeded();
  const done = await ask('model status acme/fraud-net');
  expect(done.tone).toBe('ok');
  expect(done.lines[1]).toBe('🟢 stored 5 h → 🟢 listed 4 h → 🟢 complete 4 h → 🟢 runnable 1 h → 🟢 used 1 h');
  expect(done.lines[2]).toEqual([
    '🟢 ',
    { strong: 'stored' },
    ' ',
    { time: NOW - 18_000 },
    ', first seen by Assay',
    ': its blob is readable',
  ]);
  expect(done.lines[3]).toEqual(
    expect.arrayContaining([{ strong: 'listed' }, { time: NOW - 14_400 }, ', dated by the hub']),
  );
  expect(done.lines[6]).toEqual(expect.arrayContaining([{ strong: 'used' }, { time: NOW - 3_600 }, ', by block time']));
  const old = await ask('model status globex/risk');
  expect(wordsOf(old)).toContain('listed before Assay looked');
  const half = await ask('model status acme/half');
  expect(half.tone).toBe('degraded');
  expect(half.lines[2]).toBe('Next is completing: the publisher fills in what is missing on the hub.');
  expect(wordsOf(half)).toContain('⚪ used not known: no use seen');
});

test('who waits is told whether that is late, and how long others waited', async () => {
  const { ask, store } = await seeded();
  expect(wordsOf(await ask(`model status ${idOf('waiting')}`))).toContain(
    'That is very late (late is more than 30 min); of 5 uploads listed within 7 days half waited up to 1 h, nine in ten up to 1 h.',
  );
  expect(wordsOf(await ask(`model status ${idOf('fresh')}`))).toContain('That is not late');
  const fewer = await askerOn(0);
  await sweep(fewer.store, [], NOW_MS - DAY_MS);
  await stored(fewer.store, 20, NOW_MS - HOUR_MS);
  await modelSources(fewer.store);
  expect(wordsOf(await fewer.ask(`model status ${blobId(20)}`))).toContain(
    'That is late (late is more than 30 min); how long it usually takes is not known (0 cases in 7 days).',
  );
  expect(await store.models.counts()).toMatchObject({ waiting: 2 });
});

test('other files of a model come below, those that run and the newest version first, at most eight', async () => {
  const { ask, store } = await seeded();
  const versions = Array.from({ length: 12 }, (_, index) =>
    version(`1.${String(index).padStart(2, '0')}`, [100 + index]),
  );
  await sweep(store, [detail('acme/long', versions)], NOW_MS - HOUR_MS);
  const view = await ask('model status acme/long');
  expect(view.title).toMatch(/^acme\/long 1\.11:/);
  const rows = view.lines.filter((line) => Array.isArray(line) && JSON.stringify(line[0]).includes('.onnx'));
  expect(rows).toHaveLength(8);
  expect(rows[0]).toEqual([{ strong: '1.10 model-110.onnx' }, expect.stringContaining('stored')]);
  expect(view.lines).toContain('Other files, newest first (11):');
  expect(view.fields).toContainEqual({ name: 'Not shown', value: '3 files' });
});

test('a file that is in several places says where; one that is still listed counts', async () => {
  const { ask, store } = await seeded();
  const both = await ask(`model status ${idOf('before')}`);
  expect(both.title).toBe('acme/fraud-net 1.00: runnable');
  expect(wordsOf(both)).toContain('The same file is in initech/fraud-net 2.00.');
  await store.models.saveDetail(detail('acme/fraud-net', [version('1.01', [1])]), NOW_MS - HOUR_MS);
  const one = await ask(`model status ${idOf('before')}`);
  expect(one.title).toMatch(/^initech\/fraud-net 2\.00/);
  expect(wordsOf(one)).toContain('The same file is in acme/fraud-net 1.00 (gone).');
  expect(one.actions?.[0]).toEqual({ label: 'Refresh', command: `model status ${idOf('before')}` });
});

test('what the hub lists no longer says so', async () => {
  const { ask, store } = await seeded();
  await store.models.saveList([listed('globex/risk')], NOW_MS - 60_000);
  const view = await ask('model status acme/fraud-net');
  expect(view.title).toBe('acme/fraud-net 1.01: used, no longer listed');
  expect(firstLine(view).replaceAll('\n', '')).toContain('No longer listed: the hub no longer lists acme/fraud-net.');
});

describe('what is not found', () => {
  test('a name that several authors use offers each of them', async () => {
    const { ask } = await seeded();
    const view = await ask('model status fraud-net');
    expect(view).toMatchObject({ title: '2 models have that name', tone: 'info' });
    const titles = [];
    for (const { command } of view.actions ?? []) titles.push((await ask(command)).title);
    expect(titles).toEqual(['acme/fraud-net 1.01: used', 'initech/fraud-net 2.00: runnable']);
  });

  test('a part of a name offers what contains it, and to be told when it is listed', async () => {
    const { ask } = await seeded();
    const view = await ask('model status acme/frau');
    expect(view).toMatchObject({ title: 'No such model', tone: 'error' });
    expect(view.actions?.map(({ command }) => command)).toEqual([
      'model status acme/fraud-net',
      'model watch acme/frau',
    ]);
    const close = await ask('model status fraud');
    expect(close.lines[0]).toBe('The hub does not list “fraud”. Is it one of these?');
    expect(close.actions?.map(({ command }) => command)).toEqual([
      'model status acme/fraud-net',
      'model status initech/fraud-net',
    ]);
    expect((await ask('model watch acme/frau')).title).toBe('Watching model acme/frau');
  });

  test('a blob id that nobody handed over is not known, rather than missing', async () => {
    const { ask } = await seeded();
    const view = await ask(`model status ${NOBODY}`);
    expect(view).toMatchObject({ title: 'Upload hJD2Ja…m39M: not known', tone: 'unknown' });
    expect((await ask(view.actions?.[0]?.command ?? '')).title).toBe('Watching the upload hJD2Ja…m39M');
    expect((await ask(`model status ${NOBODY}`)).title).toBe('Upload hJD2Ja…m39M: not listed');
  });
});

describe('sources', () => {
  test('that fail make what was known old, and what was not unknown', async () => {
    const { ask, store } = await seeded();
    await modelSources(store, { [HUB_SOURCE]: FAILING, [STORAGE_SOURCE]: FAILING });
    const view = await ask('model status acme/fraud-net');
    expect(view.title).toBe('acme/fraud-net 1.01: used');
    expect(view.lines[1]).toEqual([
      { strong: 'This is not from now' },
      ': the hub could not be asked: no connection. It was last read ',
      { time: NOW - 7_200 },
      '.',
    ]);
    expect(view.asOf).toBe(NOW - 7_200);
    // Not listed is no longer said: nobody could look.
    const upload = await ask(`model status ${idOf('waiting')}`);
    expect(upload.title).toBe('Upload blob-2…____: stored');
    expect(wordsOf(upload)).toContain('listed not known: the hub could not be asked');
    expect(wordsOf(await ask('model status acme/none'))).toContain('Whether the hub lists “acme/none” is not known.');
    expect(wordsOf(upload)).not.toContain('10.0.0.1');
  });

  test('that were not read yet, or are not configured, leave all of it unknown', async () => {
    const { ask, bot } = await askerOn(0);
    const unread = await ask('model status acme/fraud-net');
    expect(unread).toMatchObject({ title: 'Not known', tone: 'unknown', asOf: null });
    expect(wordsOf(unread)).toContain('the hub has not been asked yet');
    Object.assign(bot.context, { configured: { ...bot.context.configured, hub: false, storage: false, use: false } });
    const off = await ask('model status acme/fraud-net');
    expect(off).toMatchObject({ title: 'Not known', tone: 'unknown', sources: [] });
    expect(wordsOf(off)).toContain('the hub is not configured');
    await ask(`model watch ${NOBODY}`);
    const upload = await ask(`model status ${NOBODY}`);
    expect(upload).toMatchObject({ title: 'Upload hJD2Ja…m39M: not known', tone: 'unknown' });
    for (const words of ['storage is not configured', 'the hub is not configured', 'the chain is not configured']) {
      expect(wordsOf(upload)).toContain(words);
    }
  });
});
